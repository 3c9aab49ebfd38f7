import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayClass } from "../../../src/schedule/day-class.ts"
import { normalSchedule } from "../../../src/schedule/dialects/normalize.ts"
import { readSchedule } from "../../../src/schedule/read-schedule.ts"
import { isProblem } from "../../../src/validation/problem.ts"
import { runs } from "../../support/properties.ts"

const read = (text: string) => normalSchedule(text, "cloud-scheduler")

describe("five fields stay what they are", () => {
  test.each([
    ["0 3 * * *", "0 3 * * *"],
    [" */5  8-18 * * MON-FRI ", "*/5 8-18 * * MON-FRI"],
    ["0 0 1 * SAT", "0 0 1 * SAT"],
    ["0 0 * * 7", "0 0 * * 7"],
    ["0 0 */2 * *", "0 0 */2 * *"],
    ["0 0 * * */2", "0 0 * * */2"],
    ["0 0 1-31/2 * 1", "0 0 1-31/2 * 1"],
  ])("%s", (text, schedule) => {
    expect(read(text)).toEqual({ kind: "calendar", schedule })
  })

  test.each([
    ["0 0 */2 * 1", "0 0 1-31/2 * 1", "day of month */2 and day of week 1 count if either matches"],
    [
      "5 */2 */10 jun-aug sat",
      "5 */2 1-31/10 jun-aug 6",
      "day of month */10 and day of week sat count if either matches",
    ],
    ["0 0 15 * */3", "0 0 15 * 0-6/3", "day of month 15 and day of week */3 count if either matches"],
  ])("but whether %s has a star is not documented, so either field matches", (text, schedule, upperBound) => {
    expect(read(text)).toEqual({ kind: "calendar", schedule, upperBound })
  })

  test("and may never come", () => {
    expect(read("0 0 31 2 *")).toEqual({ kind: "never" })
  })
})

describe("App Engine's text is an interval", () => {
  test.each([
    ["every 5 minutes", 300],
    ["every 1 mins", 60],
    ["every 24 hours", 86_400],
    ["Every  90  Minutes", 5_400],
    ["every 1 hour", 3_600],
  ])("%s", (text, seconds) => {
    expect(read(text)).toEqual({ kind: "interval", seconds })
  })
})

describe("or has times", () => {
  test.each([
    ["every day 09:00", "0 9 * * *"],
    ["every monday 09:00", "0 9 * * 1"],
    ["every mon, wed ,friday 9:05", "5 9 * * 1,3,5"],
    ["every sunday of month 00:00", "0 0 * * 0"],
    ["every day of jan,april,july,oct 23:59", "59 23 * */3 *"],
    ["1,15 of month 09:00", "0 9 1,15 * *"],
    ["1 of jan,july 00:00", "0 0 1 1,7 *"],
    ["1st day of month 09:00", "0 9 1 * *"],
    ["first,3rd day of quarter 09:00", "0 9 1,3 */3 *"],
    ["every tuesday of 2nd month of quarter 17:00", "0 17 * 2-11/3 2"],
    ["1st,2nd,3rd,4th,fifth tue of sept 17:00", "0 17 * 9 2"],
    ["every 2 hours from 08:00 to 18:00", "0 8-18/2 * * *"],
    ["every 30 minutes from 22:00 to 01:30", "*/30 0,1,22,23 * * *"],
    ["every 30 mins synchronized", "*/30 * * * *"],
    ["every 8 hours synchronized", "0 0-16/8 * * *"],
    ["every 12 hours synchronized", "0 0,12 * * *"],
  ])("%s", (text, schedule) => {
    const normal = read(text)
    expect(normal).toMatchObject({ kind: "calendar" })
    expect(normal).not.toHaveProperty("upperBound")
    const taken = !isProblem(normal) && normal.kind === "calendar" ? readSchedule(normal.schedule) : undefined
    const wanted = readSchedule(schedule)
    if (isProblem(wanted)) throw new Error(schedule)
    expect(taken).toMatchObject({ times: wanted.times, dates: wanted.dates })
  })

  test.each([
    ["1st monday of month 09:00", "0 9 * * 1", "1st monday counts in every week"],
    ["2nd,third mon,wed,thu of march 17:00", "0 17 * 3 1,3,4", "2nd,third mon,wed,thu counts in every week"],
    ["first sunday of quarter 00:00", "0 0 * */3 0", "first sunday counts in every week"],
    ["second friday 12:30", "30 12 * * 5", "second friday counts in every week"],
    [
      "every 5 minutes from 10:00 to 14:00",
      "0-55/5 10-14 * * *",
      "49 starts a day count as 60: each minute in each hour",
    ],
    [
      "every 90 minutes synchronized",
      "0,30 0,1,3,4,6,7,9,10,12,13,15,16,18,19,21,22 * * *",
      "16 starts a day count as 32: each minute in each hour",
    ],
  ])("%s has more in five fields", (text, schedule, upperBound) => {
    expect(read(text)).toEqual({ kind: "calendar", schedule, upperBound })
  })

  test("which may all come when the clock goes on, because App Engine does not say", () => {
    const text = "every 20 minutes from 02:00 to 02:40"
    expect(read(text)).toEqual({ kind: "calendar", schedule: "0-40/20 2 * * *" })
  })

  test.each(["31 of feb 00:00", "30,31 of february 12:00"])("%s never comes", (text) => {
    expect(read(text)).toEqual({ kind: "never" })
  })
})

