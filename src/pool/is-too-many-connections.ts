import { anyError } from "./error-causes.ts"

/** PostgreSQL's `too_many_connections`. Its texts are translated by the server; the code is not. */
const TOO_MANY_CONNECTIONS = "53300"

/** PgBouncer's code for nearly every error of its own, so that only the text tells them apart. */
const PROTOCOL_VIOLATION = "08P01"

/** PgBouncer's refusal of more clients than `max_client_conn` and its like. */
export const isFullPooler = (message: unknown) => /^no more connections allowed/.test(String(message))

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
  return anyError(
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
