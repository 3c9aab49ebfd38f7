import { describeValue, type PoolConfigIssue } from "../error.ts"
import { readObject, rejectUnknownFields } from "../validation/object-reader.ts"

/** Everything here counts in minutes: it is what cron, time zones since 1972 and the starts of runs are made of. */
export const MINUTES_PER_DAY = 1_440

/** The longest run: a job that works for longer is never not at work, and is a consumer. */
export const LONGEST_RUN_DAYS = 366

/** 2026-01-01, in days since 1970. */
export const DEFAULT_FROM = 20_454

const MILLISECONDS = 86_400_000

/** Every offset has been whole minutes since 1972, and the runs of the year before are looked at too. */
const FIRST = "1975-01-01"
const LAST = "9900-01-01"

/** The first day of the years to look at, counted from 1970. */
export function readStartDate(options: unknown, issues: PoolConfigIssue[]): number {
  const fields = readObject(options, "options", issues)
  if (fields === undefined) return Number.NaN
  rejectUnknownFields(fields, ["from"], issues, "options.")
  const from = fields.get("from")
  if (from === undefined) return DEFAULT_FROM
  const day = typeof from === "string" ? dayOf(from) : undefined
  if (day !== undefined) return day
  issues.push({
    name: "options.from",
    problem: `received ${describeValue(from)}`,
    remedy: `Give a date as YYYY-MM-DD, from ${FIRST} to ${LAST}`,
  })
  return Number.NaN
}

function dayOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text < FIRST || text > LAST) return undefined
  const time = Date.parse(text)
  // Engines differ on 30 February: some make it a day in March.
  const exists = Number.isFinite(time) && new Date(time).toISOString().startsWith(text)
  return exists ? time / MILLISECONDS : undefined
}
