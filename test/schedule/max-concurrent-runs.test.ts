import { describe, expect, test } from "vitest"
import type { Job } from "../../src/schedule/job.ts"
import { maxConcurrentRuns } from "../../src/schedule/max-concurrent-runs.ts"

const PARIS = "Europe/Paris"

/** One job in UTC with a connection for each run. */
const job = (schedule: string, timeout: string, change: Partial<Job> = {}): Job => ({
  name: schedule,
  schedule,
  timezone: "UTC",
  timeout,
  poolSize: 1,
  ...change,
})

const runs = (...jobs: Job[]) => maxConcurrentRuns(jobs).runs

describe("a run is at work from its start until just before its end", () => {
  test.each([
    ["touch", "30m", 1],
    ["overlap by a second", "30m1s", 2],
    ["overlap by a nanosecond", "30m0.000000001s", 2],
    ["are apart", "29m59s", 1],
  ])("two jobs whose runs %s", (_, timeout, expected) => {
    expect(runs(job("0 3 * * *", timeout), job("30 3 * * *", "5m"))).toBe(expected)
  })

  test.each([
    ["15m", 1],
    ["15m1s", 2],
    ["30m", 2],
    ["1h", 4],
    ["24h", 96],
    ["48h", 192],
  ])("runs of one job every 15 minutes that take %s", (timeout, expected) => {
    expect(runs(job("*/15 * * * *", timeout))).toBe(expected)
    expect(runs(job("*/15 * * * *", timeout, { timezone: PARIS }))).toBe(expected)
  })

  test("a run past midnight is at work on the next day", () => {
    expect(runs(job("0 23 * * 1", "2h"), job("30 0 * * 2", "5m"))).toBe(2)
    expect(runs(job("0 23 * * 1", "2h"), job("30 0 * * 3", "5m"))).toBe(1)
  })

  test("a run of several days is at work on each of them", () => {
    expect(runs(job("0 12 1 * *", "72h"), job("59 11 4 * *", "1m"))).toBe(2)
    expect(runs(job("0 12 1 * *", "72h"), job("0 12 4 * *", "1m"))).toBe(1)
  })

  test("a run is at work two days after its date, where the day is eleven hours late", () => {
    const samoa = job("0 23 20 * *", "20h", { timezone: "Pacific/Pago_Pago" }) // the 21st at 10:00, until the 22nd
    expect(maxConcurrentRuns([samoa, job("0 3 * * *", "5m")])).toMatchObject({
      runs: 2,
      at: "2026-01-22T03:00:00.000Z",
    })
  })

  test("runs that start together end each at their own time", () => {
    const [short, long] = [job("0 3 * * *", "5m"), job("0 3 * * *", "2h", { name: "long", poolSize: 2 })]
    expect(maxConcurrentRuns([short, long, job("0 4 * * *", "5m", { poolSize: 9 })])).toMatchObject({
      connections: 11,
      at: "2026-01-01T04:00:00.000Z",
    })
  })

  test("what started before the first day is still at work on it", () => {
    const answer = maxConcurrentRuns([job("0 0 31 12 *", "30h")], { from: "2026-01-01" })
    expect(answer).toMatchObject({ runs: 1, at: "2026-01-01T00:00:00.000Z" })
  })
})

