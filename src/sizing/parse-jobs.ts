import type { Job } from "../schedule/job.ts"
import { type JobValues, jobShape, jobsSchema, type ParsedJob, parsedJob } from "../schedule/read-jobs.ts"
import { timingRule } from "../schedule/read-timing.ts"
import { object } from "../validation/schema.ts"
import type { OpenJob } from "./open-fleet.ts"
import {
  openMost,
  openSizeShape,
  type ParsedSize,
  type SizeValues,
  SOLVING_FIELDS,
  sizeOf,
  sizeRule,
} from "./parse-size.ts"

// A declaration's relaxations are found by the rules by which its jobs are read.
export { goDuration } from "../schedule/go-duration.ts"
export { jobRules } from "../schedule/read-jobs.ts"
export {
  concurrentRule,
  DEFAULT_TIMEOUT,
  DEFAULT_TIMEZONE,
  longestRun,
  retriesRule,
} from "../schedule/read-timing.ts"

/** A job of a fleet. Its calendar is parsed once, and then swept with any sizes. */
export interface ParsedFleetJob {
  /** As given, without its size. */
  readonly given: Omit<Job, "poolSize">
  /** With one connection in each pool. */
  readonly single: ParsedJob
  readonly size: ParsedSize
  /** Present where the connections of its runs are the clients of a pooler. */
  readonly pooler?: string
}

/** The fields of a job whose size may be open. */
export const openJobShape = { ...jobShape, ...openSizeShape } satisfies Record<keyof OpenJob, unknown>

/** Jobs whose sizes may be open. */
export const openJobsSchema = jobsSchema(object(openJobShape, timingRule, sizeRule))

const SIZE_FIELDS: readonly string[] = ["poolSize", ...SOLVING_FIELDS]

/** @param given the same job before parsing */
export function parsedFleetJob(
  values: JobValues & SizeValues,
  given: Job | OpenJob,
  usable: number,
): ParsedFleetJob {
  const withoutSize = Object.fromEntries(
    Object.entries(given).filter(([field]) => !SIZE_FIELDS.includes(field)),
  )
  return {
    given: withoutSize as unknown as ParsedFleetJob["given"],
    single: parsedJob(values, given, 1),
    size: sizeOf(values, openMost(usable, values.pooler)),
    ...(values.pooler === undefined ? {} : { pooler: values.pooler }),
  }
}
