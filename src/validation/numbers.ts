import { describeValue, type PoolConfigIssue } from "../error.ts"
import type { ObjectReader } from "./object-reader.ts"

/** What one number of the input may be. */
export interface IntegerRule {
  /** What the number stands for: the remedy reads "Give …, a whole number from … to …". */
  readonly description: string
  readonly min: number
  readonly max: number
  /** Taken when the number is absent; without it the number is required. */
  readonly default?: number
}

/** `MAX_BACKENDS`: the highest `max_connections` that PostgreSQL takes. */
export const MAX_BACKENDS = 262_143

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
} satisfies IntegerRule

/** Reads one number; what is wrong with it becomes an issue, and the result NaN, which passes no comparison. */
export function readInteger(
  value: unknown,
  name: string,
  { description, min, max, default: whenAbsent }: IntegerRule,
  issues: PoolConfigIssue[],
): number {
  const given = value === undefined ? whenAbsent : value
  if (isIntegerInRange(given, { min, max })) return given + 0 // -0 is in range, and would come back in the sums as "-0"
  issues.push({
    name,
    problem: value === undefined ? "missing" : `received ${describeValue(value)}`,
    remedy: `Give ${description}, a whole number from ${min} to ${max}`,
  })
  return Number.NaN
}

export function isIntegerInRange(
  value: unknown,
  { min, max }: Pick<IntegerRule, "min" | "max">,
): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
}

/** Reads every field that has a rule; `prefix` is the dotted path before the field's name. */
export function readIntegers<Field extends string>(
  fields: ObjectReader,
  rules: Readonly<Record<Field, IntegerRule>>,
  issues: PoolConfigIssue[],
  prefix = "",
): Record<Field, number> {
  const numbers = {} as Record<Field, number>
  for (const field of Object.keys(rules) as Field[]) {
    numbers[field] = readIntegerField(fields, field, rules[field], issues, prefix)
  }
  return numbers
}

/** Reads one field. Only an issue needs its path, and of thousands of fields few have one. */
export function readIntegerField(
  fields: ObjectReader,
  field: string,
  rule: IntegerRule,
  issues: PoolConfigIssue[],
  prefix: string,
): number {
  const value = fields.get(field)
  return isIntegerInRange(value, rule) ? value + 0 : readInteger(value, prefix + field, rule, issues)
}

/** What one number of the input may be, decimals included. */
export type NumberRule = IntegerRule

/** Reads one field; what is wrong with it becomes an issue, and the result NaN, which passes no comparison. */
export function readNumber(
  fields: ObjectReader,
  field: string,
  { description, min, max, default: whenAbsent }: NumberRule,
  issues: PoolConfigIssue[],
): number {
  const value = fields.get(field)
  const given = value === undefined ? whenAbsent : value
  if (typeof given === "number" && given >= min && given <= max) return given + 0
  issues.push({
    name: field,
    problem: value === undefined ? "missing" : `received ${describeValue(value)}`,
    remedy: `Give ${description}, a number from ${min} to ${max}`,
  })
  return Number.NaN
}

/** What arithmetic may have left behind: 0.1 + 0.7 is 0.7999999999999999. */
const NOISE = 1e-9

/**
 * Reads a field with at most two decimals, in hundredths, so that nothing that is compared has a fraction: 0.57 × 100
 * slots are 56.99999999999999. What is wrong with it becomes an issue, and the result NaN.
 */
export function readTwoDecimals(
  fields: ObjectReader,
  field: string,
  { description, min, max, default: whenAbsent }: IntegerRule,
  issues: PoolConfigIssue[],
  prefix = "",
): number {
  const value = fields.get(field)
  const given = value === undefined ? whenAbsent : value
  if (typeof given === "number" && given >= min && given <= max) {
    const whole = Math.round(given * 100)
    if (Math.abs(whole / 100 - given) < NOISE) return whole
  }
  issues.push({
    name: prefix + field,
    problem: `received ${describeValue(value)}`,
    remedy: `Give ${description}, a number from ${min} to ${max} with at most two decimals`,
  })
  return Number.NaN
}

/** What a number may be. */
export interface NumberRange {
  readonly min: number
  readonly max: number
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
  if (typeof value === "number" && value >= min && value <= max) return value
  const problem = `received ${describeValue(value)}`
  issues.push({ name, problem, remedy: `Give ${unit} from ${min} to ${max}` })
  return Number.NaN
}
