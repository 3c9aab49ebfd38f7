import { describe, expect, test } from "vitest"
import { PoolConfigError } from "../../src/error.ts"
import type { Job } from "../../src/schedule/job.ts"
import { maxConcurrentRuns } from "../../src/schedule/max-concurrent-runs.ts"
import { readJobs } from "../../src/schedule/read-jobs.ts"
import { sweep } from "../../src/schedule/sweep.ts"
import { DEFAULT_FROM } from "../../src/schedule/time.ts"

const many = <Made>(count: number, make: (index: number) => Made) =>
  Array.from({ length: count }, (_, index) => make(index))

test("1,000 jobs every minute for 24 hours are 1,440,000 runs", () => {
  const jobs = many(1_000, (index) => ({
    name: `job ${index}`,
    schedule: "* * * * *",
    timezone: index % 2 ? "Europe/Paris" : "America/New_York",
    poolSize: 1 + (index % 10),
  }))
  const answer = maxConcurrentRuns(jobs)
  expect(answer).toMatchObject({ runs: 1_440_000, connections: 7_920_000, at: "2026-01-01T00:00:00.000Z" })
  expect(answer.assumptions).toHaveLength(1_000)
})

test("1,000 jobs of an hour, one starting every minute, are 60 at work", () => {
  const jobs = many(1_000, (index) => ({
    name: `job ${index}`,
    schedule: `${index % 60} ${Math.floor(index / 60)} * * *`,
    timezone: "UTC",
    timeout: "1h",
    poolSize: 2,
  }))
  expect(maxConcurrentRuns(jobs)).toMatchObject({
    runs: 60,
    connections: 120,
    at: "2026-01-01T00:59:00.000Z",
  })
})

test("1,000 jobs with dates of their own meet on the one day that all of them have", () => {
  const jobs = many(1_000, (index) => ({
    name: `job ${index}`,
    schedule: `${index % 60} 3 ${1 + (index % 28)},29 2,${3 + (index % 10)} *`,
    timezone: "UTC",
    timeout: "24h",
    poolSize: 1,
  }))
  expect(maxConcurrentRuns(jobs)).toMatchObject({ at: "2028-02-29T03:59:00.000Z" })
})

test("a zone in any spelling is looked at once", () => {
  const spelled = (index: number) =>
    Array.from("europeparis", (letter, place) => (index & (1 << place) ? letter.toUpperCase() : letter))
      .join("")
      .replace(/^.{6}/, "$&/")
  const jobs = many(1_024, (index) => ({
    name: `job ${index}`,
    schedule: "0 3 * * *",
    timezone: spelled(index),
    timeout: "5m",
    poolSize: 1,
  }))
  expect(new Set(jobs.map(({ timezone }) => timezone)).size).toBe(1_024)
  expect(new Set(readJobs(jobs, []).map(({ timezone }) => timezone))).toEqual(new Set(["Europe/Paris"]))
  expect(maxConcurrentRuns(jobs)).toMatchObject({ runs: 1_024, at: "2026-01-01T02:00:00.000Z" })
})

describe("jobs with nothing in common", () => {
  const job = (index: number, change: Partial<Job>): Job => ({
    name: `job ${index}`,
    schedule: "0 3 * * *",
    timezone: "UTC",
    timeout: "5m",
    poolSize: 1,
    ...change,
  })
  const zones = Intl.supportedValuesOf("timeZone")
  const date = (index: number) => `${1 + (index % 28)} ${1 + (Math.floor(index / 28) % 12)} *`

  test("are refused at once when it would take minutes to add them up", () => {
    const jobs = many(200, (index) =>
      job(index, { schedule: `0 3 ${date(index).replace("*", `${index % 7}`)}`, timeout: "8000h" }),
    )
    expect(() => maxConcurrentRuns(jobs)).toThrow(
      "jobs: differ too much to be added up within a minute: 200 jobs with 200 combinations of dates and time zone, and runs of up to 334 days. Write equal days of month, months, days of week and time zones in the same way, and give each job the timeout or duration that its runs need.",
    )
  })

  const kinds: readonly (readonly [string, (index: number) => Partial<Job>])[] = [
    ["dates", (index) => ({ schedule: `0 3 ${date(index)}` })],
    ["zones", (index) => ({ timezone: zones[index % zones.length] ?? "" })],
    ["times", (index) => ({ schedule: `${index % 60} ${Math.floor(index / 60)} 1,3,5 * 1`, timeout: "72h" })],
    ["bounds", (index) => ({ maxRuns: 1 + index })],
    ["durations", (index) => ({ schedule: "*/5 * * * *", timeout: `${index + 1}m` })],
  ]

  test.each(kinds)("are counted while they are added up: %s", (_, change) => {
    const sweepOf = (count: number) => () => {
      const read = readJobs(
        many(count, (index) => job(index, change(index))),
        [],
      )
      const scheduled = read.flatMap(({ schedule, ...rest }) => (schedule ? [{ ...rest, schedule }] : []))
      return sweep(scheduled, DEFAULT_FROM, 365, 300_000)
    }
    expect(sweepOf(5)).not.toThrow()
    expect(sweepOf(600)).toThrow(PoolConfigError)
  })
})
