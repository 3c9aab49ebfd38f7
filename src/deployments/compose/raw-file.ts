import { describeValue, type PoolConfigIssue } from "../../error.ts"
import { isPlain } from "../../validation/plain-object.ts"
import { field } from "../json-value.ts"
import { PRINT, REMEDY } from "./fields.ts"

/** Says what a document is instead of a compose file; undefined if it may be one. */
export function shapeProblem(json: unknown): string | undefined {
  // Without the value: a string would be a part of the file.
  if (typeof json === "string") return "is a string, not parsed JSON"
  if (!isPlain(json)) return `received ${describeValue(json)}`
  if (typeof json["format_version"] === "string") return "is the output of `terraform show -json`"
  if (typeof json["apiVersion"] === "string") return "is a Kubernetes manifest"
  if (isPlain(json["services"])) return undefined
  return json["services"] === undefined
    ? "has no services, so it is another tool's JSON"
    : "has services that are not an object"
}

/**
 * Finds everything that `docker compose config` would have merged in or filled in. One issue for each kind, with the
 * first place.
 */
export function rawFileIssues(json: Readonly<Record<string, unknown>>, prefix: string): PoolConfigIssue[] {
  const services = isPlain(json["services"]) ? Object.entries(json["services"]) : []
  const having = (name: string) =>
    services.flatMap(([service, value]) => (isSet(field(value, name)) ? [`services.${service}.${name}`] : []))
  const issue = (paths: readonly string[], problem: string, remedy: string): PoolConfigIssue[] => {
    const [first, ...others] = paths
    const more =
      others.length === 0 ? "" : `, and in ${others.length} more ${others.length === 1 ? "place" : "places"}`
    return first === undefined ? [] : [{ name: prefix + first, problem: problem + more, remedy }]
  }
  return [
    ...issue(isSet(json["include"]) ? ["include"] : [], "names files that are not merged in", REMEDY),
    ...issue(having("extends"), "names a service that is not merged in", REMEDY),
    ...issue(
      having("env_file"),
      "names a file of variables that is not merged in",
      `Give the output of \`${PRINT}\`, without --no-env-resolution`,
    ),
    ...issue(
      unfilledVariables(json),
      "has a variable that is not filled in",
      `Give the output of \`${PRINT}\`, without --no-interpolate. A dollar sign is doubled there`,
    ),
  ]
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false
  return typeof value !== "object" || Object.keys(value).length > 0
}

/** The paths of strings with a variable of the shell: `$NAME` or `${NAME}`, and not `$$NAME`. */
function unfilledVariables(json: unknown): string[] {
  const found: string[] = []
  // Not by recursion: nothing bounds how deep the values go. A value that was not parsed from JSON may contain itself.
  const visited = new Set<unknown>()
  const left: [value: unknown, path: string][] = [[json, ""]]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [value, path] = next
    if (typeof value === "string") {
      if (value.includes("$") && VARIABLE.test(value.replaceAll("$$", ""))) found.push(path)
    } else if (typeof value === "object" && value !== null && !visited.has(value)) {
      visited.add(value)
      const isList = Array.isArray(value)
      for (const [key, item] of Object.entries(value))
        left.push([item, isList ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`])
    }
  }
  return found.reverse()
}

const VARIABLE = /\$[{A-Za-z_]/
