import { describeValue } from "../../error.ts"
import type { Problem } from "../../validation/problem.ts"
import { faultOf } from "../fix-field.ts"
import { goDuration } from "../go-duration.ts"
import { CRON_FIELDS, type CronField, isCronField } from "../parse-cron.ts"
import { refuseSchedule } from "../refuse-schedule.ts"
import { canonicalTimezone } from "../timezone.ts"
import { calendar } from "./calendar.ts"
import { type Item, readItem } from "./field-values.ts"
import type { NormalSchedule } from "./normal-schedule.ts"
import { type FieldProblem, refuseFields } from "./refuse-fields.ts"

/**
 * Reads the schedule of a CronJob as `ParseStandard` of `robfig/cron` v3 does, which Kubernetes calls.
 *
 * Two of its rules differ from Vixie cron's. A step over `*` is no star, so that with two restricted day fields either of
 * them matches. And `5/15` goes on to the end of the field.
 */
export function kubernetesSchedule(text: string): NormalSchedule | Problem {
  const [, zone, behind] = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/s.exec(text) ?? []
  if (zone === undefined || behind === undefined) return withoutZone(text, undefined)
  // Go calls the zone of its own machine Local, and takes no name for UTC.
  if (zone === "Local") return withoutZone(behind.trim(), undefined)
  const timezone = canonicalTimezone(zone || "UTC")
  return timezone === undefined ? refuseZone(text, zone) : withoutZone(behind.trim(), timezone)
}

function refuseZone(text: string, zone: string): Problem {
  return {
    problem: `received ${describeValue(text)}, whose time zone ${describeValue(zone)} does not exist`,
    remedy:
      "Write the schedule without a time zone, and set timeZone of the CronJob to an IANA name such as Europe/Paris",
  }
}

const DESCRIPTORS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
}

const EVERY = "@every "

function withoutZone(text: string, timezone: string | undefined): NormalSchedule | Problem {
  if (text.startsWith(EVERY)) return interval(text)
  const descriptor = new Map(Object.entries(DESCRIPTORS)).get(text)
  if (text.startsWith("@") && descriptor === undefined) return refuseDescriptor(text)
  const fields = (descriptor ?? text).trim().split(/\s+/u)
  const read =
    fields.length === CRON_FIELDS.length ? fields.map((field, index) => readField(field, index)) : []
  const [minute, hour, day, month, weekday] = read
  if (!minute || !hour || !day || !month || !weekday) return refuseSchedule(text)
  const faults = read.filter((field) => "problem" in field)
  if (faults.length > 0) return refuseFields(text, faults)
  return calendar(
    {
      minute: valuesOf(minute),
      hour: valuesOf(hour),
      day: isStar(day) ? "any" : valuesOf(day),
      month: valuesOf(month),
      weekday: isStar(weekday) ? "any" : valuesOf(weekday),
    },
    { timezone },
  )
}

function refuseDescriptor(text: string): Problem {
  return {
    problem: `received ${describeValue(text)}, which Kubernetes does not know`,
    remedy: `Write five fields, ${Object.keys(DESCRIPTORS).join(", ")}, or "@every 1h30m"`,
  }
}

/** Reads a Go duration. Less than a second is a second, and a longer one loses its fraction. */
function interval(text: string): NormalSchedule | Problem {
  const nanoseconds = goDuration(text.slice(EVERY.length))
  if (nanoseconds === undefined) {
    return {
      problem: `received ${describeValue(text)}, whose interval is not a duration`,
      remedy: 'Give a Go duration such as "@every 45m" or "@every 1h30m"',
    }
  }
  return { kind: "interval", seconds: Math.max(1, Number(nanoseconds / 1_000_000_000n)) }
}

type Field = readonly Item[] | FieldProblem

const valuesOf = (field: Field) => new Set("problem" in field ? [] : field.flatMap(({ values }) => values))

const isStar = (field: Field) => !("problem" in field) && field.some((item) => item.isStar)

/** Reads a list. The library skips empty items, so that a field of commas alone has no values. */
function readField(text: string, index: number): Field {
  const field = CRON_FIELDS[index]
  if (field === undefined) return []
  const items = text.split(",").filter((item) => item !== "")
  const read = items.map((item) => readItem(item, field, false))
  const known = read.filter((item) => item !== undefined)
  return known.length === items.length ? known : refuseField(text, items, field)
}

const [, , , , WEEKDAY] = CRON_FIELDS

function refuseField(text: string, items: readonly string[], field: CronField): Field {
  const refused = items.filter((item) => readItem(item, field, false) === undefined)
  const { label } = field
  const seven = refused.find((item) => field === WEEKDAY && /(?:^|-)7(?!\d)/.test(item))
  const sunday = seven ?? refused.find((item) => isCronField(item, field))
  if (sunday !== undefined) {
    const problem = seven === undefined ? "runs backwards" : "is outside 0 to 6 or sun to sat"
    const remedy = "Write Sunday as 0, and a range up to it as a list (5,6,0)"
    return { label, problem: `${sunday} ${problem}`, remedy }
  }
  const fault = faultOf(refused[0] ?? "", field)
  // Other than a Sunday at the end of the week, the library takes all that cron takes: the remedies of cron hold.
  const remedy = faultOf(text, field)?.remedy ?? ""
  return { label, problem: fault?.problem ?? "", remedy }
}