describe("the answer", () => {
  test("says when the connections are most, and who has them", () => {
    const monday = {
      runs: 2,
      connections: 15,
      at: "2026-01-05T03:00:00.000Z",
      jobs: [
        { name: "import", runs: 1, connections: 10 },
        { name: "export", runs: 1, connections: 5 },
      ],
    }
    expect(
      maxConcurrentRuns([
        { name: "import", schedule: "0 3 * * *", timezone: PARIS, timeout: "1h30m", poolSize: 10 },
        { name: "export", schedule: "0 4 * * 1", timezone: PARIS, timeout: "45m", poolSize: 5 },
        { name: "noon", schedule: "0 12 * * *", timezone: PARIS, timeout: "45m", poolSize: 14 },
      ]),
    ).toStrictEqual({ ...monday, ordinaryDay: monday, assumptions: [], explicit: [] })
  })

  test("has the most runs and the most connections each at their own instant", () => {
    const small = [1, 2, 3].map((poolSize) => job("0 3 * * *", "5m", { name: `${poolSize}`, poolSize }))
    const answer = maxConcurrentRuns([...small, job("0 2 * * *", "1h", { name: "large", poolSize: 7 })])
    expect(answer).toMatchObject({
      runs: 3,
      connections: 7,
      at: "2026-01-01T02:00:00.000Z",
      jobs: [{ name: "large", runs: 1, connections: 7 }],
    })
  })

  test("is nothing without a job", () => {
    const nothing = { runs: 0, connections: 0, at: undefined, jobs: [] }
    expect(maxConcurrentRuns([])).toStrictEqual({
      ...nothing,
      ordinaryDay: nothing,
      assumptions: [],
      explicit: [],
    })
  })

  test("does not depend on the order of the jobs", () => {
    const jobs = [job("0 3 * * *", "2h", { poolSize: 3 }), job("0 4 1 * *", "1h"), job("*/7 * * * *", "9m")]
    const { jobs: forth, ordinaryDay: _, ...one } = maxConcurrentRuns(jobs)
    const { jobs: back, ordinaryDay: __, ...other } = maxConcurrentRuns(jobs.toReversed())
    expect(other).toEqual(one)
    expect(back).toEqual(forth.toReversed())
  })

  test("leaves the input as it is", () => {
    const jobs = Object.freeze([Object.freeze(job("0 3 * * *", "2h"))])
    expect(() => maxConcurrentRuns(jobs)).not.toThrow()
  })
})

describe("every date and weekday of 28 years", () => {
  test("29 February comes", () => {
    const answer = maxConcurrentRuns([job("0 12 29 2 *", "1h")])
    expect(answer).toMatchObject({ runs: 1, at: "2028-02-29T12:00:00.000Z" })
  })

  test("29 February on a Monday comes once, in 2044", () => {
    const answer = maxConcurrentRuns([job("0 0 29 2 *", "30m"), job("0 0 * * 1", "30m")])
    expect(answer).toMatchObject({ runs: 2, at: "2044-02-29T00:00:00.000Z" })
  })

  test("from another day it is another one, and the same peak", () => {
    const jobs = [job("0 0 29 2 *", "30m"), job("0 0 * * 1", "30m")]
    const answer = maxConcurrentRuns(jobs, { from: "2044-03-01" })
    expect(answer).toMatchObject({ runs: 2, at: "2072-02-29T00:00:00.000Z" })
  })

  test("the day 28 years later is no longer looked at", () => {
    const jobs = [job("0 0 29 2 *", "30m"), job("0 0 * * 1", "30m")]
    // 2100 is no leap year, so that there is none from 2084-02-29, a Tuesday, until 2112-02-29, a Monday.
    expect(maxConcurrentRuns(jobs, { from: "2084-02-29" }).runs).toBe(1)
    expect(maxConcurrentRuns(jobs, { from: "2084-03-01" }).at).toBe("2112-02-29T00:00:00.000Z")
  })
})

describe("the day fields", () => {
  const on = (date: string, fields: string) =>
    maxConcurrentRuns([job(`0 0 ${fields}`, "1m")], { from: date }).at === `${date}T00:00:00.000Z`

  test.each([
    ["2026-01-13", "13 * 5", true], // a Tuesday
    ["2026-01-16", "13 * 5", true], // a Friday
    ["2026-01-14", "13 * 5", false],
    ["2026-01-16", "* * 5", true],
    ["2026-01-13", "* * 5", false],
    ["2026-01-13", "13 * *", true],
    ["2026-01-16", "13 * *", false],
    ["2026-02-13", "13 1 5", false],
    ["2026-01-11", "* * 7", true], // a Sunday
    ["2026-01-11", "* * 0", true],
    ["2026-01-10", "* * 5-7", true],
    ["2026-01-12", "* JAN mon-Wed", true],
    ["2026-01-09", "*/2 * 5", true], // a Friday, odd
    ["2026-01-16", "*/2 * 5", false], // a Friday, even
    ["2026-01-13", "*/2 * 5", false], // odd, no Friday
    ["2026-01-16", "1-31/2 * 5", true],
    ["2026-01-13", "13 * */2", true], // a Tuesday
    ["2026-01-15", "13 * */2", false],
    ["2026-01-15", "13 * 0-6/2", true], // a Thursday
  ])("%s with %s: %s", (date, fields, expected) => {
    expect(on(date, fields)).toBe(expected)
  })
})

