import type { Schedule } from "./read-schedule.ts"
import { MINUTES_PER_DAY } from "./time.ts"
import type { ZoneDay } from "./zone-days.ts"

/** Whether a schedule's dates have the day before, the day itself and the day after, as its zone counts them. */
export type DatesAround = readonly [before: boolean, same: boolean, after: boolean]

/**
 * The minutes of a day in UTC at which a schedule starts a run; a minute stands there once for each run.
 *
 * Schedulers disagree when the clock changes, so this is the most that any of them does. A time that the clock
 * goes through twice starts two runs. A time that the clock skips starts one when it goes on: of a schedule with
 * fixed times each one does, as in Vixie cron; of one that goes on all the time they are one start together, for
 * no scheduler makes up for each of them.
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
