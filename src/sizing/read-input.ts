import { PoolConfigError, type PoolConfigIssue, shown } from "../error.ts"
import { type WholeNumber, wholeNumber } from "./whole-number.ts"

/** The own fields of a plain object, as a Map: to it, `__proto__` and `constructor` are names like any other. */
export type Fields = ReadonlyMap<string, unknown>

/** Reads `input` with `read`, then throws everything that was found wrong as one error. */
export function readInput<Result extends object>(
  input: unknown,
  name: string,
  read: (fields: Fields, issues: PoolConfigIssue[]) => Result,
): Result {
  const issues: PoolConfigIssue[] = []
  const fields = plainObject(input, name, issues)
  const result = fields && read(fields, issues)
  if (result === undefined || issues.length > 0) throw new PoolConfigError(issues)
  return result
}

/** Anything but a plain object is an issue: a Map or a Date has no field of its own, and would look empty. */
export function plainObject(value: unknown, name: string, issues: PoolConfigIssue[]): Fields | undefined {
  if (isPlain(value)) return new Map(Object.entries(value))
  issues.push({
    name,
    problem: value === undefined ? "missing" : `received ${shown(value)}`,
    remedy: "Give a plain object",
  })
  return undefined
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  // Not compared with Object.prototype: test runners and vm contexts each have their own.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Reads every field that has a rule; `prefix` is the dotted path before the field's name. */
export function wholeNumbers<Field extends string>(
  fields: Fields,
  rules: Readonly<Record<Field, WholeNumber>>,
  issues: PoolConfigIssue[],
  prefix = "",
): Record<Field, number> {
  const numbers = {} as Record<Field, number>
  for (const field of Object.keys(rules) as Field[]) {
    numbers[field] = wholeNumber(fields.get(field), prefix + field, rules[field], issues)
  }
  return numbers
}

/** A misspelt optional field would otherwise be its default, in silence. */
export function refuseUnknown(
  fields: Fields,
  known: readonly string[],
  issues: PoolConfigIssue[],
  prefix = "",
): void {
  for (const field of fields.keys()) {
    if (known.includes(field)) continue
    issues.push({
      name: prefix + field,
      problem: "is not a known field",
      remedy: `Use ${known.join(", ")}`,
    })
  }
}
