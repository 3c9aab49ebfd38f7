import { anyError } from "./error-chain.ts"

/** PostgreSQL's `too_many_connections`. Its texts are translated by the server; the code is not. */
const TOO_MANY_CONNECTIONS = "53300"

/**
 * True for an error that says: the server refused the connection because its slots, or those of the database or
 * the role, are taken. The fleet is larger than the server.
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
    ({ code, errorCode, originalCode, kind }) =>
      code === "P2037" ||
      errorCode === "P2037" ||
      code === TOO_MANY_CONNECTIONS ||
      originalCode === TOO_MANY_CONNECTIONS ||
      kind === "TooManyConnections",
  )
}
