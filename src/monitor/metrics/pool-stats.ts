import { PoolConfigError, receivedArgument } from "../../error.ts"
import type { AutoState } from "../../pool/auto/auto-state.ts"
import { metricsOf, type PoolMetrics } from "../../pool/pool-metrics.ts"

/** The result of {@link poolStats}: connections and callers of this process. Counters never decrease. */
export interface PoolStats {
  /** `host:port/database`. */
  readonly name: string
  /** `connection_limit`: the most connections that the pool may hold. */
  readonly max: number
  /** `PRISMA_POOL_MIN_IDLE`: the connections that the pool keeps idle and ready. */
  readonly minIdle: number
  /** Connections that take a slot of the server: in use, idle, being opened, or not closed by the server yet. */
  readonly total: number
  readonly idle: number
  /** Connections that a query or a transaction is using. */
  readonly used: number
  /** The most that were in use at any instant since `peakUsed` was last read, by any reader. */
  readonly peakUsed: number
  /** Callers without a connection yet: in the queue, or while one is being opened for them. */
  readonly waiting: number
  /**
   * For how long the connection that callers have held longest has been held, in seconds with fractions; 0 where none is. One
   * that keeps growing was not given back: see `PRISMA_POOL_LEAK_THRESHOLD`.
   */
  readonly oldestHoldSeconds: number
  /** Counts acquired connections: one for a query, one for a whole transaction, one for `$connect()`. */
  readonly acquired: number
  /** Counts connections that were opened. */
  readonly opened: number
  /**
   * Counts callers who got no connection within `pool_timeout`: `P2024`. A transaction that gave up at Prisma's own
   * `maxWait` (`P2028`) does not count.
   */
  readonly timeouts: number
  /** Counts callers who were refused at once because `PRISMA_POOL_MAX_WAITING` others waited: `P2024` too. */
  readonly rejections: number
  /** Counts connections that could not be opened, for any reason, refusals included. */
  readonly connectionErrors: number
  /**
   * Counts connections that were refused because the server, the database, the role or a PgBouncer in between has no
   * slot left (SQLSTATE 53300). PostgreSQL has no counter for them.
   */
  readonly refusals: number
  /**
   * Counts outages that ended: a connection was opened after the pool had waited out a server that could not be reached,
   * was starting, or refused.
   */
  readonly reconnects: number
  /** Counts connections that were closed because they reached `max_connection_lifetime`. */
  readonly expirations: number
  /**
   * True while no connection works and `PRISMA_RECONNECT_TIMEOUT` is over: callers fail at once with `P1001`, and the pool
   * tries to connect once a second. A server that is full is not down.
   */
  readonly isDown: boolean
  /**
   * With `PRISMA_POOL_SIZE=auto`: the connections that this pool may hold by its last look at the server (`share`), the pools
   * of the service that have a connection (`instances`), and what they may hold together (`budget`); or `off`, the reason why
   * the size is fixed. Undefined for a fixed size, and before the first look.
   */
  readonly auto?: AutoState | undefined
}

/**
 * Returns the present state and the counters of the pool behind a client. It runs no query, and costs one addition for
 * each query of the application.
 *
 * Clients that share a pool (same settings and credentials) share its numbers. Before the first connection and after
 * `$disconnect()`, `total`, `idle`, `used`, `waiting` and `oldestHoldSeconds` are 0, and `isDown` is false. The counters continue when the client connects again.
 *
 * @param client a client of `createCoreClient`, extended with `$extends` or not, a `PrismaClient` over `coreAdapter()`,
 *   that adapter itself, or a pool of `createPool`
 * @throws {PoolConfigError} if it is none of these, and while `DATABASE_URL_CORE` is missing
 * @example
 * ```ts
 * const { used, max, waiting, timeouts } = poolStats(prismaCore)
 * console.log(`${used} of ${max} connections in use, ${waiting} callers waiting, ${timeouts} timed out so far`)
 * ```
 */
export function poolStats(client: object): PoolStats {
  const metrics = poolOf(client, "client")()
  const { name, max, minIdle, used } = metrics
  const { acquired, opened, timeouts, rejections, connectionErrors, refusals, reconnects, expirations } =
    metrics
  const peakUsed = metrics.takePeakUsed()
  const counters = {
    acquired,
    opened,
    timeouts,
    rejections,
    connectionErrors,
    refusals,
    reconnects,
    expirations,
  }
  return { name, max, minIdle, ...metrics.gauges, used, peakUsed, ...counters }
}

/**
 * Returns a function that reads the metrics of the pool behind a client.
 *
 * @param name the caller's name for the client, for the error
 */
export function poolOf(client: unknown, name: string): () => PoolMetrics {
  const metrics = metricsOf(client)
  if (metrics !== undefined) return metrics
  const isObject = typeof client === "object" && client !== null
  const remedy =
    "Pass a client of createCoreClient, an adapter of coreAdapter or a pool of createPool; the Analytics client's pool is the driver's own"
  const problem = isObject ? "has no pool of this package" : receivedArgument(client)
  throw new PoolConfigError([{ name, problem, remedy }])
}
