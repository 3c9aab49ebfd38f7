import { PoolConfigError } from "../error.ts"

/** Most of a minute on a busy machine. A thousand jobs with what real ones have in common take a hundredth of it. */
const MAX_STEPS = 1_000_000_000

/** What costs more than an addition, in additions. */
export const COST = {
  /** A value looked up in a map. */
  lookup: 5,
  /** A minute of a job with a bound on its runs. */
  minute: 4,
  /** A change that is kept, which takes memory as well. */
  kept: 50,
  /** A day of a time zone. */
  zoneDay: 60,
}

/** Counts the additions of a sweep, so that jobs with nothing in common end in a message, and not in minutes. */
export class Work {
  #steps = 0
  readonly #subject: string
  readonly #limit: number

  /** `subject` says what is added up. */
  constructor(subject: string, limit = MAX_STEPS) {
    this.#subject = subject
    this.#limit = limit
  }

  /**
   * Adds steps that are about to be made.
   *
   * @throws PoolConfigError when they are too many.
   */
  add(steps: number): void {
    this.#steps += steps
    if (this.#steps <= this.#limit) return
    throw new PoolConfigError([
      {
        name: "jobs",
        problem: `differ too much to be added up within a minute: ${this.#subject}`,
        remedy:
          "Write day of month, month, day of week and time zone in the same way where they mean the same, and give each job the timeout or the duration that its runs need",
      },
    ])
  }
}
