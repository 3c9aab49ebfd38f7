/**
 * A job that a scheduler or a person starts. Each of its runs opens its own pools.
 *
 * With a `schedule`, its runs follow from the calendar. Without one, there are as many as `concurrent` says.
 */
export interface Job {
  /** Any name that is not blank, unique in the fleet. */
  readonly name: string
  /**
   * Five cron fields as in `crontab(5)`: minute, hour, day of month, month, day of week (0 and 7 are Sunday).
   * By default none: the job is started on demand.
   */
  readonly schedule?: string
  /** The IANA name of the time zone of the schedule; `UTC` by default, and then reported as assumed. */
  readonly timezone?: string
  /**
   * The time after which the platform ends one attempt: a Go duration as in Terraform (`"45m"`, `"1h30m0s"`), above 0.
   * 24 hours by default, as on Scaleway, and then reported as assumed.
   */
  readonly timeout?: string
  /** Retries after a failed attempt, 0 to 1,000; 0 (none) by default. Each may take the whole timeout. */
  readonly retries?: number
  /** Connections in each pool (`connection_limit`), 1 to 10,000. */
  readonly poolSize: number
  /** Pools to this server in one run, 1 to 10,000, 1 by default. */
  readonly poolsPerInstance?: number
  /**
   * The longest time that a run takes, as a Go duration above 0. The default is `timeout × (1 + retries)`.
   */
  readonly duration?: string
  /** The most runs at once, 1 to 1,000,000, because the job holds a lock; no limit by default. */
  readonly maxRuns?: number
  /** Runs that each start launches, 1 to 1,000,000; 1 by default. */
  readonly replicas?: number
  /**
   * The most starts running at once, 0 to 1,000,000, for a job without a schedule. 0 means that it is never started. 1
   * by default, and then reported as assumed.
   */
  readonly concurrent?: number
  /**
   * In a fleet, the name of the pooler that its runs connect through; none, straight to the server, by default. It changes no
   * number of runs.
   */
  readonly pooler?: string
}
