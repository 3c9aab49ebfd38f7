import type { Problem } from "../validation/problem.ts"
import { matchingClasses } from "./day-class.ts"
import { parseCron } from "./parse-cron.ts"
import { fieldsOf, MAX_SCHEDULE_LENGTH, refuseDates, refuseSchedule } from "./refuse-schedule.ts"

/** The starts of a job, on the wall clock of its zone. */
export interface Schedule {
  /** The times of day: minutes after midnight, ascending. */
  readonly times: readonly number[]
  /** Key of the times: the two fields as written. Schedules with the same key have the same times. */
  readonly timesKey: string
  /** Indexed by day class: 1 if it starts on such a date. */
  readonly dates: Uint8Array
  /** Key of the dates: the three fields as written. Schedules with the same key have the same dates. */
  readonly datesKey: string
  /**
   * True if the minute or the hour begins with `*`. Such a job runs all the time, and does not catch up on times that
   * the clock skips: this is Vixie cron's distinction, and its reason.
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
  // As in Vixie cron, a field that only begins with *, such as */2, also means that both fields must match.
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
