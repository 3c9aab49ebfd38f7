import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayClass } from "../../../src/schedule/day-class.ts"
import { normalSchedule } from "../../../src/schedule/dialects/normalize.ts"
import { readSchedule } from "../../../src/schedule/read-schedule.ts"
import { isProblem } from "../../../src/validation/problem.ts"
import { runs } from "../../support/properties.ts"

const read = (text: string) => normalSchedule(text, "eventbridge")

describe("six fields become five", () => {
  test.each([
    ["cron(0 10 * * ? *)", "0 10 * * *"],
    ["cron(15 12 ? * * *)", "15 12 * * *"],
    ["cron(0 18 ? * MON-FRI *)", "0 18 * * 1-5"],
    ["cron(0 18 ? * 2 *)", "0 18 * * 1"],
    ["cron(0 18 ? * 1,7 *)", "0 18 * * 0,6"],
    ["cron(0 0 ? * FRI-MON *)", "0 0 * * 0,1,5,6"],
    ["cron(0 22-2 * * ? *)", "0 0-2,22,23 * * *"],
    ["cron(1/10 * * * ? *)", "1-51/10 * * * *"],
    ["cron(0/15 * * * ? *)", "*/15 * * * *"],
    ["cron(0/5 8-17 ? * mon-fri *)", "*/5 8-17 * * 1-5"],
    ["cron(0 8 1 * ? *)", "0 8 1 * *"],
    ["cron(0 0 1 JAN,JUL ? *)", "0 0 1 1,7 *"],
    ["cron(0 0 1 1/3 ? *)", "0 0 1 */3 *"],
    ["cron(0 0 ? * L *)", "0 0 * * 6"],
    ["cron(0 0 L JAN,MAR ? *)", "0 0 31 1,3 *"],
    ["cron(0 0 L 4,6 ? *)", "0 0 30 4,6 *"],
    ["cron(0 0 * * ? 2020-2199)", "0 0 * * *"],
    ["  cron( 0  10 * * ? * ) ", "0 10 * * *"],
  ])("%s", (text, schedule) => {
    expect(read(text)).toEqual({ kind: "calendar", schedule })
  })
})

describe("what five fields cannot say gets every day that it can be, and says so", () => {
  test.each([
    ["cron(0 0 L * ? *)", "0 0 28-31 * *", "day of month L counts on 28-31"],
    ["cron(0 0 L FEB ? *)", "0 0 28,29 2 *", "day of month L counts on 28,29"],
    ["cron(0 0 L-3 * ? *)", "0 0 25-28 * *", "day of month L-3 counts on 25-28"],
    ["cron(0 0 LW * ? *)", "0 0 26-31 * *", "day of month LW counts on 26-31"],
    ["cron(0 0 LW 1 ? *)", "0 0 29-31 1 *", "day of month LW counts on 29-31"],
    ["cron(0 0 15W * ? *)", "0 0 14-16 * *", "day of month 15W counts on 14-16"],
    ["cron(0 0 1W * ? *)", "0 0 1-3 * *", "day of month 1W counts on 1-3"],
    ["cron(0 0 30W 4 ? *)", "0 0 28-30 4 *", "day of month 30W counts on 28-30"],
    ["cron(0 0 31W * ? *)", "0 0 29-31 * *", "day of month 31W counts on 29-31"],
    ["cron(0 0 29W 2 ? *)", "0 0 27-29 2 *", "day of month 29W counts on 27-29"],
    ["cron(0 0 1,LW 1 ? *)", "0 0 1,29-31 1 *", "day of month LW counts on 29-31"],
    ["cron(0 0 ? * 6L *)", "0 0 * * 5", "day of week 6L counts in every week"],
    ["cron(0 0 ? * friL *)", "0 0 * * 5", "day of week friL counts in every week"],
    ["cron(0 0 ? * 3#2 *)", "0 0 * * 2", "day of week 3#2 counts in every week"],
    ["cron(0 0 ? * TUE#2 *)", "0 0 * * 2", "day of week TUE#2 counts in every week"],
    ["cron(0 0 * * ? 2027)", "0 0 * * *", "year 2027 counts every year"],
    [
      "cron(0 0 ? * 2#1 2026/2)",
      "0 0 * * 1",
      "day of week 2#1 counts in every week, year 2026/2 counts every year",
    ],
  ])("%s", (text, schedule, upperBound) => {
    expect(read(text)).toEqual({ kind: "calendar", schedule, upperBound })
  })
})

test.each([
  ["rate(1 minute)", 60],
  ["rate(5 minutes)", 300],
  ["rate(1 hour)", 3_600],
  ["rate(12 hours)", 43_200],
  ["rate(7 days)", 604_800],
])("%s is an interval", (text, seconds) => {
  expect(read(text)).toEqual({ kind: "interval", seconds })
})

test("at() comes once", () => {
  expect(read("at(2026-01-05T03:00:00)")).toEqual({ kind: "once" })
})

