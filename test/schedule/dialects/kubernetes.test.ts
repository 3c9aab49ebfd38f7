import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayClass, matchingClasses } from "../../../src/schedule/day-class.ts"
import { normalSchedule } from "../../../src/schedule/dialects/normalize.ts"
import { readSchedule } from "../../../src/schedule/read-schedule.ts"
import { isProblem } from "../../../src/validation/problem.ts"
import { runs } from "../../support/properties.ts"
import { robfigMatches, robfigParse } from "../../support/robfig-oracle.ts"

const read = (text: string) => normalSchedule(text, "kubernetes")

describe("Kubernetes' own notations become five fields of cron", () => {
  test.each([
    ["0 3 * * *", "0 3 * * *"],
    ["*/5 * * * *", "*/5 * * * *"],
    ["5/15 * * * *", "5-50/15 * * * *"],
    ["0 0 ? * ?", "0 0 * * *"],
    ["? ? 1 ? *", "* * 1 * *"],
    ["0 9 * JAN-mar Mon,wed", "0 9 * 1-3 1,3"],
    ["0 0 1,,15 * *", "0 0 1,15 * *"],
    ["007 03 * * *", "7 3 * * *"],
    ["0 0-23 * * *", "0 * * * *"],
    ["0 0 1-5,10-12,20 * *", "0 0 1-5,10-12,20 * *"],
    ["@hourly", "0 * * * *"],
    ["@daily", "0 0 * * *"],
    ["@midnight", "0 0 * * *"],
    ["@weekly", "0 0 * * 0"],
    ["@monthly", "0 0 1 * *"],
    ["@yearly", "0 0 1 1 *"],
    ["@annually", "0 0 1 1 *"],
  ])("%s", (text, schedule) => {
    expect(read(text)).toEqual({ kind: "calendar", schedule })
  })
})

describe("the rule for days is that of robfig/cron: a star makes both match, a step over a star is no star", () => {
  test.each([
    ["0 0 */2 * 1", "0 0 1-31/2 * 1"],
    ["0 0 1 * */2", "0 0 1 * 0-6/2"],
    ["0 0 */2 * *", "0 0 1-31/2 * *"],
    ["0 0 */1 * 1", "0 0 * * 1"],
    ["0 0 ? * 1", "0 0 * * 1"],
    ["0 0 1,* * 1", "0 0 * * 1"],
    ["0 0 1-31 * 1", "0 0 1-31 * 1"],
    ["0 0 1 * 0-6", "0 0 1 * 0-6"],
    ["0 0 , * 1", "0 0 * * 1"],
    ["0 0 13 * ,", "0 0 13 * *"],
  ])("%s", (text, schedule) => {
    expect(read(text)).toEqual({ kind: "calendar", schedule })
  })

  test("so that it starts on Mondays and on odd days, where Vixie cron starts on odd Mondays", () => {
    const text = "0 0 */2 * 1"
    const normal = read(text)
    if (isProblem(normal) || normal.kind !== "calendar") throw new Error(text)
    const january = (schedule: string) => {
      const taken = readSchedule(schedule)
      if (isProblem(taken)) throw new Error(taken.problem)
      // January 2026 begins on a Thursday.
      return Array.from({ length: 31 }, (_, index) => index + 1).filter(
        (day) => taken.dates[dayClass(20_454 + day - 1)] === 1,
      )
    }
    expect(january(text)).toEqual([5, 19])
    expect(january(normal.schedule)).toEqual([
      1, 3, 5, 7, 9, 11, 12, 13, 15, 17, 19, 21, 23, 25, 26, 27, 29, 31,
    ])
  })
})

