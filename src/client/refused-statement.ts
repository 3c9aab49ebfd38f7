/**
 * What is wrong with the session rather than with the statement, so that only another session helps: a plan or a
 * prepared statement that a migration made stale, a primary that became a replica.
 */
const STALE_SESSION = new Set(["0A000", "26000", "25006"])

/**
 * The server refused a statement, and its session is as good as before. (Where it ended the session, the end of
 * the connection follows.)
 */
export function isRefusedStatement(error: unknown): boolean {
  if (!(error instanceof Error && "severity" in error && "code" in error)) return false
  return !STALE_SESSION.has(String(error.code))
}
