import type { PostgresClient } from "./postgres-client.ts"
import { reclaim } from "./reclaim.ts"
import type { ServerSlots } from "./server-slots.ts"
import { Stopwatch } from "./stopwatch.ts"

/** The time a connection may be idle before it is validated, as in Prisma 6. */
const AFTER_IDLE_MS = 15_000

/** The time a validated connection may take to answer: short enough for an interactive transaction to survive it. */
const TIMEOUT_MS = 1_000

/**
 * Checks connections before callers get them: one that was idle for long may have been dropped silently. Over one that works,
 * it frees the slots of those that were lost.
 */
export class Validation {
  readonly #slots: ServerSlots
  readonly #patience: () => number
  /** Since one did not answer: connections that were idle then are no longer validated, but replaced. */
  #distrusted: Stopwatch | undefined
  #isReclaiming = false

  /** @param patience milliseconds left to the caller that has waited longest */
  constructor(slots: ServerSlots, patience: () => number) {
    this.#slots = slots
    this.#patience = patience
  }

  isDue({ idleMillis }: PostgresClient): boolean {
    return idleMillis >= AFTER_IDLE_MS || (this.#slots.lost.size > 0 && !this.#isReclaiming)
  }

  /** True if a connection works. One that does not answer is destroyed: it has no server to wait for. */
  async passes(connection: PostgresClient): Promise<boolean> {
    const limit = Math.min(TIMEOUT_MS, this.#patience() / 2)
    const { idleMillis } = connection
    const isFresh = idleMillis < AFTER_IDLE_MS
    // Those not tried may be sound: the pool closes them in an orderly way.
    if (!isFresh && this.#distrusted !== undefined && idleMillis >= this.#distrusted.millis) return false
    const answered = isFresh ? await this.#reclaim(connection, limit) : await connection.answersWithin(limit)
    if (answered) return true
    this.#distrusted = new Stopwatch()
    connection.destroy()
    return false
  }

  /** Frees the slots of lost connections, over a live connection. */
  async #reclaim(connection: PostgresClient, millis: number): Promise<boolean> {
    this.#isReclaiming = true
    try {
      return await reclaim(connection, [...this.#slots.lost], millis)
    } finally {
      this.#isReclaiming = false
    }
  }
}
