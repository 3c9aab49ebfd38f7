import type { FoundServer } from "./ceiling.ts"
import type { DatabaseServers, ServerPooler } from "./database-servers.ts"
import { AFTER_APPLY } from "./environment.ts"
import type { Findings } from "./findings.ts"
import { exactly, type ResourcePool } from "./resource-pool.ts"

/** The slots that PostgreSQL keeps for superusers, which no pooler gets. */
const SUPERUSER_RESERVED = 3

/**
 * Returns the poolers in front of the servers that may be the checked one, each with the connections that it may hold
 * there. A share of a ceiling that is not known is none.
 *
 * @param stated the ceiling, if it was given
 */
export const poolersOf = (candidates: readonly FoundServer[], stated: number | undefined): ServerPooler[] =>
  candidates.flatMap((server): ServerPooler[] => {
    const known = stated ?? server.maxConnections
    const most = known ?? server.maxConnectionsAtMost
    const isOther = candidates.length > 1
    return (server.poolers ?? []).flatMap(({ holds, ...pooler }): ServerPooler[] => {
      const own = "connections" in holds ? holds.connections : undefined
      // A pooler of another server holds nothing on this one.
      if (own !== undefined) return [{ ...pooler, lowest: isOther ? 0 : own, highest: own }]
      if (most === undefined) return []
      const usable = most - SUPERUSER_RESERVED - (server.providerReserved ?? 0)
      const share = "percent" in holds ? Math.floor((most * holds.percent) / 100) : usable
      const highest = Math.max(1, Math.min(share, usable))
      const isKnown = "percent" in holds && known !== undefined
      return [
        {
          ...pooler,
          lowest: isOther ? 0 : isKnown ? highest : 1,
          highest,
          ...("percent" in holds ? {} : { isUnknown: true as const }),
        },
      ]
    })
  })

/** Returns what the poolers hold that counted URLs lead to, in place of their clients. */
export function poolerPools(
  { poolers }: DatabaseServers,
  { assumptions, unknowns }: Findings,
): ResourcePool[] {
  return poolers.map(({ address, lowest, highest, setting, isUnknown, isOfEachUser }) => {
    if (lowest < 1)
      unknowns.push({
        cause: "ceiling",
        name: address,
        problem: "is in front of one of several servers, and the fleet may be on another",
        between: `0 to ${highest} connections`,
        remedy: "Choose the server by its address",
      })
    else if (isUnknown)
      unknowns.push({
        cause: "size",
        address,
        attribute: setting,
        name: `${address}.${setting}`,
        problem: `is ${AFTER_APPLY}`,
        between: `1 to ${highest} connections`,
        remedy: "Set it to a value that the plan shows",
      })
    assumptions.push({
      name: address,
      assumed: `a pooler that holds up to ${highest} connections, its share of the server's, in place of its clients'${isOfEachUser ? ", which are assumed to be one user: each has as many" : ""}`,
      remedy: `Lower ${setting} to leave more to others`,
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
