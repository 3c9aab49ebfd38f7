import type { FoundServer } from "./ceiling.ts"
import type { DatabaseServers, ServerPooler } from "./database-servers.ts"
import type { Findings } from "./findings.ts"
import { exactly, type ResourcePool } from "./resource-pool.ts"

/** The slots that PostgreSQL keeps for superusers, which no pooler gets. */
const SUPERUSER_RESERVED = 3

/**
 * Returns the poolers in front of the servers that may be the checked one, each with the connections that it may hold
 * there: its share of `max_connections`, and no more than ordinary roles may use. Without a ceiling there is no share,
 * and none of them is known.
 *
 * @param stated the ceiling, if it was given
 */
export const poolersOf = (candidates: readonly FoundServer[], stated: number | undefined): ServerPooler[] =>
  candidates.flatMap((server): ServerPooler[] => {
    const known = stated ?? server.maxConnections
    const most = known ?? server.maxConnectionsAtMost
    if (most === undefined) return []
    const usable = most - SUPERUSER_RESERVED - (server.providerReserved ?? 0)
    return (server.poolers ?? []).map(({ address, hosts, percent }) => {
      const highest = Math.max(1, Math.min(Math.floor((most * percent) / 100), usable))
      // A pooler of another server holds nothing on this one.
      const lowest = candidates.length > 1 ? 0 : known === undefined ? 1 : highest
      return { address, hosts, lowest, highest }
    })
  })

/** Returns what the poolers hold that counted URLs lead to, in place of their clients. */
export function poolerPools(
  { poolers }: DatabaseServers,
  { assumptions, unknowns }: Findings,
): ResourcePool[] {
  return poolers.map(({ address, lowest, highest }) => {
    if (lowest < 1)
      unknowns.push({
        cause: "ceiling",
        name: address,
        problem: "is in front of one of several servers, and the fleet may be on another",
        between: `0 to ${highest} connections`,
        remedy: "Choose the server by its address",
      })
    assumptions.push({
      name: address,
      assumed: `a pooler that holds up to ${highest} connections, its share of the server's, in place of its clients'`,
      remedy: "Lower max_connections_percent to leave more to others",
    })
    return {
      name: address,
      certain: true,
      size: exactly(1),
      poolsPerInstance: 1,
      use: { instances: highest, surge: 0, lowestInstances: lowest },
    }
  })
}
