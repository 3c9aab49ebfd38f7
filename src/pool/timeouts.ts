import { LONGEST_TIMER_MILLIS } from "../config/url-options.ts"
import { explainFullPool, explainHolds, type FullPool, type FullPoolMeta, fullPoolMeta } from "./full-pool.ts"

const fullPoolText = (timeout: number, connectionLimit: number) =>
  `Timed out fetching a new connection from the connection pool. More info: http://pris.ly/d/connection-pool (Current connection pool timeout: ${timeout}, connection limit: ${connectionLimit})`

/**
 * No connection became free within `pool_timeout`. It begins with the text, and has the code and the meta, of Prisma's own P2024,
 * so that alerts and log searches made for Prisma 6 find it. `timeout` is in seconds.
 *
 * https://www.prisma.io/docs/orm/reference/error-reference#p2024
 */
export class PoolTimeoutError extends Error {
  override readonly name = "PoolTimeoutError"
  readonly code = "P2024"
  readonly meta: { readonly connection_limit: number; readonly timeout: number } & FullPoolMeta

  constructor(timeout: number, connectionLimit: number, pool: FullPool) {
    super(`${fullPoolText(timeout, connectionLimit)}. ${explainFullPool(pool, connectionLimit)}`)
    this.meta = { connection_limit: connectionLimit, timeout, ...fullPoolMeta(pool) }
  }
}

/**
 * The pool is full, and as many callers wait as may. It has the code and text of a caller that waited in vain: callers handle
 * both in the same way. `timeout` is in seconds.
 */
export class PoolQueueFullError extends Error {
  override readonly name = "PoolQueueFullError"
  readonly code = "P2024"
  readonly meta: PoolTimeoutError["meta"] & { readonly max_waiting: number }

  constructor(timeout: number, connectionLimit: number, maxWaiting: number, pool: FullPool) {
    const others = maxWaiting === 1 ? "1 caller waits" : `${maxWaiting} callers wait`
    super(
      `${fullPoolText(timeout, connectionLimit)}. It did not wait: ${others} already, as many as PRISMA_POOL_MAX_WAITING allows. ${explainHolds(pool, connectionLimit)}`,
    )
    this.meta = { connection_limit: connectionLimit, timeout, max_waiting: maxWaiting, ...fullPoolMeta(pool) }
  }
}

/** The server did not answer within `connect_timeout`. `timeout` is in seconds. */
export class ConnectTimeoutError extends Error {
  override readonly name = "ConnectTimeoutError"
  /** Node's code for a connection that timed out. */
  readonly code = "ETIMEDOUT"
  readonly syscall = "connect"

  constructor(timeout: number) {
    super(`The database server did not answer within the connect timeout of ${timeout} s`)
  }
}

/**
 * No connection works, and the server could not be reached within `PRISMA_RECONNECT_TIMEOUT`. It has Prisma's code; the error
 * of the last attempt is its `cause`.
 *
 * https://www.prisma.io/docs/orm/reference/error-reference#p1001
 */
export class ServerDownError extends Error {
  override readonly name = "ServerDownError"
  readonly code = "P1001"

  constructor(cause: Error) {
    super(`Can't reach database server: ${cause.message || String((cause as { code?: unknown }).code)}`, {
      cause,
    })
  }
}

/**
 * The server did not answer a statement within `socket_timeout`. It has the code and text of Prisma 6.
 *
 * https://www.prisma.io/docs/orm/reference/error-reference#p1008
 */
export class SocketTimeoutError extends Error {
  override readonly name = "SocketTimeoutError"
  readonly code = "P1008"

  constructor() {
    super(
      "Socket timeout (the database failed to respond to a query within the configured timeout — see https://pris.ly/d/postgresql-connector for more details).",
    )
  }
}

/**
 * A timeout that first lets pending I/O run. If the process was blocked or its container frozen, an answer that has
 * already arrived wins. `callback` may still be called just after the timer was cleared.
 */
export function setTimeoutAfterIo(callback: () => void, millis: number): NodeJS.Timeout {
  return setTimeout(() => setImmediate(callback), millis)
}

/** The number of times that a running timeout reads the clock. */
const TICKS = 20

/**
 * A timeout that counts only the time in which this process runs. While the process is busy or frozen, the other side may
 * have answered long ago, and that can happen at each round trip. Returns a function that stops it.
 *
 * @param isWaitedFor false if the process may end before it
 */
export function setRunningTimeout(callback: () => void, millis: number, isWaitedFor = true): () => void {
  const tick = Math.max(1, millis / TICKS)
  let left = millis
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    left -= Math.min(now - last, 2 * tick)
    last = now
    if (left > 0) return
    clearInterval(timer)
    setImmediate(callback)
  }, tick)
  if (!isWaitedFor) timer.unref()
  return () => clearInterval(timer)
}

/** Keeps the process alive until the function that it returns is called: what is waited for may hold no socket and no timer. */
export function keepAlive(): () => void {
  const timer = setInterval(() => {}, LONGEST_TIMER_MILLIS)
  return () => clearInterval(timer)
}
