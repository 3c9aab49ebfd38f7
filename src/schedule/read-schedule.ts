import { parseCronExpression } from "cron-schedule"
import { describeValue } from "../error.ts"
import { matchingClasses } from "./day-class.ts"

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

const FIELDS = [
  { label: "minute", range: "0 to 59" },
  { label: "hour", range: "0 to 23" },
  { label: "day of month", range: "1 to 31" },
  { label: "month", range: "1 to 12 or jan to dec" },
  { label: "day of week", range: "0 to 7 or sun to sat" },
] as const

const VALUE = "(?:\\d{1,2}|[a-z]{3})"
const ITEM = `(?:\\*(?:/\\d{1,2})?|${VALUE}(?:-${VALUE}(?:/\\d{1,2})?)?)`
/** What `crontab(5)` has: the library reads more (`@daily`, seconds) and guesses at the rest (`5/15` as 5). */
const FIELD = new RegExp(`^${ITEM}(?:,${ITEM})*$`, "i")

const REMEDY = `Give five fields as in crontab(5): ${FIELDS.map(({ label, range }) => `${label} ${range}`).join(", ")}, each with *, lists, ranges and steps (*/15, 8-18/2) and nothing else`

/** What is wrong with a schedule, in the words of an issue. */
export interface BadSchedule {
  readonly problem: string
  readonly remedy: string
}

/** Reads five cron fields. */
export function readSchedule(value: unknown): Schedule | BadSchedule {
  const received = `received ${describeValue(value)}`
  if (typeof value !== "string") return { problem: received, remedy: REMEDY }
  const fields = value.trim().split(/[ \t]+/)
  const [minute, hour, day, month, weekday] = fields
  if (fields.length !== 5 || !minute || !hour || !day || !month || !weekday) {
    return { problem: `${received}, ${fieldCount(value.trim(), fields.length)}`, remedy: REMEDY }
  }
  const cron = parsed(fields)
  if (cron === undefined) {
    const bad = FIELDS.find((_, index) => !parsed(["*", "*", "*", "*", "*"].with(index, fields[index] ?? "")))
    return { problem: `${received}, whose ${bad?.label} cron does not know`, remedy: REMEDY }
  }
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
  if (!dates.includes(1)) {
    return {
      problem: `${received}, which never comes: no such day is in any of its months`,
      remedy: "Give a date that exists, or leave the job out",
    }
  }
  return {
    times: hours.flatMap((atHour) => minutes.map((atMinute) => atHour * 60 + atMinute)),
    timesKey: `${minute} ${hour}`,
    dates,
    datesKey: `${day} ${month} ${weekday}`,
    isWildcard: minute.startsWith("*") || hour.startsWith("*"),
  }
}

function parsed(fields: readonly string[]) {
  if (!fields.every((field) => FIELD.test(field))) return undefined
  try {
    return parseCronExpression(fields.join(" "))
  } catch {
    return undefined
  }
}

function fieldCount(text: string, count: number): string {
  if (text === "") return "which has no field"
  if (text.startsWith("@")) return "a nickname that not every cron has"
  return `which has ${count} ${count === 1 ? "field" : "fields"}${count === 6 ? ": cron has no seconds" : ""}`
}
