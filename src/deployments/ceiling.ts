import type { Assumption } from "../sizing/index.ts"
import { MAX_BACKENDS } from "../validation/numbers.ts"
import type { ServerTies } from "./database-servers.ts"
import type { DeployedPooler } from "./deployed-pooler.ts"
import type { DeploymentOptions } from "./deployment-options.ts"
import { normalHost } from "./destination.ts"
import type { Findings, Unknown } from "./findings.ts"
import type { ProvidedPooler } from "./provided-pooler.ts"

/** A PostgreSQL server of the document, as it is shown. */
export interface DeployedServer {
  readonly address: string
  /** Undefined if the document does not contain it. */
  readonly maxConnections: number | undefined
  /** The highest value that it may have, if it is undefined and the document bounds it. */
  readonly maxConnectionsAtMost?: number
  /** The node type or tier, as the document has it. */
  readonly nodeType: string | undefined
}

export interface FoundServer extends DeployedServer {
  /** Names that select it: its address, with the document's name and without. */
  readonly names: readonly string[]
  readonly reason: string | undefined
  readonly documented: number | undefined
  /** Its host names and addresses that lead to it from everywhere. */
  readonly hosts: readonly string[]
  /** Names that lead to it from its own network only: its namespace, or its compose file. */
  readonly localHosts?: readonly string[]
  /** The slots that its provider keeps, beyond the three that PostgreSQL keeps for superusers. */
  readonly providerReserved?: number
  /** Its own port; by default PostgreSQL's. */
  readonly port?: number
  /** The port of a pooler on its hosts, which leads to it. */
  readonly poolerPort?: number
  /** A PgBouncer that runs on it, as a tier. */
  readonly builtInPooler?: DeployedPooler
  /** True if it only reads what another server writes. */
  readonly isReplica?: true
  /** True if its document only names it, and another one may have it. */
  readonly isOnlyNamed?: true
  readonly poolers?: readonly ProvidedPooler[]
  /** The assumption that `maxConnections` rests on, recorded if this server's value counts. */
  readonly assumption?: Omit<Assumption, "name">
}

/**
 * Returns each server once. What a document only names, another one may have, or name as well: a cluster that a plan
 * creates, and to which several apps connect.
 */
export function distinctServers(servers: readonly FoundServer[]): readonly FoundServer[] {
  const distinct = servers.filter(({ isOnlyNamed }) => isOnlyNamed !== true)
  for (const server of servers.filter(({ isOnlyNamed }) => isOnlyNamed === true)) {
    const at = distinct.findIndex(({ hosts }) => hosts.some((host) => server.hosts.includes(host)))
    const same = distinct[at]
    if (same === undefined) distinct.push(server)
    else {
      const known = same.maxConnections === undefined && same.isOnlyNamed ? server : same
      distinct[at] = { ...known, names: [...same.names, ...server.names] }
    }
  }
  return distinct
}

/**
 * Finds the servers that may be the checked one: the chosen one, or all that can be written to, unless there are only
 * replicas. If several servers are checked, only those with a host of the checked one.
 */
export function candidatesOf(
  servers: readonly FoundServer[],
  chosen: string | undefined,
  { isOnly, hosts }: Pick<ServerTies, "isOnly" | "hosts">,
): readonly FoundServer[] {
  if (chosen !== undefined) return servers.filter(({ names }) => names.includes(chosen))
  const own = hosts.map(normalHost)
  const primaries = servers.filter(({ isReplica }) => isReplica !== true)
  if (isOnly) return primaries.length > 0 ? primaries : servers
  return servers.filter(({ hosts, localHosts = [] }) =>
    [...hosts, ...localHosts].some((host) => own.includes(normalHost(host))),
  )
}

/** The hosts that the plans have for the other checked servers, and for the poolers in front of them. */
export const hostsOfOthers = (servers: readonly FoundServer[], { others = [] }: ServerTies): string[] =>
  others.flatMap(({ hosts, server }) => {
    const [only, ...further] = candidatesOf(servers, server, { isOnly: false, hosts })
    if (only === undefined || further.length > 0) return []
    return [...only.hosts, ...(only.poolers ?? []).flatMap((pooler) => pooler.hosts)]
  })

/** The `max_connections` of the checked server. */
export interface Ceiling {
  /** Undefined if it is not known. */
  readonly maxConnections: number | undefined
  /** The highest value that it may have, if it is not known and the documents bound it. */
  readonly maxConnectionsAtMost: number | undefined
  /** The most slots that the provider may keep, beyond the three that PostgreSQL keeps for superusers. */
  readonly providerReserved: number
  /** The fewest: another number if several servers may be the checked one. */
  readonly providerReservedAtLeast: number
}

