import type { PoolConfigIssue } from "../error.ts"
import { type Fields, named, plainObject, readInput, refuseUnknown } from "../validation/object-reader.ts"
import { type ReadFleet, readFleet } from "./parse-fleet.ts"

type ReadServers = readonly (readonly [name: string, fleet: ReadFleet])[]

/** Reads a fleet, or the `servers` that have one each; with `open`, sizes may be left out of them. */
export function readFleets(
  input: unknown,
  open: boolean,
): { readonly fleet: ReadFleet } | { readonly servers: ReadServers } {
  return readInput(input, "fleet", (fields, issues) =>
    fields.get("servers") === undefined
      ? { fleet: readFleet(fields, open, issues) }
      : { servers: readServers(fields, open, issues) },
  )
}

function readServers(fields: Fields, open: boolean, issues: PoolConfigIssue[]): ReadServers {
  refuseUnknown(fields, ["servers"], issues)
  const servers = named(fields, "servers", issues)
  if (servers.length === 0 && issues.length === 0) {
    issues.push({ name: "servers", problem: "names no server", remedy: "Give at least one" })
  }
  return servers.flatMap(([name, value]) => {
    const path = `servers.${name}`
    const server = plainObject(value, path, issues)
    if (server === undefined) return []
    const own: PoolConfigIssue[] = []
    const fleet = readFleet(server, open, own)
    for (const issue of own) issues.push({ ...issue, name: `${path}.${issue.name}` })
    return [[name, { ...fleet, path }] as const]
  })
}
