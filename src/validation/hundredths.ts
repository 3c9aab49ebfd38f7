import { type PoolConfigIssue, shown } from "../error.ts"
import type { Fields } from "./object-reader.ts"
import type { WholeNumber } from "./whole-number.ts"

/** What arithmetic may have left behind: 0.1 + 0.7 is 0.7999999999999999. */
const NOISE = 1e-9

/**
 * Reads a field with at most two decimals, in hundredths, so that nothing that is compared has a fraction: 0.57 × 100
 * slots are 56.99999999999999. What is wrong with it becomes an issue, and the result NaN.
 */
export function hundredths(
  fields: Fields,
  field: string,
  { meaning, min, max, fallback }: WholeNumber,
  issues: PoolConfigIssue[],
  prefix = "",
): number {
  const value = fields.get(field)
  const given = value === undefined ? fallback : value
  if (typeof given === "number" && given >= min && given <= max) {
    const whole = Math.round(given * 100)
    if (Math.abs(whole / 100 - given) < NOISE) return whole
  }
  issues.push({
    name: prefix + field,
    problem: `received ${shown(value)}`,
    remedy: `Give ${meaning}, a number from ${min} to ${max} with at most two decimals`,
  })
  return Number.NaN
}
