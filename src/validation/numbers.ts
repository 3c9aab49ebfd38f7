import { describeValue, type PoolConfigIssue } from "../error.ts"
import { type Reader, refused } from "./problem.ts"

/** The description, range and default of a number in the input. */
export interface NumberRule {
  /** Noun phrase for the remedy: "Give …, a whole number from … to …". */
  readonly description: string
  readonly min: number
  readonly max: number
  /** Used when the number is absent. Without a default the number is required. */
  readonly default?: number
}

/** PostgreSQL's `MAX_BACKENDS`: the highest `max_connections` that it accepts. */
export const MAX_BACKENDS = 262_143

type Range = Pick<NumberRule, "min" | "max">

/**
 * The most slots or instances that any field accepts. PostgreSQL accepts fewer, and up to here the formulas are exact.
 */
export const MAX_COUNT = 1_000_000

/** The most connections in a pool (as in the package's settings), and the most pools in an instance. */
export const MAX_POOL_SIZE = 10_000

export const maxConnectionsRule = {
  description: "the result of SHOW max_connections",
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

/** Tolerance for rounding errors of earlier arithmetic: 0.1 + 0.7 is 0.7999999999999999. */
const NOISE = 1e-9

/**
 * Reads a number with at most two decimals and returns it in hundredths. Comparisons then never see a fraction:
 * 0.57 × 100 slots are 56.99999999999999.
 */
export const twoDecimals =
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
 * Parses a string of digits as an integer; undefined if it is out of range. Only digits are accepted: `Number` would
 * also accept "1e3", " 15", "0x10" and "".
 */
export function integerOfDigits(text: string, range: Range): number | undefined {
  const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
  return isIntegerInRange(value, range) ? value : undefined
}

/** The range of a number, with its unit for the remedy. */
export interface NumberRange extends Range {
  readonly unit: string
}

/** The maximum is longer than any sensible interval, and shorter than the longest delay of a timer. */
export const SECONDS_RANGE: NumberRange = { min: 0.1, max: 86_400, unit: "seconds" }

/** Reads the number of an option. For an invalid one, adds an issue and returns NaN. */
export function readNumberOption(
  value: unknown,
  name: string,
  defaultValue: number,
  { min, max, unit }: NumberRange,
  issues: PoolConfigIssue[],
): number {
  if (value === undefined) return defaultValue
  if (isInRange(value, { min, max })) return value
  const problem = `received ${describeValue(value)}`
  issues.push({ name, problem, remedy: `Give ${unit} from ${min} to ${max}` })
  return Number.NaN
}
