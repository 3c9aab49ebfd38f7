import { PoolConfigError, receivedArgument } from "../../error.ts"
import { metricsOf, openPools, type PoolMetrics } from "../../pool/pool-metrics.ts"
import { poolOf } from "./pool-stats.ts"

/** The names under which pools are measured, each of them one pool's at a time. */
export interface PoolNames {
  /** The pools that are to be measured now. */
  current(): ReadonlyMap<PoolMetrics, string>
}

/** The names that the user gives. */
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
          // There is no URL yet, and no pool either.
        }
      }
      return names
    },
  }
}

/** Every open pool of the process, as `host:port/database`, and ` #2` and so on where several have the same. */
export function automaticNames(): PoolNames {
  const names = new WeakMap<PoolMetrics, string>()
  return {
    current() {
      const current = new Map<PoolMetrics, string>()
      const taken = new Set<string>()
      // A pool that was named keeps its name, unless it was closed and another has it now.
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
