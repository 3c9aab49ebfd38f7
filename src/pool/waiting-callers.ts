import type pg from "pg"
import { setTimeoutAfterIo } from "./timeouts.ts"

/** How node-postgres answers a caller who wants a connection. */
export type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void

/** A caller who wants a connection. */
interface Waiter {
  /** In the order of arrival. */
  readonly number: number
  readonly callback: Callback
  readonly timer: NodeJS.Timeout
  readonly since: number
}

/** As long as a timer can be: it keeps the process alive for a caller who waits for ever. */
const FOR_EVER_MS = 2_147_483_647

const noop = () => {}

/** The callers who wait for a connection, in the order in which they came, each at most so long. */
export class WaitingCallers {
  readonly #queue: Waiter[] = []
  readonly #timeoutMillis: number
  readonly #timeoutError: () => Error
  #arrivals = 0

  /**
   * @param timeoutMillis 0 waits for ever
   * @param timeoutError what whoever has waited so long is told
   */
  constructor(timeoutMillis: number, timeoutError: () => Error) {
    this.#timeoutMillis = timeoutMillis
    this.#timeoutError = timeoutError
  }

  get count(): number {
    return this.#queue.length
  }

  /** The number of the caller who came last. */
  get youngest(): number {
    return this.#arrivals
  }

  /** Milliseconds that the caller who waits longest will wait yet. */
  get patience(): number {
    const [first] = this.#queue
    if (first === undefined || this.#timeoutMillis === 0) return FOR_EVER_MS
    return this.#timeoutMillis - (performance.now() - first.since)
  }

  add(callback: Callback): void {
    this.#arrivals += 1
    const number = this.#arrivals
    const timer = setTimeoutAfterIo(() => this.#giveUp(number), this.#timeoutMillis || FOR_EVER_MS)
    this.#queue.push({ number, callback, timer, since: performance.now() })
  }

  /** Takes whoever waits longest off the queue; `deliver` is told since when, before the caller has the connection. */
  serve(client: pg.PoolClient, deliver: (since: number) => void): boolean {
    const waiter = this.#queue.shift()
    if (waiter === undefined) return false
    clearTimeout(waiter.timer)
    deliver(waiter.since)
    waiter.callback(undefined, client, client.release)
    return true
  }

  /** Fails all who came no later than the one with this number. */
  fail(error: Error, youngest: number): void {
    for (const { callback } of this.take(youngest)) callback(error, undefined, noop)
  }

  /** Takes them off the queue, without an answer. */
  take(youngest = Number.POSITIVE_INFINITY): readonly Waiter[] {
    const taken = this.#queue.filter(({ number }) => number <= youngest)
    this.#queue.splice(0, taken.length)
    for (const { timer } of taken) clearTimeout(timer)
    return taken
  }

  #giveUp(number: number): void {
    const index = this.#queue.findIndex((waiter) => waiter.number === number)
    const waiter = this.#queue[index]
    if (waiter === undefined || this.#timeoutMillis === 0) return
    this.#queue.splice(index, 1)
    waiter.callback(this.#timeoutError(), undefined, noop)
  }
}
