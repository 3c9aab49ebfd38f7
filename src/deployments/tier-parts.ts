import type { Pooler } from "../sizing/index.ts"
import { clientConnectionsFor, sessionCapacity } from "../sizing/pooler-totals.ts"
import { isOfSeveralPools, spreadOverPools } from "../sizing/session-room.ts"
import { MAX_COUNT } from "../validation/numbers.ts"
import { type ClientPairs, fewest, mostOfPair, pairsOf } from "./client-pairs.ts"
import { useOf } from "./container-pools.ts"
import type { DeployedTier } from "./deployed-tiers.ts"
import type { DeploymentOptions } from "./deployment-options.ts"
import type { Findings } from "./findings.ts"
import { forResource } from "./override.ts"
import { fileConflicts } from "./pgbouncer/conflicts.ts"
import { filePooler } from "./pgbouncer/file-pooler.ts"
import { noteWorkload } from "./record-workload.ts"
import { type Bounds, isService, mayRun, type ResourcePool } from "./resource-pool.ts"
import { noteHidden, noteIdle, noteOff, noteSettings, noteSurge, noteUneven } from "./tier-findings.ts"

/** Poolers with every unknown at its lowest and at its highest, by address. */
export interface TierParts {
  readonly lowest: Readonly<Record<string, Pooler>>
  readonly highest: Readonly<Record<string, Pooler>>
}

/**
 * Counts the pools of each tier: one for each database and user of the clients behind it. A tier without clients is none.
 *
 * @param declared how many declared consumers and jobs connect through each
 * @param ceiling the most connections that the server may have, if that is known
 */
export function tierParts(
  tiers: readonly DeployedTier[],
  pools: readonly ResourcePool[],
  declared: ReadonlyMap<string, number>,
  ceiling: number | undefined,
  { override = {} }: DeploymentOptions,
  findings: Findings,
): TierParts {
  const lowest: [string, Pooler][] = []
  const highest: [string, Pooler][] = []
  // A URL that cannot be seen counts as a connection of the server, and may be a client all the same.
  const hasHidden = pools.some(
    ({ certain, pooler, destination }) => !certain && pooler === undefined && destination === undefined,
  )
  for (const tier of tiers) {
    const { address, config, workload } = tier
    const behind = pools.filter(({ pooler }) => pooler === address)
    const others = declared.get(address) ?? 0
    const stated = forResource(override, tier)?.value
    const use = useOf(workload, stated)
    if (!isService(use)) continue
    const {
      instances,
      surge,
      lowestInstances = instances,
      lowestSurge = surge,
      fewest: fewestOf = instances,
    } = use
    const isOff = !mayRun(use)
    if (behind.length + others === 0) {
      if (!config.isBuiltIn && !isOff) noteIdle(tier, findings)
      continue
    }
    const live = behind.filter((pool) => mayRun(pool.use))
    noteWorkload(address, workload, stated, [], findings)
    noteSettings(tier, findings)
    const isReferred = others > 0 || behind.some(({ certain }) => certain)
    if (isOff || live.length + others === 0) {
      if (live.length + others > 0) noteOff(tier, live.length + others, findings)
      highest.push([address, UNOPENED])
      if (isReferred) lowest.push([address, UNOPENED])
      continue
    }
    if (surge > 0 && stated?.surge === undefined) noteSurge(address, instances, surge, findings)
    const most = pairsOf(live, others)
    const certain = live.filter((pool) => pool.certain)
    const least = fewest(pairsOf(certain, others))
    const fewestPools = Math.max(1, least.pools)
    if (fewestPools < most.pools) noteHidden(address, most, fewestPools, findings)
    const own = typeof stated?.poolSize === "number" ? { poolSize: stated.poolSize } : {}
    const at = (end: keyof Bounds, pairs: ClientPairs, processes: Processes) =>
      withFile(tier, end, pairs, processes, findings, own)
    // A template in its place may stand for none.
    const fewestProcesses = Math.max(1, lowestInstances)
    const minInstances = Math.min(fewestOf, fewestProcesses)
    const high = at("highest", most, { instances: Math.max(1, instances), minInstances, surge })
    const isSpread = high !== undefined && others === 0 && hasRoomForEach(high, live)
    const isOfSeveral = high !== undefined && isOfSeveralPools(high)
    if (config.isBuiltIn && hasHidden && high?.poolMode === "session")
      noteUneven(address, { isUnbounded: true }, findings)
    else if (isOfSeveral && !isSpread && fewestPools >= most.pools) noteUneven(address, {}, findings)
    // As many clients as the server has connections may be among those that cannot be seen.
    const kept = config.isBuiltIn && hasHidden ? clientConnectionsFor(1, ceiling ?? 0) : 0
    if (high !== undefined) {
      const room = Math.max(1, high.maxClientConnections - kept)
      // Where each pair has enough by itself, only the number of clients is left to compare.
      highest.push([address, { ...(isSpread ? spreadOverPools(high) : high), maxClientConnections: room }])
    }
    if (!isReferred) continue
    // Before its first client it opens nothing.
    const isOpen = least.pools > 0 && tier.isCertain && !config.isPaused
    const low = isOpen
      ? at("lowest", least, { instances: fewestProcesses, minInstances, surge: lowestSurge })
      : undefined
    const isEven = least.pools >= most.pools && fewestProcesses >= instances
    // More pools or processes, which take more of the server, have room for more clients.
    lowest.push([
      address,
      low === undefined ? UNOPENED : isEven ? spreadOverPools(low) : { ...low, ...ROOM_FOR_ALL },
    ])
  }
  return { lowest: Object.fromEntries(lowest), highest: Object.fromEntries(highest) }
}

