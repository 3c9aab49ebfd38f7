import { describeValue } from "../../error.ts"
import type { Problem } from "../../validation/problem.ts"
import { CRON_FIELDS, type CronField } from "../parse-cron.ts"
import { MINUTES_PER_DAY } from "../time.ts"
import { calendar, type DayField } from "./calendar.ts"
import type { NormalSchedule } from "./normal-schedule.ts"

/**
 * Reads the English schedules of App Engine's `cron.yaml`: `every 5 minutes`, `every monday 09:00`, `1st monday of month
 * 09:00`. Undefined for a string that does not begin like one.
 */
export function appEngineSchedule(text: string): NormalSchedule | Problem | undefined {
  const words = text
    .trim()
    .toLowerCase()
    .replaceAll(/\s*,\s*/g, ",")
    .replaceAll(/\s+/g, " ")
  if (!/^(?:every\b|(?:[a-z]+|\d+(?:st|nd|rd|th)?)(?:,\w+)* [a-z])/.test(words)) return undefined
  return intervalOf(words) ?? specificTime(words) ?? refusal(text)
}

function refusal(text: string): Problem {
  return {
    problem: `received ${describeValue(text)}, which is not in App Engine's notation`,
    remedy:
      'Write "every 5 minutes", "every 24 hours", "every 2 hours from 08:00 to 18:00", "every monday 09:00", "1st monday of month 09:00" or "1,15 of jan,july 09:00", or five fields as in crontab(5)',
  }
}

const INTERVAL =
  /^every (\d{1,6}) (hours?|minutes?|mins?)(?: (synchronized)| from (\d{1,2}:\d\d) to (\d{1,2}:\d\d))?$/

function intervalOf(words: string): NormalSchedule | undefined {
  const [, count = "", unit = "", synchronized, start, end] = INTERVAL.exec(words) ?? []
  const minutes = Number(count) * (unit.startsWith("h") ? 60 : 1)
  if (minutes === 0) return undefined
  if (synchronized !== undefined) {
    // From midnight on, and only if the last is as far from midnight.
    return MINUTES_PER_DAY % minutes === 0
      ? everyDayAt(timesFrom(0, MINUTES_PER_DAY - 1, minutes))
      : undefined
  }
  if (start === undefined || end === undefined) return { kind: "interval", seconds: minutes * 60 }
  const [from, to] = [minuteOf(start), minuteOf(end)]
  if (from === undefined || to === undefined) return undefined
  return everyDayAt(timesFrom(from, to > from ? to : to + MINUTES_PER_DAY, minutes))
}

/** Returns minutes of the day, both ends included. The range may go on over midnight. */
function timesFrom(from: number, to: number, step: number): ReadonlySet<number> {
  const size = Math.floor((to - from) / step) + 1
  return new Set(Array.from({ length: size }, (_, index) => (from + index * step) % MINUTES_PER_DAY))
}

/** Five fields have every minute at every hour. */
function everyDayAt(times: ReadonlySet<number>): NormalSchedule {
  const minute = new Set([...times].map((time) => time % 60))
  const hour = new Set([...times].map((time) => Math.floor(time / 60)))
  const starts = minute.size * hour.size
  const upperBounds =
    starts > times.size ? [`${times.size} starts a day count as ${starts}: each minute in each hour`] : []
  const fields = { minute, hour, day: "any", month: ALL_MONTHS, weekday: "any" } as const
  return calendar(fields, { upperBounds, catchesUp: true })
}

const [, , , MONTH, WEEKDAY] = CRON_FIELDS

const ALL_MONTHS: ReadonlySet<number> = new Set(Array.from({ length: 12 }, (_, index) => index + 1))

const SPECIFIC = /^(?:(\S+) (day|[a-z]\S+)|([\d,]+)(?= of ))(?: of (.+))? (\d{1,2}:\d\d)$/

function specificTime(words: string): NormalSchedule | undefined {
  const [, which = "", weekdayWords = "", monthDays, monthWords = "month", clock = ""] =
    SPECIFIC.exec(words) ?? []
  const time = minuteOf(clock)
  const month = monthsOf(monthWords)
  const days = monthDays === undefined ? weekdaysOf(which, weekdayWords) : daysOf(monthDays)
  if (time === undefined || month === undefined || days === undefined) return undefined
  const { upperBounds = [], ...fields } = days
  const times = { minute: new Set([time % 60]), hour: new Set([Math.floor(time / 60)]) }
  return calendar({ ...times, ...fields, month }, { upperBounds })
}

interface Days {
  readonly day: DayField
  readonly weekday: DayField
  readonly upperBounds?: readonly string[]
}

/** Reads the days of a month: `1,15`. */
function daysOf(text: string): Days | undefined {
  const days = text.split(",").map(Number)
  return days.every((day) => day >= 1 && day <= 31) ? { day: new Set(days), weekday: "any" } : undefined
}

/** Reads `every day`, `every mon,wed`, `1st,third monday`; and `1st day`, which is a day of the month. */
function weekdaysOf(which: string, text: string): Days | undefined {
  const ordinals = which === "every" ? new Set([1, 2, 3, 4, 5]) : ordinalsOf(which)
  if (ordinals === undefined) return undefined
  if (text === "day") return { day: which === "every" ? "any" : ordinals, weekday: "any" }
  const weekday = namesOf(text, WEEKDAY)
  if (weekday === undefined) return undefined
  const upperBounds = ordinals.size === 5 ? [] : [`${which} ${text} counts in every week`]
  return { day: "any", weekday, upperBounds }
}

/** Reads `month`, names, `quarter` and `2nd month of quarter`. */
function monthsOf(text: string): ReadonlySet<number> | undefined {
  if (text === "month") return ALL_MONTHS
  const [, which] = /^(?:(\S+) month of )?quarter$/.exec(text) ?? []
  if (!text.endsWith("quarter")) return namesOf(text, MONTH)
  const ordinals = which === undefined ? new Set([1]) : ordinalsOf(which)
  if (ordinals === undefined || [...ordinals].some((ordinal) => ordinal > 3)) return undefined
  return new Set([...ALL_MONTHS].filter((month) => ordinals.has(((month - 1) % 3) + 1)))
}

const ORDINALS = [
  /^(?:1st|first)$/,
  /^(?:2nd|second)$/,
  /^(?:3rd|third)$/,
  /^(?:4th|fourth)$/,
  /^(?:5th|fifth)$/,
]

const ordinalsOf = (text: string) =>
  allOf(text, (word) => {
    const place = ORDINALS.findIndex((pattern) => pattern.test(word))
    return place < 0 ? undefined : place + 1
  })

/** Reads full names, and those of three letters or more. */
const namesOf = (text: string, { min, names }: CronField) =>
  allOf(text, (word) => {
    const place = names.findIndex((name) => word.length >= 3 && name.startsWith(word))
    return place < 0 ? undefined : min + place
  })

function allOf(text: string, read: (word: string) => number | undefined): ReadonlySet<number> | undefined {
  const values = text.split(",").map(read)
  const known = values.filter((value) => value !== undefined)
  return known.length === values.length ? new Set(known) : undefined
}

function minuteOf(clock: string): number | undefined {
  const [, hour = "", minute = ""] = /^(\d{1,2}):(\d\d)$/.exec(clock) ?? []
  return hour !== "" && Number(hour) < 24 && Number(minute) < 60
    ? Number(hour) * 60 + Number(minute)
    : undefined
}
