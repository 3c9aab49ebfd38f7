import type { Job } from "../schedule/job.ts"
import { type JobValues, jobShape, jobsSchema, type ParsedJob, parsedJob } from "../schedule/read-jobs.ts"
import { timingRule } from "../schedule/read-timing.ts"
import { object } from "../validation/schema.ts"
import type { OpenJob } from "./open-fleet.ts"
import {
  openSizeShape,
  type ParsedSize,
  type SizeValues,
  SOLVING_FIELDS,
  sizeOf,
  sizeRule,
} from "./parse-size.ts"

// The rules by which a declaration's jobs were read say what it relaxes.
export { goDuration } from "../schedule/go-duration.ts"
export { jobRules } from "../schedule/read-jobs.ts"
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

/** Jobs whose sizes may be open. */
export const openJobsSchema = jobsSchema(object({ ...jobShape, ...openSizeShape }, timingRule, sizeRule))

const SIZE_FIELDS: readonly string[] = ["poolSize", ...SOLVING_FIELDS]

/** @param given the same job as it was given */
export function parsedFleetJob(
  values: JobValues & SizeValues,
  given: Job | OpenJob,
  usable: number,
): ParsedFleetJob {
  const stated = Object.fromEntries(Object.entries(given).filter(([field]) => !SIZE_FIELDS.includes(field)))
  return {
    stated: stated as unknown as ParsedFleetJob["stated"],
    single: parsedJob(values, given, 1),
    size: sizeOf(values, usable),
  }
}
