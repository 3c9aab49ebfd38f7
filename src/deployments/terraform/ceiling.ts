import { MAX_BACKENDS } from "../../validation/numbers.ts"
import type { ServerTies } from "../database-servers.ts"
import { normalHost } from "../destination.ts"
import type { Findings, Unknown } from "../findings.ts"
import type { Platform } from "../platform.ts"
import type { Document } from "./document.ts"
import type { TerraformOptions } from "./read-options.ts"

/** A PostgreSQL server of the document, to be shown. */
export interface TerraformServer {
  readonly address: string
  /** Undefined where the plan does not say. */
  readonly maxConnections: number | undefined
  /** The node type or tier, as it is written. */
  readonly nodeType: string | undefined
}

export interface FoundServer extends TerraformServer {
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
 * The servers that may be the one that is checked: the chosen one, or all. Beside others that are checked too, those that
 * are known to be this one.
 */
export function candidatesOf(
  servers: readonly FoundServer[],
  chosen: string | undefined,
  { isOnly, hosts }: Pick<ServerTies, "isOnly" | "hosts">,
): readonly FoundServer[] {
  if (chosen !== undefined) return servers.filter(({ names }) => names.includes(chosen))
  const own = hosts.map(normalHost)
  return isOnly
    ? servers
    : servers.filter((server) => server.hosts.some((host) => own.includes(normalHost(host))))
}

/** The names and addresses that the plans have for the servers that are checked beside this one. */
export const hostsOfOthers = (servers: readonly FoundServer[], { others = [] }: ServerTies): string[] =>
  others.flatMap(({ hosts, server }) => {
    const candidates = candidatesOf(servers, server, { isOnly: false, hosts })
    return candidates.length === 1 ? [...(candidates[0]?.hosts ?? [])] : []
  })

/**
 * The `max_connections` of the server that the fleet connects to; undefined, with the reason among the unknown, where
 * the document does not tell. No table of node types can: the setting is frozen when a server is created.
 *
 * @param candidates those of the servers that it may be
 */
export function ceilingOf(
  servers: readonly FoundServer[],
  candidates: readonly FoundServer[],
  { maxConnections: stated, server: chosen }: Pick<TerraformOptions, "maxConnections" | "server">,
  findings: Findings,
): number | undefined {
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
        ? unknownCeiling("max_connections", noneOf(servers))
        : {
            ...unknownCeiling("max_connections", `is one of ${candidates.length}: ${addresses(candidates)}`),
            remedy: "Choose the server by its address",
          },
  )
  return undefined
}

const noneOf = (servers: readonly FoundServer[]) =>
  servers.length === 0
    ? "is in none of these plans: no PostgreSQL server is in them"
    : `is that of one of ${addresses(servers)}, and which one is not known`

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

const addresses = (servers: readonly FoundServer[]): string =>
  servers
    .map(({ address, maxConnections }) =>
      maxConnections === undefined ? address : `${address} (${maxConnections})`,
    )
    .join(", ")

/** Between what an unknown ceiling is: where PostgreSQL begins and ends. */
const ANY_CEILING = `1 and ${MAX_BACKENDS} connections`

const unknownCeiling = (name: string, problem: string): Unknown => ({
  cause: "ceiling",
  name,
  problem,
  between: ANY_CEILING,
  remedy: "Ask the server (SHOW max_connections), and give its answer as maxConnections",
})
