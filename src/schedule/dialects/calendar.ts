import { isProblem } from "../../validation/problem.ts"
import { CRON_FIELDS, type CronField } from "../parse-cron.ts"
import { readSchedule } from "../read-schedule.ts"
import { writeRun } from "../write-run.ts"
import type { NormalSchedule } from "./normal-schedule.ts"

/** The five fields of a schedule, as sets of their values. */
export interface CalendarFields {
  readonly minute: ReadonlySet<number>
  readonly hour: ReadonlySet<number>
  readonly day: DayField
  readonly month: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly weekday: DayField
}

/** The values of a day field; `any` if it does not restrict the date, so that the other one decides alone. */
export type DayField = ReadonlySet<number> | "any"

/** What goes with the five fields. */
export interface CalendarExtras {
  readonly timezone?: string | undefined
  /** The reasons why the fields have more starts than the original. */
  readonly upperBounds?: readonly string[]
  /**
   * True if the scheduler may make up for the times that the clock skips, each of them. Cron does so unless the minute or
   * the hour begins with a `*`.
   */
  readonly catchesUp?: boolean
}

/**
 * Writes sets of values as five fields of `crontab(5)`. A date matches if either day field has it, and if one of them is
 * `any`, the other decides.
 */
export function calendar(
  fields: CalendarFields,
  { timezone, upperBounds = [], catchesUp = false }: CalendarExtras = {},
): NormalSchedule {
  const [minute, hour, , month] = CRON_FIELDS
  const [day, weekday] = dayFields(fields)
  const written = [
    writeField(fields.minute, minute, !catchesUp),
    writeField(fields.hour, hour, !catchesUp),
    day,
    writeField(fields.month, month, true),
    weekday,
  ]
  const schedule = written.join(" ")
  if (written.includes("") || isProblem(readSchedule(schedule))) return { kind: "never" }
  return {
    kind: "calendar",
    schedule,
    ...(timezone === undefined ? {} : { timezone }),
    ...(upperBounds.length === 0 ? {} : { upperBound: upperBounds.join(", ") }),
  }
}

/** Writes the day fields. Only `any` begins with a `*`, because cron then makes both fields match. */
function dayFields({ day, weekday }: CalendarFields): readonly [day: string, weekday: string] {
  const written = [day, weekday].map((field) => (field === "any" ? "*" : writeValues(field)))
  const [days = "", weekdays = ""] = written
  // Where either may match, a field without a value leaves the date to the other.
  if (days === "" && weekdays !== "*" && weekdays !== "") return ["*", weekdays]
  if (weekdays === "" && days !== "*" && days !== "") return [days, "*"]
  return [days, weekdays]
}

/** Writes all values of a field as `*`, and with `steps` every second, third … of them as `*` with a step. */
function writeField(values: ReadonlySet<number>, { min, max }: CronField, steps: boolean): string {
  const ascending = sorted(values)
  const step = stepOf(ascending)
  const isWhole = step !== undefined && ascending[0] === min && (ascending.at(-1) ?? 0) + step > max
  if (!isWhole || (step > 1 && !steps)) return writeValues(values)
  return step === 1 ? "*" : `*/${step}`
}

/** Writes values as a list of values and ranges, without a `*`. No value makes an empty string. */
export function writeValues(values: ReadonlySet<number>): string {
  const ascending = sorted(values)
  const step = stepOf(ascending)
  if (step !== undefined) return writeRun(ascending, step, String).join(",")
  const runs: number[][] = []
  for (const value of ascending) {
    const run = runs.at(-1)
    if (run?.at(-1) === value - 1) run.push(value)
    else runs.push([value])
  }
  return runs.flatMap((run) => writeRun(run, 1, String)).join(",")
}

const sorted = (values: ReadonlySet<number>) => [...values].sort((one, other) => one - other)

/** Returns the distance of three or more values with equal distances. */
function stepOf(ascending: readonly number[]): number | undefined {
  const step = (ascending[1] ?? 0) - (ascending[0] ?? 0)
  const isEven = ascending.every(
    (value, index) => index === 0 || value - (ascending[index - 1] ?? 0) === step,
  )
  return ascending.length > 2 && isEven ? step : undefined
}
