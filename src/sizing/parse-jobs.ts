import type { PoolConfigIssue } from "../error.ts"
import type { Job } from "../schedule/job.ts"
import { type ParsedJob, readJobs } from "../schedule/read-jobs.ts"
import { readObject } from "../validation/object-reader.ts"
import { type ParsedSize, parseSize, sizeFields } from "./parse-size.ts"

// What a declaration says of its jobs is described by the rules that read them.
export { goDuration } from "../schedule/go-duration.ts"
export { jobRules, maxRunsRule } from "../schedule/read-jobs.ts"
export {
  concurrentRule,
  DEFAULT_TIMEOUT,
  DEFAULT_TIMEZONE,
  longestRun,
  retriesRule,
} from "../schedule/read-timing.ts"

/** A job of a fleet. Its calendar is read once, for whatever sizes it is then swept with. */
export interface ParsedFleetJob {
  /** As given, without its size. */
  readonly stated: Omit<Job, "poolSize">
  /** With one connection in each pool. */
  readonly single: ParsedJob
  readonly size: ParsedSize
}

export function parseFleetJobs(
  value: unknown,
  mayBeOpen: boolean,
  usable: number,
  issues: PoolConfigIssue[],
): ParsedFleetJob[] {
  if (value === undefined) return []
  const parts = Array.isArray(value)
    ? Array.from(value, (job: unknown, index) => withoutSize(job, index, mayBeOpen, usable, issues))
    : []
  const singles = readJobs(Array.isArray(value) ? parts.map(({ single }) => single) : value, issues)
  return parts.flatMap(({ stated, size }, index) => {
    const single = singles[index]
    return size && single ? [{ stated, single, size }] : []
  })
}

function withoutSize(
  job: unknown,
  index: number,
  mayBeOpen: boolean,
  usable: number,
  issues: PoolConfigIssue[],
) {
  // What is no object keeps its place, for readJobs to refuse it there.
  const fields = readObject(job, "", [])
  if (fields === undefined) return { single: job, stated: {} as ParsedFleetJob["stated"], size: undefined }
  const name = fields.get("name")
  const path = typeof name === "string" && name.trim() !== "" ? `jobs.${name}` : `jobs[${index}]`
  const size = parseSize(fields, `${path}.`, mayBeOpen, usable, issues)
  const own: readonly string[] = mayBeOpen ? ["poolSize", ...sizeFields] : ["poolSize"]
  const stated = Object.fromEntries(fields.entries().filter(([field]) => !own.includes(field)))
  return { single: { ...stated, poolSize: 1 }, stated: stated as unknown as ParsedFleetJob["stated"], size }
}
