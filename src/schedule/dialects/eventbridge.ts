import { describeValue } from "../../error.ts"
import type { Problem } from "../../validation/problem.ts"
import { CRON_FIELDS, type CronField } from "../parse-cron.ts"
import { DEFAULT_FROM, SWEPT_YEARS } from "../time.ts"
import { calendar } from "./calendar.ts"
import { ANY_DAY, daysOfMonth, daysOfWeek, plainValues } from "./eventbridge-fields.ts"
import type { NormalSchedule } from "./normal-schedule.ts"
import { type FieldProblem, refuseFields } from "./refuse-fields.ts"

const EXAMPLES =
  'Write cron() with six fields, such as "cron(0 3 * * ? *)", or rate(5 minutes), or at(2026-01-05T03:00:00)'

/** Reads the expression of an EventBridge rule, or of a schedule of EventBridge Scheduler. */
export function eventBridgeSchedule(text: string): NormalSchedule | Problem {
  const [, kind, inside = ""] = /^(cron|rate|at)\((.*)\)$/s.exec(text.trim()) ?? []
  if (kind === "cron") return cron(text, inside)
  if (kind === "rate") return rate(text, inside)
  if (kind === "at" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(inside.trim())) return { kind: "once" }
  return { problem: `received ${describeValue(text)}`, remedy: EXAMPLES }
}

const SECONDS: Readonly<Record<string, number>> = { minute: 60, hour: 3_600, day: 86_400 }

function rate(text: string, inside: string): NormalSchedule | Problem {
  const [, count = "", unit = ""] = /^\s*(\d{1,9})\s+(minute|hour|day)s?\s*$/.exec(inside) ?? []
  const seconds = Number(count) * (SECONDS[unit] ?? 0)
  if (seconds > 0) return { kind: "interval", seconds }
  return {
    problem: `received ${describeValue(text)}`,
    remedy:
      "Write rate() with a whole number from 1 and minutes, hours or days: rate(1 minute), rate(5 minutes)",
  }
}

const YEAR: CronField = { label: "year", min: 1970, max: 2199, names: [], range: "1970 to 2199" }

const LABELS = [...CRON_FIELDS, YEAR].map(({ label }) => label)

function cron(text: string, inside: string): NormalSchedule | Problem {
  const fields = inside.trim().split(/\s+/u)
  const received = `received ${describeValue(text)}`
  if (fields.length !== LABELS.length) {
    return {
      problem: `${received}, which has ${fields.length} ${fields.length === 1 ? "field" : "fields"}`,
      remedy: `Give six: ${LABELS.join(", ")}, as in "cron(0 3 * * ? *)"`,
    }
  }
  const [, , day, , weekday] = fields
  if ((day === "?") === (weekday === "?")) {
    return {
      problem: `${received}, whose day of month and day of week ${day === "?" ? "are both ?" : "are both given"}`,
      remedy: "Write ? for the one that does not matter, and the other as * or as its days",
    }
  }
  return sixFields(text, fields)
}

function sixFields(text: string, fields: readonly string[]): NormalSchedule | Problem {
  const [minuteField, hourField, , monthField] = CRON_FIELDS
  const [minute = "", hour = "", day = "", month = "", weekday = "", year = ""] = fields
  const faults: FieldProblem[] = []
  const months = plainValues(month, monthField, faults)
  const days = day === "?" ? ANY_DAY : daysOfMonth(day, months, faults)
  const weekdays = weekday === "?" ? ANY_DAY : daysOfWeek(weekday, faults)
  const times = {
    minute: plainValues(minute, minuteField, faults),
    hour: plainValues(hour, hourField, faults),
  }
  const years = plainValues(year, YEAR, faults)
  if (faults.length > 0) return refuseFields(text, faults)
  const ofSweep = SWEPT.filter((each) => years.has(each))
  if (ofSweep.length === 0) return { kind: "never" }
  return calendar(
    { ...times, day: days.field, month: months, weekday: weekdays.field },
    {
      upperBounds: [
        ...days.upperBounds,
        ...weekdays.upperBounds,
        ...(ofSweep.length < SWEPT.length ? [`year ${year} counts every year`] : []),
      ],
    },
  )
}

/** The years that are counted by default. */
const SWEPT = Array.from(
  { length: SWEPT_YEARS },
  (_, index) => new Date(DEFAULT_FROM * 86_400_000).getUTCFullYear() + index,
)
