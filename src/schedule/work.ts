import { PoolConfigError } from "../error.ts"

/** Most of a minute on a busy machine. A thousand jobs with as much in common as real ones take a hundredth of it. */
const MAX_STEPS = 1_000_000_000

/** Cost of expensive steps, in additions. */
export const COST = {
  /** A lookup in a map. */
  lookup: 5,
  /** A minute of a job with `maxRuns`. */
  minute: 4,
  /** A stored delta, which also takes memory. */
  kept: 50,
  /** A day of a time zone. */
  zoneDay: 60,
}

/** Counts the additions of a sweep, so that jobs with nothing in common get an error instead of taking minutes. */
export class Work {
  #steps = 0
  readonly #subject: string
  readonly #limit: number

  /** @param subject the jobs that are added up, for the message */
  constructor(subject: string, limit = MAX_STEPS) {
    this.#subject = subject
    this.#limit = limit
  }

  /**
   * Adds steps before they are executed.
   *
   * @throws PoolConfigError if there are too many.
   */
  add(steps: number): void {
    this.#steps += steps
    if (this.#steps <= this.#limit) return
    throw new PoolConfigError([
      {
        name: "jobs",
        problem: `differ too much to be added up within a minute: ${this.#subject}`,
        remedy:
          "Write equal days of month, months, days of week and time zones in the same way, and give each job the timeout or duration that its runs need",
      },
    ])
  }
}