describe("a zone in front is set apart", () => {
  test.each([
    ["CRON_TZ=Europe/Paris 0 9 * * 5", "0 9 * * 5", "Europe/Paris"],
    ["TZ=europe/paris  @daily ", "0 0 * * *", "Europe/Paris"],
    ["TZ= 0 9 * * *", "0 9 * * *", "UTC"],
    ["TZ=UTC 0 9 * * *", "0 9 * * *", "UTC"],
  ])("%s", (text, schedule, timezone) => {
    expect(read(text)).toEqual({ kind: "calendar", schedule, timezone })
  })

  test("but Local is the controller's zone, which is not known", () => {
    expect(read("CRON_TZ=Local 0 9 * * *")).toEqual({ kind: "calendar", schedule: "0 9 * * *" })
  })
})

describe("@every is an interval", () => {
  test.each([
    ["@every 1h30m", 5_400],
    ["@every 30s", 30],
    ["@every 1.5h", 5_400],
    ["@every 90s500ms", 90],
    ["@every 10ms", 1],
    ["TZ=UTC @every 2m", 120],
  ])("%s", (text, seconds) => {
    expect(read(text)).toEqual({ kind: "interval", seconds })
  })
})

test.each([
  "0 0 31 2 *",
  "0 0 30 feb ?",
  "0 0 31 4,6,9,11 *",
  ", * * * *",
  "0 , * * *",
  "0 0 , * ,",
  "0 0 , * *",
])("%s never comes", (text) => {
  expect(read(text)).toEqual({ kind: "never" })
})

describe("the rest is refused", () => {
  test.each([
    [
      "0 0 * * 7",
      'received "0 0 * * 7", whose day of week 7 is outside 0 to 6 or sun to sat',
      "Write Sunday as 0, and a range up to it as a list (5,6,0)",
    ],
    [
      "0 0 * * 5-7",
      'received "0 0 * * 5-7", whose day of week 5-7 is outside 0 to 6 or sun to sat',
      "Write Sunday as 0, and a range up to it as a list (5,6,0)",
    ],
    [
      "0 0 * * sat-sun,L",
      'received "0 0 * * sat-sun,L", whose day of week sat-sun runs backwards',
      "Write Sunday as 0, and a range up to it as a list (5,6,0)",
    ],
    [
      "60 22-4 * * *",
      'received "60 22-4 * * *", whose minute 60 is outside 0 to 59, whose hour 22-4 runs backwards',
      "Write the minute as 0 to 59. Write 22,23,0-4 for the hour",
    ],
    [
      "0 0 5/15,L * *",
      'received "0 0 5/15,L * *", whose day of month L is not in cron: list every day that it can fall on',
      "Write 5-31/15,28-31 for the day of month",
    ],
    ["0 0 3 * * *", 'received "0 0 3 * * *", which has 6 fields: cron has no seconds', 'Write "0 3 * * *"'],
    [
      "@reboot",
      'received "@reboot", which Kubernetes does not know',
      'Write five fields, @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, or "@every 1h30m"',
    ],
    [
      "@every 1d",
      'received "@every 1d", whose interval is not a duration',
      'Give a Go duration such as "@every 45m" or "@every 1h30m"',
    ],
    [
      "TZ=Europe/Pariis 0 3 * * *",
      'received "TZ=Europe/Pariis 0 3 * * *", whose time zone "Europe/Pariis" does not exist',
      "Write the schedule without a time zone, and set timeZone of the CronJob to an IANA name such as Europe/Paris",
    ],
  ])("%s", (text, problem, remedy) => {
    expect(read(text)).toEqual({ problem, remedy })
  })
})

