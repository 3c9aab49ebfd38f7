/** The keys and indexes that lead to a value in another one. */
export type Path = readonly (string | number)[]

type Tree = Readonly<Record<string, unknown>>

/** Every path in a value, to a key or an item. */
export function pathsIn(value: unknown, at: Path = []): Path[] {
  if (Array.isArray(value))
    return value.flatMap((each, index) => [[...at, index], ...pathsIn(each, [...at, index])])
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => [[...at, key], ...pathsIn(each, [...at, key])])
}

/** A value with another one at a path. */
export function put(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.map((each, index) => (index === key ? put(each, rest, by) : each))
  const object = value as Tree
  return { ...object, [key]: put(object[key], rest, by) }
}
