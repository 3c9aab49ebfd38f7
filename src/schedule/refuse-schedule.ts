import { describeValue } from "../error.ts"
import type { Problem } from "../validation/problem.ts"
import { faultOf } from "./fix-field.ts"
import { otherNotation, type Refusal } from "./other-notations.ts"
import { CRON_FIELDS, FIVE_FIELDS, parseCron } from "./parse-cron.ts"
import { canonicalTimezone } from "./timezone.ts"

/** Longer than any schedule that lists each value once. */
export const MAX_SCHEDULE_LENGTH = 1_000

/** Explains why a value is not a schedule of `crontab(5)`, and what to write instead. */
export function refuseSchedule(value: unknown): Problem {
  const received = `received ${describeValue(value)}`
  if (typeof value !== "string") {
    const remedy = Array.isArray(value) ? "Declare one job for each schedule" : FIVE_FIELDS
    return { problem: received, remedy }
  }
  const { problem, remedy } = adviceOn(value.trim())
  return { problem: `${received}, ${problem}`, remedy }
}

/** Explains why no date matches five valid fields: none of the months has the day. */
export function refuseDates(fields: readonly string[]): Problem {
  const months = parseCron(fields)?.months ?? []
  const last = months.every((month) => month === 1) ? "28" : "30"
  return {
    problem: `received ${describeValue(fields.join(" "))}, which never runs: none of its months has that day`,
    remedy: `${write(fields.with(2, last))}, or leave the job out`,
  }
}

/** Returns the problem from the first refusal that recognizes the string. */
function adviceOn(text: string): Problem {
  return zone(text) ?? withoutZone(text)
}

function withoutZone(text: string): Problem {
  for (const refusal of [empty, tooLong, severalLines, otherNotation, wrapped, spaces, fieldCount]) {
    const refused = refusal(text)
    if (refused !== undefined) return refused
  }
  return fieldFaults(fieldsOf(text))
}

export const fieldsOf = (text: string): readonly string[] => text.trim().split(/[ \t]+/)

const write = (fields: readonly string[]) => `Write "${fields.join(" ")}"`

const empty: Refusal = (text) =>
  text === ""
    ? {
        problem: "which is empty",
        remedy: `${FIVE_FIELDS}. Or leave the schedule out of a job that is started on demand`,
      }
    : undefined

const tooLong: Refusal = (text) =>
  text.length > MAX_SCHEDULE_LENGTH
    ? {
        problem: `which has more than ${MAX_SCHEDULE_LENGTH} characters`,
        remedy: "Write each value once, and values that follow each other as a range (1-5)",
      }
    : undefined

const ZONE_IN_FRONT = /^(?:CRON_)?TZ\s*=\s*["']?([^\s"';]+)["']?;?\s*(.*)$/is

const zone: Refusal = (text) => {
  const [, inFront, behind = ""] = ZONE_IN_FRONT.exec(text) ?? []
  if (inFront !== undefined) return zoneApart(inFront, behind, "starts")
  const fields = fieldsOf(text)
  const last = fields.at(-1) ?? ""
  if (fields.length < 6 || canonicalTimezone(last) === undefined) return undefined
  return zoneApart(last, fields.slice(0, -1).join(" "), "ends")
}

function zoneApart(timezone: string, rest: string, place: "starts" | "ends"): Problem {
  const problem = `which ${place} with a time zone`
  const zoneField = `timezone ${describeValue(timezone)}`
  if (parseCron(fieldsOf(rest)) !== undefined)
    return { problem, remedy: `${write(fieldsOf(rest))} as the schedule, and ${zoneField}` }
  return {
    problem,
    remedy: `Write ${zoneField}. The rest, ${describeValue(rest)}, is not a schedule either. ${withoutZone(rest).remedy}`,
  }
}

const severalLines: Refusal = (text) =>
  /[\r\n]/.test(text)
    ? { problem: "which has several lines", remedy: "Declare one job for each schedule" }
    : undefined

/** EventBridge's `cron(0 10 * * ? *)`. */
const wrapped: Refusal = (text) => {
  const inside = /^cron\((.*)\)$/i.exec(text)?.[1]?.trim()
  if (inside === undefined) return undefined
  const problem = "which wraps the schedule in cron()"
  return {
    problem,
    remedy: parseCron(fieldsOf(inside)) ? write(fieldsOf(inside)) : withoutZone(inside).remedy,
  }
}

const spaces: Refusal = (text) => {
  const fields = text.split(/\s+/u)
  if (fields.length === fieldsOf(text).length || parseCron(fields) === undefined) return undefined
  return { problem: "whose fields are separated by something other than spaces", remedy: write(fields) }
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
    : " if it starts at most once a minute. A job that starts more often is always running: declare it as a consumer"
  return { problem: `${has}: cron has ${none}`, remedy: `${write(five)}${often}` }
}

/** Handles a year after the five fields, as in EventBridge, or the command of a crontab line. */
function withMore(fields: readonly string[], has: string): Problem | undefined {
  const five = fiveOf(fields.slice(0, 5), fields.includes("?"))
  if (five === undefined) return undefined
  const isYear = fields.length === 6 && /^(?:\*|\d{4}\S*)$/.test(fields[5] ?? "")
  const problem = isYear ? `${has}: cron has no years` : `${has}: the schedule is only the first five`
  return { problem, remedy: write(five) }
}

/** Writes five fields in cron's notation. With `?`, the days of the week are Quartz's, where 1 is Sunday. */
function fiveOf(fields: readonly string[], isQuartz: boolean): readonly string[] | undefined {
  const [weekday = ""] = fields.slice(4)
  const names = CRON_FIELDS[4]?.names ?? []
  const named = weekday.replaceAll(
    /(?<![#/\d])[1-7](?!\d)/g,
    (day) => names[Number(day) - 1]?.slice(0, 3) ?? day,
  )
  return fixedFields(isQuartz ? fields.with(4, named) : fields)
}

function fixedFields(fields: readonly string[]): readonly string[] | undefined {
  const fixed = fields.map((text, index) => {
    const field = CRON_FIELDS[index]
    const fault = field && faultOf(text, field)
    return fault === undefined ? text : fault.fixed
  })
  const whole = fixed.filter((text) => text !== undefined)
  return whole.length === fixed.length && parseCron(whole) ? whole : undefined
}

function fieldFaults(fields: readonly string[]): Problem {
  const faults = CRON_FIELDS.flatMap((field, index) => {
    const fault = faultOf(fields[index] ?? "", field)
    return fault ? [{ ...fault, problem: `whose ${field.label} ${fault.problem}` }] : []
  })
  const fixed = fixedFields(fields)
  return {
    problem: faults.map(({ problem }) => problem).join(", "),
    remedy: fixed ? write(fixed) : faults.map(({ remedy }) => remedy).join(". "),
  }
}
