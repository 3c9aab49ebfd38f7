import { type FleetSizing, sizeFleet } from "../../src/sizing/index.ts"
import type { Ceiling } from "../../test/support/seeded-server.ts"

type Sizing = FleetSizing<"api" | "jobs">

/** The instances and jobs of a storm, and the sizes that this package plans for them. */
export interface StormFleet {
  readonly instances: number
  readonly jobs: number
  readonly sizing: Sizing
  /** The same with a budget that the instances share. */
  readonly auto: Sizing
  /** The same behind a PgBouncer of one process, which is there before and after the deploy. */
  readonly pooled: Sizing
}

/** So many that the driver's default of 10 connections for each is too many somewhere on a server of this ceiling. */
export const fleetOf = (maxConnections: number) =>
  maxConnections < 60 ? { instances: 2, jobs: 2 } : { instances: 3, jobs: Math.ceil(maxConnections / 20) }

/** What fits a server, while a deploy doubles the API: what `prisma-pool plan` says of the same declaration. */
export function planStorm({ maxConnections, ...serversOwn }: Ceiling): StormFleet {
  const { instances, jobs } = fleetOf(maxConnections)
  const server = {
    maxConnections,
    ...serversOwn,
    // The harness's own, to look at pg_stat_activity.
    reserved: { monitoring: 1 },
  }
  const api = { instances, surge: instances, weight: 2 }
  const sizing = sizeFleet({ ...server, consumers: { api, jobs: { instances: jobs } } })
  const auto = sizeFleet({
    ...server,
    consumers: { api: { ...api, poolSize: "auto" }, jobs: { instances: jobs } },
  })
  const pooler = "pgbouncer"
  const pooled = sizeFleet({
    ...server,
    consumers: { api: { ...api, pooler }, jobs: { instances: jobs, pooler } },
    poolers: { [pooler]: { instances: 1 } },
  })
  for (const { fits, nextSteps } of [sizing, auto, pooled]) {
    if (!fits) throw new Error(`the fleet cannot fit: ${nextSteps.join("; ")}`)
  }
  return { instances, jobs, sizing, auto, pooled }
}
