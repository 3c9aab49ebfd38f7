import { setTimeout as sleep } from "node:timers/promises"
import type { Sampler } from "../../test/support/sampler.ts"
import type { Scope } from "../../test/support/scope.ts"
import type { DemoServer } from "../../test/support/seeded-server.ts"
import { type Instance, type Role, type StandbyJob, startInstance, startJob } from "../instance.ts"
import { type Counts, count } from "../processes/counts.ts"
import type { Report } from "../processes/protocol.ts"
import type { Way } from "../processes/ways.ts"
import type { StormFleet } from "./fleet.ts"
import { destinationOf } from "./pooled.ts"

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
  /** Backends of the fleet after it had stopped. */
  readonly left: number
  /** Processes that did not end when told to. */
  readonly killed: number
}

/** A few samples, after the last connection has been closed. */
const SETTLE_MS = 150

/** The fleet under load, jobs beside it, a deploy half-way, an idle spell and a second burst. */
export async function runStorm(
  scope: Scope,
  server: DemoServer,
  sampler: Sampler,
  project: string,
  fleet: StormFleet,
  way: Way,
  length: StormLength,
): Promise<StormRun> {
  const { url, sizes, close } = await destinationOf(way, server, fleet)
  const role = (name: "api" | "jobs"): Role => ({ project, way, name, url, poolSize: sizes[name] })
  const refusedBefore = server.refusals
  sampler.startAnew()
  const reports: (Report | undefined)[] = []
  const jobs: Counts[] = []
  const startAll = () =>
    Promise.all(Array.from({ length: fleet.instances }, () => startInstance(scope, role("api"))))
  const loadAll = (instances: readonly Instance[], callers: number) =>
    Promise.all(instances.map((instance) => instance.callers(callers)))
  const standby = () => Promise.all(Array.from({ length: fleet.jobs }, () => startJob(scope, role("jobs"))))
  const runAll = async (started: readonly StandbyJob[]) =>
    void jobs.push(...(await Promise.all(started.map((job) => job.run()))))

  // Every process has loaded what it needs before the load begins; none has connected.
  const [old, next, allJobs] = await Promise.all([startAll(), startAll(), standby()])
  let loaded = performance.now()
  await loadAll(old, length.callers)
  await Promise.all([runAll(allJobs), sleep(length.steady)])

  // The next jobs start the moment that the first have ended, whose sessions may not have: and just when a deploy begins.
  const jobsDone = runAll(allJobs)
  jobsDone.catch(() => {})
  await loadAll(next, length.callers)
  await sleep(length.overlap)
  reports.push(...(await Promise.all(old.map((instance) => instance.stop()))))
  await jobsDone
  await Promise.all(allJobs.map((job) => job.stop()))

  let loadMillis = performance.now() - loaded
  await loadAll(next, 0)
  await sleep(length.idle)
  loaded = performance.now()
  await loadAll(next, 2 * length.callers)
  await sleep(length.burst)
  loadMillis += performance.now() - loaded
  reports.push(...(await Promise.all(next.map((instance) => instance.stop()))))
  // What a pooler keeps is its own.
  await close()
  await sleep(SETTLE_MS)

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
    left: sampler.now("api") + sampler.now("jobs"),
    killed: reports.length - ended.length,
  }
}

function total(all: readonly Counts[]): Counts {
  const sum: Counts = {}
  for (const counts of all) for (const [kind, times] of Object.entries(counts)) count(sum, kind, times)
  return sum
}
