import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { PeakRuns } from "../../src/schedule/concurrent-runs.ts"
import type { Job } from "../../src/schedule/job.ts"
import { maxConcurrentRuns } from "../../src/schedule/max-concurrent-runs.ts"
import { peakWithin } from "../../src/schedule/peak.ts"
import { readJobs } from "../../src/schedule/read-jobs.ts"
import { runs } from "../support/properties.ts"
import { bruteForce, type OracleJob } from "../support/schedule-oracle.ts"

interface Field {
  readonly text: string
  readonly values: readonly number[]
}

const range = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step)

/** A field and what it stands for, made side by side. */
const field = (min: number, max: number): fc.Arbitrary<Field> =>
  fc.oneof(
    { arbitrary: fc.constant({ text: "*", values: range(min, max) }), weight: 3 },
    {
      arbitrary: fc
        .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 })
        .map((values) => ({ text: values.join(","), values })),
      weight: 4,
    },
    {
      arbitrary: fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }), fc.integer({ min: 1, max: 9 }))
        .map(([one, other, step]) => {
          const [from, to] = [Math.min(one, other), Math.max(one, other)]
          return { text: `${from}-${to}/${step}`, values: range(from, to, step) }
        }),
      weight: 2,
    },
    {
      arbitrary: fc
        .integer({ min: 1, max: 20 })
        .map((step) => ({ text: `*/${step}`, values: range(min, max, step) })),
      weight: 1,
    },
  )

/** Days on which a clock does something, and zones to look at them from. */
const scenes = [
  { from: "2026-03-27", zones: ["Europe/Paris", "UTC", "Europe/Dublin"] },
  { from: "2026-10-23", zones: ["Europe/Paris", "Europe/Dublin", "Asia/Kathmandu"] },
  { from: "2026-03-06", zones: ["America/New_York", "America/St_Johns", "Europe/Paris"] },
  { from: "2026-04-03", zones: ["Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham"] },
  { from: "2026-10-02", zones: ["Australia/Lord_Howe", "Asia/Tokyo", "Pacific/Kiritimati"] },
  { from: "2011-12-28", zones: ["Pacific/Apia", "UTC", "Pacific/Fakaofo"] },
  { from: "2018-11-02", zones: ["America/Sao_Paulo", "America/New_York", "Pacific/Pago_Pago"] },
  { from: "2018-02-16", zones: ["America/Sao_Paulo", "Asia/Kolkata", "UTC"] },
  { from: "2026-02-13", zones: ["Africa/Casablanca", "Africa/El_Aaiun", "Europe/Paris"] },
  { from: "2026-03-28", zones: ["Antarctica/Troll", "Atlantic/Azores", "America/Scoresbysund"] },
  { from: "2028-02-27", zones: ["Europe/Paris", "Asia/Kathmandu", "America/Los_Angeles"] },
  { from: "2026-03-25", zones: ["Asia/Jerusalem", "Europe/Paris", "Pacific/Pago_Pago"] },
  { from: "2000-10-06", zones: ["America/Boa_Vista", "America/Noronha", "America/Recife"] },
] as const

const DAYS = 5

const duration = fc.oneof(
  fc.integer({ min: 1, max: 3 }).map((minutes) => ({ text: `${minutes}m`, seconds: minutes * 60 })),
  fc.integer({ min: 1, max: 7_200 }).map((seconds) => ({ text: `${seconds}s`, seconds })),
  fc.integer({ min: 1, max: 80 }).map((hours) => ({ text: `${hours}h`, seconds: hours * 3_600 })),
  fc.integer({ min: 1_400, max: 1_480 }).map((minutes) => ({ text: `${minutes}m0s`, seconds: minutes * 60 })),
)

const job = (zones: readonly string[]) =>
  fc.record({
    minute: field(0, 59),
    hour: field(0, 23),
    day: fc.oneof({ arbitrary: fc.constant({ text: "*", values: range(1, 31) }), weight: 1 }, field(1, 31)),
    month: fc.oneof({ arbitrary: fc.constant({ text: "*", values: range(1, 12) }), weight: 4 }, field(1, 12)),
    weekday: field(0, 7),
    timezone: fc.constantFrom(...zones),
    duration,
    retries: fc.constantFrom(0, 0, 1),
    replicas: fc.constantFrom(1, 1, 1, 3),
    maxRuns: fc.constantFrom(undefined, undefined, 1, 4),
    poolSize: fc.integer({ min: 1, max: 12 }),
    poolsPerInstance: fc.constantFrom(undefined, 2),
  })

type Drawn = ReturnType<typeof job> extends fc.Arbitrary<infer Value> ? Value : never

function asJob(drawn: Drawn, name: string): Job {
  const { minute, hour, day, month, weekday, timezone, maxRuns, poolsPerInstance } = drawn
  return {
    name,
    schedule: [minute, hour, day, month, weekday].map(({ text }) => text).join(" "),
    timezone,
    timeout: drawn.duration.text,
    retries: drawn.retries,
    replicas: drawn.replicas,
    poolSize: drawn.poolSize,
    ...(maxRuns === undefined ? {} : { maxRuns }),
    ...(poolsPerInstance === undefined ? {} : { poolsPerInstance }),
  }
}

