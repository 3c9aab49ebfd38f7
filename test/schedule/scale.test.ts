import { expect, test } from "vitest"
import { maxConcurrentRuns } from "../../src/schedule/max-concurrent-runs.ts"
import { readJobs } from "../../src/schedule/read-jobs.ts"

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
