/**
 * The server refused a statement, and its session is as good as before. (Where it ended the session, the end of
 * the connection follows.)
 */
export function isRefusedStatement(error: unknown): boolean {
  return error instanceof Error && "severity" in error && "code" in error
}
