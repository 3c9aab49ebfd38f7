import { type PoolConfigIssue, shown } from "../error.ts"

/** What one number of the input may be. */
export interface WholeNumber {
  /** What the number stands for: the remedy reads "Give …, a whole number from … to …". */
  readonly meaning: string
  readonly min: number
  readonly max: number
  /** Taken when the number is absent; without it the number is required. */
  readonly fallback?: number
}

/**
 * The most slots or instances that any field takes: PostgreSQL itself stops at 262,143 `max_connections`, and
 * up to here the formulas are exact.
 */
export const MOST = 1_000_000

/** The most connections in a pool, as in the package's settings, and the most pools in an instance. */
export const MOST_IN_INSTANCE = 10_000

export const maxConnectionsRule = {
  meaning: "what the server answers to SHOW max_connections",
  min: 1,
  max: MOST,
} satisfies WholeNumber

/** Reads one number; what is wrong with it becomes an issue, and the result NaN, which passes no comparison. */
export function wholeNumber(
  value: unknown,
  name: string,
  { meaning, min, max, fallback }: WholeNumber,
  issues: PoolConfigIssue[],
): number {
  const given = value === undefined ? fallback : value
  if (isWhole(given, { min, max })) return given + 0 // -0 is in range, and would come back in the sums as "-0"
  issues.push({
    name,
    problem: value === undefined ? "missing" : `received ${shown(value)}`,
    remedy: `Give ${meaning}, a whole number from ${min} to ${max}`,
  })
  return Number.NaN
}

export function isWhole(value: unknown, { min, max }: Pick<WholeNumber, "min" | "max">): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
}
