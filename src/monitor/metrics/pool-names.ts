import { PoolConfigError, receivedArgument } from "../../error.ts"
import { metricsOf, openPools, type PoolMetrics } from "../../pool/pool-metrics.ts"
import { poolOf } from "./pool-stats.ts"

/** The names under which pools are measured; each names at most one pool at a time. */
export interface PoolNames {
  /** The pools to measure now, with their names. */
  current(): ReadonlyMap<PoolMetrics, string>
}

/** Names given by the user. */
export function givenNames(pools: Readonly<Record<string, object>>): PoolNames {
  if (typeof pools !== "object" || pools === null || metricsOf(pools) !== undefined) {
    const remedy =
      "Give clients by name ({ core: prismaCore }), or leave it out for every pool of the process"
    throw new PoolConfigError([{ name: "pools", problem: receivedArgument(pools), remedy }])
  }
  const named = Object.entries(pools).map(
    ([name, client]) => [name, poolOf(client, `pools.${name}`)] as const,
  )
  return {
    current() {
      const names = new Map<PoolMetrics, string>()
      for (const [name, metrics] of named) {
        try {
          const pool = metrics()
          // Two clients that share a pool are one pool, and counted once.
          if (!names.has(pool)) names.set(pool, name)
        } catch {
          // Without a URL there is no pool yet.
        }
      }
      return names
    },
  }
}

/** The names that pools have got: metrics and traces have the same. */
const names = new WeakMap<PoolMetrics, string>()

/** Names every open pool of the process `host:port/database`, with ` #2` and so on if several have the same. */
export function automaticNames(): PoolNames {
  return {
    current() {
      const current = new Map<PoolMetrics, string>()
      const taken = new Set<string>()
      // A pool keeps its name, unless it was closed in between and another pool has the name now.
      for (const pool of openPools()) {
        const name = names.get(pool)
        if (name === undefined || taken.has(name)) continue
        taken.add(name)
        current.set(pool, name)
      }
      for (const pool of openPools()) {
        if (current.has(pool)) continue
        let name = pool.name
        for (let number = 2; taken.has(name); number++) name = `${pool.name} #${number}`
        taken.add(name)
        names.set(pool, name)
        current.set(pool, name)
      }
      return current
    },
  }
}
