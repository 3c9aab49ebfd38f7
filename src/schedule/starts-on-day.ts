import type { Schedule } from "./read-schedule.ts"
import { MINUTES_PER_DAY } from "./time.ts"
import type { ZoneDay } from "./zone-days.ts"

/** True for each of the day before, the day itself and the day after that matches the schedule's dates, in its zone. */
export type DatesAround = readonly [before: boolean, same: boolean, after: boolean]

/**
 * Returns the minutes of a day in UTC at which a schedule starts runs. A minute occurs once for each run.
 *
 * Schedulers disagree when the clock changes, so this is the most that any of them starts. A repeated local time starts
 * two runs. Skipped local times start when the clock jumps: each of them for a fixed-time schedule (Vixie cron), once
 * in all for a wildcard schedule, because no scheduler catches up on every minute.
 */
export function startsOnDay(
  { times, isWildcard }: Pick<Schedule, "times" | "isWildcard">,
  { parts, gaps }: Pick<ZoneDay, "parts" | "gaps">,
  dates: DatesAround,
): Int16Array {
  const regular: number[] = []
  const late: number[] = []
  for (const [index, matches] of dates.entries()) {
    if (!matches) continue
    for (const time of times) {
      const local = (index - 1) * MINUTES_PER_DAY + time
      for (const { from, to, offset } of parts) {
        if (local - offset >= from && local - offset < to) regular.push(local - offset)
      }
      for (const { at, from, to } of gaps) {
        if (local >= from && local < to) late.push(at)
      }
    }
  }
  const all = regular.concat(late)
  return Int16Array.from(isWildcard ? new Set(all) : all)
}