describe("when the clock is put forward", () => {
  const at = (schedule: string, timezone: string, from: string, timeout = "1m") =>
    maxConcurrentRuns([job(schedule, timeout, { timezone })], { from })

  test("a time that is skipped starts when the clock goes on", () => {
    expect(at("30 2 29 3 *", PARIS, "2026-03-29").at).toBe("2026-03-29T01:00:00.000Z")
    expect(
      runs(job("30 2 * * *", "5m", { timezone: PARIS }), job("0 3 * * *", "5m", { timezone: PARIS })),
    ).toBe(2)
    expect(runs(job("30 2 * * *", "5m"), job("0 3 * * *", "5m"))).toBe(1)
  })

  test("of fixed times each one that is skipped starts", () => {
    expect(runs(job("0,20,40 2 * * *", "5m", { timezone: PARIS }))).toBe(3)
    expect(runs(job("30 2,3 * * *", "30m", { timezone: PARIS }))).toBe(1)
    expect(runs(job("30 2,3 * * *", "31m", { timezone: PARIS }))).toBe(2)
  })

  test("a job that goes on all the time starts at most once for all of them", () => {
    expect(runs(job("*/5 * * * *", "5m", { timezone: PARIS }))).toBe(1)
    expect(runs(job("*/20 2 * * *", "5m", { timezone: PARIS }))).toBe(1)
    expect(runs(job("0 * * * *", "24h", { timezone: PARIS }))).toBe(24)
    expect(runs(job("30 * * * *", "31m", { timezone: PARIS }))).toBe(2)
  })

  test("at midnight in UTC, where Jerusalem skips 02:00", () => {
    expect(at("30 2 27 3 *", "Asia/Jerusalem", "2026-03-20").at).toBe("2026-03-27T00:00:00.000Z")
    expect(at("30 1 27 3 *", "Asia/Jerusalem", "2026-03-20").at).toBe("2026-03-26T23:30:00.000Z")
    expect(at("30 3 27 3 *", "Asia/Jerusalem", "2026-03-20").at).toBe("2026-03-27T00:30:00.000Z")
  })

  test("half an hour on Lord Howe", () => {
    expect(at("15 2 4 10 *", "Australia/Lord_Howe", "2026-10-01").at).toBe("2026-10-03T15:30:00.000Z")
    expect(at("45 2 4 10 *", "Australia/Lord_Howe", "2026-10-01").at).toBe("2026-10-03T15:45:00.000Z")
  })

  test("midnight in São Paulo, to 2018", () => {
    expect(at("0 0 4 11 *", "America/Sao_Paulo", "2018-11-01").at).toBe("2018-11-04T03:00:00.000Z")
  })

  test("a whole day in Apia, where 30 December 2011 never was", () => {
    expect(at("0 9 30 12 *", "Pacific/Apia", "2011-12-28").at).toBe("2011-12-30T10:00:00.000Z")
    const jobs = [job("0 9 30 12 *", "1m", { timezone: "Pacific/Apia" })]
    expect(
      maxConcurrentRuns([...jobs, job("0 0 31 12 *", "1m", { timezone: "Pacific/Apia" })], {
        from: "2011-12-01",
      }),
    ).toMatchObject({ runs: 2, at: "2011-12-30T10:00:00.000Z" })
  })
})

describe("when the clock is put back", () => {
  test("a time that is repeated starts twice", () => {
    const paris = job("30 2 * * *", "1h1m", { timezone: PARIS })
    expect(maxConcurrentRuns([paris])).toMatchObject({ runs: 2, at: "2026-10-25T01:30:00.000Z" })
    expect(runs({ ...paris, timeout: "1h" })).toBe(1)
    expect(runs({ ...paris, timezone: "UTC" })).toBe(1)
  })

  test("in Dublin too, whose summer time is its standard time", () => {
    expect(maxConcurrentRuns([job("30 1 * * *", "61m", { timezone: "Europe/Dublin" })])).toMatchObject({
      runs: 2,
      at: "2026-10-25T01:30:00.000Z",
    })
  })

  test("half an hour on Lord Howe", () => {
    const lordHowe = job("45 1 * * *", "31m", { timezone: "Australia/Lord_Howe" })
    expect(maxConcurrentRuns([lordHowe])).toMatchObject({ runs: 2, at: "2026-04-04T15:15:00.000Z" })
    expect(runs({ ...lordHowe, timeout: "30m" })).toBe(1)
  })
})

