import { isTemplate } from "./destination.ts"
import { isService, type ResourcePool } from "./resource-pool.ts"

/** The databases and users of the clients of a pooler, which has a pool for each pair. */
export interface ClientPairs {
  readonly pools: number
  readonly databases: number
  readonly users: number
  /** The clients whose database or user cannot be seen: each counts as a pair of its own. */
  readonly hidden: number
}

/** Finds the most pairs: clients that cannot be seen may each be one. */
export function pairsOf(clients: readonly ResourcePool[], others: number): ClientPairs {
  const seen = new Map<string, readonly [database: string, user: string]>()
  let hidden = others
  for (const client of clients) {
    const pair = pairOf(client)
    if (pair === undefined) hidden += 1
    else seen.set(JSON.stringify(pair), pair)
  }
  const pairs = [...seen.values()]
  return {
    pools: pairs.length + hidden,
    databases: new Set(pairs.map(([database]) => database)).size + hidden,
    users: new Set(pairs.map(([, user]) => user)).size + hidden,
    hidden,
  }
}

/** Returns the most clients that a pair has in a deploy: those that cannot be seen may be of any. Nobody knows of a job how often it runs at a time. */
export function mostOfPair(clients: readonly ResourcePool[]): number {
  const seen = new Map<string, number>()
  let hidden = 0
  for (const client of clients) {
    const { use, size, poolsPerInstance } = client
    const count = isService(use)
      ? (use.instances + use.surge) * poolsPerInstance * size.highest
      : Number.POSITIVE_INFINITY
    const pair = pairOf(client)
    if (pair === undefined) hidden += count
    else seen.set(JSON.stringify(pair), (seen.get(JSON.stringify(pair)) ?? 0) + count)
  }
  return Math.max(0, ...seen.values()) + hidden
}

/** The database and the user of a client; undefined if either cannot be seen. */
function pairOf({
  leadsTo,
  destination = leadsTo,
}: ResourcePool): readonly [database: string, user: string] | undefined {
  const { database, user } = destination ?? {}
  if (database === undefined || user === undefined || isTemplate(database) || isTemplate(user))
    return undefined
  return [database, user]
}

/** The fewest pools: those that cannot be seen may all be the same, or one that is seen. */
export function fewest({ pools, databases, users, hidden }: ClientPairs): ClientPairs {
  const same = pools > hidden ? hidden : hidden - 1
  if (hidden === 0) return { pools, databases, users, hidden }
  return { pools: pools - same, databases: databases - same, users: users - same, hidden: 0 }
}
