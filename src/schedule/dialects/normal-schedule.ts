/**
 * The notation of a scheduler. `vixie` has the five fields of `crontab(5)`, which most platforms take.
 *
 * Whether a start waits for the run before it, replaces it or overlaps with it is a rule of the platform, and not of its
 * notation.
 */
export type Dialect = "vixie" | "kubernetes" | "eventbridge" | "cloud-scheduler"

/** A schedule that says the same in every notation. */
export type NormalSchedule = CalendarSchedule | IntervalSchedule | { readonly kind: "once" | "never" }

/** Starts at given times of given dates. */
export interface CalendarSchedule {
  readonly kind: "calendar"
  /** Five fields as in `crontab(5)`, valid as the `schedule` of a job. */
  readonly schedule: string
  /** The canonical name of the time zone in front of the schedule (`CRON_TZ=`). Undefined: the platform's. */
  readonly timezone?: string
  /** Set if the five fields have more starts than the original: `day of month 15W counts on 14-16`. */
  readonly upperBound?: string
}

/** Starts at a fixed distance. When the first is depends on when the job was created, so it is not known. */
export interface IntervalSchedule {
  readonly kind: "interval"
  /** From one start to the next. May be less than the whole minutes of a calendar. */
  readonly seconds: number
}

const SECOND = 1_000_000_000n

/**
 * Returns the most runs of an interval at one instant, if a run takes up to `duration` nanoseconds. This holds at any
 * instant, so it is the `concurrent` of a job without a schedule.
 */
export function runsAtOnce({ seconds }: IntervalSchedule, duration: bigint): number {
  const interval = BigInt(seconds) * SECOND
  return Number((duration + interval - 1n) / interval)
}
