import { hundredthsField, integerField } from "../validation/number-fields.ts"
import { integer, MAX_POOL_SIZE } from "../validation/numbers.ts"
import { isProblem } from "../validation/problem.ts"
import { type Conflict, optional, rule } from "../validation/schema.ts"
import { maxRule, minRule, poolSizeRule, weightRule } from "./fleet-rules.ts"
import type { OpenSize } from "./open-fleet.ts"

/** A size to solve for. A stated one has its `min` and `max` in common, so that one rule covers both. */
export interface ParsedSize {
  /** A whole number: what counts is the proportion. */
  readonly weight: number
  readonly min: number
  readonly max: number
}

/** The fields of a size that may be open. */
export const openSizeShape = {
  poolSize: optional(integerField(poolSizeRule)),
  weight: optional(hundredthsField(weightRule)),
  min: optional(integerField(minRule)),
  max: optional(integerField(maxRule)),
} satisfies Record<keyof OpenSize, unknown>

/** What these fields hold; the weight in hundredths. */
export interface SizeValues {
  readonly poolSize?: number | undefined
  readonly weight?: number | undefined
  readonly min?: number | undefined
  readonly max?: number | undefined
}

/** The fields that say how to solve for a size. */
export const SOLVING_FIELDS = ["weight", "min", "max"] as const

export const sizeRule = rule<SizeValues>((size) => {
  const { poolSize, min, max } = size
  if (poolSize !== undefined) return besidePoolSize(size)
  // Of thousands of consumers few have both.
  if (typeof min !== "number" || typeof max !== "number") return []
  const read = integer({ ...maxRule, min })(max)
  return isProblem(read) ? [{ path: ["max"], ...read }] : []
})

const besidePoolSize = (size: SizeValues): Conflict[] =>
  SOLVING_FIELDS.filter((name) => size[name] !== undefined).map((name) => ({
    path: [name],
    problem: "stated beside poolSize, which leaves nothing to solve for",
    remedy: `Leave out poolSize or ${name}`,
  }))

export const statedSize = (poolSize: number): ParsedSize => ({ weight: 1, min: poolSize, max: poolSize })

/** @param usable bounds what has no instance, and would otherwise be sized beyond its server */
export function sizeOf(
  { poolSize, weight, min = minRule.default, max }: SizeValues,
  usable: number,
): ParsedSize {
  if (poolSize !== undefined) return statedSize(poolSize)
  return {
    weight: weight ?? 100 * weightRule.default,
    min,
    max: max ?? Math.max(min, Math.min(usable, MAX_POOL_SIZE)),
  }
}
