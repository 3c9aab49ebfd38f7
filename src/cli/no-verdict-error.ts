import { PoolConfigError, type PoolConfigIssue } from "../error.ts"

/** Nothing is wrong with what was asked, and nobody can tell: a server that does not answer, a plan that leaves things open. */
export class NoVerdictError extends Error {
  constructor(issues: readonly PoolConfigIssue[]) {
    super(new PoolConfigError(issues).message)
  }
}
