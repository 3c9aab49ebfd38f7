import type { PoolConfigIssue } from "../error.ts"
import { type IntegerRule, MAX_POOL_SIZE, readIntegerField, readTwoDecimals } from "../validation/numbers.ts"
import type { ObjectReader } from "../validation/object-reader.ts"
import type { OpenSize } from "./open-fleet.ts"

/** A size to solve for. A stated one has its `min` and `max` in common, so that one rule covers both. */
export interface ParsedSize {
  /** A whole number: what counts is the proportion. */
  readonly weight: number
  readonly min: number
  readonly max: number
}

export const sizeFields = ["weight", "min", "max"] satisfies (keyof OpenSize)[]

export const poolSizeRule: IntegerRule = {
  description: "the connections in each pool",
  min: 1,
  max: MAX_POOL_SIZE,
}
export const weightRule = {
  description: "the share of the pool beside the others",
  min: 0.01,
  max: 1_000,
  default: 1,
} satisfies IntegerRule
export const minRule = {
  description: "the least connections in each pool",
  min: 1,
  max: MAX_POOL_SIZE,
  default: 1,
} satisfies IntegerRule

export const statedSize = (poolSize: number): ParsedSize => ({ weight: 1, min: poolSize, max: poolSize })

/** Reads the size of a consumer or job; only where it `mayBeOpen` can it be left out. */
export function parseSize(
  fields: ObjectReader,
  prefix: string,
  mayBeOpen: boolean,
  usable: number,
  issues: PoolConfigIssue[],
): ParsedSize {
  const poolSize = fields.get("poolSize")
  if (mayBeOpen && poolSize === undefined) return readOpen(fields, prefix, usable, issues)
  for (const field of sizeFields) {
    if (!mayBeOpen || fields.get(field) === undefined) continue
    issues.push({
      name: prefix + field,
      problem: "stated beside poolSize, which leaves nothing to solve for",
      remedy: `Leave out poolSize or ${field}`,
    })
  }
  return statedSize(readIntegerField(fields, "poolSize", poolSizeRule, issues, prefix))
}

function readOpen(
  fields: ObjectReader,
  prefix: string,
  usable: number,
  issues: PoolConfigIssue[],
): ParsedSize {
  const weight = readTwoDecimals(fields, "weight", weightRule, issues, prefix)
  const min = readIntegerField(fields, "min", minRule, issues, prefix)
  const least = Number.isNaN(min) ? minRule.min : min
  // What has no instance bounds nothing, and would otherwise be sized beyond its server.
  if (fields.get("max") === undefined) {
    return { weight, min, max: Math.max(least, Math.min(usable, MAX_POOL_SIZE)) }
  }
  const maxRule = {
    description: "the most connections in each pool, no less than min",
    min: least,
    max: MAX_POOL_SIZE,
  }
  return { weight, min, max: readIntegerField(fields, "max", maxRule, issues, prefix) }
}
