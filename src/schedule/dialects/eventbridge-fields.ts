import { describeItem } from "../fix-field.ts"
import { CRON_FIELDS, type CronField } from "../parse-cron.ts"
import { type DayField, writeValues } from "./calendar.ts"
import { readItem } from "./field-values.ts"
import type { FieldProblem } from "./refuse-fields.ts"

/** A day field, and why it has more days than the original. */
export interface Days {
  readonly field: DayField
  readonly upperBounds: readonly string[]
}

export const ANY_DAY: Days = { field: "any", upperBounds: [] }

/** Reads a field without `L`, `W` and `#`. */
export function plainValues(text: string, field: CronField, faults: FieldProblem[]): Set<number> {
  const read = text.split(",").map((item) => {
    return plainItem(item, field) ?? refuse(item, field, "")
  })
  return new Set(accepted(read, faults).flatMap(({ values }) => values))
}

/** A range may run over the end of the field, as in Quartz: `FRI-MON`. A `?` is not for every field. */
const plainItem = (item: string, field: CronField) =>
  item.startsWith("?") ? undefined : readItem(item, field, true)

/** Returns what was read. The first problem of a field is enough. */
function accepted<Read extends object>(
  read: readonly (Read | FieldProblem)[],
  faults: FieldProblem[],
): readonly Read[] {
  const fault = read.find((each) => "problem" in each)
  if (fault !== undefined && "problem" in fault) faults.push(fault)
  return read.filter((each): each is Read => !("problem" in each))
}

function refuse(item: string, { label, range }: CronField, more: string): FieldProblem {
  return {
    label,
    problem: `${describeItem(item)} is not in EventBridge's cron()`,
    remedy: `Write the ${label} as ${range}, *, a list (1,2), a range (1-5) or a step (1/5)${more}`,
  }
}

/** A day or the days that an item can fall on. */
interface DayItem {
  readonly values: readonly number[]
  readonly isStar?: boolean
  readonly upperBound?: string
}

function daysOf(items: readonly DayItem[]): Days {
  return {
    field: items.some(({ isStar }) => isStar) ? "any" : new Set(items.flatMap(({ values }) => values)),
    upperBounds: items.flatMap(({ upperBound }) => upperBound ?? []),
  }
}

const [, , DAY, , CRON_WEEKDAY] = CRON_FIELDS

/** Sunday is 1. */
const WEEKDAY: CronField = {
  label: "day of week",
  min: 1,
  max: 7,
  names: CRON_WEEKDAY.names,
  range: "1 (Sunday) to 7 or SUN to SAT",
}

/**
 * Reads the day of week. `L` is Saturday, `6L` the last Friday of the month, `6#3` the third: five fields cannot count
 * the weeks of a month, and get every Friday.
 */
export function daysOfWeek(text: string, faults: FieldProblem[]): Days {
  const items = text.split(",")
  const read = items.map((item): DayItem | FieldProblem => {
    if (item.includes("#") && items.length > 1) {
      const remedy = "Write a day with # alone, and a schedule for each of the others"
      return { label: WEEKDAY.label, problem: `${describeItem(item)} is one of several`, remedy }
    }
    const counted = /^(\w+?)(?:L|#[1-5])$/.exec(item)?.[1]
    const found = plainItem(item === "L" ? "7" : (counted ?? item), WEEKDAY)
    if (found === undefined) return refuse(item, WEEKDAY, ", the last (6L) or one of the month (6#3)")
    return {
      ...found,
      values: found.values.map((value) => value - 1),
      ...(counted === undefined ? {} : { upperBound: `day of week ${item} counts in every week` }),
    }
  })
  return daysOf(accepted(read, faults))
}

/**
 * Reads the day of month. `L` is the last day, `15W` the weekday nearest to the 15th, `LW` the last weekday. Five fields
 * know neither the lengths of months nor their weekends, and get every day that it can be.
 *
 * @param months the months of the schedule
 */
export function daysOfMonth(text: string, months: ReadonlySet<number>, faults: FieldProblem[]): Days {
  const read = text.split(",").map((item): DayItem | FieldProblem => {
    const dayIn = dayOfMonth(item)
    if (dayIn !== undefined) return everyDay(item, dayIn, months)
    return plainItem(item, DAY) ?? refuse(item, DAY, ", the last (L) or the nearest weekday (15W)")
  })
  return daysOf(accepted(read, faults))
}

/** A month, as far as `L` and `W` see it. */
interface Month {
  readonly days: number
  /** The day of the week of its first; 0 is Sunday. */
  readonly first: number
}

/** Returns a function to the day of a month, undefined in one that is too short. No function without `L` and `W`. */
function dayOfMonth(item: string): ((month: Month) => number | undefined) | undefined {
  const [, last, before = "0", day = "0", near] = /^(?:(L)(?:-(\d{1,2}))?|(\d{1,2}))(W)?$/.exec(item) ?? []
  if (last === undefined && near === undefined) return undefined
  if (last === undefined && (Number(day) < 1 || Number(day) > 31)) return undefined
  return (month) => {
    const exact = last === undefined ? Number(day) : month.days - Number(before)
    if (exact < 1 || exact > month.days) return undefined
    return near === undefined ? exact : nearestWeekday(exact, month)
  }
}

/** Stays within the month, as in Quartz. */
function nearestWeekday(day: number, { days, first }: Month): number {
  const weekday = (first + day - 1) % 7
  if (weekday === 6) return day === 1 ? 3 : day - 1
  if (weekday === 0) return day === days ? day - 2 : day + 1
  return day
}

function everyDay(
  item: string,
  dayIn: (month: Month) => number | undefined,
  months: ReadonlySet<number>,
): DayItem {
  const all = [...months].flatMap(monthsLike)
  const values = [...new Set(all.map(dayIn).filter((day) => day !== undefined))]
  const isExact = all.every((month) => {
    return values.every((value) => value > month.days || value === dayIn(month))
  })
  const upperBound = `day of month ${item} counts on ${writeValues(new Set(values))}`
  return isExact ? { values } : { values, upperBound }
}

/** Returns the shapes that a month of the calendar can have. */
function monthsLike(month: number): readonly Month[] {
  const lengths = month === 2 ? [28, 29] : [4, 6, 9, 11].includes(month) ? [30] : [31]
  return lengths.flatMap((days) => Array.from({ length: 7 }, (_, first) => ({ days, first })))
}
