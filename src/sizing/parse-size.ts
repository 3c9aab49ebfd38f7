import type { PoolConfigIssue } from "../error.ts"
import { hundredths, MOST_IN_INSTANCE, type WholeNumber } from "../validation/numbers.ts"
import { type Fields, wholeNumberIn } from "../validation/object-reader.ts"
import type { OpenSize } from "./open-fleet.ts"

/** A size to solve for. A stated one has its `min` and `max` in common, so that one rule covers both. */
export interface ReadSize {
  /** A whole number: what counts is the proportion. */
  readonly weight: number
  readonly min: number
  readonly max: number
}

export const sizeFields = ["weight", "min", "max"] satisfies (keyof OpenSize)[]

export const poolSizeRule: WholeNumber = {
  meaning: "the connections in each pool",
  min: 1,
  max: MOST_IN_INSTANCE,
}
export const weightRule: WholeNumber = {
  meaning: "the share of the pool beside the others",
  min: 0.01,
  max: 1_000,
  fallback: 1,
}
export const minRule: WholeNumber = {
  meaning: "the least connections in each pool",
  min: 1,
  max: MOST_IN_INSTANCE,
  fallback: 1,
}

export const statedSize = (poolSize: number): ReadSize => ({ weight: 1, min: poolSize, max: poolSize })

/** Reads the size of a consumer or job; only where sizes may be `open` can it be left out. */
export function readSize(
  fields: Fields,
  prefix: string,
  open: boolean,
  usable: number,
  issues: PoolConfigIssue[],
): ReadSize {
  const poolSize = fields.get("poolSize")
  if (open && poolSize === undefined) return readOpen(fields, prefix, usable, issues)
  for (const field of sizeFields) {
    if (!open || fields.get(field) === undefined) continue
    issues.push({
      name: prefix + field,
      problem: "stated beside poolSize, which leaves nothing to solve for",
      remedy: `Leave out poolSize or ${field}`,
    })
  }
  return statedSize(wholeNumberIn(fields, "poolSize", poolSizeRule, issues, prefix))
}

function readOpen(fields: Fields, prefix: string, usable: number, issues: PoolConfigIssue[]): ReadSize {
  const weight = hundredths(fields, "weight", weightRule, issues, prefix)
  const min = wholeNumberIn(fields, "min", minRule, issues, prefix)
  const least = Number.isNaN(min) ? minRule.min : min
  // What has no instance bounds nothing, and would otherwise be sized beyond its server.
  if (fields.get("max") === undefined) {
    return { weight, min, max: Math.max(least, Math.min(usable, MOST_IN_INSTANCE)) }
  }
  const maxRule = {
    meaning: "the most connections in each pool, no less than min",
    min: least,
    max: MOST_IN_INSTANCE,
  }
  return { weight, min, max: wholeNumberIn(fields, "max", maxRule, issues, prefix) }
}
