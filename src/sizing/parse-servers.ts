import type { PoolConfigIssue } from "../error.ts"
import {
  type ObjectReader,
  parseInput,
  readEntries,
  readObject,
  rejectUnknownFields,
} from "../validation/object-reader.ts"
import { type ParsedFleet, parseFleet } from "./parse-fleet.ts"

type ReadServers = readonly (readonly [name: string, fleet: ParsedFleet])[]

/** Reads a fleet, or the `servers` that have one each; with `mayBeOpen`, sizes may be left out of them. */
export function parseFleets(
  input: unknown,
  mayBeOpen: boolean,
): { readonly fleet: ParsedFleet } | { readonly servers: ReadServers } {
  return parseInput(input, "fleet", (fields, issues) =>
    fields.get("servers") === undefined
      ? { fleet: parseFleet(fields, mayBeOpen, issues) }
      : { servers: readServers(fields, mayBeOpen, issues) },
  )
}

function readServers(fields: ObjectReader, mayBeOpen: boolean, issues: PoolConfigIssue[]): ReadServers {
  rejectUnknownFields(fields, ["servers"], issues)
  const servers = readEntries(fields, "servers", issues)
  if (servers.length === 0 && issues.length === 0) {
    issues.push({ name: "servers", problem: "names no server", remedy: "Give at least one" })
  }
  return servers.flatMap(([name, value]) => {
    const path = `servers.${name}`
    const server = readObject(value, path, issues)
    if (server === undefined) return []
    const own: PoolConfigIssue[] = []
    const fleet = parseFleet(server, mayBeOpen, own)
    for (const issue of own) issues.push({ ...issue, name: `${path}.${issue.name}` })
    return [[name, { ...fleet, path }] as const]
  })
}
