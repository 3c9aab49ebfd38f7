// The same fleet in every way, in turn, against servers with small ceilings: who is refused, who waits, what is served.
import { startSampler } from "../../test/support/sampler.ts"
import { readCeiling, startServer } from "../../test/support/seeded-server.ts"
import type { Counts } from "../processes/counts.ts"
import type { Way } from "../processes/ways.ts"
import type { Ground, Scenario } from "../scenario.ts"
import { quantile } from "../statistics.ts"
import { WAYS } from "../ways.ts"
import { stormCharts } from "./charts.ts"
import { loadCrew, warmUp } from "./crew.ts"
import { planStorm } from "./fleet.ts"
import { stormPage, stormReport } from "./report.ts"
import { type Crew, runStorm, type StormLength, type StormRun } from "./run-storm.ts"

const CEILINGS = [20, 100] as const

const LENGTH: StormLength = { steady: 150, overlap: 200, idle: 100, burst: 250, callers: 12 }

/** Every way, and then backwards: a machine that gets slower or faster favours none. */
const ALL = Object.keys(WAYS) as Way[]
const ORDER = [...ALL, ...ALL.toReversed()]

/** A run, with its latencies as the percentiles that are shown. */
export interface StormFigures extends Omit<StormRun, "latencies"> {
  readonly way: Way
  readonly p50: number
  readonly p99: number
}

/** All runs on one server. */
export interface StormOnCeiling {
  readonly maxConnections: number
  readonly usable: number
  readonly instances: number
  readonly jobs: number
  readonly sizes: Counts
  /** What the instances share with `auto`. */
  readonly budget: number
  /** PgBouncer's pool as planned. */
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
    const crew = await loadCrew(ground, CEILINGS)
    const results: StormOnCeiling[] = []
    for (const maxConnections of CEILINGS) {
      results.push(await stormsOn(ground, crew, maxConnections, ORDER, LENGTH))
    }
    return results
  },
}

/** Runs the storm on one server, each of the ways in the order given. */
export async function stormsOn(
  { scope, say }: Ground,
  crew: Crew,
  maxConnections: number,
  order: readonly Way[],
  length: StormLength,
): Promise<StormOnCeiling> {
  const server = await startServer(scope, maxConnections)
  const sampler = await startSampler(scope, server.adminUrl())
  const fleet = planStorm(await readCeiling(server))
  await warmUp(crew, server.url("core"))
  const runs: StormFigures[] = []
  for (const way of order) {
    const { latencies, ...run } = await runStorm(server, sampler, crew, fleet, way, length)
    runs.push({ ...run, way, p50: quantile(latencies, 50), p99: quantile(latencies, 99) })
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
    budget: fleet.auto.sizes.api,
    poolSize: fleet.pooled.poolers?.["pgbouncer"]?.poolSize ?? Number.NaN,
    runs,
  }
}
