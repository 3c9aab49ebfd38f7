import { describeValue, PoolConfigError, type PoolConfigIssue } from "../error.ts"
import { isProblem, type Problem, type Reader, refused } from "./problem.ts"

export type PlainObject = Readonly<Record<string, unknown>>

/** Whether a value has fields of its own: a Map or a Date has none, and would look like an empty object. */
export function isPlain(value: unknown): value is PlainObject {
  if (typeof value !== "object" || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  // Not compared with Object.prototype: test runners and vm contexts each have their own.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

export const notPlain = (value: unknown): Problem => refused(value, "Give a plain object")

/** A field that the object has itself: here `__proto__` and `constructor` are names like any other. */
export const ownField = (object: object, field: string): unknown =>
  Object.hasOwn(object, field) ? (object as PlainObject)[field] : undefined

/** A misspelt optional field would otherwise be its default, in silence. */
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

/** What is wrong with a name of the user's own. */
export const blankName = (name: string): Problem | undefined =>
  name.trim() === ""
    ? { problem: `received the name ${describeValue(name)}`, remedy: "Name every entry" }
    : undefined

/**
 * Reads an object of numbers with functions alone: a bundle of one formula has no library in it.
 *
 * @param whole what an error about all of it names
 * @param together what is wrong with numbers that are good by themselves; one that is not is NaN, which passes no comparison
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

/** One number, or NaN and an issue. */
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
