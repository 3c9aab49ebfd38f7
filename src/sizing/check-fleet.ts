import { PoolConfigError } from "../error.ts"
import type { ConcurrentRuns } from "../schedule/concurrent-runs.ts"
import { ALERT_PERCENT } from "./alert-threshold.ts"
import { explainTotals } from "./explain-totals.ts"
import { type SizedFleet, sizesOf, totalsFor } from "./fit-sizes.ts"
import type { ConsumerName, Fleet, Servers } from "./fleet.ts"
import { byName } from "./names.ts"
import { nextSteps } from "./next-steps.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import { type ParsedFleets, parseFleets } from "./parse-servers.ts"
import { type Bound, type BoundName, boundsOf, budgetOf } from "./totals.ts"

/** What one consumer holds when every pool of every instance is full. */
export interface ConsumerSum {
  /** `instances × poolSize × poolsPerInstance`, in connections. */
  readonly total: number
  readonly deploy: {
    /** The same with `instances + surge`. */
    readonly total: number
  }
}

/** The sums of a fleet when every pool is full, in connections, and the verdicts on them. */
export interface FleetCheck<Name extends string = string> {
  /** Everything that ordinary roles open: the reserved ones outside the fleet, all consumers, and the jobs' peak. */
  readonly total: number
  /** What ordinary roles may open: the ceiling without the server's own slots. Always 1 or more. */
  readonly usable: number
  /** `total` in per cent of `maxConnections`, rounded, for display: 100 may be just above, so ask `fits`. */
  readonly percent: number
  /** `total` in per cent of `usable`, rounded, for display. */
  readonly percentUsable: number
  /** `usable − total`; below 0, the shortfall. A limit may leave less: ask `bounds`. */
  readonly free: number
  /** Whether `total` is within `usable`, and consumers and jobs within the limits; the deploy has its own verdict. */
  readonly fits: boolean
  /** Whether `total` is above 80 % of `usable`: the sizing document's threshold ("Alertes à mettre en place"). */
  readonly alert: boolean
  /** The tightest of the bounds, by the field to raise. */
  readonly binding: BoundName
  /** All of them, the tightest first: the usable slots, and every limit that is stated. */
  readonly bounds: readonly Bound[]
  /** The same fleet while a deploy rolls. */
  readonly deploy: {
    /** `total` with the `surge` of every consumer beside its instances. */
    readonly total: number
    /** Whether that is within `usable` and the limits. The 80 % are for the steady total only. */
    readonly fits: boolean
  }
  /** The part of each consumer, under its own name. */
  readonly consumers: { readonly [name in Name]: ConsumerSum }
  /** The part of the jobs, the same in both sums: what `maxConcurrentRuns` answers. */
  readonly jobs: ConcurrentRuns
  /** The sums as text, one to a line. */
  readonly arithmetic: readonly string[]
  /** By how much it does not fit (or alerts), and what would: any one of them is enough. Empty when all is well. */
  readonly nextSteps: readonly string[]
}

export function buildCheck(fleet: ParsedFleet, sized: SizedFleet): FleetCheck {
  const { sum, sizes, runs } = sized
  const { maxConnections, usable, reservedOutside } = fleet
  const total = reservedOutside + sum.steady
  const deployTotal = reservedOutside + sum.deploy
  refuseInexact(fleet, deployTotal)

  const { deploy: room } = budgetOf(fleet, 100)
  const bounds = boundsOf(fleet, sum)
  const fits = sum.steady <= room
  const deployFits = sum.deploy <= room
  const alert = sum.steady > budgetOf(fleet, ALERT_PERCENT).steady
  return {
    total,
    usable,
    percent: Math.round((100 * total) / maxConnections),
    percentUsable: Math.round((100 * total) / usable),
    free: usable - total,
    fits,
    alert,
    binding: bounds[0]?.name ?? "maxConnections",
    bounds,
    deploy: { total: deployTotal, fits: deployFits },
    consumers: byName(
      fleet.consumers.map(({ name, steadyPools, deployPools }, index) => {
        const size = sizes[index] ?? 0
        return [name, { total: steadyPools * size, deploy: { total: deployPools * size } }] as const
      }),
    ),
    jobs: runs,
    arithmetic: explainTotals(fleet, sized),
    nextSteps: nextSteps(fleet, sized, fits && deployFits ? ALERT_PERCENT : 100),
  }
}

function refuseInexact({ path }: ParsedFleet, total: number): void {
  if (Number.isSafeInteger(total)) return
  throw new PoolConfigError([
    {
      name: path,
      problem: `adds up to more than ${Number.MAX_SAFE_INTEGER} connections, beyond exact numbers`,
      remedy: "Give the instances, pools and runs that there really are",
    },
  ])
}

/** One verdict for each server, and all of them together. */
export interface ServersCheck<Fleets extends Servers["servers"] = Servers["servers"]> {
  /** Whether every server's fleet fits. */
  readonly fits: boolean
  /** Whether any of them alerts. */
  readonly alert: boolean
  readonly deploy: {
    /** Whether every server's fleet fits while a deploy rolls. */
    readonly fits: boolean
  }
  readonly servers: { readonly [server in keyof Fleets]: FleetCheck<ConsumerName<Fleets[server]>> }
}

/**
 * Adds up everything that may connect to one server, and says whether it fits.
 *
 * `usable = maxConnections − superuserReserved − reservedConnections`; `total = Σ reserved + Σ instances ×
 * poolSize × poolsPerInstance + maxConcurrentRuns(jobs).connections`; it fits when `total ≤ usable`, and when the
 * consumers and jobs are within the `limits` of their database and role. Reproduces the tables of the sizing document
 * ("Recommandations par scénario"), which compare with `maxConnections`: that is `percent`. What ordinary roles
 * may really use is PostgreSQL's rule: https://www.postgresql.org/docs/current/runtime-config-connection.html
 *
 * With `servers` there is one verdict for each, since each has a ceiling of its own.
 *
 * A fleet that does not fit is an answer, not an error: `nextSteps` says what would. Takes time in proportion to the
 * consumers, under 10 ms for 1,000, and what `maxConcurrentRuns` takes for the jobs; the next steps of a fleet that
 * does not fit are solved for, as `sizeFleet` does.
 *
 * @throws PoolConfigError naming, with its dotted path (`consumers.api.instances`), every field that is missing,
 * unknown, or not a whole number in range; the server's own slots when they leave none; and a fleet so large that
 * its sum is no exact number.
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
