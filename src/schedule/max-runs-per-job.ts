import type { PoolConfigIssue } from "../error.ts"
import type { Job } from "./job.ts"
import { mostRunsOfEach } from "./peak.ts"
import { readJobs } from "./read-jobs.ts"
import { DEFAULT_FROM } from "./read-start-date.ts"

/**
 * The most runs of each job at work at one instant, whatever the others do then: all jobs together take what one
 * `maxConcurrentRuns` does. What is wrong with them becomes issues, as there, and they then have no runs.
 */
export function mostRuns(jobs: readonly Job[], issues: PoolConfigIssue[]): readonly number[] {
  const wrong: PoolConfigIssue[] = []
  const read = readJobs(jobs, wrong)
  for (const issue of wrong) issues.push(issue)
  return wrong.length > 0 ? jobs.map(() => 0) : mostRunsOfEach(read, DEFAULT_FROM)
}