describe("an ordinary day", () => {
  const paris = (schedule: string, timeout: string, change: Partial<Job> = {}) =>
    job(schedule, timeout, { timezone: PARIS, ...change })
  const ordinary = (...jobs: Job[]) => maxConcurrentRuns(jobs).ordinaryDay

  test("knows no time that is skipped", () => {
    const jobs = [paris("30 2 * * *", "5m"), paris("0 3 * * *", "5m", { poolSize: 4 })]
    expect(maxConcurrentRuns(jobs)).toMatchObject({ connections: 5, at: "2026-03-29T01:00:00.000Z" })
    expect(ordinary(...jobs)).toEqual({
      runs: 1,
      connections: 4,
      at: "2026-01-01T02:00:00.000Z",
      jobs: [{ name: "0 3 * * *", runs: 1, connections: 4 }],
    })
  })

  test("knows no time that is repeated, nor a run that is left of one on the next day", () => {
    const long = paris("30 2 * * *", "23h59m")
    expect(maxConcurrentRuns([long]).runs).toBe(2)
    expect(ordinary(long, paris("0 1 * * *", "5m"))).toMatchObject({ runs: 2, connections: 2 })
    expect(ordinary(long)).toMatchObject({ runs: 1, connections: 1 })
  })

  test("is one in every zone of the jobs, and no other zone matters", () => {
    const [local, utc] = [paris("0 2 29 3 *", "5m"), job("0 1 29 3 *", "5m")]
    expect(maxConcurrentRuns([local, utc])).toMatchObject({ runs: 2, at: "2026-03-29T01:00:00.000Z" })
    // The first 29 March on which Paris still has winter time, and keeps it.
    expect(ordinary(local, utc)).toMatchObject({ runs: 2, at: "2030-03-29T01:00:00.000Z" })
    expect(ordinary(utc)?.at).toBe("2026-03-29T01:00:00.000Z")
  })

  test("may be a rare one: it is the worst of all that no clock change reaches", () => {
    const jobs = [job("0 0 29 2 *", "30m"), job("0 0 * * 1", "30m")]
    expect(ordinary(...jobs)).toMatchObject({ runs: 2, at: "2044-02-29T00:00:00.000Z" })
  })

  test("has the jobs that are started on demand as well", () => {
    expect(ordinary({ name: "manual", poolSize: 3, concurrent: 2 }, job("0 3 * * *", "5m"))).toMatchObject({
      runs: 3,
      connections: 7,
    })
  })

  test("does not exist where runs take longer than the clock ever stays as it is", () => {
    const half = (timezone: string) => paris("0 3 1 * *", "5400h", { timezone })
    expect(ordinary(half(PARIS))).toBeUndefined()
    expect(ordinary(half("UTC"))).toBeDefined()
  })
})

describe("several time zones", () => {
  test("the instant counts, not the time on the wall", () => {
    expect(runs(job("0 3 * * *", "5m", { timezone: PARIS }), job("00 3 * * *", "5m"))).toBe(1)
    expect(runs(job("45 8 * * *", "5m", { timezone: "Asia/Kathmandu" }), job("0 3 * * *", "5m"))).toBe(2)
  })

  test("two that meet in winter only, and two that meet only while one has changed its clock", () => {
    const [paris, utc] = [job("0 4 * * *", "5m", { timezone: PARIS }), job("0 3 * * *", "5m")]
    expect(maxConcurrentRuns([paris, utc], { from: "2026-04-01" })).toMatchObject({
      runs: 2,
      at: "2026-10-25T03:00:00.000Z",
    })
    const newYork = job("0 9 * * *", "5m", { timezone: "America/New_York" })
    expect(maxConcurrentRuns([job("0 14 * * *", "5m", { timezone: PARIS }), newYork])).toMatchObject({
      runs: 2,
      at: "2026-03-08T13:00:00.000Z",
    })
  })
})

