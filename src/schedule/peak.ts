import { assumptions } from "./assumptions.ts"
import type { ConcurrentRuns, JobRuns, PeakRuns } from "./concurrent-runs.ts"
import type { ParsedJob } from "./read-jobs.ts"
import { type SweptPeak, sweep } from "./sweep.ts"
import { SWEPT_YEARS } from "./time.ts"

const MILLISECONDS = { minute: 60_000, day: 86_400_000 }

type Scheduled = ParsedJob & { readonly schedule: object }

/** Computes the peak of the jobs over 28 years. `from` is a day counted from 1970. */
export function peak(jobs: readonly ParsedJob[], from: number): ConcurrentRuns {
  return peakWithin(jobs, from, daysFrom(from))
}

/** Like {@link peak}, for a given number of days. */
export function peakWithin(jobs: readonly ParsedJob[], from: number, days: number): ConcurrentRuns {
  const swept = sweep(jobs.filter(isScheduled), from, days)
  return {
    ...withOnDemand(jobs, swept.anyDay),
    ordinaryDay: swept.ordinaryDay && withOnDemand(jobs, swept.ordinaryDay),
    assumptions: jobs.flatMap((job) => {
      return assumptions(job, () => (isScheduled(job) ? swept.maxRunsOf(job) : onDemand(job)))
    }),
    explicit: jobs.flatMap(({ explicit }) => explicit),
  }
}

/** Adds the jobs that are started on demand to the peak of the scheduled ones. */
function withOnDemand(jobs: readonly ParsedJob[], scheduled: SweptPeak): PeakRuns {
  const running = jobs.map((job): JobRuns => {
    const runs = isScheduled(job) ? scheduled.runsAt(job) : onDemand(job)
    return { name: job.name, runs, connections: runs * job.connections }
  })
  const demand = running.filter((_, index) => jobs[index]?.schedule === undefined)
  return {
    runs: demand.reduce((sum, { runs }) => sum + runs, scheduled.runs),
    connections: demand.reduce((sum, { connections }) => sum + connections, scheduled.connections),
    at: scheduled.connections > 0 ? new Date(scheduled.at * MILLISECONDS.minute).toISOString() : undefined,
    jobs: running.filter(({ runs }) => runs > 0),
  }
}

/** Computes the most runs of each job at one instant of the same years. The instant differs between jobs. */
export function maxRunsOfEach(jobs: readonly ParsedJob[], from: number): readonly number[] {
  const swept = sweep(jobs.filter(isScheduled), from, daysFrom(from))
  return jobs.map((job) => (isScheduled(job) ? swept.maxRunsOf(job) : onDemand(job)))
}

function daysFrom(from: number): number {
  const date = new Date(from * MILLISECONDS.day)
  date.setUTCFullYear(date.getUTCFullYear() + SWEPT_YEARS)
  return date.getTime() / MILLISECONDS.day - from
}

/** True for a job that a calendar starts. */
export function isScheduled(job: ParsedJob): job is ParsedJob & Scheduled {
  return job.schedule !== undefined
}

/** Counts the runs of a job without a schedule: all of its starts may be running at any instant. */
export function onDemand({ concurrent, replicas, maxRuns }: ParsedJob): number {
  return Math.min(concurrent * replicas, maxRuns)
}
