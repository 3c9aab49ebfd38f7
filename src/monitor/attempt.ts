import { PoolConfigError, type PoolConfigIssue } from "../error.ts"

/** Returns the result of `read`; if it throws, undefined, and its issues are added. */
export function attempt<Result>(
  issues: PoolConfigIssue[],
  read: () => Result,
  renamed = (name: string) => name,
): Result | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof PoolConfigError)) throw error
    issues.push(...error.issues.map((issue) => ({ ...issue, name: renamed(issue.name) })))
    return undefined
  }
}
