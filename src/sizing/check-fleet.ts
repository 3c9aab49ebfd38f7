import { PoolConfigError } from "../error.ts"
import type { ConcurrentRuns } from "../schedule/concurrent-runs.ts"
import { ALERT_PERCENT } from "./alert-threshold.ts"
import type { Phases } from "./auto-budget.ts"
import { crowdsOf, withCrowds } from "./crowding.ts"
import { explainTotals } from "./explain-totals.ts"
import { type SizedFleet, sizesOf, totalsFor } from "./fit-sizes.ts"
import type { ConsumerName, Fleet, Servers } from "./fleet.ts"
import { byName } from "./names.ts"
import { nextSteps } from "./next-steps.ts"
import type { ParsedConsumer } from "./parse-consumers.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import { type ParsedFleets, parseFleets } from "./parse-servers.ts"
import {
  areClientsWithin,
  type PoolerSum,
  poolerSums,
  type Tier,
  type TierName,
  tiersOf,
} from "./pooler-check.ts"
import { type Bound, type BoundName, boundsOf, budgetOf, excess, heldBy, loginsOf } from "./totals.ts"

/** The connections of one consumer when every pool of every instance is full: to the server, or to its `pooler`. */
export interface ConsumerSum {
  /** `instances × poolSize × poolsPerInstance`, in connections; with `poolSize: "auto"`, the budget and `logins`. */
  readonly total: number
  readonly deploy: {
    /** The same with `instances + surge`. */
    readonly total: number
  }
  /**
   * Only with `poolSize: "auto"`: logins that its pools may have under way beside the budget. They take slots of the server,
   * and do not count against a limit of the database or the role.
   */
  readonly logins?: Phases
  /** Only behind a pooler: its name. They are its clients then, and not in the totals of the server. */
  readonly pooler?: string
}

/** The totals of a fleet when every pool is full, in connections, and the verdicts on them. */
export interface FleetCheck<Name extends string = string> {
  /**
   * All connections of ordinary roles: those reserved outside the fleet, all consumers, and the jobs' peak. Of those behind a
   * pooler, what the pooler takes in place of them.
   */
  readonly total: number
  /** Connections that ordinary roles may open: `maxConnections` without the server's own slots. Always 1 or more. */
  readonly usable: number
  /** `total` in per cent of `maxConnections`, rounded, for display. 100 may be just above the limit: use `fits`. */
  readonly percent: number
  /** `total` in per cent of `usable`, rounded, for display. */
  readonly percentUsable: number
  /** `usable − total`; a negative value is the shortfall. A limit may leave less: see `bounds`. */
  readonly free: number
  /**
   * True if `total` is within `usable`, and consumers and jobs within the limits; and if no budget has fewer connections than
   * pools that share them; and if the clients of every pooler are within what it takes. The deploy has its own verdict.
   */
  readonly fits: boolean
  /** True if `total` is above 80 % of `usable`, the threshold from docs/sizing.md ("What to watch"). */
  readonly alert: boolean
  /** The tightest of the bounds, by the field to raise. */
  readonly binding: BoundName
  /** All bounds, the tightest first: the usable slots, and every limit that is set. */
  readonly bounds: readonly Bound[]
  /** The same fleet during a deploy. */
  readonly deploy: {
    /** `total` with the `surge` of every consumer added to its instances. */
    readonly total: number
    /** True if that is within `usable` and the limits. The 80 % apply only to the steady total. */
    readonly fits: boolean
  }
  /** The part of each consumer, by its name. */
  readonly consumers: { readonly [name in Name]: ConsumerSum }
  /** The part of the jobs that connect to the server, the same in both totals: the result of `maxConcurrentRuns`. */
  readonly jobs: ConcurrentRuns
  /** Only with poolers: both sides of each, by its name. */
  readonly poolers?: Readonly<Record<string, PoolerSum>>
  /** Only with poolers: the verdict on each tier, the fullest first. */
  readonly tiers?: readonly Tier[]
  /** Only with poolers: the fullest tier. `binding` is about the server's own. */
  readonly bindingTier?: TierName
  /** The totals as text, one per line. */
  readonly arithmetic: readonly string[]
  /**
   * The excess, and the changes that would make it fit (or not alert): any one is enough, but for those that are said to be
   * needed beside any other. Empty if all is well.
   */
  readonly nextSteps: readonly string[]
  /** What fits and will cause trouble: a budget that gives most of its pools 1 connection. Empty if there is nothing. */
  readonly warnings: readonly string[]
}

export function buildCheck(fleet: ParsedFleet, sized: SizedFleet): FleetCheck {
  const { sum, sizes, runs } = sized
  const { maxConnections, usable, reservedOutside } = fleet
  const total = reservedOutside + sum.steady
  const deployTotal = reservedOutside + sum.deploy
  refuseInexact(fleet, deployTotal)

  const over = excess(sum, budgetOf(fleet, 100))
  const bounds = boundsOf(fleet, sum)
  const crowds = crowdsOf(fleet.consumers, sizes)
  const serverFits = over.steady <= 0 && !crowds.some(({ isOver }) => isOver.steady)
  const serverDeployFits = over.deploy <= 0 && !crowds.some(({ isOver }) => isOver.deploy)
  const poolers = poolerSums(fleet, sized)
  const clients = areClientsWithin(poolers)
  const fits = serverFits && clients.steady
  const deployFits = serverDeployFits && clients.deploy
  const alert = excess(sum, budgetOf(fleet, ALERT_PERCENT)).steady > 0
  return {
    total,
    usable,
    percent: Math.round((100 * total) / maxConnections),
    percentUsable: Math.round((100 * total) / usable),
    free: usable - total,
    fits,
    alert,
    binding: bounds[0].name,
    bounds,
    deploy: { total: deployTotal, fits: deployFits },
    consumers: byName(
      fleet.consumers.map((consumer, index) => [consumer.name, consumerSum(consumer, sizes[index] ?? 0)]),
    ),
    jobs: runs,
    ...(fleet.poolers.length === 0
      ? {}
      : withTiers(poolers, tiersOf(poolers, { bounds, fits: serverFits, deployFits: serverDeployFits }))),
    arithmetic: explainTotals(fleet, sized),
    nextSteps: withCrowds(crowds, nextSteps(fleet, sized, fits && deployFits ? ALERT_PERCENT : 100)),
    warnings: crowds.filter(({ isOver }) => !isOver.deploy).map(({ text }) => text),
  }
}