describe("of any five fields", () => {
  const piece = (min: number, max: number, names: readonly string[]) => {
    const value = fc.oneof(
      { arbitrary: fc.integer({ min, max }).map(String), weight: 8 },
      { arbitrary: fc.constantFrom(...names, String(max)), weight: 2 },
      { arbitrary: fc.constantFrom(String(max + 1), String(min), "x", "", "L"), weight: 1 },
    )
    const range = fc.tuple(value, value).map((ends) => ends.join("-"))
    const whole = fc.oneof({ arbitrary: fc.constantFrom("*", "?"), weight: 2 }, value, range)
    const step = fc.tuple(whole, fc.integer({ min: 0, max: 40 })).map((parts) => parts.join("/"))
    return fc.oneof({ arbitrary: whole, weight: 3 }, { arbitrary: step, weight: 2 })
  }
  const field = (min: number, max: number, names: readonly string[] = []) =>
    fc.oneof(
      { arbitrary: fc.constant("*"), weight: 3 },
      {
        arbitrary: fc
          .array(piece(min, max, names), { minLength: 1, maxLength: 3 })
          .map((items) => items.join(",")),
        weight: 5,
      },
    )
  const written = (...fields: readonly fc.Arbitrary<string>[]) =>
    fc.tuple(...fields).map((texts) => texts.join(" "))
  const minute = field(0, 59)
  const hour = field(0, 23)
  const day = field(1, 31)
  const month = field(1, 12, ["jan", "DEC", "Jun"])
  const weekday = field(0, 6, ["sun", "SAT", "Wed"])
  const schedule = fc.oneof(
    { arbitrary: written(minute, hour, day, month, weekday), weight: 9 },
    // Those that never come are rare among the others.
    {
      arbitrary: written(minute, hour, fc.constantFrom(",", "30", "31"), fc.constant("2"), weekday),
      weight: 1,
    },
  )

  test("the starts are those of robfig/cron, and what it refuses is refused", () => {
    const seen = { calendar: 0, never: 0, refused: 0 }
    fc.assert(
      fc.property(schedule, (text) => {
        const bits = robfigParse(text)
        const normal = read(text)
        if (isProblem(normal) || bits === undefined) {
          seen.refused++
          expect([isProblem(normal), bits]).toEqual([true, undefined])
          return
        }
        const first = firstTime(bits)
        const dates = matchingClasses((month, day, weekday) => {
          return first !== undefined && robfigMatches(bits, { ...first, month: month + 1, day, weekday })
        })
        if (normal.kind !== "calendar") {
          seen.never++
          expect([normal.kind, dates.includes(1)]).toEqual(["never", false])
          return
        }
        seen.calendar++
        const taken = readSchedule(normal.schedule)
        if (isProblem(taken)) throw new Error(normal.schedule)
        expect(taken.dates).toEqual(dates)
        expect(taken.times).toEqual(timesOf(bits))
      }),
      runs(500),
    )
    expect(Object.values(seen).every((count) => count > 0)).toBe(true)
  })

  test("a field that a refusal says to write is taken", () => {
    fc.assert(
      fc.property(schedule, (text) => {
        const refused = read(text)
        if (!isProblem(refused)) return
        const labels = ["minute", "hour", "day of month", "month", "day of week"]
        for (const [, written = "", label = ""] of refused.remedy.matchAll(
          /Write (\S+) for the ([a-z ]+)/g,
        )) {
          const fields = ["*", "*", "*", "*", "*"].with(labels.indexOf(label), written)
          expect(isProblem(read(fields.join(" "))), written).toBe(false)
        }
      }),
      runs(500),
    )
  })
})

/** The times of day on a date that matches: the fields of the date are taken as stars. */
function timesOf([minute = 0n, hour = 0n]: readonly bigint[]): readonly number[] {
  const any = robfigParse("* * * * *") ?? []
  const at = { minute: 0, hour: 0, day: 1, month: 1, weekday: 0 }
  const matching = (values: number, matches: (value: number) => boolean) =>
    Array.from({ length: values }, (_, value) => value).filter(matches)
  const hours = matching(24, (each) => robfigMatches(any.with(1, hour), { ...at, hour: each }))
  const minutes = matching(60, (each) => robfigMatches(any.with(0, minute), { ...at, minute: each }))
  return hours.flatMap((each) => minutes.map((minuteOf) => each * 60 + minuteOf))
}

function firstTime(bits: readonly bigint[]) {
  const [time] = timesOf(bits)
  return time === undefined ? undefined : { minute: time % 60, hour: Math.floor(time / 60) }
}
