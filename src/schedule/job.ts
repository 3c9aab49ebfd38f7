/**
 * A job that a scheduler starts, or that somebody starts by hand. Each of its runs opens its own pools.
 *
 * With a `schedule` its runs follow from the calendar; without one they are as many as `concurrent` says.
 */
export interface Job {
  /** Any name but a blank one, once in a fleet. */
  readonly name: string
  /**
   * Five cron fields as in `crontab(5)`: minute, hour, day of month, month, day of week (0 and 7 are Sunday).
   * None by default: the job is started on demand.
   */
  readonly schedule?: string
  /** The IANA name of the zone that the schedule is read in; `UTC` by default, and then named as assumed. */
  readonly timezone?: string
  /**
   * When the platform ends one attempt: a Go duration as in Terraform (`"45m"`, `"1h30m0s"`), above 0. By
   * default 24 hours, what Scaleway takes, and then named as assumed.
   */
  readonly timeout?: string
  /** Attempts after a failed one, 0 to 1,000; 0, none, by default. Each may take the whole timeout. */
  readonly retries?: number
  /** Connections in each pool (`connection_limit`), 1 to 10,000. */
  readonly poolSize: number
  /** Pools to this server in one run, 1 to 10,000, 1 by default. */
  readonly poolsPerInstance?: number
  /**
   * How long a run takes at most, as a Go duration above 0, in place of `timeout × (1 + retries)`, which is the
   * default.
   */
  readonly duration?: string
  /** The most runs at work at once, 1 to 1,000,000, because the job holds a lock; no bound by default. */
  readonly maxRuns?: number
  /** Runs that each start launches, 1 to 1,000,000; 1 by default. */
  readonly replicas?: number
  /**
   * Of a job without a schedule: the most starts at work at once, 0 to 1,000,000. 0: it is never started. 1 by
   * default, and then named as assumed.
   */
  readonly concurrent?: number
}
