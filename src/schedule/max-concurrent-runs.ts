import type { PoolConfigIssue } from "../error.ts"
import { parse } from "../validation/parse.ts"
import { field, object } from "../validation/schema.ts"
import type { ConcurrentRuns } from "./concurrent-runs.ts"
import type { Job } from "./job.ts"
import { maxRunsOfEach, peak } from "./peak.ts"
import { readJobs, sizedJobs, sizedJobsSchema } from "./read-jobs.ts"
import { DEFAULT_FROM, readStartDate } from "./time.ts"

export type { Assumption, ConcurrentRuns, ExplicitValue, JobRuns, PeakRuns } from "./concurrent-runs.ts"

/** Which years to look at. */
export interface ConcurrentRunsOptions {
  /** The first day of the 28 years, in UTC: `YYYY-MM-DD`, 1975-01-01 to 9900-01-01; `2026-01-01` by default. */
  readonly from?: string
}

/**
 * The most runs, and the most connections, that jobs have at work at one instant: not a guess ("1 or 2 at a
 * time"), but what follows from their schedules and how long a run may take.
 *
 * Exact over 28 calendar years, in which every date falls on every day of the week, 29 February included. The
 * first day is an option and no clock is read, so the answer does not change with the day it is asked.
 *
 * - A run is at work in `[start, start + timeout × (1 + retries))`: of two that touch, one has ended. Runs of one
 *   job overlap like any others, and what started before the first day and is still at work counts.
 * - When neither day field is `*`, either of them matches, as cron has it. A step over `*` counts as `*` here, as
 *   in Vixie cron: the date must match both fields.
 * - Schedulers disagree when the clock changes, so the worst of both is taken: a time that is skipped starts when
 *   the clock goes on, one that is repeated starts twice. A schedule whose minute or hour begins with `*` goes on
 *   by the clock, and starts at most once for all the times that were skipped.
 * - `ordinaryDay` is the same answer over the days that no clock change reaches, for a worst case that comes once a
 *   year may be one that its owner would rather move than pay for.
 * - A job without a schedule has its `concurrent` starts at work at any instant.
 *
 * Time zones are those of the JavaScript engine (`Intl`).
 *
 * @throws PoolConfigError naming everything that is wrong, as `jobs.<name>.schedule` (`jobs[3].name` where there
 * is no name to go by): schedules with seconds, nicknames or dates, ones that never come (`0 0 31 2 *`), runs of
 * more than 366 days, and unknown fields. `jobs` alone is named when they have so little in common (hundreds of
 * dates, zones and long runs) that adding them up would take minutes.
 * @example
 * ```ts
 * import { maxConcurrentRuns } from "prisma-pool-config/sizing"
 *
 * maxConcurrentRuns([
 *   { name: "import", schedule: "0 3 * * *", timezone: "Europe/Paris", timeout: "1h30m", poolSize: 10 },
 *   { name: "export", schedule: "0 4 * * 1", timezone: "Europe/Paris", timeout: "45m", poolSize: 5 },
 * ]) // runs 2, connections 15, at "2026-01-05T03:00:00.000Z": a Monday, 04:00 in Paris
 * ```
 */
export function maxConcurrentRuns(jobs: readonly Job[], options: ConcurrentRunsOptions = {}): ConcurrentRuns {
  const read = parse(argumentsSchema, { jobs, options }, "jobs")
  return peak(sizedJobs(read.jobs, jobs), read.options.from)
}

const argumentsSchema = object({ jobs: sizedJobsSchema, options: object({ from: field(readStartDate) }) })

/**
 * The most runs of each job at work at one instant, whatever the others do then: all jobs together take what one
 * `maxConcurrentRuns` does. What is wrong with them becomes issues, as there, and they then have no runs.
 */
export function maxRunsPerJob(jobs: readonly Job[], issues: PoolConfigIssue[]): readonly number[] {
  const wrong: PoolConfigIssue[] = []
  const read = readJobs(jobs, wrong)
  for (const issue of wrong) issues.push(issue)
  return wrong.length > 0 ? jobs.map(() => 0) : maxRunsOfEach(read, DEFAULT_FROM)
}