const ROOM_FOR_ALL = { maxClientConnections: MAX_COUNT, poolMode: "transaction" } as const

/** The least that a pooler in a fleet may be, for one that opens nothing and is named by its clients all the same. */
const UNOPENED: Pooler = {
  instances: 1,
  surge: 0,
  pools: 1,
  poolSize: 1,
  reservePoolSize: 0,
  orphans: 0,
  ...ROOM_FOR_ALL,
}

/** True if no pair of a database and a user has more clients than its pools in the fewest processes. What a cap shares is not looked at. */
const hasRoomForEach = (pooler: Pooler, clients: readonly ResourcePool[]): boolean => {
  const { instances, minInstances = instances, poolSize, reservePoolSize = 0 } = pooler
  const isCapped = (pooler.maxDbConnections ?? 0) + (pooler.maxUserConnections ?? 0) > 0
  return !isCapped && mostOfPair(clients) <= sessionCapacity(minInstances, poolSize + reservePoolSize)
}

interface Processes {
  readonly instances: number
  readonly minInstances: number
  readonly surge: number
}

/** Returns a tier with the sizes of its settings. What is wrong with them is recorded at the highest. */
function withFile(
  { address, config }: DeployedTier,
  end: keyof Bounds,
  { pools, databases, users }: ClientPairs,
  processes: Processes,
  { unknowns, failures, issues }: Findings,
  own: Partial<Pick<Pooler, "poolSize">>,
): Pooler | undefined {
  const file = config[end]
  const server = { hosts: config.serverHosts, otherHosts: [], isOnly: true }
  const found = filePooler(file, server, { pools, databases, users, ...processes }, undefined, address)
  if (end === "highest") {
    unknowns.push(...found.unknowns.map((unknown) => ({ ...unknown, address })))
    failures.push(...file.failures, ...found.failures, ...fileConflicts(file).failures)
    issues.push(...file.issues, ...found.issues)
  }
  const pooler = found.bounds?.[end]
  if (pooler === undefined) return undefined
  const { poolSize = 1, maxClientConnections = 1, ...rest } = pooler
  return { ...rest, poolSize, maxClientConnections, ...own }
}
