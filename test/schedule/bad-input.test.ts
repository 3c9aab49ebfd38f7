import { describe, expect, test } from "vitest"
import type { Job } from "../../src/schedule/job.ts"
import { type ConcurrentRunsOptions, maxConcurrentRuns } from "../../src/schedule/max-concurrent-runs.ts"
import { badValues, names, notObjects, refusal, title } from "../support/bad-values.ts"

const good = { name: "sync", schedule: "0 3 * * *", timezone: "Europe/Paris", timeout: "45m", poolSize: 5 }
const check = (jobs: unknown, options?: unknown) =>
  refusal(() => maxConcurrentRuns(jobs as Job[], options as ConcurrentRunsOptions))
const withJob = (change: object) => names(check([{ ...good, ...change }]))

describe("a schedule", () => {
  test.each([
    "",
    " ",
    "0",
    "0 3 * *",
    "0 0 3 * * *",
    "* * * * * *",
    "* * * * * * *",
    "@daily",
    "@reboot",
    "2026-01-05T03:00:00Z",
    "2026-01-05 03:00",
    "every 5 minutes",
    "CRON_TZ=UTC 0 3 * * *",
    "60 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * 32 * *",
    "* * * 0 *",
    "* * * 13 *",
    "* * * * 8",
    "-1 * * * *",
    "5-1 * * * *",
    "0 0 * * 6-1",
    "1-2-3 * * * *",
    "1--2 * * * *",
    "*-5 * * * *",
    "*/0 * * * *",
    "*/ * * * *",
    "*/5/5 * * * *",
    "5/15 * * * *",
    ", * * * *",
    "1, * * * *",
    ",1 * * * *",
    "1,,2 * * * *",
    "? * * * *",
    "0 0 ? * *",
    "0 0 L * *",
    "0 0 15W * *",
    "0 0 * * 1#2",
    "0 0 * * 5L",
    "H * * * *",
    "~ * * * *",
    "mon * * * *",
    "0 0 * mon *",
    "0 0 * * jan",
    "0 0 * * monday",
    "+5 * * * *",
    "1.0 * * * *",
    "1e1 * * * *",
    "0x5 * * * *",
    "０ 3 * * *",
    "0 3 * * *\n0 4 * * *",
    "0\u00a03 * * *",
  ])("%j is refused", (schedule) => {
    expect(withJob({ schedule })).toEqual(["jobs.sync.schedule"])
  })

  test.each(badValues.filter((value) => typeof value !== "string").map((value) => [title(value), value]))(
    "%s is refused",
    (_, schedule) => {
      expect(withJob({ schedule })).toEqual(["jobs.sync.schedule"])
    },
  )

  test.each(["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30,31 feb *", "0 0 31 2 */2"])(
    "%j never runs and is refused",
    (schedule) => {
      const error = check([{ ...good, schedule }])
      expect(names(error)).toEqual(["jobs.sync.schedule"])
      expect(error.message).toContain("never runs")
    },
  )

  test.each([
    "0 3 * * *",
    "  0\t3  *  * * ",
    "00 03 01 01 00",
    "0 0 31 2 1",
    "0 0 29 2 *",
    "0 0 * JAN-mar Mon,tue,FRI",
    "1-5/2,10,*/20 8-18/2 1-7 */3 0-7",
  ])("%j is taken", (schedule) => {
    expect(() => maxConcurrentRuns([{ ...good, schedule }])).not.toThrow()
  })

  test("the refusal names the field at fault and what is allowed", () => {
    const [issue] = check([{ ...good, schedule: "0 25 * * *" }]).issues
    expect(issue?.problem).toBe('received "0 25 * * *", whose hour 25 is outside 0 to 23')
    expect(issue?.remedy).toBe("Write the hour as 0 to 23")
  })

  test.each([
    ["0 0 3 * * *", "which has 6 fields: cron has no seconds"],
    ["0 3 * *", "which has 4 fields"],
    ["0", "which has 1 field"],
    ["@daily", "a nickname that not every cron supports"],
    ["", "which is empty"],
  ])("the refusal of %j says why", (schedule, reason) => {
    expect(check([{ ...good, schedule }]).issues[0]?.problem).toBe(`received "${schedule}", ${reason}`)
  })

  test("that is a page long is refused without printing it", () => {
    const error = check([{ ...good, schedule: `0 ${"3,".repeat(100_000)} * * *` }])
    expect(error.message.length).toBeLessThan(500)
  })
})

