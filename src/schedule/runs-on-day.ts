import { MINUTES_PER_DAY } from "./time.ts"

/** The numbers that counting a job needs. */
export interface Counted {
  /** The length of a run, in whole minutes. */
  readonly minutes: number
  /** Runs that each start launches. */
  readonly replicas: number
  readonly maxRuns: number
}

/** Returns how many days before a day may have runs that are still running on it. */
export function daysBefore({ minutes }: Pick<Counted, "minutes">): number {
  return Math.ceil(minutes / MINUTES_PER_DAY)
}

/**
 * Calls `add` with every change in the number of active runs during a day, in no particular order. The first minute
 * includes the runs that are still running from before. `starts` returns the starts of a day; 0 days ago is the day
 * itself.
 *
 * A run that starts at `s` lasts for `[s, s + minutes)`. The count at a minute is therefore the starts up to it, minus
 * the starts up to `minutes` earlier. Only the day itself, and the one or two days on which the ending runs started,
 * are read start by start.
 */
export function eachDelta(
  minutes: number,
  starts: (daysAgo: number) => Int16Array,
  add: (minute: number, by: number) => void,
): void {
  const wholeDays = Math.floor(minutes / MINUTES_PER_DAY)
  const rest = minutes % MINUTES_PER_DAY
  let before = 0
  for (let daysAgo = 1; daysAgo <= wholeDays; daysAgo++) before += starts(daysAgo).length
  for (const start of starts(0)) add(start, 1)
  for (const start of starts(wholeDays)) {
    if (start + rest < MINUTES_PER_DAY) add(start + rest, -1)
  }
  for (const start of rest === 0 ? [] : starts(wholeDays + 1)) {
    if (start + rest < MINUTES_PER_DAY) continue
    before += 1
    add(start + rest - MINUTES_PER_DAY, -1)
  }
  if (before > 0) add(0, before)
}

/** Counts the active runs of a job at each minute of a day. */
export function runsOnDay(job: Counted, starts: (daysAgo: number) => Int16Array): Float64Array {
  const runs = new Float64Array(MINUTES_PER_DAY)
  eachDelta(job.minutes, starts, (minute, by) => {
    runs[minute] = (runs[minute] ?? 0) + by
  })
  let running = 0
  for (let minute = 0; minute < MINUTES_PER_DAY; minute++) {
    running += runs[minute] ?? 0
    runs[minute] = Math.min(running * job.replicas, job.maxRuns)
  }
  return runs
}
