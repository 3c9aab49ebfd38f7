import { integerField, twoDecimalsField } from "../validation/number-fields.ts"
import { integer, MAX_POOL_SIZE } from "../validation/numbers.ts"
import { isProblem } from "../validation/problem.ts"
import { type Conflict, optional, rule } from "../validation/schema.ts"
import { MAX_OPEN_CLIENT_SIZE, maxRule, minRule, poolSizeRule, weightRule } from "./fleet-rules.ts"
import type { OpenSize } from "./open-size.ts"

/** A size to solve for. A fixed size has equal `min` and `max`, so that one rule covers both. */
export interface ParsedSize {
  /** A whole number; only the proportions matter. */
  readonly weight: number
  readonly min: number
  readonly max: number
}

/** The fields of a size that may be open. */
export const openSizeShape = {
  poolSize: optional(integerField(poolSizeRule)),
  weight: optional(twoDecimalsField(weightRule)),
  min: optional(integerField(minRule)),
  max: optional(integerField(maxRule)),
} satisfies Record<keyof OpenSize, unknown>

/** The parsed values of these fields; the weight is in hundredths. */
export interface SizeValues {
  readonly poolSize?: number | undefined
  readonly weight?: number | undefined
  readonly min?: number | undefined
  readonly max?: number | undefined
}

/** The fields that control how a size is solved for. */
export const SOLVING_FIELDS = ["weight", "min", "max"] as const

/** What contradicts each other in the fields of a size. */
export function sizeConflicts(size: SizeValues): Conflict[] {
  const { poolSize, min, max } = size
  if (poolSize !== undefined) return besidePoolSize(size)
  // A shortcut: of thousands of consumers, few have both.
  if (typeof min !== "number" || typeof max !== "number") return []
  const read = integer({ ...maxRule, min })(max)
  return isProblem(read) ? [{ path: ["max"], ...read }] : []
}

export const sizeRule = rule<SizeValues>(sizeConflicts)

const besidePoolSize = (size: SizeValues): Conflict[] =>
  SOLVING_FIELDS.filter((name) => size[name] !== undefined).map((name) => ({
    path: [name],
    problem: "cannot be combined with poolSize, which leaves nothing to solve for",
    remedy: `Leave out poolSize or ${name}`,
  }))

export const fixedSize = (poolSize: number): ParsedSize => ({ weight: 1, min: poolSize, max: poolSize })

/** @param usable caps a consumer without instances, which would otherwise be sized beyond its server */
export function sizeOf({ poolSize, ...open }: SizeValues, usable: number): ParsedSize {
  return poolSize === undefined ? openSizeOf(open, usable) : fixedSize(poolSize)
}

/** A size to solve for, with its defaults. */
export function openSizeOf(
  { weight, min = minRule.default, max }: Omit<SizeValues, "poolSize">,
  usable: number,
): ParsedSize {
  return {
    weight: weight ?? 100 * weightRule.default,
    min,
    max: max ?? Math.max(min, Math.min(usable, MAX_POOL_SIZE)),
  }
}

/**
 * The most connections that an open size gets by default, behind a pooler or not. Clients of a pooler share what it has,
 * however large their pools are, and an instance that vanishes may leave as many backends behind as its pools have
 * connections: room that the pooler's own pools lose.
 */
export const openMost = (usable: number, pooler: string | undefined): number =>
  pooler === undefined ? usable : Math.max(1, Math.min(MAX_OPEN_CLIENT_SIZE, Math.floor(usable / 10)))
