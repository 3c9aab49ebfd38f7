// More instances than what is shared, and jobs that have a number beside a fleet that has none.
import { setTimeout as sleep } from "node:timers/promises"
import type { DemoServer } from "../../test/support/seeded-server.ts"
import { LIMIT } from "./growing.ts"
import { type AutoInstance, each } from "./instances.ts"
import { record } from "./recorder.ts"

export const CROWD = { limit: 8, shared: 6, instances: 12, pauseMs: 2_000, millis: 8_000 } as const
export const JOBS = { jobs: 20, instances: 10, millis: 6_000, lead: 3_000 } as const

export interface Crowded {
  readonly instances: number
  readonly served: number
  readonly failed: number
  /** The longest of those who were served, in milliseconds. */
  readonly slowestMs: number
  readonly peak: number
}

/** Instances with a request every two seconds, of which not all can have a connection at a time. */
export async function crowd(
  scope: Parameters<typeof record>[0],
  server: DemoServer,
  url: string,
  instances: readonly AutoInstance[],
): Promise<Crowded> {
  await server.sql(`ALTER ROLE fleet CONNECTION LIMIT ${CROWD.limit}`)
  const recorder = await record(scope, server.adminUrl())
  await each(instances, (instance) => instance.open("auto", url))
  await each(instances, (instance) => instance.callers(1, CROWD.pauseMs))
  await sleep(CROWD.millis)
  const reports = await each(instances, (instance) => instance.report())
  await each(instances, (instance) => instance.close())
  await recorder.stop()
  await server.sql(`ALTER ROLE fleet CONNECTION LIMIT ${LIMIT}`)
  return summary(reports, recorder.samples)
}

/** Jobs of one connection each, which start together beside a fleet that holds all that is shared. */
export async function jobsBeside(
  scope: Parameters<typeof record>[0],
  server: DemoServer,
  url: string,
  fleet: readonly AutoInstance[],
  jobs: readonly AutoInstance[],
): Promise<Crowded> {
  const recorder = await record(scope, server.adminUrl())
  await each(fleet, (instance) => instance.open("auto", url))
  await each(fleet, (instance) => instance.callers(8))
  await sleep(JOBS.lead)
  await each(jobs, (job) => job.open("fixed", url, 1))
  await each(jobs, (job) => job.callers(1))
  await sleep(JOBS.millis)
  const reports = await each(jobs, (job) => job.report())
  await each([...fleet, ...jobs], (instance) => instance.close())
  await recorder.stop()
  return summary(reports, recorder.samples)
}

function summary(
  reports: readonly Awaited<ReturnType<AutoInstance["report"]>>[],
  samples: readonly { readonly all: number }[],
): Crowded {
  const served = reports.flatMap(({ firstServedMs }) => (firstServedMs === undefined ? [] : [firstServedMs]))
  return {
    instances: reports.length,
    served: served.length,
    failed: reports.flatMap(({ failed }) => Object.values(failed)).reduce((sum, times) => sum + times, 0),
    slowestMs: Math.max(0, ...served),
    peak: Math.max(...samples.map(({ all }) => all)),
  }
}
