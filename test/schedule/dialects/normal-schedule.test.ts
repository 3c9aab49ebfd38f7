import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { runsAtOnce } from "../../../src/schedule/dialects/normal-schedule.ts"
import { normalSchedule } from "../../../src/schedule/dialects/normalize.ts"
import { goDuration } from "../../../src/schedule/go-duration.ts"
import { maxConcurrentRuns } from "../../../src/schedule/max-concurrent-runs.ts"
import { readSchedule } from "../../../src/schedule/read-schedule.ts"
import { isProblem } from "../../../src/validation/problem.ts"
import { runs } from "../../support/properties.ts"

const DIALECTS = ["vixie", "kubernetes", "eventbridge", "cloud-scheduler"] as const

describe("Vixie cron's five fields stay what they are", () => {
  test.each([
    ["0 3 * * *", "0 3 * * *"],
    [" 0\t0 */2 * 7 ", "0 0 */2 * 7"],
  ])("%s", (text, schedule) => {
    expect(normalSchedule(text, "vixie")).toEqual({ kind: "calendar", schedule })
  })

  test("and may never come", () => {
    expect(normalSchedule("0 0 31 2 *", "vixie")).toEqual({ kind: "never" })
  })

  test("and the rest is refused as in a declaration", () => {
    expect(normalSchedule("@daily", "vixie")).toEqual(readSchedule("@daily"))
  })
})

test("one text may say four things", () => {
  const each = (text: string) => DIALECTS.map((dialect) => normalSchedule(text, dialect))
  const bound = "day of month */2 and day of week 1 count if either matches"
  expect(each("0 0 */2 * 1")).toEqual([
    { kind: "calendar", schedule: "0 0 */2 * 1" },
    { kind: "calendar", schedule: "0 0 1-31/2 * 1" },
    expect.objectContaining({ problem: 'received "0 0 */2 * 1"' }),
    { kind: "calendar", schedule: "0 0 1-31/2 * 1", upperBound: bound },
  ])
})

describe("an interval has as many runs at once as begin in the time that one takes", () => {
  test.each([
    [300, "5m", 1],
    [300, "5m0.1s", 2],
    [300, "24h", 288],
    [30, "1m", 2],
    [5_400, "1s", 1],
    [1, "1h", 3_600],
  ])("every %i s, for %s: %i", (seconds, duration, most) => {
    expect(runsAtOnce({ kind: "interval", seconds }, goDuration(duration) ?? 0n)).toBe(most)
  })

  test("whenever the first begins", () => {
    const number = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(number, number, (seconds, duration) => {
        const starts = Array.from({ length: 100 }, (_, index) => index * seconds)
        const running = (at: number) => starts.filter((start) => start <= at && at < start + duration).length
        const most = Math.max(...Array.from({ length: 200 }, (_, at) => running(at)))
        expect(runsAtOnce({ kind: "interval", seconds }, BigInt(duration) * 1_000_000_000n)).toBe(most)
      }),
      runs(200),
    )
  })
})

test("the sweep takes all of them", () => {
  const calendar = normalSchedule("0 3 ? * mon *".replace(/^.*$/, "cron($&)"), "eventbridge")
  const interval = normalSchedule("rate(20 minutes)", "eventbridge")
  if (isProblem(calendar) || calendar.kind !== "calendar") throw new Error("calendar")
  if (isProblem(interval) || interval.kind !== "interval") throw new Error("interval")
  const { runs, at, jobs } = maxConcurrentRuns([
    { name: "weekly", schedule: calendar.schedule, timezone: "UTC", timeout: "1h", poolSize: 5 },
    { name: "often", concurrent: runsAtOnce(interval, goDuration("45m") ?? 0n), poolSize: 2 },
  ])
  expect({ runs, at, jobs }).toEqual({
    runs: 4,
    at: "2026-01-05T03:00:00.000Z",
    jobs: [
      { name: "weekly", runs: 1, connections: 5 },
      { name: "often", runs: 3, connections: 6 },
    ],
  })
})

test("whatever comes is taken or refused, and no text of others gets through raw", () => {
  const piece = fc.constantFrom(
    ..."0 1 5 7 23 24 31 60 * ? L W # / - , @daily @every TZ=UTC CRON_TZ=X cron( rate( at( ) every 1st monday of month 09:00 minutes from to fri".split(
      " ",
    ),
    " ",
    " ",
    "\n",
    "\u001b[31m",
    "::error::",
    "postgresql://u:secret@h/d",
    "9".repeat(400),
  )
  const text = fc.array(piece, { minLength: 1, maxLength: 16 }).map((pieces) => pieces.join(""))
  fc.assert(
    fc.property(text, fc.constantFrom(...DIALECTS), (schedule, dialect) => {
      const normal = normalSchedule(schedule, dialect)
      if (!isProblem(normal)) {
        if (normal.kind === "calendar") expect(readSchedule(normal.schedule)).not.toHaveProperty("problem")
        if (normal.kind === "interval") expect(normal.seconds).toBeGreaterThan(0)
        return
      }
      expect(normal.remedy).not.toBe("")
      const all = `${normal.problem} ${normal.remedy}`
      expect(all).not.toMatch(/\p{Cc}/u)
      expect(all).not.toContain("secret")
      expect(all.length).toBeLessThan(2_000)
    }),
    runs(2_000),
  )
})