describe("a time zone", () => {
  test.each([
    "",
    " ",
    "Paris",
    "Europe/Pariss",
    " Europe/Paris",
    "GMT+2",
    "+02:00",
    "-0500",
    "Local",
    1,
    null,
    {},
  ])("%j is refused", (timezone) => {
    expect(withJob({ timezone })).toEqual(["jobs.sync.timezone"])
  })

  test.each(["UTC", "Etc/UTC", "US/Eastern", "europe/paris", "Asia/Calcutta"])("%j is taken", (timezone) => {
    expect(maxConcurrentRuns([{ ...good, timezone }]).runs).toBe(1)
  })

  test("without a schedule is refused, for the schedule may have been forgotten", () => {
    expect(names(check([{ name: "sync", timezone: "UTC", poolSize: 1 }]))).toEqual(["jobs.sync.timezone"])
  })
})

describe.each(["timeout", "duration"])("%s", (field) => {
  test.each([
    "",
    " ",
    "0",
    "0s",
    "45",
    "45 m",
    "-45m",
    "+45m",
    "1d",
    "1h30",
    "h",
    ".h",
    "PT45M",
    "1:30",
    "45M",
    2700,
  ])("%j is refused", (value) => {
    expect(withJob({ [field]: value })).toEqual([`jobs.sync.${field}`])
  })

  test("of more than 366 days is refused", () => {
    expect(withJob({ [field]: "8784h0m1s" })).toEqual([`jobs.sync.${field}`])
    expect(withJob({ [field]: `${"9".repeat(99)}h` })).toEqual([`jobs.sync.${field}`])
    expect(withJob({ [field]: `${"9".repeat(1_000_000)}h` })).toEqual([`jobs.sync.${field}`])
    expect(maxConcurrentRuns([{ ...good, schedule: "0 3 1 1 *", [field]: "8784h" }]).runs).toBe(2)
  })
})

test("a timeout that its attempts make too long is refused, with the sum", () => {
  const error = check([{ ...good, timeout: "24h", retries: 366 }])
  expect(error.message).toBe(
    "jobs.sync.timeout: a run may take 367 days with its 367 attempts. Give at most 366 days, or declare a job that is always running as a consumer.",
  )
})

const numbers = [
  { field: "poolSize", min: 1, max: 10_000 },
  { field: "poolsPerInstance", min: 1, max: 10_000 },
  { field: "retries", min: 0, max: 1_000 },
  { field: "maxRuns", min: 1, max: 1_000_000 },
  { field: "replicas", min: 1, max: 1_000_000 },
]

describe.each(numbers)("$field", ({ field, min, max }) => {
  test.each(badValues.map((value) => [title(value), value]))("%s is refused", (_, value) => {
    expect(withJob({ [field]: value })).toEqual([`jobs.sync.${field}`])
  })

  test("is taken from its least to its most, and no further", () => {
    const job = { ...good, duration: "1m" }
    expect(() => maxConcurrentRuns([{ ...job, [field]: min }])).not.toThrow()
    expect(() => maxConcurrentRuns([{ ...job, [field]: max, timeout: "1m" }])).not.toThrow()
    expect(withJob({ [field]: min - 1 })).toEqual([`jobs.sync.${field}`])
    expect(withJob({ [field]: max + 1 })).toEqual([`jobs.sync.${field}`])
  })
})

