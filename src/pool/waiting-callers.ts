import type pg from "pg"
import { LONGEST_TIMER_MILLIS } from "../config/url-options.ts"
import { throwLater } from "./throw-later.ts"
import { setTimeoutAfterIo } from "./timeouts.ts"

/** node-postgres's callback of a caller that wants a connection. */
export type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void

/** A caller that waits for a connection. */
interface Waiter {
  /** The position in the order of arrival. */
  readonly number: number
  readonly callback: Callback
  readonly timer: NodeJS.Timeout
  readonly since: number
}

export const noop = (): void => {}

/**
 * Answers a caller. What its callback throws is thrown on the next tick, for the process to handle as it does: the other callers must
 * have their answers, and the pool go on.
 */
function answer({ callback }: Waiter, error: Error | undefined, client?: pg.PoolClient): void {
  try {
    callback(error, client, client?.release ?? noop)
  } catch (thrown) {
    throwLater(thrown)
  }
}

/** The queue of callers that wait for a connection, in order of arrival, each with a time limit. */
export class WaitingCallers {
  readonly #queue: Waiter[] = []
  /** The time limit of each caller; 0 waits forever. */
  readonly timeoutMillis: number
  readonly #timeoutError: () => Error
  #arrivals = 0

  /**
   * @param timeoutMillis the time limit of each caller; 0 waits forever
   * @param timeoutError makes the error of a caller that has reached it
   */
  constructor(timeoutMillis: number, timeoutError: () => Error) {
    this.timeoutMillis = timeoutMillis
    this.#timeoutError = timeoutError
  }

  get count(): number {
    return this.#queue.length
  }

  /** The number of the caller that came last. */
  get youngest(): number {
    return this.#arrivals
  }

  /** Milliseconds left to the caller that has waited longest. */
  get patience(): number {
    const [first] = this.#queue
    if (first === undefined || this.timeoutMillis === 0) return LONGEST_TIMER_MILLIS
    return this.timeoutMillis - (performance.now() - first.since)
  }

  add(callback: Callback): void {
    this.#arrivals += 1
    const number = this.#arrivals
    // A caller that waits forever keeps the process alive too.
    const timer = setTimeoutAfterIo(() => this.#giveUp(number), this.timeoutMillis || LONGEST_TIMER_MILLIS)
    this.#queue.push({ number, callback, timer, since: performance.now() })
  }

  /** Serves the caller that has waited longest. `deliver` gets its time of arrival, before the caller gets the connection. */
  serve(client: pg.PoolClient, deliver: (since: number) => void): boolean {
    const waiter = this.#queue.shift()
    if (waiter === undefined) return false
    clearTimeout(waiter.timer)
    deliver(waiter.since)
    answer(waiter, undefined, client)
    return true
  }

  /** Fails all callers, or those that came no later than the one with this number. */
  fail(error: Error, youngest?: number): void {
    for (const waiter of this.take(youngest)) answer(waiter, error)
  }

  /** Removes callers from the queue, without an answer. */
  take(youngest = Number.POSITIVE_INFINITY): readonly Waiter[] {
    const taken = this.#queue.filter(({ number }) => number <= youngest)
    this.#queue.splice(0, taken.length)
    for (const { timer } of taken) clearTimeout(timer)
    return taken
  }

  #giveUp(number: number): void {
    const index = this.#queue.findIndex((waiter) => waiter.number === number)
    const waiter = this.#queue[index]
    if (waiter === undefined || this.timeoutMillis === 0) return
    this.#queue.splice(index, 1)
    answer(waiter, this.#timeoutError())
  }
}
