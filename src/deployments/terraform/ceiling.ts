import type { Findings, Unknown } from "../findings.ts"
import type { Platform } from "../platform.ts"
import type { Document } from "./document.ts"

/** A PostgreSQL server of the document, to be shown. */
export interface TerraformServer {
  readonly address: string
  /** Undefined where the plan does not say. */
  readonly maxConnections: number | undefined
  /** The node type or tier, as it is written. */
  readonly nodeType: string | undefined
}

interface FoundServer extends TerraformServer {
  /** What chooses it: its address, with the document's name and without. */
  readonly names: readonly string[]
  readonly reason: string | undefined
  readonly documented: number | undefined
  readonly hosts: readonly string[]
}

/** The PostgreSQL servers of some documents, data sources included; one that several of them have is there once. */
export function serversOf(documents: readonly Document[], platforms: readonly Platform[]): FoundServer[] {
  const found = new Map<string, FoundServer>()
  const resources = documents.flatMap((document) => document.resources)
  // The stack that manages a server knows what it will be, and those that read it what it is.
  const ordered = [
    ...resources.filter(({ managed }) => managed),
    ...resources.filter(({ managed }) => !managed),
  ]
  for (const { type, address, ownAddress, attributes } of ordered) {
    const platform = platforms.find(({ servers }) => Object.hasOwn(servers, type))
    const server = platform?.servers[type]?.(attributes)
    if (server === undefined) continue
    const { maxConnections, reason, documented, hosts = [] } = server
    const nodeType = /^[\w.-]{1,60}$/.exec(server.nodeType ?? "")?.[0]
    const id = attributes.get("id")
    const key = typeof id === "string" && id !== "" ? `${type} ${id.split("/").at(-1)}` : address
    const first = found.get(key)
    const names = [...(first?.names ?? []), address, ownAddress]
    found.set(
      key,
      first ? { ...first, names } : { address, names, maxConnections, nodeType, reason, documented, hosts },
    )
  }
  return [...found.values()]
}

/**
 * The `max_connections` of the server that the fleet connects to; undefined, with the reason among the unknown, where
 * the document does not tell. No table of node types can: the setting is frozen when a server is created.
 *
 * @param stated what somebody has read from the server itself
 * @param chosen the address of the server, where there are several
 */
export function ceilingOf(
  servers: readonly FoundServer[],
  stated: number | undefined,
  chosen: string | undefined,
  findings: Findings,
): number | undefined {
  const candidates = candidatesOf(servers, chosen)
  const [server, ...others] = candidates
  if (chosen !== undefined && server === undefined) {
    findings.issues.push({
      name: "server",
      problem: "is not the address of a PostgreSQL server in these plans",
      remedy:
        servers.length > 0 ? `Use one of ${addresses(servers)}` : "Leave it out, and give maxConnections",
    })
    return undefined
  }
  const only = others.length === 0 ? server : undefined
  const ceiling = stated ?? only?.maxConnections
  if (only !== undefined && ceiling !== undefined) warnOf(only, ceiling, findings)
  if (ceiling !== undefined) return ceiling
  findings.unknowns.push(
    only !== undefined
      ? unknownCeiling(only.address, only.reason ?? "is not there")
      : server === undefined
        ? unknownCeiling("max_connections", "is in none of these plans: no PostgreSQL server is in them")
        : {
            ...unknownCeiling("max_connections", `is one of ${candidates.length}: ${addresses(candidates)}`),
            remedy: "Choose the server by its address",
          },
  )
  return undefined
}

/** What is said elsewhere of a server, and does not count. */
function warnOf(
  { address, maxConnections, nodeType, documented }: FoundServer,
  ceiling: number,
  { warnings }: Findings,
): void {
  if (maxConnections !== undefined && maxConnections !== ceiling) {
    warnings.push(
      `${address}: max_connections is ${maxConnections} here, and ${ceiling} was given, which counts`,
    )
  }
  if (documented !== undefined && documented !== ceiling) {
    warnings.push(
      `${address}: node type ${nodeType} has ${documented} in the sizing document's table, and the server has ${ceiling}, which counts`,
    )
  }
}

const candidatesOf = (servers: readonly FoundServer[], chosen: string | undefined) =>
  servers.filter(({ names }) => chosen === undefined || names.includes(chosen))

/** The one server that the fleet connects to; undefined where there are several, or none. */
export function chosenServer(
  servers: readonly FoundServer[],
  chosen: string | undefined,
): FoundServer | undefined {
  const candidates = candidatesOf(servers, chosen)
  return candidates.length === 1 ? candidates[0] : undefined
}

const addresses = (servers: readonly FoundServer[]): string =>
  servers
    .map(({ address, maxConnections }) =>
      maxConnections === undefined ? address : `${address} (${maxConnections})`,
    )
    .join(", ")

/** Between what an unknown ceiling is: where PostgreSQL begins and ends. */
const ANY_CEILING = "1 and 262143 connections"

/** Whether it is the ceiling that is not known. */
export const isCeiling = ({ between }: Unknown): boolean => between === ANY_CEILING

const unknownCeiling = (name: string, problem: string) => ({
  name,
  problem,
  between: ANY_CEILING,
  remedy: "Ask the server (SHOW max_connections), and give its answer as maxConnections",
})
