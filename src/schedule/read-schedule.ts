import type { Problem } from "../validation/problem.ts"
import { matchingClasses } from "./day-class.ts"
import { parseCron } from "./parse-cron.ts"
import { fieldsOf, MAX_SCHEDULE_LENGTH, refuseDates, refuseSchedule } from "./refuse-schedule.ts"

/** When a job starts, on the wall clock of its zone. */
export interface Schedule {
  /** The times of day: minutes after midnight, ascending. */
  readonly times: readonly number[]
  /** The same for two schedules with the same times, and for no others that matter: the two fields as written. */
  readonly timesKey: string
  /** By kind of date: 1 when it starts on such a date. */
  readonly dates: Uint8Array
  /** The same for two schedules with the same dates: the three fields as written. */
  readonly datesKey: string
  /**
   * Whether the minute or the hour begins with `*`. Such a job is one that goes on all the time, and does not
   * make up for what a clock that is put forward skips: Vixie cron's distinction, and its reason.
   */
  readonly isWildcard: boolean
}

/** Reads five cron fields. */
export function readSchedule(value: unknown): Schedule | Problem {
  const fields = typeof value === "string" && value.length <= MAX_SCHEDULE_LENGTH ? fieldsOf(value) : []
  const cron = parseCron(fields)
  if (cron === undefined) return refuseSchedule(value)
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields
  const { minutes, hours, days, months, weekdays } = cron
  const allowed = { days: new Set(days), months: new Set(months), weekdays: new Set(weekdays) }
  // As in Vixie cron a field that only begins with *, as */2 does, restricts the other one too.
  const both = day.startsWith("*") || weekday.startsWith("*")
  const dates = matchingClasses((inMonth, onDay, onWeekday) => {
    if (!allowed.months.has(inMonth)) return false
    const dayMatches = allowed.days.has(onDay)
    if (dayMatches !== both) return dayMatches
    return allowed.weekdays.has(onWeekday)
  })
  if (!dates.includes(1)) return refuseDates(fields)
  return {
    times: hours.flatMap((atHour) => minutes.map((atMinute) => atHour * 60 + atMinute)),
    timesKey: `${minute} ${hour}`,
    dates,
    datesKey: `${day} ${month} ${weekday}`,
    isWildcard: minute.startsWith("*") || hour.startsWith("*"),
  }
}
