import { describeValue, PoolConfigError, type PoolConfigIssue } from "../error.ts"

/** The own fields of a plain object: here `__proto__` and `constructor` are names like any other. */
export class ObjectReader {
  readonly #object: Readonly<Record<string, unknown>>

  constructor(object: object) {
    this.#object = object as Record<string, unknown>
  }

  get(field: string): unknown {
    return Object.hasOwn(this.#object, field) ? this.#object[field] : undefined
  }

  keys(): string[] {
    return Object.keys(this.#object)
  }

  entries(): [string, unknown][] {
    return Object.entries(this.#object)
  }
}

/** Reads `input` with `read`, then throws everything that was found wrong as one error. */
export function parseInput<Result extends object>(
  input: unknown,
  name: string,
  read: (fields: ObjectReader, issues: PoolConfigIssue[]) => Result,
): Result {
  const issues: PoolConfigIssue[] = []
  const fields = readObject(input, name, issues)
  const result = fields && read(fields, issues)
  if (result === undefined || issues.length > 0) throw new PoolConfigError(issues)
  return result
}

/** Anything but a plain object is an issue: a Map or a Date has no field of its own, and would look empty. */
export function readObject(
  value: unknown,
  name: string,
  issues: PoolConfigIssue[],
): ObjectReader | undefined {
  if (isPlain(value)) return new ObjectReader(value)
  issues.push({
    name,
    problem: value === undefined ? "missing" : `received ${describeValue(value)}`,
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

/** A misspelt optional field would otherwise be its default, in silence. */
export function rejectUnknownFields(
  fields: ObjectReader,
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

/** The entries of an object whose keys are names of the user's own. */
export function readEntries(
  fields: ObjectReader,
  field: string,
  issues: PoolConfigIssue[],
): [string, unknown][] {
  const entries = readObject(fields.get(field), field, issues)?.entries() ?? []
  for (const [name] of entries) {
    if (name.trim() !== "") continue
    issues.push({
      name: field,
      problem: `received the name ${describeValue(name)}`,
      remedy: "Name every entry",
    })
  }
  return entries
}
