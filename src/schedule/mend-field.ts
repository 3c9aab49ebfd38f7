import { describeValue } from "../error.ts"
import { CRON_FIELDS, type CronField, isCronField } from "./parse-cron.ts"

/** What is wrong with a field, and what to write instead. */
export interface FieldFault {
  /** With the item at fault: `22-4 runs backwards`. */
  readonly problem: string
  /** The field as cron takes it; undefined where only its owner knows. */
  readonly mended: string | undefined
  readonly remedy: string
}

/** What is wrong with one item of a field's list, as a clause after it. */
interface ItemFault {
  readonly problem: string
  readonly mended?: string
  /** Where nothing can be written for it, and something better is known than what the field takes. */
  readonly remedy?: string
}

/** The first fault of a field that cron does not take; undefined when it takes it. */
export function faultOf(text: string, field: CronField): FieldFault | undefined {
  if (isCronField(text, field)) return undefined
  const items = text.split(",").map((item) => ({ item, fault: faultOfItem(item, field) }))
  const mended = items
    .map(({ item, fault }) => (fault === undefined ? item : fault.mended))
    .filter((item) => item !== "")
    .join(",")
  const faulty = items.filter(({ fault }) => fault !== undefined)
  const unmended = faulty.find(({ fault }) => fault?.mended === undefined)
  const { item = "", fault } = unmended ?? faulty[0] ?? {}
  const isMended = unmended === undefined && isCronField(mended, field)
  const own = `Write the ${field.label} as ${field.range}, *, a list (1,2), a range (1-5) or a step (*/2, 1-5/2)`
  return {
    problem: `${item === "" ? "" : `${displayed(item)} `}${fault?.problem}`,
    mended: isMended ? mended : undefined,
    remedy: isMended ? `Write ${mended} for the ${field.label}` : (fault?.remedy ?? own),
  }
}

const displayed = (item: string) => (/^[!-~]{1,40}$/.test(item) ? item : describeValue(item))

function faultOfItem(item: string, field: CronField): ItemFault | undefined {
  return isCronField(item, field) ? undefined : mend(item.toLowerCase(), field)
}

/** The first of these that knows the item says what is wrong with it. */
function mend(item: string, field: CronField): ItemFault {
  for (const kind of [
    emptyItem,
    anyDay,
    hashed,
    daysOfQuartz,
    longName,
    backwards,
    openStep,
    zeroStep,
    outside,
    wrongName,
  ]) {
    const fault = kind(item, field)
    if (fault !== undefined) return fault
  }
  return { problem: "is not in crontab(5)" }
}

type Kind = (item: string, field: CronField) => ItemFault | undefined

const emptyItem: Kind = (item) => (item === "" ? { problem: "has a comma too many", mended: "" } : undefined)

const isDay = ({ label }: CronField) => label.startsWith("day")

const anyDay: Kind = (item, field) =>
  item === "?" && isDay(field) ? { problem: "is written * in cron", mended: "*" } : undefined

/** Jenkins and OpenBSD pick a value by hash or at random. */
const hashed: Kind = (item, { label }) => {
  const step = /^h\/(\d{1,2})$/.exec(item)
  if (step) return { problem: "is picked by the scheduler", mended: `*/${step[1]}` }
  if (!/^h\b|~/.test(item)) return undefined
  return {
    problem: "is picked by the scheduler",
    remedy: `Write the ${label} that it picked`,
  }
}

/** `L`, `W` and `#`: cron has every day that they may be, so what they count is never too little. */
const daysOfQuartz: Kind = (item, field) => {
  if (!isDay(field)) return undefined
  const isWeekday = field.names.length > 0
  const days = isWeekday ? /^(\w+?)(?:#\d|l)$/.exec(item)?.[1] : daysOfMonth(item)
  if (days === undefined || !isCronField(days, field)) return undefined
  return { problem: "is not in cron, which has every day that it may be", mended: days }
}

function daysOfMonth(item: string): string | undefined {
  if (item === "l") return "28-31"
  if (item === "lw" || item === "wl") return "26-31"
  const before = Number(/^l-(\d{1,2})$/.exec(item)?.[1] ?? Number.NaN)
  if (before < 28) return `${28 - before}-${31 - before}`
  const near = Number(/^(\d{1,2})w$/.exec(item)?.[1] ?? Number.NaN)
  return near >= 1 && near <= 31 ? `${Math.max(1, near - 2)}-${Math.min(31, near + 2)}` : undefined
}

const longName: Kind = (item, field) => {
  const short = item.replaceAll(/[a-z]{4,}/g, (word) => {
    return field.names.some((name) => name.startsWith(word)) ? word.slice(0, 3) : word
  })
  if (short === item) return undefined
  const mended = isCronField(short, field) ? short : mend(short, field).mended
  return mended === undefined ? undefined : { problem: "has a name of more than three letters", mended }
}

const RANGE = /^(\w+)-(\w+)(?:\/(\d{1,2}))?$/

const backwards: Kind = (item, field) => {
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
  const mended = [
    values.filter((value) => value <= max),
    values.filter((value) => value > max).map((value) => value - (max - min + 1)),
  ].flatMap((run) => runOf(run, by, name))
  return { problem: "runs backwards", mended: mended.join(",") }
}

/** Ascending values as cron writes them: two as a list, more as a range. */
function runOf(values: readonly number[], step: number, name: (value: number) => string): readonly string[] {
  const [first, last] = [values[0], values.at(-1)]
  if (values.length < 3 || first === undefined || last === undefined) return values.map(name)
  return [`${name(first)}-${name(last)}${step === 1 ? "" : `/${step}`}`]
}

/** A value from `min` to `max`, with 7 as another 0 of the day of week. */
function readValue(text: string, { min, max, names }: CronField): number | undefined {
  const named = names.findIndex((name) => name.slice(0, 3) === text)
  const value = named >= 0 ? min + named : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  const known = value === 7 && max === 6 ? 0 : value
  return known >= min && known <= max ? known : undefined
}

const openStep: Kind = (item, field) => {
  const [, start = "", step = ""] = /^(\w+)\/(\d{1,2})$/.exec(item) ?? []
  if (readValue(start, field) === undefined || Number(step) === 0) return undefined
  return { problem: "has a step and no range", mended: `${start}-${field.max}/${step}` }
}

const zeroStep: Kind = (item) =>
  /^[\w*-]{1,20}\/0*$/.test(item)
    ? { problem: "has no step", remedy: `Write ${item.replace(/\/0*$/, "")}, or a step of 1 or more` }
    : undefined

const outside: Kind = (item, field) => {
  const { label, min, max, range } = field
  const most = max === 6 ? 7 : max
  const number = item.match(/\d+/g)?.find((digits) => Number(digits) < min || Number(digits) > most)
  if (number === undefined || !/^\d+(?:-\d+)?(?:\/\d+)?$/.test(item)) return undefined
  const hint = label === "hour" && number === "24" ? "; midnight is 0" : ""
  return { problem: `goes beyond ${range}`, remedy: `Write the ${label} as ${range}${hint}` }
}

const wrongName: Kind = (item, field) => {
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
