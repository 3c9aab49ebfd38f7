import { budgetAt, joiningSlots, type Phases, type SharedBudget } from "./auto-budget.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import type { ParsedPooler } from "./parse-poolers.ts"
import { type Clients, clientExcess, type PoolerTotals, poolerTotals, takenBy } from "./pooler-totals.ts"

/** The connections of all consumers and jobs when every pool is full, without those reserved outside the fleet. */
export interface Totals extends Phases {
  /**
   * Those of them that are logins beside a budget that is used up. They hold a slot of the server until a limit of the
   * database or the role refuses them, and so do not count against that limit.
   */
  readonly logins: Phases
  /** Of each pooler. What it takes of the server is in the sums, and its clients are not. */
  readonly poolers: readonly PoolerTotals[]
}

/** The upper bounds of {@link Totals}. */
export interface Budget extends Phases {
  /** The tightest limit of the database or the role; Infinity where there is none. */
  readonly limit: number
}

/** The factors of a pool size: the pools of one consumer, or of several with equal sizes. */
export interface PoolCounts {
  readonly steadyPools: number
  readonly deployPools: number
  readonly shared?: SharedBudget
  /** The pooler whose clients they are. */
  readonly pooler?: string
  readonly poolsPerInstance: number
}

/** The connections of the jobs at their peak: they also run during a deploy. */
export interface JobTotals {
  /** Of those that connect to the server. */
  readonly direct: number
  /** Of the clients of each pooler, and of their largest run; those of a pooler are at a peak of their own. */
  readonly behind: ReadonlyMap<string, { readonly clients: number; readonly largest: number }>
}

const NONE: Phases = { steady: 0, deploy: 0 }

/**
 * The logins that the pools of a consumer may have under way beside its budget: one for each pool, or as many as the budget
 * keeps for newcomers, where the pools are not known.
 */
export function loginsOf({ shared }: Pick<PoolCounts, "shared">, size: number): Phases {
  if (shared === undefined) return NONE
  const { pools } = shared
  if (pools !== undefined) return pools
  const assumed = joiningSlots(budgetAt(shared, size))
  return { steady: assumed, deploy: assumed }
}

/** The connections of a consumer's pools at a size, without logins. */
export function heldBy(
  { steadyPools, deployPools, shared }: PoolCounts,
  size: number,
  phase: keyof Phases,
): number {
  const pools = phase === "steady" ? steadyPools : deployPools
  if (shared === undefined) return pools * size
  return pools === 0 ? 0 : budgetAt(shared, size)
}

/**
 * Adds up a fleet, for every check and every solved size.
 *
 * @param sizes in the order of the loads
 * @param poolerSizes in the order of the poolers
 */
export function totalConnections(
  loads: readonly PoolCounts[],
  sizes: readonly number[],
  jobs: JobTotals,
  poolers: readonly ParsedPooler[] = [],
  poolerSizes: readonly number[] = [],
): Totals {
  let steady = jobs.direct
  let deploy = jobs.direct
  const logins = { steady: 0, deploy: 0 }
  loads.forEach((pools, index) => {
    if (pools.pooler !== undefined) return
    const size = sizes[index] ?? 0
    const own = loginsOf(pools, size)
    logins.steady += own.steady
    logins.deploy += own.deploy
    steady += heldBy(pools, size, "steady") + own.steady
    deploy += heldBy(pools, size, "deploy") + own.deploy
  })
  const ofPoolers = poolers.map((pooler, index) =>
    poolerTotals(pooler, poolerSizes[index] ?? 0, clientsOf(pooler.name, loads, sizes, jobs)),
  )
  for (const taken of ofPoolers.map(takenBy)) {
    steady += taken.steady
    deploy += taken.deploy
  }
  return { steady, deploy, logins, poolers: ofPoolers }
}

function clientsOf(
  name: string,
  loads: readonly PoolCounts[],
  sizes: readonly number[],
  { behind }: JobTotals,
): Clients {
  const { clients = 0, largest: largestRun = 0 } = behind.get(name) ?? {}
  const all = { steady: clients, deploy: clients }
  const largest = { steady: largestRun, deploy: largestRun }
  loads.forEach((pools, index) => {
    if (pools.pooler !== name) return
    const size = sizes[index] ?? 0
    for (const phase of ["steady", "deploy"] as const) {
      const held = heldBy(pools, size, phase)
      all[phase] += held
      largest[phase] = Math.max(largest[phase], Math.min(held, pools.poolsPerInstance * size))
    }
  })
  return { all, largest }
}

/**
 * Returns the connections available to consumers and jobs when the steady total fills `fill` per cent of the usable
 * slots. The threshold does not apply to a limit of the database or the role, since that is set for this fleet alone.
 */
export function budgetOf({ usable, reservedOutside, limits }: ParsedFleet, fill: number): Budget {
  return {
    steady: Math.floor((fill * usable) / 100) - reservedOutside,
    deploy: usable - reservedOutside,
    limit: Math.min(Number.POSITIVE_INFINITY, ...Object.values(limits).filter((limit) => limit >= 0)),
  }
}

/** Returns how far the totals are above a budget; below zero, what is left. The clients of poolers have {@link clientExcess}. */
export function excess({ steady, deploy, logins }: Totals, budget: Budget): Phases {
  return {
    steady: Math.max(steady - budget.steady, steady - logins.steady - budget.limit),
    deploy: Math.max(deploy - budget.deploy, deploy - logins.deploy - budget.limit),
  }
}

/** True if the totals are within a budget, and the clients of each pooler within what it takes. */
export function isWithin(sum: Totals, budget: Budget): boolean {
  const over = [excess(sum, budget), ...sum.poolers.map(clientExcess)]
  return over.every(({ steady, deploy }) => steady <= 0 && deploy <= 0)
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
  { steady, deploy, logins }: Totals,
): readonly [Bound, ...Bound[]] {
  const bound = (name: BoundName, limit: number, outside: number, refused: Phases): Bound => ({
    name,
    limit,
    total: outside + steady - refused.steady,
    deploy: { total: outside + deploy - refused.deploy },
  })
  const limited = (["database", "role"] as const).filter((name) => limits[name] >= 0)
  const server = bound("maxConnections", usable, reservedOutside, NONE)
  const [first = server, ...others] = [
    server,
    ...limited.map((name) => bound(name, limits[name], 0, logins)),
  ].sort((one, other) => one.limit - one.total - (other.limit - other.total))
  return [first, ...others]
}
