import type * as z from "zod/mini"
import { describeValue, type PoolConfigIssue } from "../error.ts"

type SchemaIssue = z.core.$ZodIssue

/**
 * What is wrong with a file, in the words of the other readers.
 *
 * @param whole what to call the file itself
 */
export function schemaIssues(issue: SchemaIssue, config: unknown, whole: string): PoolConfigIssue[] {
  const path = dotted(issue.path, config)
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      name: path === "" ? key : `${path}.${key}`,
      problem: "is not a known field",
      remedy: "Remove it, or mend its spelling",
    }))
  }
  const value = issue.path.reduce<unknown>(
    (within, key) => (within as Record<PropertyKey, unknown> | undefined)?.[key],
    config,
  )
  return [
    {
      name: path || whole,
      problem: value === undefined ? "missing" : `received ${describeValue(value)}`,
      remedy: remedy(issue),
    },
  ]
}

function remedy(issue: SchemaIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `Give ${{ object: "an object", record: "an object", array: "a list", string: "a text", int: "a whole number" }[issue.expected as string] ?? `a ${issue.expected}`}`
    case "too_small":
      return `Give a number from ${issue.minimum} on`
    case "too_big":
      return `Give a number up to ${issue.maximum}`
    case "invalid_value":
      return `Give one of ${issue.values.map(String).join(", ")}`
    default:
      return "Give a text that is not blank"
  }
}

/** The path as the fleet's reader has it: jobs by their names. */
function dotted(path: readonly PropertyKey[], config: unknown): string {
  let within: unknown = config
  let text = ""
  for (const key of path) {
    within = (within as Record<PropertyKey, unknown> | undefined)?.[key]
    const name = typeof key === "number" ? (within as { name?: unknown } | undefined)?.name : undefined
    if (typeof name === "string" && name.trim() !== "") text += `.${name}`
    else text += typeof key === "number" ? `[${key}]` : `${text && "."}${String(key)}`
  }
  return text
}
