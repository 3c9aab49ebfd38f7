import { type Reader, refused } from "../validation/problem.ts"

/** Everything here counts in minutes: cron, time zones since 1972 and the starts of runs all use whole minutes. */
export const MINUTES_PER_DAY = 1_440

/** The longest run we accept. Anything longer is always running: declare it as a consumer. */
export const LONGEST_RUN_DAYS = 366

/** 2026-01-01, in days since 1970. */
export const DEFAULT_FROM = 20_454

/** The calendar years to consider: every date falls on every day of the week in them. */
export const SWEPT_YEARS = 28

const MILLISECONDS = 86_400_000

/** Every offset has been in whole minutes since 1972, and runs of the year before the first day count too. */
const FIRST = "1975-01-01"
const LAST = "9900-01-01"

/** Reads the first day of the years to consider, counted from 1970. */
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
