import { describeValue, type PoolConfigIssue } from "../error.ts"
import { integerField } from "../validation/number-fields.ts"
import { MAX_COUNT, MAX_POOL_SIZE, type NumberRule } from "../validation/numbers.ts"
import { parseInto } from "../validation/parse.ts"
import { list, object, optional, rule, type Schema } from "../validation/schema.ts"
import { textField } from "../validation/text-fields.ts"
import type { ExplicitValue } from "./concurrent-runs.ts"
import type { Job } from "./job.ts"
import { type ParsedTiming, type TimingValues, timingOf, timingRule, timingShape } from "./read-timing.ts"

/** A job with its defaults filled in. */
export interface ParsedJob extends ParsedTiming {
  readonly name: string
  /** The path prefix of its fields, `jobs.<name>`. */
  readonly path: string
  /** Connections of one run. */
  readonly connections: number
  readonly replicas: number
  /** Infinity if there is no limit. */
  readonly maxRuns: number
  readonly explicit: readonly ExplicitValue[]
}

export const jobRules = {
  poolSize: { description: "the connections in each pool", min: 1, max: MAX_POOL_SIZE },
  poolsPerInstance: {
    description: "the pools to this server in one run (leave out a job that has none)",
    min: 1,
    max: MAX_POOL_SIZE,
    default: 1,
  },
  replicas: { description: "the runs that each start launches", min: 1, max: MAX_COUNT, default: 1 },
  maxRuns: { description: "the most runs at once", min: 1, max: MAX_COUNT },
} satisfies Record<string, NumberRule>

/** The pooler that a job or a consumer connects through. */
export const poolerField = textField("Give the name of one of the poolers", {
  description:
    "The pooler that it connects through, by its name under poolers; by default none, straight to the server",
})

const { schedule, timezone, timeout, retries, duration, concurrent } = timingShape

/** The fields of a job. */
export const jobShape = {
  name: textField("Name every job", { description: "Any name that is not blank, unique in the fleet" }),
  schedule,
  timezone,
  timeout,
  retries,
  poolSize: integerField(jobRules.poolSize),
  poolsPerInstance: integerField(jobRules.poolsPerInstance),
  duration,
  maxRuns: optional(integerField(jobRules.maxRuns)),
  replicas: integerField(jobRules.replicas),
  concurrent,
  pooler: optional(poolerField),
}

/** The parsed values of these fields. */
export interface JobValues extends TimingValues {
  readonly name: string
  readonly poolsPerInstance: number
  readonly maxRuns?: number | undefined
  readonly replicas: number
  readonly pooler?: string | undefined
}

/** An array of jobs with the given schema, each with a unique name. */
export const jobsSchema = /* @__NO_SIDE_EFFECTS__ */ <Values extends JobValues>(job: Schema<Values>) =>
  list(
    job,
    "Give an array of jobs",
    rule<readonly Values[]>(function* (jobs) {
      const places = new Map<string, number>()
      for (const [place, { name }] of jobs.entries()) {
        const first = places.get(name)
        if (first !== undefined) {
          yield {
            path: [place, "name"],
            problem: `received ${describeValue(name)}, the name of jobs[${first}]`,
            remedy: "Name every job once",
          }
        } else if (typeof name === "string") places.set(name, place)
      }
    }),
  )

/** Jobs with a size each, as `maxConcurrentRuns` accepts them. */
export const sizedJobsSchema = jobsSchema(object(jobShape, timingRule))

/**
 * Reads an array of jobs. Problems become issues: under `jobs.<name>`, as with the consumers of a fleet, or under
 * `jobs[3]` for a job without a name.
 */
export function readJobs(jobs: unknown, issues: PoolConfigIssue[]): readonly ParsedJob[] {
  const read = parseInto(issues, object({ jobs: sizedJobsSchema }), { jobs }, "jobs")
  return read === undefined ? [] : sizedJobs(read.jobs, jobs as readonly Job[])
}

/** @param given the same jobs before parsing */
export const sizedJobs = (
  jobs: readonly (JobValues & { readonly poolSize: number })[],
  given: readonly Job[],
): readonly ParsedJob[] => jobs.map((job, index) => parsedJob(job, given[index] ?? {}, job.poolSize))

const OVERRIDES = ["duration", "maxRuns", "replicas"] as const

/** @param given the same job before parsing */
export function parsedJob(values: JobValues, given: Partial<Job>, poolSize: number): ParsedJob {
  const { name, poolsPerInstance, maxRuns, replicas } = values
  const path = `jobs.${name}`
  return {
    ...timingOf(values),
    name,
    path,
    connections: poolSize * poolsPerInstance,
    replicas,
    maxRuns: maxRuns ?? Number.POSITIVE_INFINITY,
    explicit: OVERRIDES.flatMap((each) => {
      const value = given[each]
      return value === undefined ? [] : [{ name: `${path}.${each}`, value }]
    }),
  }
}
