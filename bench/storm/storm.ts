// The same fleet seven ways, in turn, against servers with small ceilings: who is refused, who waits, what is served.

import { setTimeout as sleep } from "node:timers/promises"
import { startSampler } from "../../test/support/sampler.ts"
import { readCeiling, startServer } from "../../test/support/seeded-server.ts"
import { startInstance } from "../instance.ts"
import type { Counts } from "../processes/counts.ts"
import type { Way } from "../processes/ways.ts"
import type { Ground, Scenario } from "../scenario.ts"
import { quantile } from "../statistics.ts"
import { stormCharts } from "./charts.ts"
import { planStorm } from "./fleet.ts"
import { stormPage, stormReport } from "./report.ts"
import { runStorm, type StormLength, type StormRun } from "./run-storm.ts"
import { ORDER } from "./ways.ts"

export const CEILINGS = [20, 40, 100] as const

const LENGTH: StormLength = { steady: 500, overlap: 500, idle: 300, burst: 700, callers: 24 }

/** A run, with its latencies as the percentiles that are shown. */
export interface StormFigures extends Omit<StormRun, "latencies"> {
  readonly way: Way
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

/** All runs on one server. */
export interface StormOnCeiling {
  readonly maxConnections: number
  readonly usable: number
  readonly instances: number
  readonly jobs: number
  readonly sizes: Counts
  /** The sum of the plan while a deploy rolls: no more backends than that. */
  readonly plan: number
  /** The same behind a PgBouncer, and its pool. */
  readonly pooledPlan: number
  readonly poolSize: number
  readonly runs: readonly StormFigures[]
}

export const storm: Scenario<readonly StormOnCeiling[]> = {
  name: "storm",
  title: "Storm",
  report: stormReport,
  charts: stormCharts,
  page: stormPage,
  async run(ground) {
    const results: StormOnCeiling[] = []
    for (const maxConnections of CEILINGS) {
      const order = [...ORDER, ...ORDER.toReversed()]
      results.push(await stormsOn(ground, maxConnections, order, LENGTH))
    }
    return results
  },
}

/** Runs the storm on one server, each of the ways in the order given. */
export async function stormsOn(
  { scope, project, say }: Ground,
  maxConnections: number,
  order: readonly Way[],
  length: StormLength,
): Promise<StormOnCeiling> {
  const server = await startServer(scope, maxConnections)
  const sampler = await startSampler(scope, server.adminUrl())
  const fleet = planStorm(await readCeiling(server))
  await warmUp(scope, server.url("core"), project)
  const runs: StormFigures[] = []
  for (const way of order) {
    const { latencies, ...run } = await runStorm(scope, server, sampler, project, fleet, way, length)
    const [p50, p99, p999] = [50, 99, 99.9].map((percentile) => quantile(latencies, percentile)) as [
      number,
      number,
      number,
    ]
    runs.push({ ...run, way, p50, p99, p999 })
    say(`  ${maxConnections}, ${way}: ${run.served} served, ${run.refusedByServer} refused, peak ${run.peak}`)
  }
  await sampler.stop()
  await server.destroy()
  const { check, sizes } = fleet.sizing
  return {
    maxConnections,
    usable: check.usable,
    instances: fleet.instances,
    jobs: fleet.jobs,
    sizes,
    plan: check.deploy.total,
    pooledPlan: fleet.pooled.check.deploy.total,
    poolSize: fleet.pooled.poolers?.["pgbouncer"]?.poolSize ?? Number.NaN,
    runs,
  }
}

/** The server's tables and the disk's files are in memory from the first run on. */
async function warmUp(scope: Ground["scope"], url: string, project: string): Promise<void> {
  const instance = await startInstance(scope, { project, way: "planned", name: "warm-up", url, poolSize: 4 })
  await instance.callers(8)
  await sleep(300)
  await instance.stop()
}
