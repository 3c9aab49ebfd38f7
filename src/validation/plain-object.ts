import { describeValue, PoolConfigError, type PoolConfigIssue } from "../error.ts"
import { isProblem, type Problem, type Reader, refused } from "./problem.ts"

export type PlainObject = Readonly<Record<string, unknown>>

/** True for a plain object. A Map or a Date has no fields of its own, and would look like an empty object. */
export function isPlain(value: unknown): value is PlainObject {
  if (typeof value !== "object" || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  // Not compared with Object.prototype: test runners and vm contexts each have their own.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

export const notPlain = (value: unknown): Problem => refused(value, "Give a plain object")

/** Reads an own property, so that `__proto__` and `constructor` are ordinary names. */
export const ownField = (object: object, field: string): unknown =>
  Object.hasOwn(object, field) ? (object as PlainObject)[field] : undefined

/** Problem of an unknown field. Without it, a misspelt optional field would silently get its default. */
export const unknownField = (known: readonly string[]): Problem => ({
  problem: "is not a known field",
  remedy: `Use ${known.join(", ")}`,
})

export function rejectUnknownFields(
  object: object,
  known: readonly string[],
  issues: PoolConfigIssue[],
): void {
  for (const name of Object.keys(object)) {
    if (!known.includes(name)) issues.push({ name, ...unknownField(known) })
  }
}

/** Problem of a blank name chosen by the user; undefined if the name is not blank. */
export const blankName = (name: string): Problem | undefined =>
  name.trim() === ""
    ? { problem: `received the name ${describeValue(name)}`, remedy: "Name every entry" }
    : undefined

/**
 * Reads an object of numbers with plain functions, so that a bundle of one formula contains no library.
 *
 * @param whole the name in an error about the input as a whole
 * @param together finds conflicts between valid numbers. An invalid number is NaN here, for which every comparison is
 * false
 * @throws PoolConfigError naming everything that is wrong
 */
export function readNumbers<Field extends string>(
  input: unknown,
  whole: string,
  readers: Readonly<Record<Field, Reader<number>>>,
  together: (numbers: Readonly<Record<Field, number>>) => readonly PoolConfigIssue[] = () => [],
): Record<Field, number> {
  if (!isPlain(input)) throw new PoolConfigError([{ name: whole, ...notPlain(input) }])
  const issues: PoolConfigIssue[] = []
  const fields = Object.keys(readers) as Field[]
  rejectUnknownFields(input, fields, issues)
  const numbers = {} as Record<Field, number>
  for (const field of fields) numbers[field] = numberOf(input, field, readers[field], issues)
  issues.push(...together(numbers))
  if (issues.length > 0) throw new PoolConfigError(issues)
  return numbers
}

/** Reads one number of an object. For an invalid one, adds an issue and returns NaN. */
export function numberOf(
  object: object,
  field: string,
  read: Reader<number>,
  issues: PoolConfigIssue[],
  name = field,
): number {
  const number = read(ownField(object, field))
  if (!isProblem(number)) return number
  issues.push({ name, ...number })
  return Number.NaN
}
