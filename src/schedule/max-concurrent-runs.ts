import type { PoolConfigIssue } from "../error.ts"
import { parse } from "../validation/parse.ts"
import { field, object } from "../validation/schema.ts"
import type { ConcurrentRuns } from "./concurrent-runs.ts"
import type { Job } from "./job.ts"
import { maxRunsOfEach, peak } from "./peak.ts"
import { readJobs, sizedJobs, sizedJobsSchema } from "./read-jobs.ts"
import { DEFAULT_FROM, readStartDate } from "./time.ts"

export type { Assumption, ConcurrentRuns, ExplicitValue, JobRuns, PeakRuns } from "./concurrent-runs.ts"

/** The years to consider. */
export interface ConcurrentRunsOptions {
  /** The first day of the 28 years, in UTC: `YYYY-MM-DD`, 1975-01-01 to 9900-01-01; `2026-01-01` by default. */
  readonly from?: string
}

/**
 * Computes the most runs, and the most connections, that jobs have at one instant. This is not a guess ("1 or 2 at a
 * time"), but follows from their schedules and how long a run may take.
 *
 * Exact over 28 calendar years, in which every date falls on every day of the week, 29 February included. The first day
 * is an option and no clock is read, so the result does not depend on the current date.
 *
 * - A run lasts for `[start, start + timeout × (1 + retries))`, so runs that touch do not overlap. Runs of one job
 *   overlap like any others. A run that started before the first day and is still running counts.
 * - If neither day field is `*`, either of them matches, as in cron. A step over `*` counts as `*` here, as in Vixie
 *   cron: the date must match both fields.
 * - Schedulers disagree when the clock changes, so the worst of them is assumed. A skipped time starts when the clock
 *   jumps, and a repeated one starts twice. A schedule whose minute or hour begins with `*` starts at most once for all
 *   the times that were skipped.
 * - `ordinaryDay` is the same for days that no clock change affects. A worst case that comes once a year may be easier
 *   to reschedule than to pay for.
 * - A job without a schedule has its `concurrent` starts running at any instant.
 *
 * Time zones are those of the JavaScript engine (`Intl`).
 *
 * @throws PoolConfigError naming everything that is wrong, as `jobs.<name>.schedule` (`jobs[3].name` for a job without
 * a name): schedules with seconds, nicknames or dates, schedules that never run (`0 0 31 2 *`), runs of more than 366
 * days, and unknown fields. Names only `jobs` if they have so little in common (hundreds of dates, zones and long runs)
 * that adding them up would take minutes.
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
 * Computes the most runs of each job at one instant, independent of the others. All jobs together take as long as one
 * call of `maxConcurrentRuns`. Problems become issues, as there, and every job then has 0 runs.
 */
export function maxRunsPerJob(jobs: readonly Job[], issues: PoolConfigIssue[]): readonly number[] {
  const wrong: PoolConfigIssue[] = []
  const read = readJobs(jobs, wrong)
  for (const issue of wrong) issues.push(issue)
  return wrong.length > 0 ? jobs.map(() => 0) : maxRunsOfEach(read, DEFAULT_FROM)
}
