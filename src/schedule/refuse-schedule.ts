import { describeValue } from "../error.ts"
import type { Problem } from "../validation/problem.ts"
import { faultOf } from "./mend-field.ts"
import { otherNotation, type Refusal } from "./other-notations.ts"
import { CRON_FIELDS, FIVE_FIELDS, parseCron } from "./parse-cron.ts"
import { canonicalTimezone } from "./timezone.ts"

/** Longer than any schedule that says each value once. */
export const MAX_SCHEDULE_LENGTH = 1_000

/** What is wrong with a value that is no schedule of `crontab(5)`, and what to write instead. */
export function refuseSchedule(value: unknown): Problem {
  const received = `received ${describeValue(value)}`
  if (typeof value !== "string") {
    const remedy = Array.isArray(value) ? "Declare one job for each schedule" : FIVE_FIELDS
    return { problem: received, remedy }
  }
  const { problem, remedy } = adviceOn(value.trim())
  return { problem: `${received}, ${problem}`, remedy }
}

/** What is wrong with five fields that no date matches: a day that none of the months has. */
export function refuseDates(fields: readonly string[]): Problem {
  const months = parseCron(fields)?.months ?? []
  const last = months.every((month) => month === 1) ? "28" : "30"
  return {
    problem: `received ${describeValue(fields.join(" "))}, which never comes: no such day is in any of its months`,
    remedy: `${write(fields.with(2, last))}, or leave the job out`,
  }
}

/** The first refusal that knows the text. */
function adviceOn(text: string): Problem {
  return zone(text) ?? withoutZone(text)
}

function withoutZone(text: string): Problem {
  for (const refusal of [nothing, page, lines, otherNotation, wrapped, spaces, fieldCount]) {
    const refused = refusal(text)
    if (refused !== undefined) return refused
  }
  return fieldFaults(fieldsOf(text))
}

export const fieldsOf = (text: string): readonly string[] => text.trim().split(/[ \t]+/)

const write = (fields: readonly string[]) => `Write "${fields.join(" ")}"`

const nothing: Refusal = (text) =>
  text === ""
    ? {
        problem: "which has no field",
        remedy: `${FIVE_FIELDS}. Or leave the schedule out of a job that is started on demand`,
      }
    : undefined

const page: Refusal = (text) =>
  text.length > MAX_SCHEDULE_LENGTH
    ? {
        problem: `which has more than ${MAX_SCHEDULE_LENGTH} characters`,
        remedy: "Write each value once, and values that follow each other as a range (1-5)",
      }
    : undefined

const ZONE_IN_FRONT = /^(?:CRON_)?TZ\s*=\s*["']?([^\s"';]+)["']?;?\s*(.*)$/is

const zone: Refusal = (text) => {
  const [, inFront, behind = ""] = ZONE_IN_FRONT.exec(text) ?? []
  if (inFront !== undefined) return zoneApart(inFront, behind, "in front")
  const fields = fieldsOf(text)
  const last = fields.at(-1) ?? ""
  if (fields.length < 6 || canonicalTimezone(last) === undefined) return undefined
  return zoneApart(last, fields.slice(0, -1).join(" "), "at the end")
}

function zoneApart(timezone: string, rest: string, place: string): Problem {
  const problem = `which has its time zone ${place}`
  const stated = `timezone ${describeValue(timezone)}`
  if (parseCron(fieldsOf(rest)) !== undefined)
    return { problem, remedy: `${write(fieldsOf(rest))} as the schedule, and ${stated}` }
  return {
    problem,
    remedy: `Write ${stated}. What is left, ${describeValue(rest)}, is no schedule either. ${withoutZone(rest).remedy}`,
  }
}

const lines: Refusal = (text) =>
  /[\r\n]/.test(text)
    ? { problem: "which has several lines", remedy: "Declare one job for each schedule" }
    : undefined

/** EventBridge's `cron(0 10 * * ? *)`. */
const wrapped: Refusal = (text) => {
  const inside = /^cron\((.*)\)$/i.exec(text)?.[1]?.trim()
  if (inside === undefined) return undefined
  const problem = "which is more than the schedule"
  return {
    problem,
    remedy: parseCron(fieldsOf(inside)) ? write(fieldsOf(inside)) : withoutZone(inside).remedy,
  }
}

const spaces: Refusal = (text) => {
  const fields = text.split(/\s+/u)
  if (fields.length === fieldsOf(text).length || parseCron(fields) === undefined) return undefined
  return { problem: "whose fields have something other than spaces between them", remedy: write(fields) }
}

const fieldCount: Refusal = (text) => {
  const fields = fieldsOf(text)
  if (fields.length === 5) return undefined
  const has = `which has ${fields.length} ${fields.length === 1 ? "field" : "fields"}`
  if (fields.length < 5) {
    const all = [...fields, "*", "*", "*", "*"].slice(0, 5)
    const remedy = parseCron(all) ? `${write(all)} if * is meant for the others` : FIVE_FIELDS
    return { problem: has, remedy }
  }
  return withSeconds(fields, has) ?? withMore(fields, has) ?? { problem: has, remedy: FIVE_FIELDS }
}

function withSeconds(fields: readonly string[], has: string): Problem | undefined {
  const five = fields.length > 7 ? undefined : fiveOf(fields.slice(1, 6), fields.includes("?"))
  if (five === undefined) return undefined
  const none = fields.length === 7 ? "neither seconds nor years" : "no seconds"
  const often = /^\d+$/.test(fields[0] ?? "")
    ? ""
    : " if it starts once a minute at most. What starts more often is always at work: declare it as a consumer"
  return { problem: `${has}: cron has ${none}`, remedy: `${write(five)}${often}` }
}

/** A year behind the five, as EventBridge has it, or the command of a line of a crontab. */
function withMore(fields: readonly string[], has: string): Problem | undefined {
  const five = fiveOf(fields.slice(0, 5), fields.includes("?"))
  if (five === undefined) return undefined
  const isYear = fields.length === 6 && /^(?:\*|\d{4}\S*)$/.test(fields[5] ?? "")
  const problem = isYear ? `${has}: cron has no years` : `${has}, and five are the schedule`
  return { problem, remedy: write(five) }
}

/** Five fields in cron's words. Where `?` is written the days of the week are Quartz's, from 1 for Sunday. */
function fiveOf(fields: readonly string[], isQuartz: boolean): readonly string[] | undefined {
  const [weekday = ""] = fields.slice(4)
  const names = CRON_FIELDS[4]?.names ?? []
  const named = weekday.replaceAll(
    /(?<![#/\d])[1-7](?!\d)/g,
    (day) => names[Number(day) - 1]?.slice(0, 3) ?? day,
  )
  return mendedFields(isQuartz ? fields.with(4, named) : fields)
}

function mendedFields(fields: readonly string[]): readonly string[] | undefined {
  const mended = fields.map((text, index) => {
    const field = CRON_FIELDS[index]
    const fault = field && faultOf(text, field)
    return fault === undefined ? text : fault.mended
  })
  const whole = mended.filter((text) => text !== undefined)
  return whole.length === mended.length && parseCron(whole) ? whole : undefined
}

function fieldFaults(fields: readonly string[]): Problem {
  const faults = CRON_FIELDS.flatMap((field, index) => {
    const fault = faultOf(fields[index] ?? "", field)
    return fault ? [{ ...fault, problem: `whose ${field.label} ${fault.problem}` }] : []
  })
  const mended = mendedFields(fields)
  return {
    problem: faults.map(({ problem }) => problem).join(", "),
    remedy: mended ? write(mended) : faults.map(({ remedy }) => remedy).join(". "),
  }
}
