import type { FoundServer } from "./ceiling.ts"
import type { DatabaseServers } from "./database-servers.ts"
import type { DeploymentOptions } from "./deployment-options.ts"
import { AFTER_APPLY } from "./environment.ts"
import type { Findings } from "./findings.ts"
import { forResource } from "./override.ts"
import { leadsTo, type ProvidedPooler, type ServerPooler } from "./provided-pooler.ts"
import { type Bounds, exactly, isService, type ResourcePool } from "./resource-pool.ts"

/** The slots that PostgreSQL keeps for superusers, which no pooler gets. */
const SUPERUSER_RESERVED = 3

type Options = Pick<DeploymentOptions, "maxConnections" | "exclude" | "override">

/**
 * Returns the poolers in front of the servers that may be the checked one, each with the connections that it may hold
 * there: a number of its own, or its share of `max_connections` and no more than ordinary roles may use. Without a ceiling
 * there is no share.
 */
export const poolersOf = (candidates: readonly FoundServer[], options: Options): ServerPooler[] =>
  candidates.flatMap((server) =>
    (server.poolers ?? []).map((pooler): ServerPooler => {
      const stated = forResource(options.override ?? {}, pooler)?.value
      const excluded = forResource(options.exclude ?? {}, pooler)?.value
      const share =
        stated?.instances === undefined
          ? shareOf(pooler, server, candidates.length > 1, options.maxConnections)
          : exactly(stated.instances)
      return {
        ...pooler,
        share,
        ...(stated === undefined ? {} : { stated }),
        ...(excluded === undefined ? {} : { excluded }),
      }
    }),
  )

/** Undefined if it is not known: without a ceiling, or where it may be in front of another server. */
function shareOf(
  { holds, isCertain }: ProvidedPooler,
  { maxConnections, maxConnectionsAtMost, providerReserved = 0 }: FoundServer,
  isOneOfSeveral: boolean,
  given: number | undefined,
): Bounds | undefined {
  if (!isCertain) return undefined
  const own = "connections" in holds ? holds.connections : undefined
  // A pooler of another server holds nothing on this one.
  if (own !== undefined) return { lowest: isOneOfSeveral ? 0 : own, highest: own }
  const known = given ?? maxConnections
  const most = known ?? maxConnectionsAtMost
  if (most === undefined) return undefined
  const usable = most - SUPERUSER_RESERVED - providerReserved
  const percent = "percent" in holds ? holds.percent : ANY_SHARE
  const of = (share: number) => Math.max(1, Math.min(Math.floor((most * share) / 100), usable))
  const isOpen = known === undefined || !("percent" in holds)
  return { lowest: isOneOfSeveral ? 0 : isOpen ? 1 : of(percent.lowest), highest: of(percent.highest) }
}

const ANY_SHARE: Bounds = { lowest: 0, highest: 100 }

/**
 * Returns what the poolers hold that counted URLs lead to, in place of their clients: at the least as many as these open.
 *
 * @param clients every pool of the fleet, as if there were no pooler
 */
export function poolerPools(
  { poolers }: DatabaseServers,
  clients: readonly ResourcePool[],
  findings: Findings,
): ResourcePool[] {
  return poolers.flatMap((pooler) => {
    const { address, share, excluded, setting, isOfEachUser } = pooler
    if (excluded !== undefined || share === undefined) return []
    noteStated(pooler, findings)
    const opened = clients
      .filter(({ destination }) => leadsTo(destination, pooler))
      .reduce((total, pool) => total + fewestOf(pool), 0)
    const isStated = pooler.stated?.instances !== undefined
    const lowest = isStated ? share.lowest : Math.min(share.lowest, opened)
    if (lowest < share.highest) noteRange(pooler, lowest, share, findings)
    if (!isStated)
      findings.assumptions.push({
        name: address,
        assumed: `a pooler that holds up to ${share.highest} connections, its share of the server's, in place of its clients'${isOfEachUser ? ", which are assumed to be one user: each has as many" : ""}`,
        remedy: `Lower ${setting} to leave more to others, or override instances`,
      })
    return [
      {
        name: address,
        certain: true,
        size: exactly(1),
        poolsPerInstance: 1,
        use: { instances: share.highest, surge: 0, lowestInstances: lowest },
      },
    ]
  })
}

/** The fewest connections of a pool. A job may not be running. */
const fewestOf = ({ certain, size, poolsPerInstance, use }: ResourcePool): number =>
  certain && isService(use) ? (use.lowestInstances ?? use.instances) * poolsPerInstance * size.lowest : 0

function noteRange(
  { address, holds, setting }: ServerPooler,
  lowest: number,
  share: Bounds,
  { unknowns }: Findings,
): void {
  const range = { name: address, between: `${lowest} to ${share.highest} connections` }
  if (share.lowest < 1) {
    unknowns.push({
      ...range,
      cause: "ceiling",
      problem: "is in front of one of several servers, and the fleet may be on another",
      remedy: "Choose the server by its address",
    })
    return
  }
  if ("connections" in holds && holds.connections === undefined) {
    unknowns.push({
      ...range,
      cause: "size",
      address,
      attribute: setting,
      name: `${address}.${setting}`,
      problem: `is ${AFTER_APPLY}`,
      remedy: "Set it to a value that the plan shows",
    })
    return
  }
  unknowns.push({
    ...range,
    cause: "count",
    address,
    field: "instances",
    problem:
      share.lowest < share.highest
        ? "holds a share of the server's connections that is not known"
        : "holds as many connections as its clients use at a time, up to its share",
    remedy: "Override instances with the most connections that it holds",
  })
}

/** Records the values of an override, which for a pooler are its connections alone. */
function noteStated({ address, stated }: ServerPooler, { explicit, issues }: Findings): void {
  if (stated === undefined) return
  const { reason, ...fields } = stated
  for (const [name, value] of Object.entries(fields)) {
    if (name === "instances" && typeof value === "number")
      explicit.push({ name: `${address}.${name}`, value, reason })
    else
      issues.push({
        name: `override.${address}.${name}`,
        problem: "is not a field of a pooler, which only has connections: instances",
        remedy: "Leave it out",
      })
  }
}