describe("the rest is refused", () => {
  const write =
    'Write "every 5 minutes", "every 24 hours", "every 2 hours from 08:00 to 18:00", "every monday 09:00", "1st monday of month 09:00" or "1,15 of jan,july 09:00", or five fields as in crontab(5)'
  test.each([
    "every monday",
    "every 0 minutes",
    "every 30 seconds",
    "every 7 hours synchronized",
    "every minute",
    "every day 24:00",
    "every 5 minutes from 10:00",
    "every 5 minutes from 10:00 to 25:00",
    "6th monday of month 09:00",
    "32 of month 09:00",
    "1st monday of 4th month of quarter 09:00",
    "every someday 09:00",
    "every day of smarch 09:00",
  ])("%s", (text) => {
    expect(read(text)).toEqual({
      problem: `received ${JSON.stringify(text)}, which is not in App Engine's notation`.replace(
        /"(.{40}).+"/,
        '"$1…"',
      ),
      remedy: write,
    })
  })

  test.each([
    ["5/15 * * * *", 'Write "5-59/15 * * * *"'],
    ["0 0 L * *", 'Write "0 0 28-31 * *"'],
    ["@daily", 'Write "0 0 * * *"'],
    ["CRON_TZ=Europe/Paris 0 9 * * 5", 'Write "0 9 * * 5" as the schedule, and timezone "Europe/Paris"'],
  ])("%s, as in crontab(5)", (text, remedy) => {
    expect(read(text)).toMatchObject({ remedy })
  })
})

test("on every date of the 28 years, no start of a weekday of the month is missed", () => {
  const ORDINALS = ["1st", "2nd", "third", "fourth", "5th"]
  const NAMES = ["sun", "monday", "tue", "wednesday", "thu", "friday", "sat"]
  const subset = (max: number) => fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1 })
  fc.assert(
    fc.property(subset(4), subset(6), subset(11), (ordinals, weekdays, months) => {
      const names = months.map((month) =>
        new Date(Date.UTC(2026, month)).toLocaleString("en", { month: "long", timeZone: "UTC" }),
      )
      const [which, days] = [ordinals.map((each) => ORDINALS[each]), weekdays.map((each) => NAMES[each])]
      const normal = read(`${which} ${days} of ${names} 09:00`)
      if (isProblem(normal) || normal.kind !== "calendar") throw new Error(JSON.stringify(normal))
      const taken = readSchedule(normal.schedule)
      if (isProblem(taken)) throw new Error(normal.schedule)
      const starts = { missed: 0, more: 0 }
      for (let day = 20_454; day < 20_454 + 10_227; day++) {
        const date = new Date(day * 86_400_000)
        const matches =
          ordinals.includes(Math.ceil(date.getUTCDate() / 7) - 1) &&
          weekdays.includes(date.getUTCDay()) &&
          months.includes(date.getUTCMonth())
        const counts = taken.dates[dayClass(day)] === 1
        if (matches && !counts) starts.missed++
        if (counts && !matches) starts.more++
      }
      expect(starts.missed).toBe(0)
      expect(starts.more > 0).toBe(normal.upperBound !== undefined)
    }),
    runs(50),
  )
})

test("at every minute of a day, no start of an interval between two times is missed", () => {
  const minute = fc.integer({ min: 0, max: 1_439 })
  const clock = (at: number) =>
    `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`
  fc.assert(
    fc.property(minute, minute, fc.integer({ min: 1, max: 500 }), (from, to, step) => {
      const normal = read(`every ${step} minutes from ${clock(from)} to ${clock(to)}`)
      if (isProblem(normal) || normal.kind !== "calendar") throw new Error(JSON.stringify(normal))
      const taken = readSchedule(normal.schedule)
      if (isProblem(taken)) throw new Error(normal.schedule)
      const starts = new Set<number>()
      for (let at = from; at <= (to > from ? to : to + 1_440); at += step) starts.add(at % 1_440)
      expect([...starts].filter((at) => !taken.times.includes(at))).toEqual([])
      expect(taken.times.length > starts.size).toBe(normal.upperBound !== undefined)
    }),
    runs(500),
  )
})