test.each([
  "cron(0 0 31 2 ? *)",
  "cron(0 0 30W 2 ? *)",
  "cron(0 0 L-30 2 ? *)",
  "cron(0 0 * * ? 2020-2025)",
  "cron(0 0 * * ? 2054)",
])("%s never comes in the 28 years", (text) => {
  expect(read(text)).toEqual({ kind: "never" })
})

describe("the rest is refused", () => {
  const examples =
    'Write cron() with six fields, such as "cron(0 3 * * ? *)", or rate(5 minutes), or at(2026-01-05T03:00:00)'
  const rate =
    "Write rate() with a whole number from 1 and minutes, hours or days: rate(1 minute), rate(5 minutes)"
  const either = "Write ? for the one that does not matter, and the other as * or as its days"
  test.each([
    ["0 3 * * *", 'received "0 3 * * *"', examples],
    ["at(2026-01-05)", 'received "at(2026-01-05)"', examples],
    ["", 'received ""', examples],
    ["rate(0 minutes)", 'received "rate(0 minutes)"', rate],
    ["rate(30 seconds)", 'received "rate(30 seconds)"', rate],
    ["rate(1.5 hours)", 'received "rate(1.5 hours)"', rate],
    [
      "cron(0 3 * * ?)",
      'received "cron(0 3 * * ?)", which has 5 fields',
      'Give six: minute, hour, day of month, month, day of week, year, as in "cron(0 3 * * ? *)"',
    ],
    [
      "cron(0 3 * * * *)",
      'received "cron(0 3 * * * *)", whose day of month and day of week are both given',
      either,
    ],
    [
      "cron(0 3 ? * ? *)",
      'received "cron(0 3 ? * ? *)", whose day of month and day of week are both ?',
      either,
    ],
    [
      "cron(0 3 ? * 0 *)",
      'received "cron(0 3 ? * 0 *)", whose day of week 0 is not in EventBridge\'s cron()',
      "Write the day of week as 1 (Sunday) to 7 or SUN to SAT, *, a list (1,2), a range (1-5) or a step (1/5), the last (6L) or one of the month (6#3)",
    ],
    [
      "cron(0 3 ? * 3#1,6#3 *)",
      'received "cron(0 3 ? * 3#1,6#3 *)", whose day of week 3#1 is one of several',
      "Write a day with # alone, and a schedule for each of the others",
    ],
    [
      "cron(60 3 32W * ? 1969)",
      "received \"cron(60 3 32W * ? 1969)\", whose day of month 32W is not in EventBridge's cron(), whose minute 60 is not in EventBridge's cron(), whose year 1969 is not in EventBridge's cron()",
      "Write the day of month as 1 to 31, *, a list (1,2), a range (1-5) or a step (1/5), the last (L) or the nearest weekday (15W). Write the minute as 0 to 59, *, a list (1,2), a range (1-5) or a step (1/5). Write the year as 1970 to 2199, *, a list (1,2), a range (1-5) or a step (1/5)",
    ],
  ])("%s", (text, problem, remedy) => {
    expect(read(text)).toEqual({ problem, remedy })
  })
})

/** A date as a calendar on the wall shows it. The month counts from 1, Sunday is 0. */
interface Date {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  /** Of the month. */
  readonly length: number
}

const FIRST = 20_454

const DATES = Array.from({ length: 10_227 }, (_, index): Date & { readonly dateClass: number } => {
  const date = new globalThis.Date((FIRST + index) * 86_400_000)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  return {
    year,
    month: month + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    length: new globalThis.Date(globalThis.Date.UTC(year, month + 1, 0)).getUTCDate(),
    dateClass: dayClass(FIRST + index),
  }
})