/**
 * Returns the slots that the provider of the checked server keeps. A given ceiling belongs to the host that the pools
 * lead to. If that is none of a server's, it may be another name of it, or of a server that the documents do not have.
 *
 * @param leading the hosts that the pools lead to, if the ceiling was given without the server
 */
function keptSlots(
  candidates: readonly FoundServer[],
  leading: readonly string[],
): Pick<Ceiling, "providerReserved" | "providerReservedAtLeast"> {
  const reached = candidates.filter(({ hosts }) => hosts.some((host) => leading.includes(normalHost(host))))
  const isElsewhere = leading.length > 0 && reached.length === 0
  const kept = (reached.length > 0 ? reached : candidates).map((each) => each.providerReserved ?? 0)
  const least = isElsewhere || kept.length === 0 ? 0 : Math.min(...kept)
  return { providerReserved: Math.max(0, ...kept), providerReservedAtLeast: least }
}

/**
 * Finds the `max_connections` of the server that the fleet connects to. If the document does not contain it, records the
 * reason. A provider's table of node types is an assumption at best: the setting may be fixed when a server is created.
 *
 * @param candidates the servers that may be the checked one
 * @param leading the hosts that the pools lead to, if the ceiling was given without the server
 */
export function ceilingOf(
  servers: readonly FoundServer[],
  candidates: readonly FoundServer[],
  { maxConnections: stated, server: chosen }: Pick<DeploymentOptions, "maxConnections" | "server">,
  findings: Findings,
  leading: readonly string[],
): Ceiling {
  const [server, ...others] = candidates
  if (chosen !== undefined && server === undefined) {
    findings.issues.push({
      name: "server",
      problem: "is not the address of a PostgreSQL server in these documents",
      remedy:
        servers.length > 0 ? `Use one of ${addresses(servers)}` : "Leave it out, and give maxConnections",
    })
    return { maxConnections: undefined, maxConnectionsAtMost: undefined, ...keptSlots([], []) }
  }
  const kept = keptSlots(candidates, leading)
  const only = others.length === 0 ? server : undefined
  const ceiling = stated ?? only?.maxConnections
  if (only !== undefined && ceiling !== undefined) warnOf(only, ceiling, findings)
  if (stated === undefined && only?.assumption !== undefined)
    findings.assumptions.push({ name: `${only.address}.max_connections`, ...only.assumption })
  if (ceiling !== undefined) return { maxConnections: ceiling, maxConnectionsAtMost: undefined, ...kept }
  const atMost = highestOf(candidates)
  findings.unknowns.push(
    only !== undefined
      ? unknownCeiling(only.address, only.reason ?? "is missing", atMost)
      : server === undefined
        ? unknownCeiling("max_connections", noneOf(servers), atMost)
        : {
            ...unknownCeiling(
              "max_connections",
              `is one of ${candidates.length}: ${addresses(candidates)}`,
              atMost,
            ),
            remedy: "Choose the server by its address, with --server or deployments.server",
          },
  )
  return { maxConnections: undefined, maxConnectionsAtMost: atMost, ...kept }
}

/** The highest ceiling that any of the servers may have; undefined if one of them has no bound. */
function highestOf(servers: readonly FoundServer[]): number | undefined {
  const bounds = servers.map(
    ({ maxConnections, maxConnectionsAtMost }) => maxConnections ?? maxConnectionsAtMost,
  )
  const known = bounds.filter((bound) => bound !== undefined)
  return known.length === bounds.length && known.length > 0 ? Math.max(...known) : undefined
}

const noneOf = (servers: readonly FoundServer[]) =>
  servers.length === 0
    ? "is not in these documents: they have no PostgreSQL server"
    : `belongs to one of ${addresses(servers)}, and it is not known to which`

/** Warns about other values of a server's ceiling, which do not count. */
function warnOf(
  { address, maxConnections, nodeType, documented }: FoundServer,
  ceiling: number,
  { warnings }: Findings,
): void {
  if (maxConnections !== undefined && maxConnections !== ceiling) {
    warnings.push(
      `${address}: max_connections is ${maxConnections} here, but ${ceiling} was given, which counts`,
    )
  }
  if (documented !== undefined && documented !== ceiling) {
    warnings.push(
      `${address}: node type ${nodeType} has ${documented} in the sizing document's table, but the server has ${ceiling}, which counts`,
    )
  }
}

const addresses = (servers: readonly FoundServer[]): string =>
  servers
    .map(({ address, maxConnections }) =>
      maxConnections === undefined ? address : `${address} (${maxConnections})`,
    )
    .join(", ")

/** Without a bound, an unknown ceiling may be anything that PostgreSQL allows. */
const unknownCeiling = (name: string, problem: string, atMost: number = MAX_BACKENDS): Unknown => ({
  cause: "ceiling",
  name,
  problem,
  between: `1 to ${atMost} connections`,
  remedy: "Ask the server (SHOW max_connections), and give its answer as maxConnections (--max-connections)",
})
