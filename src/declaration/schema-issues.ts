import type * as z from "zod/mini"
import { describeValue, type PoolConfigIssue } from "../error.ts"

type SchemaIssue = z.core.$ZodIssue

/** What is wrong inside of a value that is of a type which may stand there; none where it is of no such type. */
function issuesWithin(issue: SchemaIssue): SchemaIssue[] {
  if (issue.code !== "invalid_union") return []
  const within = issue.errors.find(([first]) => first?.code !== "invalid_type" || first.path.length > 0)
  return (within ?? []).map((each) => ({ ...each, path: [...issue.path, ...each.path] }))
}

/**
 * What is wrong with a file, in the words of the other readers.
 *
 * @param whole what to call the file itself
 */
export function schemaIssues(issue: SchemaIssue, config: unknown, whole: string): PoolConfigIssue[] {
  const within = issuesWithin(issue)
  if (within.length > 0) return within.flatMap((each) => schemaIssues(each, config, whole))
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
    case "invalid_union":
      return "Give a text, or a list of texts"
    case "too_small":
      if (issue.origin === "array") return "Give at least one, or leave it out"
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
