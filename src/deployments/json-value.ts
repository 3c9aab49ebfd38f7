/** True for an object of parsed JSON. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Reads a field; undefined if the value is not an object or has no such field of its own. */
export const field = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

/** Returns an array, and an empty one for any other value. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Returns the strings that are not empty. */
export const textsOf = (values: readonly unknown[]): string[] =>
  values.filter((value): value is string => typeof value === "string" && value !== "")

/** Returns a string, and an empty one for any other value. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "")
