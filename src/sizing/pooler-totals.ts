import type { Phases } from "./auto-budget.ts"
import { leastInPool, mostInProcess } from "./capped-pools.ts"
import type { ParsedPooler } from "./parse-poolers.ts"

/** Connections of the clients of a pooler when every pool of every instance is full. */
export interface Clients {
  readonly all: Phases
  /** Those of the largest instance, or run, which may vanish at once. */
  readonly largest: Phases
}

/** The two sides of a pooler at its worst instant. */
export interface PoolerTotals {
  /** What its processes may open to the server. */
  readonly server: Phases
  /** What the fewest processes have for clients that are all in one pool, the smallest. */
  readonly sessions: number
  /** Backends whose client vanished in a query, which run on beside those. */
  readonly orphans: Phases
  readonly clients: Clients
  /** The clients that its processes take, less the slack; Infinity where it is as much as they need. */
  readonly capacity: number
}

/**
 * The share of `max_client_conn` that clients may fill, in per cent. `max_client_conn` counts logins and cancel requests too,
 * and processes that share a port, or replicas behind a balancer, get their clients unevenly: one is full while the others have room.
 */
export const CLIENT_PERCENT = 80

/** The clients that fit so many processes, of which each takes as many. */
export const clientCapacity = (instances: number, each: number): number =>
  Math.floor((CLIENT_PERCENT * instances * each) / 100)

/** The clients of session mode that have a connection each, where one process has so many: several processes get them unevenly. */
export const sessionCapacity = (instances: number, each: number): number =>
  instances > 1 ? clientCapacity(instances, each) : each

/** The least `max_client_conn` with which so many processes take these clients. */
export const clientConnectionsFor = (instances: number, clients: number): number =>
  Math.ceil((100 * clients) / (CLIENT_PERCENT * instances))

/** Adds up both sides of a pooler. A deploy runs `surge` more processes, with pools of their own, for the same clients. */
export function poolerTotals(
  pooler: Pick<
    ParsedPooler,
    | "instances"
    | "minInstances"
    | "surge"
    | "mode"
    | "pools"
    | "clientPools"
    | "orphans"
    | "maxClientConnections"
  >,
  size: number,
  clients: Clients,
): PoolerTotals {
  const { instances, minInstances, surge, mode, pools, clientPools, orphans, maxClientConnections } = pooler
  const each = mostInProcess(pools, size)
  const sessions = sessionCapacity(minInstances, leastInPool(clientPools, size))
  const server = { steady: instances * each, deploy: (instances + surge) * each }
  // A backend without a client was one with a client: there are no more of them than of those.
  const left = (phase: keyof Phases) => orphans ?? Math.min(server[phase], clients.largest[phase])
  return {
    server,
    sessions,
    orphans: { steady: left("steady"), deploy: left("deploy") },
    clients,
    capacity: Math.min(
      maxClientConnections === undefined
        ? Number.POSITIVE_INFINITY
        : clientCapacity(minInstances, maxClientConnections),
      // A deploy of the clients may find no more processes of the pooler.
      mode === "session" ? sessions : Number.POSITIVE_INFINITY,
    ),
  }
}

/** True if the clients of a pooler are limited by what its pools have, and not by how many clients it accepts. */
export const isLimitedBySessions = (
  {
    mode,
    minInstances,
    maxClientConnections,
  }: Pick<ParsedPooler, "mode" | "minInstances" | "maxClientConnections">,
  { sessions }: Pick<PoolerTotals, "sessions">,
): boolean =>
  mode === "session" &&
  (maxClientConnections === undefined || sessions < clientCapacity(minInstances, maxClientConnections))

/** What a pooler takes of the server. */
export const takenBy = ({ server, orphans }: Pick<PoolerTotals, "server" | "orphans">): Phases => ({
  steady: server.steady + orphans.steady,
  deploy: server.deploy + orphans.deploy,
})

/** Returns how many clients are above what the pooler takes; below zero, how many more it would take. */
export const clientExcess = ({ clients: { all }, capacity }: PoolerTotals): Phases => ({
  steady: all.steady - capacity,
  deploy: all.deploy - capacity,
})
