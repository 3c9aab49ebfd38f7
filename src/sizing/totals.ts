import type { ParsedFleet } from "./parse-fleet.ts"

/** What consumers and jobs hold together when every pool is full, without what is reserved outside the fleet. */
export interface Totals {
  readonly steady: number
  readonly deploy: number
}

/** How large a {@link Totals} may be. */
export type Budget = Totals

/** What each connection in a pool is multiplied by: the pools of one consumer, or of several alike. */
export interface PoolCounts {
  readonly steadyPools: number
  readonly deployPools: number
}

/**
 * The one sum behind every check and every solved size. `sizes` are in the order of the loads; the jobs, which are at
 * work during a deploy as well, come as the connections that they hold at their peak.
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
 * What is left for consumers and jobs when the steady total fills so many per cent of the usable slots. A limit of the
 * database or the role has no threshold: it is stated for this very fleet.
 */
export function budgetOf({ usable, reservedOutside, limits }: ParsedFleet, fill: number): Budget {
  const deploy = Math.min(usable - reservedOutside, ...Object.values(limits).filter((limit) => limit >= 0))
  return { steady: Math.min(Math.floor((fill * usable) / 100) - reservedOutside, deploy), deploy }
}

export function isWithin(sum: Totals, room: Budget): boolean {
  return sum.steady <= room.steady && sum.deploy <= room.deploy
}

/** What bounds a fleet, by the field that states it. */
export type BoundName = "maxConnections" | "database" | "role"

/** One of the bounds, and what is held of it when every pool is full, in connections. */
export interface Bound {
  readonly name: BoundName
  /** What may be open: the usable slots of the server, or the limit of the database or role. */
  readonly limit: number
  /** Of that, what is held: for the server with what is reserved outside the fleet, for a limit without. */
  readonly total: number
  readonly deploy: {
    /** The same while a deploy rolls. */
    readonly total: number
  }
}

/** The bounds that the fleet has, the tightest first. */
export function boundsOf(
  { usable, reservedOutside, limits }: ParsedFleet,
  { steady, deploy }: Totals,
): Bound[] {
  const held = (name: BoundName, limit: number, beside: number): Bound => ({
    name,
    limit,
    total: beside + steady,
    deploy: { total: beside + deploy },
  })
  const stated = (["database", "role"] as const).filter((name) => limits[name] >= 0)
  const bounds = [
    held("maxConnections", usable, reservedOutside),
    ...stated.map((name) => held(name, limits[name], 0)),
  ]
  return bounds.sort((one, other) => one.limit - one.total - (other.limit - other.total))
}
