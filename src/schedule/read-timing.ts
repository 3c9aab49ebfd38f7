import { integerField } from "../validation/number-fields.ts"
import { MAX_COUNT, type NumberRule } from "../validation/numbers.ts"
import { type Conflict, field, optional, rule } from "../validation/schema.ts"
import { goDuration, readDuration, wholeMinutes } from "./go-duration.ts"
import { readSchedule, type Schedule } from "./read-schedule.ts"
import { LONGEST_RUN_DAYS, MINUTES_PER_DAY } from "./time.ts"
import { readTimezone } from "./timezone.ts"

/** Fields that the input omits. */
export type Omitted = "timeout" | "timezone" | "concurrent"

/** The timing of a job, with its defaults filled in. */
export interface ParsedTiming {
  /** Undefined: the job is started on demand. */
  readonly schedule: Schedule | undefined
  readonly timezone: string
  /** The longest time that a run takes, in whole minutes. */
  readonly minutes: number
  readonly attempts: number
  /** For a job on demand: its starts running at once. */
  readonly concurrent: number
  readonly omitted: readonly Omitted[]
}

/** The timeout of an attempt by default, as on Scaleway. */
export const DEFAULT_TIMEOUT = "24h"

/** The time zone of a schedule by default. */
export const DEFAULT_TIMEZONE = "UTC"

export const retriesRule = {
  description: "the attempts after a failed one",
  min: 0,
  max: 1_000,
  default: 0,
} satisfies NumberRule
export const concurrentRule = {
  description: "the most starts running at once",
  min: 0,
  max: MAX_COUNT,
  default: 1,
} satisfies NumberRule

/** The fields of a job that determine when it runs. */
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
      description: "The IANA name of the time zone of the schedule; UTC by default",
    }),
  ),
  timeout: optional(
    field(readDuration, {
      type: "string",
      description:
        'The time after which the platform ends one attempt, a Go duration such as "45m" or "1h30m0s"; 24h by default',
    }),
  ),
  retries: optional(integerField(retriesRule)),
  duration: optional(
    field(readDuration, {
      type: "string",
      description: "The longest time that a run takes; timeout × (1 + retries) by default",
    }),
  ),
  concurrent: optional(integerField(concurrentRule)),
}

/** The parsed values of these fields. */
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
      problem: "cannot be combined with a schedule, which already determines how many runs there are",
      remedy: "Leave it out, limit the runs with maxRuns, or declare the starts by hand as a separate job",
    }
  }
  if (schedule === undefined && timezone !== undefined) {
    yield {
      path: ["timezone"],
      problem: "given without a schedule",
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
      remedy: `Give at most ${LONGEST_RUN_DAYS} days, or declare a job that is always running as a consumer`,
    },
  ]
}

/** True if all the fields are valid. */
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

/** Returns the longest time of one run, in nanoseconds. Without a duration, every attempt takes its whole timeout. */
export const longestRun = (timeout: bigint, attempts: number, duration: bigint | undefined): bigint =>
  duration ?? timeout * BigInt(attempts)