describe("concurrent", () => {
  test.each([...badValues.filter((value) => value !== 0), 1_000_001].map((value) => [title(value), value]))(
    "%s is refused",
    (_, concurrent) => {
      expect(names(check([{ name: "sync", poolSize: 1, concurrent }]))).toEqual(["jobs.sync.concurrent"])
    },
  )

  test("beside a schedule is refused", () => {
    expect(withJob({ concurrent: 2 })).toEqual(["jobs.sync.concurrent"])
  })
})

describe("a name", () => {
  test.each([undefined, null, "", " ", 5, {}])("%j is refused, by its place", (name) => {
    expect(names(check([good, { ...good, name }]))).toEqual(["jobs[1].name"])
  })

  test("that another job has is refused", () => {
    expect(check([good, { ...good, name: "other" }, good]).message).toBe(
      'jobs[2].name: received "sync", the name of jobs[0]. Name every job once.',
    )
  })

  test("that is strange is a name like any other", () => {
    expect(names(check([{ ...good, name: "__proto__", timeout: "x" }]))).toEqual(["jobs.__proto__.timeout"])
    expect(maxConcurrentRuns([{ ...good, name: 'module.jobs["a"]' }]).jobs[0]?.name).toBe('module.jobs["a"]')
  })
})

describe("what is no job, and no list of them", () => {
  test.each(notObjects.map((value) => [title(value), value]))("%s is no job", (_, value) => {
    expect(names(check([good, value]))).toEqual(["jobs[1]"])
  })

  test.each([undefined, null, {}, "jobs", 5, new Set()].map((value) => [title(value), value]))(
    "%s is no list",
    (_, value) => {
      expect(names(check(value))).toEqual(["jobs"])
    },
  )

  test("a hole in a list is no job", () => {
    // biome-ignore lint/suspicious/noSparseArray: that is the case
    expect(names(check([good, , good]))).toEqual(["jobs[1]", "jobs[2].name"])
  })

  test.each(["Schedule", "cron", "pool_size", "max_runs", "constructor"])(
    "%s is no field of a job",
    (field) => {
      expect(withJob({ [field]: 1 })).toEqual([`jobs.sync.${field}`])
    },
  )
})

describe("from", () => {
  test.each([
    "",
    "2026",
    "2026-1-1",
    "2026-02-30",
    "2026-13-01",
    "2026-01-01T00:00:00Z",
    "01/01/2026",
    2026,
    null,
  ])("%j is refused", (from) => {
    expect(names(check([good], { from }))).toEqual(["options.from"])
  })

  test.each(["1974-12-31", "9900-01-02", "+012026-01-01"])("%j is out of range", (from) => {
    expect(names(check([good], { from }))).toEqual(["options.from"])
  })

  test.each(["1975-01-01", "2028-02-29", "9900-01-01"])("%j is taken", (from) => {
    expect(maxConcurrentRuns([good], { from }).runs).toBe(1)
  })

  test("is 2026-01-01 by default", () => {
    expect(maxConcurrentRuns([good])).toEqual(maxConcurrentRuns([good], { from: "2026-01-01" }))
  })

  test("other options are refused", () => {
    expect(names(check([good], { form: "2026-01-01" }))).toEqual(["options.form"])
    expect(names(check([good], "2026-01-01"))).toEqual(["options"])
  })
})

test("everything that is wrong comes in one error, in the order of the jobs", () => {
  const jobs = [
    { ...good, schedule: "0 0 31 2 *", timezone: "Nowhere", poolSize: 0 },
    5,
    { ...good, name: "export", timout: "5m", timeout: "5", retries: -1 },
  ]
  expect(names(check(jobs, { from: "yesterday" }))).toEqual([
    "jobs.sync.schedule",
    "jobs.sync.timezone",
    "jobs.sync.poolSize",
    "jobs[1]",
    "jobs.export.timout",
    "jobs.export.timeout",
    "jobs.export.retries",
    "options.from",
  ])
})
