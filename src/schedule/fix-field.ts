import { describeValue } from "../error.ts"
import { CRON_FIELDS, type CronField, isCronField } from "./parse-cron.ts"
import { writeRun } from "./write-run.ts"

/** The first problem of a field, and the field to write instead. */
export interface FieldFault {
  /** Includes the invalid item: `22-4 runs backwards`. */
  readonly problem: string
  /** The field as cron accepts it; undefined if only the author knows what was meant. */
  readonly fixed: string | undefined
  readonly remedy: string
}

/** The problem of one item of a field's list, as a clause that follows the item. */
interface ItemFault {
  readonly problem: string
  readonly fixed?: string
  /** Set if there is no fix, and a better hint than the values that the field accepts. */
  readonly remedy?: string
}

/** Returns the first fault of a field; undefined if cron accepts it. */
export function faultOf(text: string, field: CronField): FieldFault | undefined {
  if (isCronField(text, field)) return undefined
  const items = text.split(",").map((item) => ({ item, fault: faultOfItem(item, field) }))
  const fixed = items
    .map(({ item, fault }) => (fault === undefined ? item : fault.fixed))
    .filter((item) => item !== "")
    .join(",")
  const faulty = items.filter(({ fault }) => fault !== undefined)
  const unfixed = faulty.find(({ fault }) => fault?.fixed === undefined)
  const { item = "", fault } = unfixed ?? faulty[0] ?? {}
  const isFixed = unfixed === undefined && isCronField(fixed, field)
  const own = `Write the ${field.label} as ${field.range}, *, a list (1,2), a range (1-5) or a step (*/2, 1-5/2)`
  return {
    problem: `${item === "" ? "" : `${describeItem(item)} `}${fault?.problem}`,
    fixed: isFixed ? fixed : undefined,
    remedy: isFixed ? `Write ${fixed} for the ${field.label}` : (fault?.remedy ?? own),
  }
}

/** Formats an item of a field for a message. */
export const describeItem = (item: string): string =>
  /^[!-~]{1,40}$/.test(item) ? item : describeValue(item)

function faultOfItem(item: string, field: CronField): ItemFault | undefined {
  return isCronField(item, field) ? undefined : diagnose(item.toLowerCase(), field)
}

/** Returns the fault from the first check that recognizes the item. */
function diagnose(item: string, field: CronField): ItemFault {
  for (const check of [
    emptyItem,
    anyDay,
    hashed,
    daysOfQuartz,
    longName,
    backwards,
    openStep,
    zeroStep,
    outOfRange,
    wrongName,
  ]) {
    const fault = check(item, field)
    if (fault !== undefined) return fault
  }
  return { problem: "is not in crontab(5)" }
}

type ItemCheck = (item: string, field: CronField) => ItemFault | undefined

const emptyItem: ItemCheck = (item) =>
  item === "" ? { problem: "has an extra comma", fixed: "" } : undefined

const isDay = ({ label }: CronField) => label.startsWith("day")

const anyDay: ItemCheck = (item, field) =>
  item === "?" && isDay(field) ? { problem: "is written * in cron", fixed: "*" } : undefined

/** Jenkins and OpenBSD pick a value by hash or at random. */
const hashed: ItemCheck = (item, { label }) => {
  const step = /^h\/(\d{1,2})$/.exec(item)
  if (step) return { problem: "is picked by the scheduler", fixed: `*/${step[1]}` }
  if (!/^h\b|~/.test(item)) return undefined
  return {
    problem: "is picked by the scheduler",
    remedy: `Write the ${label} that it picked`,
  }
}

