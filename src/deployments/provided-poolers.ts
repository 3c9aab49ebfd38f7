import type { FoundServer } from "./ceiling.ts"
import type { DatabaseServers, ServerPooler } from "./database-servers.ts"
import type { Findings } from "./findings.ts"
import { exactly, type ResourcePool } from "./resource-pool.ts"

/** The slots that PostgreSQL keeps for superusers, which no pooler gets. */
const SUPERUSER_RESERVED = 3

/**
 * Returns the poolers in front of a server, each with the connections that it may hold: its share of `max_connections`,
 * and no more than ordinary roles may use. Without a ceiling there is no share, and none of them is known.
 *
 * @param stated the ceiling, if it was given
 */
export function poolersOf(server: FoundServer | undefined, stated: number | undefined): ServerPooler[] {
  const known = stated ?? server?.maxConnections
  const most = known ?? server?.maxConnectionsAtMost
  if (server === undefined || most === undefined) return []
  const usable = most - SUPERUSER_RESERVED - (server.providerReserved ?? 0)
  return (server.poolers ?? []).map(({ address, hosts, percent }) => {
    const highest = Math.max(1, Math.min(Math.floor((most * percent) / 100), usable))
    return { address, hosts, lowest: known === undefined ? 1 : highest, highest }
  })
}

/** Returns what the poolers hold that counted URLs lead to, in place of their clients. */
export function poolerPools({ poolers }: DatabaseServers, { assumptions }: Findings): ResourcePool[] {
  return poolers.map(({ address, lowest, highest }) => {
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
