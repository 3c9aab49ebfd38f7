import { PoolConfigError, type PoolConfigIssue } from "../error.ts"

/** The input is valid, but no verdict is possible: a server does not answer, or a plan leaves values unknown. */
export class NoVerdictError extends Error {
  constructor(issues: readonly PoolConfigIssue[]) {
    super(new PoolConfigError(issues).message)
  }
}
