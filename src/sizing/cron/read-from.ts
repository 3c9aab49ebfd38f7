import type { PoolConfigIssue } from "../../error.ts"

/** The first day, in days since 1970. */
export function readFrom(_options: unknown, _issues: PoolConfigIssue[]): number {
  throw new Error("not implemented")
}
