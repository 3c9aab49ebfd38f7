import { checkFleet, connectionLimitBySlots, type FleetCheck, reservedTotal } from "prisma-pool-config/sizing"
import type { Ceiling } from "../../test/support/seeded-server.ts"

/** The size of a node-postgres pool without any setting: `max` in its documentation. */
export const DRIVER_DEFAULT = 10

const RESERVED = { analytics: DRIVER_DEFAULT, monitoring: 1 }
const INSTANCES = { api: 1, "job-import-missions": 1, "job-export-stats": 1 }

export type ApplicationName = keyof typeof INSTANCES

/** The size that each pool gets on a server, and the check that they fit. */
export interface FleetPlan {
  readonly ceiling: Ceiling
  readonly poolSize: number
  readonly check: FleetCheck<ApplicationName>
}

/** Gives each pool as many connections as all can have: the formula by slots, and the check of its result. */
export function planFleet(ceiling: Ceiling): FleetPlan {
  const { maxConnections, ...serversOwn } = ceiling
  const poolSize = connectionLimitBySlots({
    maxConnections,
    apiInstances: INSTANCES.api,
    concurrentJobs: INSTANCES["job-import-missions"] + INSTANCES["job-export-stats"],
    reserved: reservedTotal({ ...serversOwn, reserved: RESERVED }),
  })
  return { ceiling, poolSize, check: sumWithPools(ceiling, poolSize) }
}

/** Checks the whole fleet with pools of that size. */
export function sumWithPools(ceiling: Ceiling, poolSize: number): FleetCheck<ApplicationName> {
  return checkFleet({
    ...ceiling,
    reserved: RESERVED,
    consumers: {
      api: { instances: INSTANCES.api, poolSize },
      "job-import-missions": { instances: INSTANCES["job-import-missions"], poolSize },
      "job-export-stats": { instances: INSTANCES["job-export-stats"], poolSize },
    },
  })
}

/** The sum, line by line. */
export function describeFleet({ ceiling, poolSize, check }: FleetPlan): string[] {
  const { maxConnections, superuserReserved, reservedConnections } = ceiling
  const item = (name: string, connections: number, note: string) =>
    `  ${name.padEnd(20)} ${String(connections).padStart(3)}  ${note}`.trimEnd()
  const verdict = check.fits ? `it fits, with ${check.free} free` : `it does not fit: ${-check.free} too many`
  return [
    item(
      "usable",
      check.usable,
      `max_connections ${maxConnections} − ${superuserReserved} for superusers`,
    ).concat(reservedConnections > 0 ? ` − ${reservedConnections} reserved` : ""),
    ...Object.entries(check.consumers).map(([name, { total }]) =>
      item(name, total, `${total / poolSize} instance × ${poolSize}`),
    ),
    item(
      "analytics",
      RESERVED.analytics,
      "the driver's default, in api: the legacy database has no pool setting",
    ),
    item("monitoring", RESERVED.monitoring, "this demo's own, to look at pg_stat_activity"),
    item("total", check.total, `${check.percentUsable} % of usable: ${verdict}`),
  ]
}
