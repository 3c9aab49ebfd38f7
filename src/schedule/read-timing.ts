import { integerField } from "../validation/number-fields.ts"
import { MAX_COUNT, type NumberRule } from "../validation/numbers.ts"
import { type Conflict, field, optional, rule } from "../validation/schema.ts"
import { goDuration, readDuration, wholeMinutes } from "./go-duration.ts"
import { readSchedule, type Schedule } from "./read-schedule.ts"
import { LONGEST_RUN_DAYS, MINUTES_PER_DAY } from "./time.ts"
import { readTimezone } from "./timezone.ts"

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
} satisfies NumberRule
export const concurrentRule = {
  description: "the most starts at work at once",
  min: 0,
  max: MAX_COUNT,
  default: 1,
} satisfies NumberRule

/** The fields of a job that say when it is at work. */
export const timingShape = {
  schedule: optional(
    field(readSchedule, {
      type: "string",
      description: "Five cron fields as in crontab(5); without one the job is started on demand",
    }),
  ),
  timezone: optional(
    field(readTimezone, {
      type: "string",
      description: "The IANA name of the zone that the schedule is read in; UTC by default",
    }),
  ),
  timeout: optional(
    field(readDuration, {
      type: "string",
      description:
        'When the platform ends one attempt, a Go duration such as "45m" or "1h30m0s"; 24h by default',
    }),
  ),
  retries: optional(integerField(retriesRule)),
  duration: optional(
    field(readDuration, {
      type: "string",
      description: "How long a run takes at most, in place of timeout × (1 + retries)",
    }),
  ),
  concurrent: optional(integerField(concurrentRule)),
}

/** What these fields hold. */
export interface TimingValues {
  readonly schedule?: Schedule | undefined
  readonly timezone?: string | undefined
  readonly timeout?: bigint | undefined
  readonly retries?: number | undefined
  readonly duration?: bigint | undefined
  readonly concurrent?: number | undefined
}

export const timingRule = rule<TimingValues>(function* ({ schedule, timezone, concurrent, ...length }) {
  if (schedule !== undefined && concurrent !== undefined) {
    yield {
      path: ["concurrent"],
      problem: "stated beside a schedule, which already says how many runs there are",
      remedy:
        "Leave it out, bound the runs with maxRuns, or declare the starts by hand as a job of their own",
    }
  }
  if (schedule === undefined && timezone !== undefined) {
    yield {
      path: ["timezone"],
      problem: "stated without a schedule",
      remedy: "Add the schedule, or leave the time zone out",
    }
  }
  yield* tooLong(length)
})

type Length = Pick<TimingValues, "timeout" | "retries" | "duration">

function tooLong(length: Length): Conflict[] {
  if (!isLength(length)) return []
  const { minutes, attempts } = lengthOf(length)
  if (minutes <= LONGEST_RUN_DAYS * MINUTES_PER_DAY) return []
  const { duration } = length
  return [
    {
      path: [duration === undefined ? "timeout" : "duration"],
      problem: `a run may take ${Math.ceil(minutes / MINUTES_PER_DAY)} days${duration === undefined && attempts > 1 ? ` with its ${attempts} attempts` : ""}`,
      remedy: `Give at most ${LONGEST_RUN_DAYS} days, or declare what works all the time as a consumer`,
    },
  ]
}

/** Whether the fields were read, and not refused. */
function isLength({ timeout = 0n, retries = 0, duration = 0n }: Length): boolean {
  return typeof timeout === "bigint" && typeof retries === "number" && typeof duration === "bigint"
}

export function timingOf(values: TimingValues): ParsedTiming {
  const { schedule, timezone, timeout, duration, concurrent } = values
  const omitted: Omitted[] = []
  if (schedule !== undefined && timeout === undefined && duration === undefined) omitted.push("timeout")
  if (schedule !== undefined && timezone === undefined) omitted.push("timezone")
  if (schedule === undefined && concurrent === undefined) omitted.push("concurrent")
  return {
    schedule,
    timezone: timezone ?? DEFAULT_TIMEZONE,
    ...lengthOf(values),
    concurrent: concurrent ?? concurrentRule.default,
    omitted,
  }
}

function lengthOf({ timeout = DEFAULT, retries = retriesRule.default, duration }: Length) {
  const attempts = 1 + retries
  return { minutes: wholeMinutes(longestRun(timeout, attempts, duration)), attempts }
}

const DEFAULT = goDuration(DEFAULT_TIMEOUT) ?? 0n

/** The longest that one run may take, in nanoseconds: every attempt its whole timeout, unless a duration is stated. */
export const longestRun = (timeout: bigint, attempts: number, duration: bigint | undefined): bigint =>
  duration ?? timeout * BigInt(attempts)
