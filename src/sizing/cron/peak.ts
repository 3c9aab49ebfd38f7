import type { ConcurrentRuns } from "./max-concurrent-runs.ts"
import type { ReadJob } from "./read-jobs.ts"

/** 2026-01-01, in days since 1970. */
export const defaultFrom = 20_454

export function peak(_jobs: readonly ReadJob[], _from: number = defaultFrom): ConcurrentRuns {
  throw new Error("not implemented")
}
