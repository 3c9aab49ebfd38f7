import type { PoolConfigIssue } from "../../error.ts"
import { PoolConfigError } from "../../error.ts"
import type { Job } from "./job.ts"
import { peak } from "./peak.ts"
import { readFrom } from "./read-from.ts"
import { readJobs } from "./read-jobs.ts"

/** The runs of one job at one instant. */
export interface JobRuns {
  readonly name: string
  readonly runs: number
  /** `runs × poolSize × poolsPerInstance`. */
  readonly connections: number
}

/** A value that the input leaves open, and what was taken for it. Never an error. */
export interface Assumption {
  /** The dotted path: `jobs.sync.timeout`. */
  readonly name: string
  /** What was taken, and what it does to the sum: `omitted: 24 h, so up to 24 runs at once`. */
  readonly assumed: string
  /** How to state it: `Set timeout`. */
  readonly remedy: string
}

/** An override that the input states, and that the calendar therefore does not decide. */
export interface Stated {
  /** The dotted path: `jobs.sync.maxRuns`. */
  readonly name: string
  readonly value: string | number
}

/** The most that the jobs can have at work at one instant. */
export interface ConcurrentRuns {
  /** The largest number of runs; reached when it is reached, which need not be `at`. */
  readonly runs: number
  /** The largest sum of connections, every pool of every run being full. */
  readonly connections: number
  /** The first instant with that many connections, in ISO 8601 and UTC; undefined when no schedule adds to them. */
  readonly at: string | undefined
  /** Which jobs have those connections at `at`, in the order of the input; those without a run are left out. */
  readonly jobs: readonly JobRuns[]
  readonly assumptions: readonly Assumption[]
  readonly stated: readonly Stated[]
}

export interface ConcurrentRunsOptions {
  /** The first day of the 28 years, `YYYY-MM-DD` in UTC, 1973-01-01 to 9900-01-01; `2026-01-01` by default. */
  readonly from?: string
}

export function maxConcurrentRuns(jobs: readonly Job[], options: ConcurrentRunsOptions = {}): ConcurrentRuns {
  const issues: PoolConfigIssue[] = []
  const read = readJobs(jobs, issues)
  const from = readFrom(options, issues)
  if (issues.length > 0) throw new PoolConfigError(issues)
  return peak(read, from)
}
