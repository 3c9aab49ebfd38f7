import { type PoolConfigIssue, shown } from "../error.ts"
import type { Fields } from "./object-reader.ts"

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
