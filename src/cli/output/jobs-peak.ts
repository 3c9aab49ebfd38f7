import { label } from "../../error.ts"
import type { ConcurrentRuns, FleetCheck, PeakRuns } from "../../sizing/index.ts"

/** The jobs of a fleet in all of its tiers, by what is said of them. */
export function allJobs({
  jobs,
  poolers = {},
}: Pick<FleetCheck, "jobs" | "poolers">): Pick<ConcurrentRuns, "assumptions" | "explicit"> {
  const all = [jobs, ...Object.values(poolers).map((pooler) => pooler.jobs)]
  return {
    assumptions: all.flatMap(({ assumptions }) => assumptions),
    explicit: all.flatMap(({ explicit }) => explicit),
  }
}

/** Describes the jobs' worst instant and, for comparison, an ordinary day, in each tier; empty without a schedule. */
export const jobsPeak = (check: Pick<FleetCheck, "jobs" | "total" | "poolers">): readonly string[] => [
  ...peakOf(check),
  ...Object.entries(check.poolers ?? {}).flatMap(([name, { jobs, clients }]) =>
    peakOf({ jobs, total: clients.total }).map((line) => `behind ${label(name)}, ${line}`),
  ),
]

function peakOf({ jobs, total }: Pick<FleetCheck, "jobs" | "total">): readonly string[] {
  if (jobs.at === undefined) return []
  const worst = `jobs at their worst instant of 28 years: ${held(jobs)}`
  const { ordinaryDay } = jobs
  if (ordinaryDay === undefined) {
    return [worst, "jobs on an ordinary day: there is none, runs take so long that each meets a clock change"]
  }
  if (ordinaryDay.connections === jobs.connections) {
    return [`${worst}; no clock change is needed for that many`]
  }
  const then = total - jobs.connections + ordinaryDay.connections
  return [
    `${worst}, by a clock change`,
    `jobs on an ordinary day, without a clock change: at most ${held(ordinaryDay)}, ${then} in total instead of ${total}`,
  ]
}

function held({ connections, at, jobs }: PeakRuns): string {
  const running = jobs.reduce((sum, job) => sum + job.runs, 0)
  const when = at === undefined ? "" : `, at ${at.replace(":00.000Z", "Z")}`
  return `${connections} connections in ${running} ${running === 1 ? "run" : "runs"}${when}`
}
