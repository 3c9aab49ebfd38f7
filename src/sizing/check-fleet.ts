import { byName } from "./by-name.ts"
import { sized, sizesOf } from "./fit-sizes.ts"
import type { ConsumerName, Fleet, Servers } from "./fleet.ts"
import { type FleetCheck, fleetCheck } from "./fleet-check.ts"
import type { ReadFleet } from "./parse-fleet.ts"
import { readFleets } from "./parse-servers.ts"

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
  const read = readFleets(input, false)
  if ("fleet" in read) return checked(read.fleet)
  const servers = read.servers.map(([name, fleet]) => [name, checked(fleet)] as const)
  const checks = servers.map(([, check]) => check)
  return {
    fits: checks.every(({ fits }) => fits),
    alert: checks.some(({ alert }) => alert),
    deploy: { fits: checks.every(({ deploy }) => deploy.fits) },
    servers: byName(servers),
  }
}

const checked = (fleet: ReadFleet): FleetCheck =>
  fleetCheck(
    fleet,
    sized(
      fleet,
      sizesOf(fleet).map(({ min }) => min),
    ),
  )