/** Quartz's `L`, `W` and `#`. The fix has every day that they can fall on, so that the count is never too low. */
const daysOfQuartz: ItemCheck = (item, field) => {
  if (!isDay(field)) return undefined
  const isWeekday = field.names.length > 0
  const days = isWeekday ? /^(\w+?)(?:#\d|l)$/.exec(item)?.[1] : daysOfMonth(item)
  if (days === undefined || !isCronField(days, field)) return undefined
  return { problem: "is not in cron: list every day that it can fall on", fixed: days }
}

function daysOfMonth(item: string): string | undefined {
  if (item === "l") return "28-31"
  if (item === "lw" || item === "wl") return "26-31"
  const before = Number(/^l-(\d{1,2})$/.exec(item)?.[1] ?? Number.NaN)
  if (before < 28) return `${28 - before}-${31 - before}`
  const near = Number(/^(\d{1,2})w$/.exec(item)?.[1] ?? Number.NaN)
  return near >= 1 && near <= 31 ? `${Math.max(1, near - 2)}-${Math.min(31, near + 2)}` : undefined
}

const longName: ItemCheck = (item, field) => {
  const short = item.replaceAll(/[a-z]{4,}/g, (word) => {
    return field.names.some((name) => name.startsWith(word)) ? word.slice(0, 3) : word
  })
  if (short === item) return undefined
  const fixed = isCronField(short, field) ? short : diagnose(short, field).fixed
  return fixed === undefined ? undefined : { problem: "has a name of more than three letters", fixed }
}

const RANGE = /^(\w+)-(\w+)(?:\/(\d{1,2}))?$/

const backwards: ItemCheck = (item, field) => {
  const [, start = "", end = "", step = "1"] = RANGE.exec(item) ?? []
  const [from, to, by] = [readValue(start, field), readValue(end, field), Number(step)]
  if (from === undefined || to === undefined || from <= to || by === 0) return undefined
  const { min, max } = field
  const values = Array.from(
    { length: Math.floor((to + max - min + 1 - from) / by) + 1 },
    (_, index) => from + index * by,
  )
  const isNamed = !/^\d/.test(start)
  const name = (value: number) => (isNamed ? (field.names[value - min]?.slice(0, 3) ?? "") : `${value}`)
  const fixed = [
    values.filter((value) => value <= max),
    values.filter((value) => value > max).map((value) => value - (max - min + 1)),
  ].flatMap((run) => writeRun(run, by, name))
  return { problem: "runs backwards", fixed: fixed.join(",") }
}

/** Reads a number or a name from `min` to `max`. In the day of week, 7 means 0. */
function readValue(text: string, { min, max, names }: CronField): number | undefined {
  const named = names.findIndex((name) => name.slice(0, 3) === text)
  const value = named >= 0 ? min + named : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  const known = value === 7 && max === 6 ? 0 : value
  return known >= min && known <= max ? known : undefined
}

const openStep: ItemCheck = (item, field) => {
  const [, start = "", step = ""] = /^(\w+)\/(\d{1,2})$/.exec(item) ?? []
  if (readValue(start, field) === undefined || Number(step) === 0) return undefined
  return { problem: "has a step and no range", fixed: `${start}-${field.max}/${step}` }
}

const zeroStep: ItemCheck = (item) =>
  /^[\w*-]{1,20}\/0*$/.test(item)
    ? { problem: "has no step", remedy: `Write ${item.replace(/\/0*$/, "")}, or a step of 1 or more` }
    : undefined

const outOfRange: ItemCheck = (item, field) => {
  const { label, min, max, range } = field
  const most = max === 6 ? 7 : max
  const number = item.match(/\d+/g)?.find((digits) => Number(digits) < min || Number(digits) > most)
  if (number === undefined || !/^\d+(?:-\d+)?(?:\/\d+)?$/.test(item)) return undefined
  const hint = label === "hour" && number === "24" ? "; midnight is 0" : ""
  return { problem: `is outside ${range}`, remedy: `Write the ${label} as ${range}${hint}` }
}

const wrongName: ItemCheck = (item, field) => {
  const owner = CRON_FIELDS.find(
    (other) =>
      other !== field &&
      item.split("-").every((word) => readValue(word, other) !== undefined && /\D/.test(word)),
  )
  return (
    owner && {
      problem: `is a ${owner.label}`,
      remedy: `Write it as the ${owner.label}, which is field ${CRON_FIELDS.indexOf(owner) + 1} of five, and the ${field.label} as ${field.range} or *`,
    }
  )
}
