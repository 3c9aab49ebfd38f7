import { parseCronExpression } from "cron-schedule"

/** One of the five fields of a schedule. */
export interface CronField {
  readonly label: string
  readonly min: number
  readonly max: number
  /** Full names, starting at the value `min`. Cron accepts their first three letters. */
  readonly names: readonly string[]
  /** The allowed values, in words. */
  readonly range: string
}

const MONTHS = "january february march april may june july august september october november december".split(
  " ",
)

const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ")

/** In the order of `crontab(5)`. */
export const CRON_FIELDS: readonly [CronField, CronField, CronField, CronField, CronField] = [
  { label: "minute", min: 0, max: 59, names: [], range: "0 to 59" },
  { label: "hour", min: 0, max: 23, names: [], range: "0 to 23" },
  { label: "day of month", min: 1, max: 31, names: [], range: "1 to 31" },
  { label: "month", min: 1, max: 12, names: MONTHS, range: "1 to 12 or jan to dec" },
  { label: "day of week", min: 0, max: 6, names: WEEKDAYS, range: "0 to 7 or sun to sat" },
]

/** The remedy if there is no more specific one. */
export const FIVE_FIELDS = `Give five fields as in crontab(5): ${CRON_FIELDS.map(({ label, range }) => `${label} ${range}`).join(", ")}, each with *, lists, ranges and steps (*/15, 8-18/2) and nothing else: "0 3 * * *" is 03:00 every day`

const VALUE = "(?:\\d{1,2}|[a-z]{3})"
const ITEM = `(?:\\*(?:/\\d{1,2})?|${VALUE}(?:-${VALUE}(?:/\\d{1,2})?)?)`
/** The grammar of `crontab(5)`. The library accepts more (`@daily`, seconds) and guesses at the rest (`5/15` as 5). */
const FIELD = new RegExp(`^${ITEM}(?:,${ITEM})*$`, "i")

/** Parses five fields; undefined if one of them is not valid in `crontab(5)`. */
export function parseCron(fields: readonly string[]) {
  if (fields.length !== CRON_FIELDS.length || !fields.every((field) => FIELD.test(field))) return undefined
  try {
    return parseCronExpression(fields.join(" "))
  } catch {
    return undefined
  }
}

/** True if a string is valid in this field. */
export function isCronField(text: string, field: CronField): boolean {
  return parseCron(CRON_FIELDS.map((each) => (each === field ? text : "*"))) !== undefined
}
