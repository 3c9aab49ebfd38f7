import { type PoolConfigIssue, shown } from "../error.ts"
import { MOST, MOST_IN_INSTANCE, type WholeNumber, wholeNumber } from "../validation/numbers.ts"
import { type Fields, plainObject, refuseUnknown, wholeNumbers } from "../validation/object-reader.ts"
import type { Stated } from "./concurrent-runs.ts"
import { type ReadTiming, readTiming } from "./read-timing.ts"

/** A job with nothing left to default. */
export interface ReadJob extends ReadTiming {
  readonly name: string
  /** `jobs.<name>`, before the name of a field. */
  readonly path: string
  /** Connections of one run. */
  readonly connections: number
  readonly replicas: number
  /** Infinity without a bound. */
  readonly maxRuns: number
  readonly stated: readonly Stated[]
}

export const jobRules = {
  poolSize: { meaning: "the connections in each pool", min: 1, max: MOST_IN_INSTANCE },
  poolsPerInstance: {
    meaning: "the pools to this server in one run (leave out a job that has none)",
    min: 1,
    max: MOST_IN_INSTANCE,
    fallback: 1,
  },
  replicas: { meaning: "the runs that each start launches", min: 1, max: MOST, fallback: 1 },
} satisfies Record<string, WholeNumber>

export const maxRunsRule: WholeNumber = { meaning: "the most runs at work at once", min: 1, max: MOST }

const known = [
  "name",
  "schedule",
  "timezone",
  "timeout",
  "retries",
  "poolSize",
  "poolsPerInstance",
  "duration",
  "maxRuns",
  "replicas",
  "concurrent",
]

const overrides = ["duration", "maxRuns", "replicas"]

/**
 * Reads a list of jobs. What is wrong with it becomes issues: under `jobs.<name>`, as with the consumers of a
 * fleet, or under `jobs[3]` when there is no name.
 */
export function readJobs(jobs: unknown, issues: PoolConfigIssue[]): readonly ReadJob[] {
  if (!Array.isArray(jobs)) {
    const problem = jobs === undefined ? "missing" : `received ${shown(jobs)}`
    issues.push({ name: "jobs", problem, remedy: "Give a list of jobs" })
    return []
  }
  const places = new Map<string, string>()
  return Array.from(jobs, (value: unknown, index) => {
    const place = `jobs[${index}]`
    const fields = plainObject(value, place, issues)
    return fields === undefined ? [] : [readJob(fields, place, places, issues)]
  }).flat()
}

function readJob(
  fields: Fields,
  place: string,
  places: Map<string, string>,
  issues: PoolConfigIssue[],
): ReadJob {
  const name = readName(fields.get("name"), place, places, issues)
  const path = name === undefined ? place : `jobs.${name}`
  refuseUnknown(fields, known, issues, `${path}.`)
  const timing = readTiming(fields, path, issues)
  const { poolSize, poolsPerInstance, replicas } = wholeNumbers(fields, jobRules, issues, `${path}.`)
  const maxRuns = fields.get("maxRuns")
  return {
    ...timing,
    name: name ?? place,
    path,
    connections: poolSize * poolsPerInstance,
    replicas,
    maxRuns:
      maxRuns === undefined
        ? Number.POSITIVE_INFINITY
        : wholeNumber(maxRuns, `${path}.maxRuns`, maxRunsRule, issues),
    stated: overrides.flatMap((field) => {
      const value = fields.get(field)
      return typeof value === "string" || typeof value === "number"
        ? [{ name: `${path}.${field}`, value }]
        : []
    }),
  }
}

function readName(
  name: unknown,
  place: string,
  places: Map<string, string>,
  issues: PoolConfigIssue[],
): string | undefined {
  if (typeof name !== "string" || name.trim() === "") {
    const problem = name === undefined ? "missing" : `received ${shown(name)}`
    issues.push({ name: `${place}.name`, problem, remedy: "Name every job" })
    return undefined
  }
  const first = places.get(name)
  if (first !== undefined) {
    issues.push({
      name: `${place}.name`,
      problem: `received ${shown(name)}, the name of ${first}`,
      remedy: "Name every job once",
    })
    return undefined
  }
  places.set(name, place)
  return name
}
