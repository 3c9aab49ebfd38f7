import { describeValue, type PoolConfigIssue } from "../error.ts"
import {
  type IntegerRule,
  MAX_COUNT,
  MAX_POOL_SIZE,
  readInteger,
  readIntegers,
} from "../validation/numbers.ts"
import { type ObjectReader, readObject, rejectUnknownFields } from "../validation/object-reader.ts"
import type { ExplicitValue } from "./concurrent-runs.ts"
import { type ParsedTiming, readTiming } from "./read-timing.ts"

/** A job with nothing left to default. */
export interface ParsedJob extends ParsedTiming {
  readonly name: string
  /** `jobs.<name>`, before the name of a field. */
  readonly path: string
  /** Connections of one run. */
  readonly connections: number
  readonly replicas: number
  /** Infinity without a bound. */
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
} satisfies Record<string, IntegerRule>

export const maxRunsRule: IntegerRule = {
  description: "the most runs at work at once",
  min: 1,
  max: MAX_COUNT,
}

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
export function readJobs(jobs: unknown, issues: PoolConfigIssue[]): readonly ParsedJob[] {
  if (!Array.isArray(jobs)) {
    const problem = jobs === undefined ? "missing" : `received ${describeValue(jobs)}`
    issues.push({ name: "jobs", problem, remedy: "Give a list of jobs" })
    return []
  }
  const places = new Map<string, string>()
  return Array.from(jobs, (value: unknown, index) => {
    const place = `jobs[${index}]`
    const fields = readObject(value, place, issues)
    return fields === undefined ? [] : [readJob(fields, place, places, issues)]
  }).flat()
}

function readJob(
  fields: ObjectReader,
  place: string,
  places: Map<string, string>,
  issues: PoolConfigIssue[],
): ParsedJob {
  const name = readName(fields.get("name"), place, places, issues)
  const path = name === undefined ? place : `jobs.${name}`
  rejectUnknownFields(fields, known, issues, `${path}.`)
  const timing = readTiming(fields, path, issues)
  const { poolSize, poolsPerInstance, replicas } = readIntegers(fields, jobRules, issues, `${path}.`)
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
        : readInteger(maxRuns, `${path}.maxRuns`, maxRunsRule, issues),
    explicit: overrides.flatMap((field) => {
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
    const problem = name === undefined ? "missing" : `received ${describeValue(name)}`
    issues.push({ name: `${place}.name`, problem, remedy: "Name every job" })
    return undefined
  }
  const first = places.get(name)
  if (first !== undefined) {
    issues.push({
      name: `${place}.name`,
      problem: `received ${describeValue(name)}, the name of ${first}`,
      remedy: "Name every job once",
    })
    return undefined
  }
  places.set(name, place)
  return name
}
