import { anyError } from "./error-causes.ts"

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
  return anyError(error, ({ code, errorCode, message }) => {
    if (code === "P2024" || errorCode === "P2024") return true
    if (code === "P2028") return /Unable to start a transaction in the given time/.test(String(message))
    return code === undefined && message === "timeout exceeded when trying to connect"
  })
}
