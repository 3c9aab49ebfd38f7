import { DAY } from "./minutes.ts"

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
  return Math.ceil(minutes / DAY)
}

/**
 * The runs of a job at work at each minute of a day, given its starts on that day (0 days ago) and before.
 *
 * A run of `minutes` that starts at `s` is at work in `[s, s + minutes)`, so the count is what has started up to
 * a minute, less what had started up to `minutes` before it: only the day itself and the one or two days on which
 * the ending runs started are looked at minute by minute.
 */
export function runsOnDay(
  { minutes, replicas, maxRuns }: Counted,
  starts: (daysAgo: number) => Int16Array,
): Float64Array {
  const wholeDays = Math.floor(minutes / DAY)
  const rest = minutes % DAY

  let atWork = 0
  for (let daysAgo = 1; daysAgo <= wholeDays; daysAgo++) atWork += starts(daysAgo).length
  const change = new Int32Array(DAY)
  const add = (minute: number, by: number) => {
    change[minute] = (change[minute] ?? 0) + by
  }
  for (const start of starts(0)) add(start, 1)
  for (const start of starts(wholeDays)) {
    if (start + rest < DAY) add(start + rest, -1)
  }
  for (const start of rest === 0 ? [] : starts(wholeDays + 1)) {
    if (start + rest < DAY) continue
    atWork += 1
    add(start + rest - DAY, -1)
  }

  const runs = new Float64Array(DAY)
  for (let minute = 0; minute < DAY; minute++) {
    atWork += change[minute] ?? 0
    runs[minute] = Math.min(atWork * replicas, maxRuns)
  }
  return runs
}
