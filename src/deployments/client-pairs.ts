import { isTemplate } from "./destination.ts"
import type { ResourcePool } from "./resource-pool.ts"

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
  for (const { leadsTo, destination = leadsTo } of clients) {
    const { database, user } = destination ?? {}
    if (database === undefined || user === undefined || isTemplate(database) || isTemplate(user)) hidden += 1
    else seen.set(JSON.stringify([database, user]), [database, user])
  }
  const pairs = [...seen.values()]
  return {
    pools: pairs.length + hidden,
    databases: new Set(pairs.map(([database]) => database)).size + hidden,
    users: new Set(pairs.map(([, user]) => user)).size + hidden,
    hidden,
  }
}

/** The fewest pools: those that cannot be seen may all be the same, or one that is seen. */
export function fewest({ pools, databases, users, hidden }: ClientPairs): ClientPairs {
  const same = pools > hidden ? hidden : hidden - 1
  if (hidden === 0) return { pools, databases, users, hidden }
  return { pools: pools - same, databases: databases - same, users: users - same, hidden: 0 }
}
