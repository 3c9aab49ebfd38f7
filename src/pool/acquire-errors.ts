import type { Capacity } from "./capacity.ts"
import type { Checkouts } from "./checkouts.ts"
import type { PoolMetrics } from "./pool-metrics.ts"
import type { Reconnection } from "./reconnection.ts"
import { ConnectTimeoutError, PoolQueueFullError, PoolTimeoutError } from "./timeouts.ts"

/** What the errors tell of their pool. */
interface Told {
  /** Connections that are logged in. */
  established(): number
  /** Callers that have none yet. */
  waiting(): number
  readonly checkouts: Checkouts
  readonly reconnection: Reconnection
  readonly capacity: Capacity
  readonly metrics: PoolMetrics
}

/** The time limits of a caller, in milliseconds; 0 sets none. */
interface AcquireLimits {
  readonly connectionTimeoutMillis: number
  readonly connectTimeoutMillis?: number
}

/** The errors of callers who get no connection, counted as they are made. */
export class AcquireErrors {
  readonly #pool: Told
  readonly #timeout: number
  readonly #connectMillis: number

  constructor(pool: Told, { connectionTimeoutMillis, connectTimeoutMillis = 0 }: AcquireLimits) {
    this.#pool = pool
    this.#timeout = connectionTimeoutMillis / 1000
    this.#connectMillis = connectTimeoutMillis
  }

  /** A caller has waited in vain: the pool is full, or the server did not answer within connect_timeout. */
  timedOut(): Error {
    const { established, waiting, checkouts, reconnection, capacity, metrics } = this.#pool
    const limit = this.#connectMillis
    if (reconnection.error) return reconnection.error
    // Where both limits are equal this one ends first: the timer of the opening is a few hundredths late.
    if (limit > 0 && established() === 0 && reconnection.openings.millis >= 0.95 * limit) {
      return new ConnectTimeoutError(limit / 1000)
    }
    metrics.recordTimeout()
    return new PoolTimeoutError(this.#timeout, capacity.size, checkouts.fullPool(waiting()))
  }

  /** As many callers wait as may. */
  queueFull(): Error {
    const { waiting, checkouts, capacity, metrics } = this.#pool
    metrics.recordRejection()
    const fullPool = checkouts.fullPool(waiting())
    return new PoolQueueFullError(this.#timeout, capacity.size, capacity.maxWaiting, fullPool)
  }
}