describe("on every date of the 28 years", () => {
  interface DayItem {
    readonly text: string
    readonly matches: (date: Date) => boolean
  }
  const isWorkday = ({ weekday }: Date, daysLater: number) => ![0, 6].includes((weekday + daysLater + 70) % 7)

  /** The weekday of the month that is nearest to a day: the one before it on Saturdays, the one after it on Sundays. */
  const isNearest = (date: Date, to: number) => {
    if (to > date.length || !isWorkday(date, 0)) return false
    // Nearest first, and in the month.
    const near = [0, -1, 1, -2, 2].map((away) => to + away).filter((day) => day >= 1 && day <= date.length)
    return near.find((day) => isWorkday(date, day - date.day)) === date.day
  }

  const day = fc.integer({ min: 1, max: 31 })
  const monthItem: fc.Arbitrary<DayItem> = fc.oneof(
    day.map((each) => ({ text: `${each}`, matches: (date: Date) => date.day === each })),
    fc.tuple(day, day).map(([from, to]) => ({
      text: `${from}-${to}`,
      matches: ({ day: each }: Date) =>
        from <= to ? each >= from && each <= to : each >= from || each <= to,
    })),
    day.map((from) => ({
      text: `${from}/4`,
      matches: (date: Date) => date.day >= from && (date.day - from) % 4 === 0,
    })),
    day.map((each) => ({ text: `${each}W`, matches: (date: Date) => isNearest(date, each) })),
    fc.constant({ text: "L", matches: (date: Date) => date.day === date.length }),
    fc.constant({ text: "LW", matches: (date: Date) => isNearest(date, date.length) }),
    fc.integer({ min: 1, max: 27 }).map((before) => ({
      text: `L-${before}`,
      matches: (date: Date) => date.day === date.length - before,
    })),
  )
  const listed = (items: readonly DayItem[]): DayItem => ({
    text: items.map(({ text }) => text).join(","),
    matches: (date) => items.some(({ matches }) => matches(date)),
  })
  const monthDays = fc.array(monthItem, { minLength: 1, maxLength: 2 }).map(listed)

  const NAMES = "SUN MON TUE WED THU FRI SAT".split(" ")
  const weekday = fc.integer({ min: 1, max: 7 })
  const weekItem: fc.Arbitrary<DayItem> = fc.oneof(
    weekday.map((each) => ({ text: `${each}`, matches: (date: Date) => date.weekday === each - 1 })),
    weekday.map((each) => ({
      text: NAMES[each - 1] ?? "",
      matches: (date: Date) => date.weekday === each - 1,
    })),
    weekday.map((each) => ({
      text: `${each}L`,
      matches: (date: Date) => date.weekday === each - 1 && date.day > date.length - 7,
    })),
    fc.constant({ text: "L", matches: (date: Date) => date.weekday === 6 }),
  )
  const nth = fc.tuple(weekday, fc.integer({ min: 1, max: 5 })).map(([each, count]) => ({
    text: `${each}#${count}`,
    matches: (date: Date) => date.weekday === each - 1 && Math.ceil(date.day / 7) === count,
  }))
  const weekDays = fc.oneof(fc.array(weekItem, { minLength: 1, maxLength: 2 }).map(listed), nth)

  const months = fc.oneof(
    fc.constant({ text: "*", values: Array.from({ length: 12 }, (_, index) => index + 1) }),
    fc
      .uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 })
      .map((values) => ({ text: values.join(","), values })),
  )
  const years = fc.oneof(
    { arbitrary: fc.constant({ text: "*", matches: (_: number) => true }), weight: 3 },
    fc.integer({ min: 2020, max: 2056 }).map((from) => ({
      text: `${from}-${from + 3}`,
      matches: (year: number) => year >= from && year <= from + 3,
    })),
  )
  const schedule = fc
    .tuple(
      fc.oneof(
        monthDays.map((days) => ({ ...days, fields: (month: string) => `${days.text} ${month} ?` })),
        weekDays.map((days) => ({ ...days, fields: (month: string) => `? ${month} ${days.text}` })),
      ),
      months,
      years,
    )
    .map(([days, month, year]) => ({
      text: `cron(0 3 ${days.fields(month.text)} ${year.text})`,
      matches: (date: Date) =>
        days.matches(date) && month.values.includes(date.month) && year.matches(date.year),
    }))

  test("no start is missed, and without a remark none is made up", () => {
    const seen = { exact: 0, upperBound: 0, never: 0 }
    fc.assert(
      fc.property(schedule, ({ text, matches }) => {
        const normal = read(text)
        const expected = DATES.filter(matches)
        if (isProblem(normal) || normal.kind !== "calendar") {
          seen.never++
          expect([normal, expected.length]).toEqual([{ kind: "never" }, 0])
          return
        }
        const taken = readSchedule(normal.schedule)
        if (isProblem(taken)) throw new Error(normal.schedule)
        const counted = DATES.filter(({ dateClass }) => taken.dates[dateClass] === 1)
        const isMissed = ({ dateClass }: { dateClass: number }) => taken.dates[dateClass] !== 1
        expect(expected.filter(isMissed)).toEqual([])
        if (normal.upperBound === undefined) {
          seen.exact++
          expect(counted.length).toBe(expected.length)
        } else {
          seen.upperBound++
          expect(counted.length).toBeGreaterThanOrEqual(expected.length)
        }
      }),
      runs(500),
    )
    expect(Object.values(seen).every((count) => count > 0)).toBe(true)
  })

  test("of the days of month none is counted that does not come", () => {
    fc.assert(
      fc.property(monthDays, months, (days, month) => {
        const normal = read(`cron(0 3 ${days.text} ${month.text} ? *)`)
        if (isProblem(normal) || normal.kind !== "calendar") return
        const taken = readSchedule(normal.schedule)
        if (isProblem(taken)) throw new Error(normal.schedule)
        const inMonth = DATES.filter((date) => month.values.includes(date.month))
        const daysOf = (dates: readonly Date[]) => new Set(dates.map((date) => date.day))
        const counted = daysOf(inMonth.filter(({ dateClass }) => taken.dates[dateClass] === 1))
        expect(counted).toEqual(daysOf(inMonth.filter(days.matches)))
      }),
      runs(200),
    )
  })
})