const withTiers = (poolers: Readonly<Record<string, PoolerSum>>, tiers: readonly [Tier, ...Tier[]]) => ({
  poolers,
  tiers,
  bindingTier: tiers[0].name,
})

function consumerSum(consumer: ParsedConsumer, size: number): ConsumerSum {
  const { shared, pooler } = consumer
  const logins = loginsOf(consumer, size)
  return {
    total: heldBy(consumer, size, "steady") + logins.steady,
    deploy: { total: heldBy(consumer, size, "deploy") + logins.deploy },
    ...(shared === undefined ? {} : { logins }),
    ...(pooler === undefined ? {} : { pooler }),
  }
}

function refuseInexact({ path }: ParsedFleet, total: number): void {
  if (Number.isSafeInteger(total)) return
  throw new PoolConfigError([
    {
      name: path,
      problem: `adds up to more than ${Number.MAX_SAFE_INTEGER} connections, beyond the range of exact integers`,
      remedy: "Give the actual numbers of instances, pools and runs",
    },
  ])
}

/** A verdict for each server, and one for all of them together. */
export interface ServersCheck<Fleets extends Servers["servers"] = Servers["servers"]> {
  /** True if every server's fleet fits. */
  readonly fits: boolean
  /** True if any of them alerts. */
  readonly alert: boolean
  readonly deploy: {
    /** True if every server's fleet fits during a deploy. */
    readonly fits: boolean
  }
  readonly servers: { readonly [server in keyof Fleets]: FleetCheck<ConsumerName<Fleets[server]>> }
}

/**
 * Adds up everything that may connect to one server, and checks that it fits.
 *
 * - `usable = maxConnections − superuserReserved − reservedConnections − providerReserved`
 * - `total = Σ reserved + Σ instances × poolSize × poolsPerInstance + maxConcurrentRuns(jobs).connections`; a consumer with
 *   `poolSize: "auto"` counts with its `budget`, and one login for each pool beside it, whatever its number of instances
 * - It fits if `total ≤ usable`, and if consumers and jobs are within the `limits` of their database and role.
 * - Of those behind a pooler, the server sees what the pooler opens: its processes times its pools, a deploy of the pooler
 *   included, and backends that run on without a client. Their own connections are its clients, which must be
 *   within 80 % of its `instances × maxClientConnections`. docs/pooler.md has the whole sum.
 *
 * Reproduces the scenarios in docs/sizing.md, which compare with `maxConnections`: that is `percent`. `usable` follows
 * PostgreSQL's rule for ordinary roles: https://www.postgresql.org/docs/current/runtime-config-connection.html
 *
 * With `servers`, each server gets its own verdict, since each has its own ceiling.
 *
 * A fleet that does not fit is a result, not an error: `nextSteps` lists the remedies. The time is proportional to the
 * number of consumers, under 10 ms for 1,000, plus that of `maxConcurrentRuns` for the jobs. The next steps of a fleet
 * that does not fit are solved for, as in `sizeFleet`.
 *
 * @throws PoolConfigError naming, with its dotted path (`consumers.api.instances`), every field that is missing,
 * unknown, or not a whole number in range; the server's own slots if they leave none; and a fleet so large that
 * its total is not an exact integer.
 * @example
 * ```ts
 * const { total, percent, fits } = checkFleet({
 *   maxConnections: 100,
 *   reserved: { others: 10 },
 *   consumers: { api: { instances: 1, poolSize: 30 }, jobs: { instances: 2, poolSize: 10 } },
 * }) // total 60, percent 60, fits true
 * ```
 * @example
 * ```ts
 * const { fits, servers } = checkFleet({
 *   servers: {
 *     primary: { maxConnections: 100, consumers: { api: { instances: 3, poolSize: 20 } } },
 *     replica: { maxConnections: 50, consumers: { api: { instances: 3, poolSize: 20 } } },
 *   },
 * }) // fits false: servers.replica.free is −13
 * ```
 */
export function checkFleet<Name extends string>(fleet: Fleet<Name>): FleetCheck<Name>
export function checkFleet<Fleets extends Servers["servers"]>(servers: Servers<Fleets>): ServersCheck<Fleets>
export function checkFleet(input: Fleet | Servers): FleetCheck | ServersCheck {
  return checkFleets(parseFleets(input, "sized"))
}

function checkFleets(fleets: ParsedFleets): FleetCheck | ServersCheck {
  if ("fleet" in fleets) return check(fleets.fleet)
  const servers = fleets.servers.map(([name, fleet]) => [name, check(fleet)] as const)
  const checks = servers.map(([, each]) => each)
  return {
    fits: checks.every(({ fits }) => fits),
    alert: checks.some(({ alert }) => alert),
    deploy: { fits: checks.every(({ deploy }) => deploy.fits) },
    servers: byName(servers),
  }
}

/** Adds up a fleet that has all of its sizes. */
export const check = (fleet: ParsedFleet): FleetCheck =>
  buildCheck(
    fleet,
    totalsFor(
      fleet,
      sizesOf(fleet).map(({ min }) => min),
    ),
  )
