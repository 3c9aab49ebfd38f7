import * as z from "zod/mini"
import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import { isPlain, ownField } from "./plain-object.ts"
import type { Problem } from "./problem.ts"
import type { Schema } from "./schema.ts"

/**
 * Parses input with a schema.
 *
 * @param whole the name in an error about the input as a whole
 * @throws PoolConfigError naming everything that is wrong, by its dotted path
 */
export function parse<Value>(schema: Schema<Value>, input: unknown, whole: string): Value {
  const issues: PoolConfigIssue[] = []
  const value = parseInto(issues, schema, input, whole)
  if (issues.length > 0) throw new PoolConfigError(issues)
  return value as Value
}

/** Like {@link parse}, but adds problems to `issues` and returns undefined instead of throwing. */
export function parseInto<Value>(
  issues: PoolConfigIssue[],
  schema: Schema<Value>,
  input: unknown,
  whole: string,
): Value | undefined {
  const result = z.safeParse(schema, input)
  if (result.success) return result.data
  const pathOf = pathsIn(input)
  const names = new Set<string>()
  for (const issue of result.error.issues.flatMap((each) => issuesOf(each, pathOf(each.path), whole))) {
    // A field's own problem comes first, and explains its conflicts with other fields: those are dropped.
    if (!names.has(issue.name)) issues.push(issue)
    names.add(issue.name)
  }
  return undefined
}

function issuesOf(issue: z.core.$ZodIssue, path: string, whole: string): PoolConfigIssue[] {
  // Every problem is found by one of our functions, which puts its texts into `params`.
  const { problem, remedy } = (issue as unknown as { readonly params: Problem }).params
  if (issue.code !== "unrecognized_keys") return [{ name: path || whole, problem, remedy }]
  return issue.keys.map((key) => ({ name: path === "" ? key : `${path}.${key}`, problem, remedy }))
}

/** Builds dotted paths within the input. An array element is shown by its name, if it is the first with that name. */
function pathsIn(input: unknown): (path: readonly PropertyKey[]) => string {
  const places = new Map<readonly unknown[], ReadonlyMap<PropertyKey, string>>()
  const namesOf = (list: readonly unknown[]) => {
    const known = places.get(list) ?? namesIn(list)
    places.set(list, known)
    return known
  }
  return (path) => {
    let text = ""
    let at = input
    path.forEach((key, depth) => {
      const isItem = Array.isArray(at)
      const name = Array.isArray(at) && path[depth + 1] !== "name" ? namesOf(at).get(key) : undefined
      if (name !== undefined) text += `.${name}`
      else text += isItem ? `[${String(key)}]` : `${text && "."}${String(key)}`
      at = typeof at === "object" && at !== null ? ownField(at, String(key)) : undefined
    })
    return text
  }
}

/** Maps the first index of each name in an array to that name. */
function namesIn(list: readonly unknown[]): ReadonlyMap<PropertyKey, string> {
  const places = new Map<unknown, number>()
  list.forEach((each, place) => {
    const name = isPlain(each) ? ownField(each, "name") : undefined
    if (typeof name === "string" && name.trim() !== "" && !places.has(name)) places.set(name, place)
  })
  return new Map([...places].map(([name, place]) => [place, String(name)]))
}
