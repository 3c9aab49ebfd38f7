import fc from "fast-check"
import type { OpenJob } from "../../src/sizing/index.ts"
import type { OracleJob } from "./schedule-oracle.ts"

/** A job that has no name and no size yet. */
export interface AnyJob {
  readonly stated: Omit<OpenJob, "name" | "poolSize">
  /** What it is to the oracle; undefined when it is started on demand. */
  readonly clock: Omit<OracleJob, "name" | "connections"> | undefined
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const everyDay = {
  days: range(1, 31),
  months: range(1, 12),
  weekdays: range(0, 6),
  bothDays: true,
  goesOn: false,
  timezone: "UTC",
}

/** Around three at night, every day: many of them meet, and some never do. */
const schedules = [
  { schedule: "0 3 * * *", minutes: [0], hours: [3] },
  { schedule: "30 3 * * *", minutes: [30], hours: [3] },
  { schedule: "45 2 * * *", minutes: [45], hours: [2] },
  { schedule: "0,20,40 2,3 * * *", minutes: [0, 20, 40], hours: [2, 3] },
  { schedule: "15 15 * * *", minutes: [15], hours: [15] },
]
const timeouts = [
  { timeout: "20m", seconds: 1_200 },
  { timeout: "45m", seconds: 2_700 },
  { timeout: "1h30m0s", seconds: 5_400 },
]

const scheduled: fc.Arbitrary<AnyJob> = fc
  .record({
    schedule: fc.constantFrom(...schedules),
    timeout: fc.constantFrom(...timeouts),
    retries: fc.constantFrom(0, 0, 1),
    replicas: fc.constantFrom(1, 1, 2),
    maxRuns: fc.constantFrom(undefined, undefined, 1, 2),
    poolsPerInstance: fc.constantFrom(1, 1, 2),
  })
  .map(({ schedule: { schedule, ...times }, timeout: { timeout, seconds }, ...others }) => {
    const { maxRuns, retries, replicas, poolsPerInstance } = others
    const bound = maxRuns === undefined ? {} : { maxRuns }
    return {
      stated: { schedule, timezone: "UTC", timeout, retries, replicas, poolsPerInstance, ...bound },
      clock: {
        ...everyDay,
        ...times,
        seconds: seconds * (1 + retries),
        replicas,
        maxRuns: maxRuns ?? Number.POSITIVE_INFINITY,
      },
    }
  })

const onDemand: fc.Arbitrary<AnyJob> = fc
  .record({ concurrent: fc.nat(2) })
  .map((stated) => ({ stated, clock: undefined }))

export const anyJob: fc.Arbitrary<AnyJob> = fc.oneof(
  { arbitrary: scheduled, weight: 4 },
  { arbitrary: onDemand, weight: 1 },
)

/** The jobs with a name each, and whatever there is to say of their sizes. */
export function nameJobs<Size>(jobs: readonly (readonly [job: AnyJob, size: Size])[]) {
  return jobs.map(([{ stated }, size], index) => ({ name: `job ${index}`, ...stated, ...size }))
}
