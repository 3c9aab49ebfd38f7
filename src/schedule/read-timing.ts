import { describeValue, type PoolConfigIssue } from "../error.ts"
import { type IntegerRule, MAX_COUNT, readInteger } from "../validation/numbers.ts"
import type { ObjectReader } from "../validation/object-reader.ts"
import { goDuration, wholeMinutes } from "./go-duration.ts"
import { readSchedule, type Schedule } from "./read-schedule.ts"
import { LONGEST_RUN_DAYS, MINUTES_PER_DAY } from "./time.ts"
import { canonicalTimezone } from "./timezone.ts"

/** Fields that the input omits. */
export type Omitted = "timeout" | "timezone" | "concurrent"

/** When a job is at work. */
export interface ParsedTiming {
  /** Undefined: the job is started on demand. */
  readonly schedule: Schedule | undefined
  readonly timezone: string
  /** How long a run takes at most, in whole minutes. */
  readonly minutes: number
  readonly attempts: number
  /** Of a job on demand: its starts at work at once. */
  readonly concurrent: number
  readonly omitted: readonly Omitted[]
}

/** The timeout of an attempt where nothing states one, as on Scaleway. */
export const DEFAULT_TIMEOUT = "24h"

/** The zone of a schedule where nothing states one. */
export const DEFAULT_TIMEZONE = "UTC"

export const retriesRule = {
  description: "the attempts after a failed one",
  min: 0,
  max: 1_000,
  default: 0,
} satisfies IntegerRule
export const concurrentRule = {
  description: "the most starts at work at once",
  min: 0,
  max: MAX_COUNT,
  default: 1,
} satisfies IntegerRule

export function readTiming(fields: ObjectReader, path: string, issues: PoolConfigIssue[]): ParsedTiming {
  const stated = (field: string) => fields.get(field) !== undefined
  const scheduled = stated("schedule")
  const omitted: Omitted[] = []
  if (scheduled && !stated("timeout") && !stated("duration")) omitted.push("timeout")
  if (scheduled && !stated("timezone")) omitted.push("timezone")
  if (!scheduled && !stated("concurrent")) omitted.push("concurrent")

  const schedule = scheduled ? readStarts(fields, path, issues) : undefined
  const timezone = stated("timezone") ? readTimezone(fields, path, issues) : DEFAULT_TIMEZONE
  const { minutes, attempts } = readLength(fields, path, issues)
  if (scheduled && stated("concurrent")) {
    issues.push({
      name: `${path}.concurrent`,
      problem: "stated beside a schedule, which already says how many runs there are",
      remedy:
        "Leave it out, bound the runs with maxRuns, or declare the starts by hand as a job of their own",
    })
  }
  if (!scheduled && stated("timezone")) {
    issues.push({
      name: `${path}.timezone`,
      problem: "stated without a schedule",
      remedy: "Add the schedule, or leave the time zone out",
    })
  }
  const concurrent = readInteger(fields.get("concurrent"), `${path}.concurrent`, concurrentRule, issues)
  return { schedule, timezone, minutes, attempts, concurrent, omitted }
}

function readStarts(fields: ObjectReader, path: string, issues: PoolConfigIssue[]): Schedule | undefined {
  const schedule = readSchedule(fields.get("schedule"))
  if (!("problem" in schedule)) return schedule
  issues.push({ name: `${path}.schedule`, ...schedule })
  return undefined
}

function readTimezone(fields: ObjectReader, path: string, issues: PoolConfigIssue[]): string {
  const timezone = fields.get("timezone")
  const canonical = typeof timezone === "string" ? canonicalTimezone(timezone) : undefined
  if (canonical !== undefined) return canonical
  issues.push({
    name: `${path}.timezone`,
    problem: `received ${describeValue(timezone)}`,
    remedy: "Give the IANA name of a time zone, such as Europe/Paris or UTC",
  })
  return DEFAULT_TIMEZONE
}

function readLength(fields: ObjectReader, path: string, issues: PoolConfigIssue[]) {
  const timeout = readDuration(fields, "timeout", path, issues) ?? goDuration(DEFAULT_TIMEOUT) ?? 0n
  const retries = readInteger(fields.get("retries"), `${path}.retries`, retriesRule, issues)
  const duration = readDuration(fields, "duration", path, issues)
  const attempts = Number.isNaN(retries) ? 1 : 1 + retries
  const minutes = wholeMinutes(longestRun(timeout, attempts, duration))
  if (minutes > LONGEST_RUN_DAYS * MINUTES_PER_DAY) {
    issues.push({
      name: `${path}.${duration === undefined ? "timeout" : "duration"}`,
      problem: `a run may take ${Math.ceil(minutes / MINUTES_PER_DAY)} days${duration === undefined && attempts > 1 ? ` with its ${attempts} attempts` : ""}`,
      remedy: `Give at most ${LONGEST_RUN_DAYS} days, or declare what works all the time as a consumer`,
    })
  }
  return { minutes, attempts }
}

/** The longest that one run may take, in nanoseconds: every attempt its whole timeout, unless a duration is stated. */
export const longestRun = (timeout: bigint, attempts: number, duration: bigint | undefined): bigint =>
  duration ?? timeout * BigInt(attempts)

function readDuration(
  fields: ObjectReader,
  field: "timeout" | "duration",
  path: string,
  issues: PoolConfigIssue[],
): bigint | undefined {
  const value = fields.get(field)
  if (value === undefined) return undefined
  const duration = typeof value === "string" ? goDuration(value) : undefined
  if (duration !== undefined && duration > 0n) return duration
  issues.push({
    name: `${path}.${field}`,
    problem: `received ${describeValue(value)}`,
    remedy: 'Give a duration above 0 as in Terraform, such as "45m" or "1h30m0s"',
  })
  return undefined
}
