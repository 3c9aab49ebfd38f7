import { setTimeout as sleep } from "node:timers/promises"
import type { Sampler } from "../../test/support/sampler.ts"
import type { DemoServer } from "../../test/support/seeded-server.ts"
import type { Instance, Role, StandbyJob } from "../instance.ts"
import { type Counts, count } from "../processes/counts.ts"
import type { Report } from "../processes/protocol.ts"
import type { Way } from "../processes/ways.ts"
import { destinationOf } from "./destination.ts"
import type { StormFleet } from "./fleet.ts"

/** How long each part of a storm lasts, in milliseconds, and how many requests each instance has at a time. */
export interface StormLength {
  readonly steady: number
  readonly overlap: number
  readonly idle: number
  readonly burst: number
  readonly callers: number
}

/** What one way of configuring the fleet made of a storm. */
export interface StormRun {
  readonly served: number
  /** Of the time with load on. */
  readonly perSecond: number
  readonly latencies: readonly number[]
  /** What failed in instances and jobs, by its kind. */
  readonly failed: Counts
  readonly jobs: number
  readonly jobsFailed: number
  /** SQLSTATE 53300 in the server's log. */
  readonly refusedByServer: number
  /** Backends at once, the harness's own included. */
  readonly peak: number
  readonly samples: number
  /** The most backends by the plan; undefined for a way that knows none. */
  readonly plan: number | undefined
  /** Backends of the fleet after it had stopped. */
  readonly left: number
  /** Processes that did not end when told to. */
  readonly killed: number
}

/** Loaded processes: twice the fleet's instances, and its jobs. */
export interface Crew {
  readonly instances: readonly Instance[]
  readonly jobs: readonly StandbyJob[]
}

/** A backend may outlast its connection, on a machine that has other things to do as well. */
const GONE_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 20

const OF_THE_FLEET = `
  SELECT count(*)::int AS count FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND NOT usename = CURRENT_USER`

/** The fleet under load, jobs beside it, a deploy half-way, an idle spell and a second burst. */
export async function runStorm(
  server: DemoServer,
  sampler: Sampler,
  crew: Crew,
  fleet: StormFleet,
  way: Way,
  length: StormLength,
): Promise<StormRun> {
  const { api, jobs: batch, plan, close } = await destinationOf(way, server, fleet)
  const role = (name: string, place: typeof api): Role => ({ way, name, ...place })
  const old = crew.instances.slice(0, fleet.instances)
  const next = crew.instances.slice(fleet.instances, 2 * fleet.instances)
  const standby = crew.jobs.slice(0, fleet.jobs)
  const refusedBefore = server.refusals
  sampler.startAnew()
  const reports: (Report | undefined)[] = []
  const jobs: Counts[] = []
  const loadAll = (instances: readonly Instance[], callers: number) =>
    Promise.all(instances.map((instance) => instance.callers(callers)))
  const runJobs = async () =>
    void jobs.push(...(await Promise.all(standby.map((job) => job.run(role("jobs", batch))))))
  const stopAll = async (instances: readonly Instance[]) =>
    void reports.push(...(await Promise.all(instances.map((instance) => instance.close()))))

  // Every process has loaded what it needs before the load begins; none has connected.
  await Promise.all([...old, ...next].map((instance) => instance.open(role("api", api))))
  let loaded = performance.now()
  await loadAll(old, length.callers)
  await Promise.all([runJobs(), sleep(length.steady)])

  // The next jobs start the moment that the first have ended, whose sessions may not have: and just when a deploy begins.
  const jobsDone = runJobs()
  jobsDone.catch(() => {})
  await loadAll(next, length.callers)
  await sleep(length.overlap)
  await stopAll(old)
  await jobsDone

  let loadMillis = performance.now() - loaded
  await loadAll(next, 0)
  await sleep(length.idle)
  loaded = performance.now()
  await loadAll(next, 2 * length.callers)
  await sleep(length.burst)
  loadMillis += performance.now() - loaded
  await stopAll(next)
  // What a pooler keeps is its own.
  await close()
  const left = await leftOf(server)

  const ended = reports.filter((report) => report !== undefined)
  const served = ended.reduce((sum, report) => sum + report.served, 0)
  return {
    served,
    perSecond: (served * 1000) / loadMillis,
    latencies: ended.flatMap(({ latencies }) => latencies),
    failed: total([...ended.map(({ failed }) => failed), ...jobs]),
    jobs: jobs.length,
    jobsFailed: jobs.filter((failed) => Object.keys(failed).length > 0).length,
    refusedByServer: server.refusals - refusedBefore,
    peak: sampler.peakOfAll,
    samples: sampler.samples,
    plan,
    left,
    killed: reports.length - ended.length,
  }
}

/** The fleet's backends that do not go. */
async function leftOf(server: DemoServer): Promise<number> {
  const end = performance.now() + GONE_WITHIN_MS
  for (;;) {
    const [left] = await server.sql<{ count: number }>(OF_THE_FLEET)
    if (left?.count === 0 || performance.now() > end) return left?.count ?? Number.NaN
    await sleep(LOOK_EVERY_MS)
  }
}

function total(all: readonly Counts[]): Counts {
  const sum: Counts = {}
  for (const counts of all) for (const [kind, times] of Object.entries(counts)) count(sum, kind, times)
  return sum
}