function asOracleJob(drawn: Drawn, name: string): OracleJob {
  const { minute, hour, day, month, weekday } = drawn
  return {
    name,
    minutes: minute.values,
    hours: hour.values,
    days: day.values,
    months: month.values,
    weekdays: weekday.values.map((value) => value % 7),
    bothDays: [day, weekday].some(({ text }) => text.startsWith("*")),
    goesOn: [minute, hour].some(({ text }) => text.startsWith("*")),
    timezone: drawn.timezone,
    seconds: drawn.duration.seconds * (1 + drawn.retries),
    replicas: drawn.replicas,
    maxRuns: drawn.maxRuns ?? Number.POSITIVE_INFINITY,
    connections: drawn.poolSize * (drawn.poolsPerInstance ?? 1),
  }
}

const jobName = (_: unknown, index: number) => `job ${index}`
const dayOf = (date: string) => Date.parse(date) / 86_400_000

/** Runs longer than five days would need the oracle to look further back. */
const short = (drawn: Drawn) => drawn.duration.seconds * (1 + drawn.retries) <= 5 * 86_400

describe.each(scenes)("around $from in $zones", ({ from, zones }) => {
  test("the peak, its instant and its jobs are those of counting every minute, on ordinary days too", () => {
    const jobs = fc.array(job(zones).filter(short), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(jobs, (drawn) => {
        const names = drawn.map(jobName)
        const read = readJobs(
          drawn.map((one, index) => asJob(one, names[index] ?? "")),
          [],
        )
        fc.pre(read.every(({ schedule }) => schedule !== undefined)) // all but those that never come
        const peak = peakWithin(read, dayOf(from), DAYS)
        const start = dayOf(from) * 1_440
        const counted = bruteForce(
          drawn.map((one, index) => asOracleJob(one, names[index] ?? "")),
          start,
          start + DAYS * 1_440,
        )
        const asCounted = ({ runs, connections, at, jobs }: PeakRuns) => ({
          runs,
          connections,
          at,
          jobs: Object.fromEntries(jobs.map((job) => [job.name, job.runs])),
        })
        const { ordinaryDay } = peak
        expect({ ...asCounted(peak), ordinaryDay: ordinaryDay && asCounted(ordinaryDay) }).toEqual(counted)
      }),
      runs(12),
    )
  })
})

describe("over the 28 years", () => {
  const YEARS = { from: "2026-01-01", to: "2054-01-01" }
  const once = fc.record({
    minute: fc.integer({ min: 0, max: 59 }),
    hour: fc.integer({ min: 0, max: 23 }),
    day: field(1, 31),
    month: field(1, 12),
    weekday: field(0, 7),
    hours: fc.integer({ min: 1, max: 60 }),
    poolSize: fc.integer({ min: 1, max: 12 }),
  })

  /** The largest sum and its first instant, from every single run. */
  function occurrences(jobs: readonly (typeof once extends fc.Arbitrary<infer Value> ? Value : never)[]) {
    const events = jobs.flatMap(({ minute, hour, day, month, weekday, hours, poolSize }) => {
      const both = [day, weekday].some(({ text }) => text.startsWith("*"))
      const found: { at: number; by: number }[] = []
      for (let at = dayOf(YEARS.from) - 3; at < dayOf(YEARS.to); at++) {
        const date = new Date(at * 86_400_000)
        const onDay = day.values.includes(date.getUTCDate())
        const onWeekday = weekday.values.some((value) => value % 7 === date.getUTCDay())
        if (!month.values.includes(date.getUTCMonth() + 1)) continue
        if (!(both ? onDay && onWeekday : onDay || onWeekday)) continue
        const start = at * 1_440 + hour * 60 + minute
        found.push({ at: start, by: poolSize }, { at: start + hours * 60, by: -poolSize })
      }
      return found
    })
    events.sort((one, other) => one.at - other.at || one.by - other.by)
    const most = { connections: 0, at: undefined as string | undefined }
    let connections = 0
    for (const [index, { at, by }] of events.entries()) {
      connections += by
      const next = events[index + 1]?.at ?? Number.POSITIVE_INFINITY
      if (next === at || next <= dayOf(YEARS.from) * 1_440) continue
      if (connections <= most.connections || at >= dayOf(YEARS.to) * 1_440) continue
      most.connections = connections
      most.at = new Date(Math.max(at, dayOf(YEARS.from) * 1_440) * 60_000).toISOString()
    }
    return most
  }

  test("the peak is that of all the runs one by one", () => {
    fc.assert(
      fc.property(fc.array(once, { minLength: 1, maxLength: 5 }), (drawn) => {
        const jobs = drawn.map(({ minute, hour, day, month, weekday, hours, poolSize }, index) => ({
          name: `job ${index}`,
          schedule: `${minute} ${hour} ${day.text} ${month.text} ${weekday.text}`,
          timezone: "UTC",
          timeout: `${hours}h`,
          poolSize,
        }))
        const read = readJobs(jobs, [])
        fc.pre(read.every(({ schedule }) => schedule !== undefined))
        expect(maxConcurrentRuns(jobs)).toMatchObject(occurrences(drawn))
      }),
      runs(20),
    )
  })
})
