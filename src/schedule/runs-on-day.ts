import { MINUTES_PER_DAY } from "./time.ts"

/** What a job needs to be counted. */
export interface Counted {
  /** How long a run takes, in whole minutes. */
  readonly minutes: number
  /** Runs that each start launches. */
  readonly replicas: number
  readonly maxRuns: number
}

/** The days before a day whose starts may still be at work on it. */
export function daysBefore({ minutes }: Pick<Counted, "minutes">): number {
  return Math.ceil(minutes / MINUTES_PER_DAY)
}

/**
 * Calls `add` with every change of the runs at work in the course of a day, in no order; the first minute has what
 * is still at work from before. `starts` gives the starts of a day, which 0 days ago is the day itself.
 *
 * A run that starts at `s` is at work in `[s, s + minutes)`, so the count at a minute is what has started up to it,
 * less what had started up to `minutes` before: only the day itself and the one or two on which the ending runs
 * started are looked at minute by minute.
 */
export function eachChange(
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

/** The runs of a job at work at each minute of a day. */
export function runsOnDay(job: Counted, starts: (daysAgo: number) => Int16Array): Float64Array {
  const runs = new Float64Array(MINUTES_PER_DAY)
  eachChange(job.minutes, starts, (minute, by) => {
    runs[minute] = (runs[minute] ?? 0) + by
  })
  let atWork = 0
  for (let minute = 0; minute < MINUTES_PER_DAY; minute++) {
    atWork += runs[minute] ?? 0
    runs[minute] = Math.min(atWork * job.replicas, job.maxRuns)
  }
  return runs
}
