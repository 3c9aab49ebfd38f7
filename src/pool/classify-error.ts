import { PoolConfigError } from "../error.ts"
import { FULL_ODYSSEY, FULL_SERVER, type LimitName, poolerCode } from "./refusal-texts.ts"

/** The fields by which Prisma 6, Prisma 7, its driver adapters and node-postgres report what went wrong. */
export interface ErrorFields {
  readonly code?: unknown
  readonly errorCode?: unknown
  readonly originalCode?: unknown
  readonly kind?: unknown
  readonly message?: unknown
  readonly severity?: unknown
  readonly meta?: unknown
}

/** The maximum depth of causes, deeper than any library wraps: it ends a cycle. */
const DEEPEST = 8

/** True if an error, or one that it wraps (`cause`, `meta`, `meta.driverAdapterError`, `errors`), matches. */
export function someCause(error: unknown, matches: (fields: ErrorFields) => boolean, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > DEEPEST) return false
  if (error instanceof PoolConfigError) return false
  if (matches(error)) return true
  const { cause, meta, errors } = error as { cause?: unknown; meta?: unknown; errors?: unknown }
  const { driverAdapterError } = (meta ?? {}) as { driverAdapterError?: unknown }
  const wrapped = [cause, meta, driverAdapterError, ...(Array.isArray(errors) ? errors : [])]
  return wrapped.some((inner) => someCause(inner, matches, depth + 1))
}

/**
 * True for an error that says: no connection became free in time. The pool is too small for its load, or
 * connections are held too long.
 *
 * It recognises Prisma's `P2024`, `P2028` when a transaction could not start within `maxWait`, and node-postgres's own
 * message. This works for Prisma 6, Prisma 7, Prisma 8 over `createPool` and a plain `pg.Pool`.
 *
 * It is false for a server that did not answer (`P1001`), a transaction that took too long, a server that refused
 * the connection ({@link isTooManyConnections}).
 *
 * @example
 * ```ts
 * try {
 *   await prisma.mission.findMany()
 * } catch (error) {
 *   if (!isPoolTimeout(error)) throw error
 *   response.writeHead(503, { "retry-after": "1" }).end()
 * }
 * ```
 */
export function isPoolTimeout(error: unknown): boolean {
  return someCause(error, ({ code, errorCode, message, severity, meta }) => {
    if (code === "P2024" || errorCode === "P2024") return true
    if (poolerCode(code, message, severity) === "P2024") return true
    if (code === "P2028") {
      // Clients of this package name a cause where the server had no room, or could not be reached.
      const { cause } = (meta ?? {}) as { cause?: unknown }
      return cause === undefined && /Unable to start a transaction in the given time/.test(String(message))
    }
    return code === undefined && message === "timeout exceeded when trying to connect"
  })
}

/** PostgreSQL's `too_many_connections`. The server translates its messages, but not the code. */
const TOO_MANY_CONNECTIONS = "53300"

/**
 * True for an error that says: the connection was refused because all slots are taken. These are the slots of the server,
 * the database, the role or a pooler. The fleet is larger than the server.
 *
 * It recognises SQLSTATE 53300 and Prisma's `P2037`, and looks inside `P2010` and `P2039`. This works for Prisma 6, Prisma 7
 * and plain node-postgres. It is false for a full pool ({@link isPoolTimeout}), which never reaches the server.
 *
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 *
 * @example
 * ```ts
 * try {
 *   await prisma.mission.count()
 * } catch (error) {
 *   if (isTooManyConnections(error)) pager.alert("PostgreSQL refuses connections: the fleet is too large")
 *   throw error
 * }
 * ```
 */
export function isTooManyConnections(error: unknown): boolean {
  return someCause(
    error,
    ({ code, errorCode, originalCode, kind, message, severity }) =>
      code === "P2037" ||
      poolerCode(code, message, severity) === "P2037" ||
      errorCode === "P2037" ||
      code === TOO_MANY_CONNECTIONS ||
      originalCode === TOO_MANY_CONNECTIONS ||
      kind === "TooManyConnections",
  )
}

/**
 * The limit that refused a connection, for an error for which `isTooManyConnections` is true. Undefined if the server
 * uses another language (`lc_messages`): the code is the same for all limits.
 */
export function refusedLimit(error: unknown): LimitName | "pooler" | undefined {
  const limit = FULL_SERVER.find(([, text]) => someCause(error, ({ message }) => text.test(String(message))))
  if (limit !== undefined) return limit[0]
  const isOfPooler = someCause(
    error,
    ({ code, message }) => poolerCode(code, message) === "P2037" || FULL_ODYSSEY.test(String(message)),
  )
  return isOfPooler ? "pooler" : undefined
}

/**
 * True if the server refused a statement, which leaves the session usable. (If it ended the session, the end of the
 * connection follows.)
 */
export function isDatabaseError(error: unknown): boolean {
  return error instanceof Error && "severity" in error && "code" in error
}

/**
 * Classes of SQLSTATE of what the server did not do this time: a full or overloaded server, a lock that was not to be had, an
 * operator or a timeout that stepped in. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const THIS_TIME = /^(?:08|25|40|53|55|57|58)/

/** True if the server refuses such a statement, rather than this one at this moment. */
export function isLastingRefusal(error: unknown): boolean {
  return isDatabaseError(error) && !THIS_TIME.test(String((error as { readonly code?: unknown }).code))
}
