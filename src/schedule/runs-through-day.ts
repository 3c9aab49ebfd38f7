import { dayClass } from "./day-class.ts"
import { isScheduled, onDemand } from "./peak.ts"
import type { ParsedJob } from "./read-jobs.ts"
import { daysBefore, runsOnDay } from "./runs-on-day.ts"
import { startsOnDay } from "./starts-on-day.ts"
import { MINUTES_PER_DAY } from "./time.ts"
import { zoneDays } from "./zone-days.ts"

/**
 * Counts the runs of a job in each minute of one day in UTC, by the same rules as the peak. Those of a job without a
 * schedule are all running at any minute.
 *
 * @param day counted from 1970
 */
export function runsThroughDay(job: ParsedJob, day: number): Float64Array {
  if (!isScheduled(job)) return new Float64Array(MINUTES_PER_DAY).fill(onDemand(job))
  const { schedule, timezone } = job
  const before = daysBefore(job)
  const zone = zoneDays(timezone, day - before, before + 1)
  const matches = (date: number) => schedule.dates[dayClass(date)] === 1
  return runsOnDay(job, (daysAgo) => {
    const date = day - daysAgo
    const clock = zone[before - daysAgo] ?? { parts: [], gaps: [] }
    return startsOnDay(schedule, clock, [matches(date - 1), matches(date), matches(date + 1)])
  })
}