describe("how long a run takes", () => {
  test("is the timeout of every attempt", () => {
    expect(runs(job("0 * * * *", "40m", { retries: 2 }))).toBe(2)
    expect(runs(job("0 * * * *", "20s", { retries: 2 }))).toBe(1)
    expect(runs(job("* * * * *", "20s", { retries: 3 }))).toBe(2)
  })

  test("is 24 hours when the timeout is omitted, and said", () => {
    const answer = maxConcurrentRuns([{ name: "sync", schedule: "0 * * * *", timezone: "UTC", poolSize: 2 }])
    expect(answer).toMatchObject({ runs: 24, connections: 48 })
    expect(answer.assumptions).toStrictEqual([
      {
        name: "jobs.sync.timeout",
        assumed: "omitted: 24 h as on Scaleway, so it counts 24 runs",
        remedy: "Set timeout, or the duration of a run",
      },
    ])
  })

  test("is 24 hours for each attempt", () => {
    const { assumptions } = maxConcurrentRuns([
      { name: "daily", schedule: "0 3 * * *", timezone: "UTC", retries: 1, poolSize: 2 },
      { name: "monthly", schedule: "0 3 1 * *", timezone: "UTC", poolSize: 2 },
    ])
    expect(assumptions.map(({ assumed }) => assumed)).toEqual([
      "omitted: 24 h as on Scaleway, times 2 attempts, so it counts 2 runs",
      "omitted: 24 h as on Scaleway, so it counts 1 run",
    ])
  })

  test("is the duration when that is stated", () => {
    const { timeout: _, ...hourly } = job("0 * * * *", "", { name: "sync", duration: "1h30m", retries: 3 })
    expect(maxConcurrentRuns([hourly])).toMatchObject({
      runs: 2,
      assumptions: [],
      explicit: [{ name: "jobs.sync.duration", value: "1h30m" }],
    })
    expect(runs(job("0 * * * *", "6h", { duration: "30m" }))).toBe(1)
  })

  test("an omitted time zone is UTC, and said", () => {
    const { timezone: _, ...daily } = job("0 3 * * *", "1m", { name: "daily" })
    expect(maxConcurrentRuns([daily])).toMatchObject({
      at: "2026-01-01T03:00:00.000Z",
      assumptions: [
        { name: "jobs.daily.timezone", assumed: "omitted: UTC", remedy: "Set the time zone of the schedule" },
      ],
    })
  })
})

describe("what the input states", () => {
  test("pools and replicas multiply", () => {
    const answer = maxConcurrentRuns([
      job("0 3 * * *", "1m", { name: "a", poolSize: 5, poolsPerInstance: 2, replicas: 3 }),
    ])
    expect(answer).toMatchObject({
      runs: 3,
      connections: 30,
      jobs: [{ name: "a", runs: 3, connections: 30 }],
      explicit: [{ name: "jobs.a.replicas", value: 3 }],
    })
  })

  test("maxRuns bounds the runs, replicas included", () => {
    const locked = job("*/10 * * * *", "1h", { name: "locked", maxRuns: 4, replicas: 3, poolSize: 2 })
    const answer = maxConcurrentRuns([locked, job("30 * * * *", "5m", { name: "other" })])
    expect(answer).toMatchObject({
      runs: 5,
      connections: 9,
      at: "2026-01-01T00:30:00.000Z",
      jobs: [
        { name: "locked", runs: 4, connections: 8 },
        { name: "other", runs: 1, connections: 1 },
      ],
      explicit: [
        { name: "jobs.locked.maxRuns", value: 4 },
        { name: "jobs.locked.replicas", value: 3 },
      ],
    })
  })

  test("all of it goes into what an omitted timeout counts", () => {
    const sync = { schedule: "0 * * * *", timezone: "UTC", poolSize: 2 }
    const { assumptions } = maxConcurrentRuns([
      { name: "plain", ...sync },
      { name: "locked", ...sync, maxRuns: 1 },
      { name: "twice", ...sync, replicas: 2 },
      { name: "tried twice", ...sync, retries: 1 },
    ])
    expect(assumptions.map(({ assumed }) => assumed.match(/\d+ runs?$/)?.[0])).toEqual([
      "24 runs",
      "1 run",
      "48 runs",
      "48 runs",
    ])
  })
})

