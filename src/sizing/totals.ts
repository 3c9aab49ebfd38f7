import type { ParsedFleet } from "./parse-fleet.ts"

/** The connections of all consumers and jobs when every pool is full, without those reserved outside the fleet. */
export interface Totals {
  readonly steady: number
  readonly deploy: number
}

/** The upper bounds of {@link Totals}. */
export type Budget = Totals

/** The factors of a pool size: the pools of one consumer, or of several with equal sizes. */
export interface PoolCounts {
  readonly steadyPools: number
  readonly deployPools: number
}

/**
 * Adds up a fleet, for every check and every solved size. `sizes` are in the order of the loads. `jobs` are the
 * connections of the jobs at their peak; they also run during a deploy.
 */
export function totalConnections(
  loads: readonly PoolCounts[],
  sizes: readonly number[],
  jobs: number,
): Totals {
  let steady = jobs
  let deploy = jobs
  loads.forEach((pools, index) => {
    const size = sizes[index] ?? 0
    steady += pools.steadyPools * size
    deploy += pools.deployPools * size
  })
  return { steady, deploy }
}

/**
 * Returns the connections available to consumers and jobs when the steady total fills `fill` per cent of the usable
 * slots. The threshold does not apply to a limit of the database or the role, since that is set for this fleet alone.
 */
export function budgetOf({ usable, reservedOutside, limits }: ParsedFleet, fill: number): Budget {
  const deploy = Math.min(usable - reservedOutside, ...Object.values(limits).filter((limit) => limit >= 0))
  return { steady: Math.min(Math.floor((fill * usable) / 100) - reservedOutside, deploy), deploy }
}

export function isWithin(sum: Totals, budget: Budget): boolean {
  return sum.steady <= budget.steady && sum.deploy <= budget.deploy
}

/** A bound of a fleet, named after its field. */
export type BoundName = "maxConnections" | "database" | "role"

/** One of the bounds, and its use when every pool is full, in connections. */
export interface Bound {
  readonly name: BoundName
  /** The usable slots of the server, or the limit of the database or role. */
  readonly limit: number
  /**
   * The connections that count against it. Those reserved outside the fleet count for the server, but not for a limit.
   */
  readonly total: number
  readonly deploy: {
    /** The same during a deploy. */
    readonly total: number
  }
}

/** Returns the bounds of the fleet, the tightest first. */
export function boundsOf(
  { usable, reservedOutside, limits }: ParsedFleet,
  { steady, deploy }: Totals,
): Bound[] {
  const bound = (name: BoundName, limit: number, outside: number): Bound => ({
    name,
    limit,
    total: outside + steady,
    deploy: { total: outside + deploy },
  })
  const limited = (["database", "role"] as const).filter((name) => limits[name] >= 0)
  const bounds = [
    bound("maxConnections", usable, reservedOutside),
    ...limited.map((name) => bound(name, limits[name], 0)),
  ]
  return bounds.sort((one, other) => one.limit - one.total - (other.limit - other.total))
}
