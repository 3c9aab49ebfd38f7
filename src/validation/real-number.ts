import { type PoolConfigIssue, shown } from "../error.ts"
import type { Fields } from "./object-reader.ts"
import type { WholeNumber } from "./whole-number.ts"

/** What one number of the input may be, decimals included. */
export type RealNumber = WholeNumber

/** Reads one field; what is wrong with it becomes an issue, and the result NaN, which passes no comparison. */
export function realNumberIn(
  fields: Fields,
  field: string,
  { meaning, min, max, fallback }: RealNumber,
  issues: PoolConfigIssue[],
): number {
  const value = fields.get(field)
  const given = value === undefined ? fallback : value
  if (typeof given === "number" && given >= min && given <= max) return given + 0
  issues.push({
    name: field,
    problem: value === undefined ? "missing" : `received ${shown(value)}`,
    remedy: `Give ${meaning}, a number from ${min} to ${max}`,
  })
  return Number.NaN
}
