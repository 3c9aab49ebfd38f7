import { AsyncLocalStorage } from "node:async_hooks"
import { type TracingChannel, tracingChannel } from "node:diagnostics_channel"
import { type CarriesMetrics, METRICS, type PoolMetrics } from "./pool-metrics.ts"
import { throwLater } from "./throw-later.ts"

/**
 * The message of the tracing channels `prisma-pool-config:acquire` and `prisma-pool-config:connect` of
 * `node:diagnostics_channel`: one object for all events of an acquire, or of the opening of a connection. It has no URL, no
 * password and no SQL; {@link poolStats} takes it for its pool.
 *
 * `start` is published in the context of the caller. `asyncStart` follows as soon as there is a connection or an error, before
 * the caller has it, and `error` comes before that.
 *
 * @example
 * ```ts
 * import { tracingChannel } from "node:diagnostics_channel"
 * import type { PoolTraceMessage } from "prisma-pool-config/monitor"
 *
 * tracingChannel<unknown, PoolTraceMessage>("prisma-pool-config:acquire").error.subscribe((message) => {
 *   const { pool, waiting, error } = message as PoolTraceMessage
 *   console.error(`${pool}: no connection, behind ${waiting} callers`, error)
 * })
 * ```
 */
export interface PoolTraceMessage {
  /** `host:port/database`: the `name` of {@link poolStats}. */
  readonly pool: string
  /** The host of the URL; for a Unix socket its directory. */
  readonly host: string | undefined
  readonly port: number | undefined
  readonly database: string | undefined
  /** Callers that were waiting when it began, without this one. */
  readonly waiting: number
  /** The error with which it failed; absent until then. */
  readonly error?: unknown
}

/** Receives the events of a channel. Each is optional. */
export interface PoolTraceSubscriber {
  start?(message: PoolTraceMessage): void
  end?(message: PoolTraceMessage): void
  asyncStart?(message: PoolTraceMessage): void
  asyncEnd?(message: PoolTraceMessage): void
  error?(message: PoolTraceMessage): void
}

class Message implements PoolTraceMessage, CarriesMetrics {
  readonly pool: string
  readonly host: string | undefined
  readonly port: number | undefined
  readonly database: string | undefined
  readonly waiting: number
  readonly #metrics: PoolMetrics

  constructor(metrics: PoolMetrics) {
    this.pool = metrics.name
    this.host = metrics.host
    this.port = metrics.port
    this.database = metrics.database
    this.waiting = metrics.gauges.waiting
    this.#metrics = metrics
  }

  [METRICS](): PoolMetrics {
    return this.#metrics
  }
}

/** A tracing channel. Its name is global to the process, so that all copies of this module publish on the same one. */
class PoolChannel {
  readonly #channel: TracingChannel<unknown, PoolTraceMessage>

  constructor(name: string) {
    this.#channel = tracingChannel(name)
  }

  /** True if there is a subscriber. In Bun a tracing channel does not tell, and its parts do. */
  get #isWatched(): boolean {
    const { start, end, asyncStart, asyncEnd, error } = this.#channel
    return (
      start.hasSubscribers ||
      asyncStart.hasSubscribers ||
      error.hasSubscribers ||
      end.hasSubscribers ||
      asyncEnd.hasSubscribers
    )
  }

  /**
   * Calls `run` with `callback`; where there is a subscriber, publishes its course. Then subscribers and `callback` are called in
   * the present context: that of the caller who gives a connection back, or of a socket, would be another's.
   *
   * @param metrics those of the pool; nothing is published of a connection without a pool
   */
  trace<Answer extends readonly [error: unknown, ...rest: unknown[]]>(
    metrics: PoolMetrics | undefined,
    run: (answer: (...answer: Answer) => void) => void,
    callback: (...answer: Answer) => void,
  ): void {
    if (metrics === undefined || !this.#isWatched) {
      run(callback)
      return
    }
    const inCallersContext = AsyncLocalStorage.snapshot()
    let given: Answer
    let isCalled = false
    this.#channel.traceCallback(
      (publish: (error: unknown) => void) =>
        run((...answer) => {
          given = answer
          try {
            // The error alone: a connection is its caller's, and no subscriber's.
            inCallersContext(publish, answer[0])
          } catch (error) {
            if (isCalled) throw error
            // Node.js writes to the message before it calls back, and a subscriber may have frozen that.
            throwLater(error)
            inCallersContext(callback, ...answer)
          }
        }),
      0,
      new Message(metrics),
      undefined,
      () => {
        isCalled = true
        callback(...given)
      },
    )
  }

  /** Returns a function that ends the subscription. */
  subscribe(subscriber: PoolTraceSubscriber): () => void {
    // Node's types ask for all five.
    const handlers = subscriber as Required<PoolTraceSubscriber>
    this.#channel.subscribe(handlers)
    return () => void this.#channel.unsubscribe(handlers)
  }
}

/** A caller asks for a connection, until it has one or fails. */
export const acquireChannel = new PoolChannel("prisma-pool-config:acquire")

/** A pool opens a connection: TCP, TLS and the login. */
export const connectChannel = new PoolChannel("prisma-pool-config:connect")
