import { PoolConfigError, receivedArgument } from "../../error.ts"
import { metricsOf, type PoolMetrics } from "../../pool/pool-metrics.ts"

/** What {@link poolStats} returns. Connections and callers of this process; counters never fall. */
export interface PoolStats {
  /** `host:port/database`. */
  readonly name: string
  /** `connection_limit`: the most connections that the pool may hold. */
  readonly max: number
  /** Connections that take a slot of the server: in use, idle, being opened, or not closed by the server yet. */
  readonly total: number
  readonly idle: number
  /** Connections in the hands of a query or a transaction. */
  readonly used: number
  /** The most that were in use at any instant since `peakUsed` was last read, by whomever. */
  readonly peakUsed: number
  /** Callers who have no connection yet: in the queue, or while one is being opened for them. */
  readonly waiting: number
  /** Counts connections that were handed to a caller: one for a query, one for a whole transaction, one for `$connect()`. */
  readonly acquired: number
  /** Counts connections that were opened. */
  readonly opened: number
  /**
   * Counts callers who waited for `pool_timeout` in vain: `P2024`. A transaction that gave up at Prisma's own `maxWait`
   * (`P2028`) is not among them.
   */
  readonly timeouts: number
  /** Counts connections that could not be opened, for whatever reason, refusals included. */
  readonly connectionErrors: number
  /**
   * Counts connections that the server refused because it, the database or the role has no slot left (SQLSTATE 53300),
   * or a PgBouncer in between. PostgreSQL has no counter of them.
   */
  readonly refusals: number
}

/**
 * What the pool behind a client has and has done, now. It costs no query, and no more than an addition for each
 * query that was run.
 *
 * Clients that share a pool (same settings and credentials) share its numbers. Before the first connection, and after
 * `$disconnect()`, there is nothing to hold: `total`, `idle`, `used` and `waiting` are 0. The counters go on
 * when the client connects again.
 *
 * @param client what `createCoreClient` made, a client that `$extends` made of it, a `PrismaClient` over `coreAdapter()`, that
 *   adapter itself, or a pool of `createPool`
 * @throws {PoolConfigError} when it is none of these, and while `DATABASE_URL_CORE` is missing
 * @example
 * ```ts
 * const { used, max, waiting, timeouts } = poolStats(prismaCore)
 * console.log(`${used} of ${max} connections in use, ${waiting} callers waiting, ${timeouts} timed out so far`)
 * ```
 */
export function poolStats(client: object): PoolStats {
  const metrics = poolOf(client, "client")()
  const { name, max, used, acquired, opened, timeouts, connectionErrors, refusals } = metrics
  const peakUsed = metrics.takePeakUsed()
  const counters = { acquired, opened, timeouts, connectionErrors, refusals }
  return { name, max, ...metrics.gauges, used, peakUsed, ...counters }
}

/**
 * What tells the metrics of the pool behind a client.
 *
 * @param name what the caller calls the client, for the error
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
