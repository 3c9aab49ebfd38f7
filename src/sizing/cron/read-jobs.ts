import type { PoolConfigIssue } from "../../error.ts"
import type { Job } from "./job.ts"

export interface ReadJob extends Job {
  readonly path: string
}

/** Reads a list of jobs; what is wrong with it becomes issues under `jobs.<name>`, or `jobs[3]` without a name. */
export function readJobs(_jobs: unknown, _issues: PoolConfigIssue[]): readonly ReadJob[] {
  throw new Error("not implemented")
}