describe("a job without a schedule", () => {
  test("counts one run at any instant, and says so", () => {
    const always = {
      runs: 1,
      connections: 2,
      at: undefined,
      jobs: [{ name: "migrate", runs: 1, connections: 2 }],
    }
    expect(maxConcurrentRuns([{ name: "migrate", poolSize: 2 }])).toStrictEqual({
      ...always,
      ordinaryDay: always,
      assumptions: [
        {
          name: "jobs.migrate.concurrent",
          assumed: "no schedule: started on demand, once at a time, so it counts 1 run",
          remedy: "Set concurrent to how many starts may run at once, or give its schedule",
        },
      ],
      explicit: [],
    })
  })

  test("counts what is stated, beside the peak of the others", () => {
    const answer = maxConcurrentRuns([
      { name: "manual", poolSize: 3, concurrent: 4, replicas: 2, maxRuns: 7, timeout: "5m", retries: 1 },
      job("0 3 * * *", "5m", { name: "nightly" }),
      { name: "never", poolSize: 3, concurrent: 0 },
    ])
    expect(answer).toMatchObject({
      runs: 8,
      connections: 22,
      at: "2026-01-01T03:00:00.000Z",
      jobs: [
        { name: "manual", runs: 7, connections: 21 },
        { name: "nightly", runs: 1, connections: 1 },
      ],
      assumptions: [],
    })
  })
})

describe("the sizing document's production", () => {
  const nightly = (name: string, schedule: string, timeout: string): Job => ({
    name,
    schedule,
    timezone: PARIS,
    timeout,
    poolSize: 10,
  })

  /** Named and spread as its jobs are: "not all at the same time". */
  const fleet = [
    nightly("import-missions", "0 */3 * * *", "2h"),
    nightly("letudiant", "30 0 * * *", "1h"),
    nightly("talent", "30 1 * * *", "45m"),
    nightly("linkedin", "0 2 * * *", "30m"),
    nightly("leboncoin", "0 4 * * *", "30m"),
    nightly("export-stats", "0 5 * * *", "1h"),
    nightly("kpi", "0 6 * * *", "15m"),
    nightly("metabase-views", "30 6 * * *", "20m"),
    nightly("warnings", "0 9 * * 1-5", "10m"),
    nightly("brevo", "0 10 * * *", "10m"),
    nightly("cleanup", "0 3 * * 0", "1h"),
    nightly("weekly-report", "30 6 * * 1", "1h"),
    nightly("monthly-report", "15 6 1 * *", "45m"),
    nightly("invoices", "45 6 1 * *", "1h"),
    nightly("reindex", "0 7 1 1 *", "3h"),
  ]

  test("has five of its 15 jobs at work at the worst instant", () => {
    // 06:45 in Paris on a Monday that is the first of its month.
    expect(maxConcurrentRuns(fleet)).toMatchObject({
      runs: 5,
      connections: 50,
      at: "2026-06-01T04:45:00.000Z",
      jobs: ["import-missions", "metabase-views", "weekly-report", "monthly-report", "invoices"].map(
        (name) => ({
          name,
          runs: 1,
          connections: 10,
        }),
      ),
    })
  })

  test("without the weekly and monthly ones it has three, on the night that has no 02:00", () => {
    const daily = fleet.slice(0, 10)
    expect(maxConcurrentRuns(daily)).toMatchObject({
      runs: 3,
      connections: 30,
      at: "2026-03-29T01:00:00.000Z",
      jobs: [{ name: "import-missions" }, { name: "talent" }, { name: "linkedin" }],
    })
    expect(maxConcurrentRuns(daily.map((job) => ({ ...job, timezone: "UTC" })))).toMatchObject({ runs: 2 })
  })

  test("with the timeouts omitted it does not fit any server of 100", () => {
    const { connections, assumptions } = maxConcurrentRuns(fleet.map(({ timeout: _, ...job }) => job))
    expect(connections).toBeGreaterThan(100)
    expect(assumptions).toHaveLength(15)
  })
})
