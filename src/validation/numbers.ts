import { describeValue, type PoolConfigIssue } from "../error.ts"
import { type Reader, refused } from "./problem.ts"

/** What one number of the input may be. */
export interface NumberRule {
  /** What the number stands for: the remedy reads "Give …, a whole number from … to …". */
  readonly description: string
  readonly min: number
  readonly max: number
  /** Taken when the number is absent; without it the number is required. */
  readonly default?: number
}

/** `MAX_BACKENDS`: the highest `max_connections` that PostgreSQL takes. */
export const MAX_BACKENDS = 262_143

type Range = Pick<NumberRule, "min" | "max">

/**
 * The most slots or instances that any field takes: beyond what PostgreSQL itself takes, and up to here the formulas are
 * exact.
 */
export const MAX_COUNT = 1_000_000

/** The most connections in a pool, as in the package's settings, and the most pools in an instance. */
export const MAX_POOL_SIZE = 10_000

export const maxConnectionsRule = {
  description: "what the server answers to SHOW max_connections",
  min: 1,
  max: MAX_COUNT,
} satisfies NumberRule

const isInRange = (value: unknown, { min, max }: Range): value is number =>
  typeof value === "number" && value >= min && value <= max

export const isIntegerInRange = (value: unknown, range: Range): value is number =>
  isInRange(value, range) && Number.isInteger(value)

/** Reads a whole number. */
export const integer =
  (rule: NumberRule): Reader<number> =>
  (value) => {
    const given = value === undefined ? rule.default : value
    if (isIntegerInRange(given, rule)) return given + 0 // -0 is in range, and would come back in the sums as "-0"
    return refused(value, `Give ${rule.description}, a whole number from ${rule.min} to ${rule.max}`)
  }

/** Reads a number, decimals included. */
export const decimal =
  (rule: NumberRule): Reader<number> =>
  (value) => {
    const given = value === undefined ? rule.default : value
    if (isInRange(given, rule)) return given + 0
    return refused(value, `Give ${rule.description}, a number from ${rule.min} to ${rule.max}`)
  }

/** What arithmetic may have left behind: 0.1 + 0.7 is 0.7999999999999999. */
const NOISE = 1e-9

/**
 * Reads a number with at most two decimals, in hundredths, so that nothing that is compared has a fraction: 0.57 × 100
 * slots are 56.99999999999999.
 */
export const hundredths =
  (rule: NumberRule): Reader<number> =>
  (value) => {
    const given = value === undefined ? rule.default : value
    const whole = isInRange(given, rule) ? Math.round(given * 100) : Number.NaN
    if (isInRange(given, rule) && Math.abs(whole / 100 - given) < NOISE) return whole
    return refused(
      value,
      `Give ${rule.description}, a number from ${rule.min} to ${rule.max} with at most two decimals`,
    )
  }

/**
 * The whole number that some digits say, where it is in range. Digits only: `Number` would also take "1e3", " 15", "0x10"
 * and "".
 */
export function integerOfDigits(text: string, range: Range): number | undefined {
  const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
  return isIntegerInRange(value, range) ? value : undefined
}

/** What a number may be. */
export interface NumberRange extends Range {
  readonly unit: string
}

/** Longer than any interval that makes sense, and shorter than what a timer can wait. */
export const SECONDS_RANGE: NumberRange = { min: 0.1, max: 86_400, unit: "seconds" }

/** A number of an option, or NaN and an issue. */
export function readNumberOption(
  value: unknown,
  name: string,
  fallback: number,
  { min, max, unit }: NumberRange,
  issues: PoolConfigIssue[],
): number {
  if (value === undefined) return fallback
  if (isInRange(value, { min, max })) return value
  const problem = `received ${describeValue(value)}`
  issues.push({ name, problem, remedy: `Give ${unit} from ${min} to ${max}` })
  return Number.NaN
}
