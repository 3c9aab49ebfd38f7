import { type PoolConfigIssue, shown } from "../error.ts"

/** What a number may be. */
export interface Range {
  readonly least: number
  readonly most: number
  readonly unit: string
}

/** Longer than any interval that makes sense, and shorter than what a timer can wait. */
export const SECONDS: Range = { least: 0.1, most: 86_400, unit: "seconds" }

/** A number of an option, or NaN and an issue. */
export function numberOf(
  value: unknown,
  name: string,
  fallback: number,
  { least, most, unit }: Range,
  issues: PoolConfigIssue[],
): number {
  if (value === undefined) return fallback
  if (typeof value === "number" && value >= least && value <= most) return value
  const problem = `received ${shown(value)}`
  issues.push({ name, problem, remedy: `Give ${unit} from ${least} to ${most}` })
  return Number.NaN
}
