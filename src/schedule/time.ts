import { type Reader, refused } from "../validation/problem.ts"

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

/** Reads the first day of the years to look at, counted from 1970. */
export const readStartDate: Reader<number> = (value) => {
  if (value === undefined) return DEFAULT_FROM
  const day = typeof value === "string" ? dayOf(value) : undefined
  return day ?? refused(value, `Give a date as YYYY-MM-DD, from ${FIRST} to ${LAST}`)
}

function dayOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text < FIRST || text > LAST) return undefined
  const time = Date.parse(text)
  // Engines differ on 30 February: some make it a day in March.
  const exists = Number.isFinite(time) && new Date(time).toISOString().startsWith(text)
  return exists ? time / MILLISECONDS : undefined
}
