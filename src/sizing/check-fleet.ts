import type { Fleet } from "./fleet.ts"
import { readFleet } from "./read-fleet.ts"
import { readInput } from "./read-input.ts"

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
  /** Everything that ordinary roles open: the reserved ones outside the fleet and all consumers. */
  readonly total: number
  /** What ordinary roles may open: the ceiling without the server's own slots. Always 1 or more. */
  readonly usable: number
  /** `total` in per cent of `maxConnections`, rounded, for display: 100 may be just above, so ask `fits`. */
  readonly percent: number
  /** `total` in per cent of `usable`, rounded, for display. */
  readonly percentUsable: number
  /** `usable − total`; below 0, the shortfall. */
  readonly free: number
  /** Whether `total` is within `usable`; the deploy has its own verdict. */
  readonly fits: boolean
  /** Whether `total` is above 80 % of `usable`: the sizing document's threshold ("Alertes à mettre en place"). */
  readonly alert: boolean
  /** The same fleet while a deploy rolls. */
  readonly deploy: {
    /** `total` with the `surge` of every consumer beside its instances. */
    readonly total: number
    /** Whether that is within `usable`. */
    readonly fits: boolean
  }
  /** The part of each consumer, under its own name. */
  readonly consumers: { readonly [name in Name]: ConsumerSum }
}

/**
 * Adds up everything that may connect to one server, and says whether it fits.
 *
 * `usable = maxConnections − superuserReserved − reservedConnections`; `total = Σ reserved + Σ instances ×
 * poolSize × poolsPerInstance`; it fits when `total ≤ usable`. Reproduces the tables of the sizing document
 * ("Recommandations par scénario"), which compare with `maxConnections`: that is `percent`. What ordinary roles
 * may really use is PostgreSQL's rule: https://www.postgresql.org/docs/current/runtime-config-connection.html
 *
 * A fleet that does not fit is an answer, not an error.
 *
 * @throws PoolConfigError naming, with its dotted path (`consumers.api.instances`), every field that is missing,
 * unknown, or not a whole number in range; and the server's own slots when they leave none.
 * @example
 * ```ts
 * const { total, percent, fits } = checkFleet({
 *   maxConnections: 100,
 *   reserved: { others: 10 },
 *   consumers: { api: { instances: 1, poolSize: 30 }, jobs: { instances: 2, poolSize: 10 } },
 * }) // total 60, percent 60, fits true
 * ```
 */
export function checkFleet<Name extends string>(fleet: Fleet<Name>): FleetCheck<Name> {
  const { maxConnections, server, outside, consumers } = readInput(fleet, "fleet", readFleet)
  const sums = consumers.map(({ name, instances, poolSize, poolsPerInstance, surge }) => {
    const perInstance = poolSize * poolsPerInstance
    return { name, total: instances * perInstance, deploy: { total: (instances + surge) * perInstance } }
  })

  const usable = maxConnections - server
  const total = sums.reduce((sum, consumer) => sum + consumer.total, outside)
  const deployTotal = sums.reduce((sum, consumer) => sum + consumer.deploy.total, outside)
  return {
    total,
    usable,
    percent: Math.round((100 * total) / maxConnections),
    percentUsable: Math.round((100 * total) / usable),
    free: usable - total,
    fits: total <= usable,
    alert: 5 * total > 4 * usable, // 80 % without a fraction, as every verdict here
    deploy: { total: deployTotal, fits: deployTotal <= usable },
    // fromEntries defines its keys, so that a consumer named __proto__ is a key like any other.
    consumers: Object.fromEntries(
      sums.map(({ name, ...sum }) => [name, sum]),
    ) as FleetCheck<Name>["consumers"],
  }
}
