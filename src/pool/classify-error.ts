import { PoolConfigError } from "../error.ts"

/** The fields by which Prisma 6, Prisma 7, its driver adapters and node-postgres tell what went wrong. */
export interface ErrorFields {
  readonly code?: unknown
  readonly errorCode?: unknown
  readonly originalCode?: unknown
  readonly kind?: unknown
  readonly message?: unknown
}

/** Deeper than any library wraps: a cycle ends here. */
const DEEPEST = 8

/** Whether an error, or one that it wraps (`cause`, `meta`, `meta.driverAdapterError`, `errors`), matches. */
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
 * It knows Prisma's `P2024`, `P2028` when a transaction could not start within `maxWait`, and node-postgres's own
 * text, on Prisma 6, 7 and a plain `pg.Pool` alike. It is false for a server that did not answer (`P1001`), a
 * transaction that took too long, and a server that refused the connection ({@link isTooManyConnections}).
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
  return someCause(error, ({ code, errorCode, message }) => {
    if (code === "P2024" || errorCode === "P2024") return true
    if (code === "P2028") return /Unable to start a transaction in the given time/.test(String(message))
    return code === undefined && message === "timeout exceeded when trying to connect"
  })
}

/** PostgreSQL's `too_many_connections`. Its texts are translated by the server; the code is not. */
const TOO_MANY_CONNECTIONS = "53300"

/** What limits the connections of this role: the server's slots, or the limit of the database or of the role. */
export type LimitName = "maxConnections" | "database" | "role"

/** PostgreSQL's texts: https://github.com/postgres/postgres/blob/master/src/backend/utils/init/postinit.c */
const FULL_SERVER: readonly (readonly [LimitName, RegExp])[] = [
  ["maxConnections", /too many clients already|remaining connection slots are reserved/],
  ["database", /too many connections for database/],
  ["role", /too many connections for role/],
]

/** PgBouncer's code for nearly every error, its server's included, so that only the text tells them apart. */
export const PROTOCOL_VIOLATION = "08P01"

/** What PgBouncer says when it refuses or gives up a client, with the code that Prisma has for it. */
const POOLER_TEXTS: readonly (readonly [code: string, text: RegExp])[] = [
  ["P2037", /^no more connections allowed/],
  ...FULL_SERVER.map(([, text]) => ["P2037", text] as const),
  ["P2024", /^query_wait_timeout/],
  ["P1000", /^(SASL|password) authentication failed|^auth failed|^no such user/],
  ["P1003", /^database ".*" does not exist|^no such database/],
  ["P1001", /^server login has been failing|^database ".*" is disabled|^pgbouncer cannot connect to server/],
  ["P1008", /^query timeout/],
  [
    "P1017",
    /^database removed|^server conn crashed|^idle transaction timeout|^(the )?(database|pooler) (system )?is shut/,
  ],
]

/** Prisma's code for an error of the pooler in between; undefined for a text that is none of its own. */
export const poolerCode = (message: unknown): string | undefined =>
  POOLER_TEXTS.find(([, text]) => text.test(String(message)))?.[0]

/** The pooler, or the server behind it, has no slot left. */
const isFullPooler = (message: unknown) => poolerCode(message) === "P2037"

/**
 * True for an error that says: the server refused the connection because its slots, or those of the database or
 * the role, are taken, or those of the PgBouncer in between. The fleet is larger than the server.
 *
 * It knows SQLSTATE 53300 and Prisma's `P2037`, and looks inside `P2010` and `P2039`, on Prisma 6, 7 and plain
 * node-postgres alike. It is false for a full pool ({@link isPoolTimeout}), which never reaches the server.
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
    ({ code, errorCode, originalCode, kind, message }) =>
      code === "P2037" ||
      (code === PROTOCOL_VIOLATION && isFullPooler(message)) ||
      errorCode === "P2037" ||
      code === TOO_MANY_CONNECTIONS ||
      originalCode === TOO_MANY_CONNECTIONS ||
      kind === "TooManyConnections",
  )
}

const LIMITS = [...FULL_SERVER, ["pooler", /no more connections allowed/] as const]

/**
 * Which limit refused a connection, for an error of which `isTooManyConnections` is true. Undefined where the server
 * speaks another language (`lc_messages`): the code is the same for all of them.
 */
export function refusedLimit(error: unknown): LimitName | "pooler" | undefined {
  return LIMITS.find(([, text]) => someCause(error, ({ message }) => text.test(String(message))))?.[0]
}

/**
 * The server refused a statement, and its session is as good as before. (Where it ended the session, the end of
 * the connection follows.)
 */
export function isDatabaseError(error: unknown): boolean {
  return error instanceof Error && "severity" in error && "code" in error
}
