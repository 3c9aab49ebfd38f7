import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { CRON_FIELDS, parseCron } from "../../src/schedule/parse-cron.ts"
import { readSchedule } from "../../src/schedule/read-schedule.ts"
import { runs } from "../support/properties.ts"

function refused(value: unknown) {
  const read = readSchedule(value)
  if (!("problem" in read)) throw new Error(`${JSON.stringify(value)} is taken`)
  return read
}
/** The schedules that a remedy says to write. */
const suggested = (remedy: string) =>
  [...remedy.matchAll(/Write "([^"]*)"/g)].map(([, schedule = ""]) => schedule)

describe("a time zone in the schedule goes into timezone", () => {
  test.each([
    ["CRON_TZ=Europe/Paris 0 9 * * 5", "0 9 * * 5", "Europe/Paris", "starts"],
    ["TZ=UTC 0 3 * * *", "0 3 * * *", "UTC", "starts"],
    ['cron_tz = "America/New_York"  0 3 * * *', "0 3 * * *", "America/New_York", "starts"],
    ["CRON_TZ=Europe/Paris\n0 9 * * 5", "0 9 * * 5", "Europe/Paris", "starts"],
    ["0 9 * * 5 Europe/Paris", "0 9 * * 5", "Europe/Paris", "ends"],
  ])("%j", (value, schedule, timezone, place) => {
    const { problem, remedy } = refused(value)
    expect(problem).toMatch(new RegExp(`, which ${place} with a time zone$`))
    expect(remedy).toBe(`Write "${schedule}" as the schedule, and timezone "${timezone}"`)
  })

  test("and what is wrong with the rest is said as well", () => {
    expect(refused("CRON_TZ=Europe/Paris 0 22-4 * * *").remedy).toBe(
      'Write timezone "Europe/Paris". The rest, "0 22-4 * * *", is not a schedule either. Write "0 22,23,0-4 * * *"',
    )
    expect(refused("TZ=UTC").remedy).toContain("Give five fields")
  })
})

describe("a range that runs backwards is written as a list", () => {
  test.each([
    ["0 22-4 * * *", "0 22,23,0-4 * * *"],
    ["0 22-4/2 * * *", "0 22,0-4/2 * * *"],
    ["50-10/5 * * * *", "50,55,0-10/5 * * * *"],
    ["0 0 28-3 * *", "0 0 28-31,1-3 * *"],
    ["0 0 1 11-2 *", "0 0 1 11,12,1,2 *"],
    ["0 0 1 nov-feb *", "0 0 1 nov,dec,jan,feb *"],
    ["0 0 * * 5-1", "0 0 * * 5,6,0,1"],
    ["0 0 * * fri-MON", "0 0 * * fri,sat,sun,mon"],
    ["0 0 * * friday-monday", "0 0 * * fri,sat,sun,mon"],
    ["0 0 * * sat-tue/2", "0 0 * * sat,mon"],
    ["0 12,22-4 * nov-feb *", "0 12,22,23,0-4 * nov,dec,jan,feb *"],
  ])("%j", (value, schedule) => {
    const { problem, remedy } = refused(value)
    expect(problem).toMatch(/whose (minute|hour|day of month|month|day of week) \S+ (runs|has a name)/)
    expect(remedy).toBe(`Write "${schedule}"`)
    expect(readSchedule(schedule)).not.toHaveProperty("problem")
  })

  test.each(CRON_FIELDS.map((field, index) => [field.label, field, index] as const))(
    "with the same values, of the %s",
    (_, { min, max }, index) => {
      const all = Array.from({ length: max - min + 1 }, (_, at) => min + at)
      const withField = (field: string, rest = "*") => [rest, rest, "*", "*", "*"].with(index, field)
      const range = fc.tuple(
        fc.uniqueArray(fc.constantFrom(...all), { minLength: 2, maxLength: 2 }),
        fc.integer({ min: 1, max: 20 }),
      )
      fc.assert(
        fc.property(range, ([ends, step]) => {
          const [from, to] = [Math.max(...ends), Math.min(...ends)]
          const { remedy } = refused(withField(`${from}-${to}/${step}`, "0").join(" "))
          const [written = ""] = suggested(remedy)
          const around = [...all.slice(from - min), ...all.slice(0, to - min + 1)]
          const values = around.filter((_, place) => place % step === 0)
          const meant = parseCron(withField(values.join(",")))
          expect(meant).toBeDefined()
          expect(parseCron(withField(written.split(" ")[index] ?? ""))).toEqual(meant)
        }),
        runs(200),
      )
    },
  )
})

describe("what another scheduler takes is written as cron has it", () => {
  test.each([
    ["@daily", "0 0 * * *"],
    ["@Hourly", "0 * * * *"],
    ["@weekly", "0 0 * * 0"],
    ["@every 5m", "*/5 * * * *"],
    ["@every 24h", "0 0 * * *"],
    ["rate(1 hour)", "0 * * * *"],
    ["every 2 hours", "0 */2 * * *"],
    ["cron(0 10 * * ? *)", "0 10 * * *"],
    ["cron(0 10 ? * 2#1 *)", "0 10 * * mon"],
    ["cron(0 3 * * *)", "0 3 * * *"],
    ["0 10 ? * MON-FRI *", "0 10 * * MON-FRI"],
    ["0 0 12 ? * 2-6 2026", "0 12 * * mon-fri"],
    ["0 0 3 * * *", "0 3 * * *"],
    ["0 3 * * * /usr/bin/import --all now", "0 3 * * *"],
    ["0 3 * * * root import", "0 3 * * *"],
    ["0 0 ? * *", "0 0 * * *"],
    ["0 0 * * ?", "0 0 * * *"],
    ["5/15 * * * *", "5-59/15 * * * *"],
    ["0 0 * * 1/2", "0 0 * * 1-6/2"],
    ["0 0 L * *", "0 0 28-31 * *"],
    ["0 0 L-3 * *", "0 0 25-28 * *"],
    ["0 0 LW * *", "0 0 26-31 * *"],
    ["0 0 15W * *", "0 0 13-17 * *"],
    ["0 0 1W * *", "0 0 1-3 * *"],
    ["0 0 * * 1#2", "0 0 * * 1"],
    ["0 0 * * friL", "0 0 * * fri"],
    ["H/15 * * * *", "*/15 * * * *"],
    ["0 0 * january monday", "0 0 * jan mon"],
    ["1,,2, * * * *", "1,2 * * * *"],
    ["0\u00a03 * * *", "0 3 * * *"],
    ["0 0 31 2 *", "0 0 28 2 *"],
    ["0 0 31 4,6,9,11 *", "0 0 30 4,6,9,11 *"],
    ["0 0 30,31 feb *", "0 0 28 feb *"],
    ["0 3 * *", "0 3 * * *"],
    ["0", "0 * * * *"],
  ])("%j", (value, schedule) => {
    expect(suggested(refused(value).remedy)).toEqual([schedule])
    expect(readSchedule(schedule)).not.toHaveProperty("problem")
  })
})

describe("where only its owner knows what is meant, the remedy says what may be written", () => {
  test.each([
    ["60 * * * *", "whose minute 60 is outside 0 to 59", "Write the minute as 0 to 59"],
    ["* 24 * * *", "whose hour 24 is outside 0 to 23", "Write the hour as 0 to 23; midnight is 0"],
    ["0 0 0-5 * *", "whose day of month 0-5 is outside 1 to 31", "Write the day of month as 1 to 31"],
    ["0 0 1 13 *", "is outside 1 to 12 or jan to dec", "Write the month as 1 to 12 or jan to dec"],
    ["0 0 * * 8", "is outside 0 to 7 or sun to sat", "Write the day of week as 0 to 7 or sun to sat"],
    ["*/0 * * * *", "whose minute */0 has no step", "Write *, or a step of 1 or more"],
    ["1-5/ * * * *", "whose minute 1-5/ has no step", "Write 1-5, or a step of 1 or more"],
    ["H * * * *", "is picked by the scheduler", "Write the minute that it picked"],
    ["0~30 * * * *", "is picked by the scheduler", "Write the minute that it picked"],
    [
      "0 0 * mon *",
      "whose month mon is a day of week",
      "Write it as the day of week, which is field 5 of five",
    ],
    ["0 0 * * jan", "whose day of week jan is a month", "Write it as the month, which is field 4 of five"],
    [
      "1-2-3 * * * *",
      "whose minute 1-2-3 is not in crontab(5)",
      "Write the minute as 0 to 59, *, a list (1,2), a range (1-5) or a step (*/2, 1-5/2)",
    ],
    [
      "*/10 * * * * *",
      "cron has no seconds",
      "A job that starts more often is always running: declare it as a consumer",
    ],
    ["@every 90m", "which is an interval", "List the times, because cron runs by the clock"],
    ["every day at noon", "which is an interval", "List the times, because cron runs by the clock"],
    ["@reboot", "a nickname", "Leave the schedule out"],
    ["2026-01-05T03:00:00Z", "which is one date", "Leave the schedule out"],
    ["at(2026-01-05T03:00:00)", "which is one date", "Leave the schedule out"],
    ["0 3 * * *\n0 4 * * *", "which has several lines", "Declare one job for each schedule"],
    ["", "which is empty", "Or leave the schedule out of a job that is started on demand"],
    [["0 3 * * *"], "received an array", "Declare one job for each schedule"],
    [`0 ${"3,".repeat(1_000)}3 * * *`, "more than 1000 characters", "Write each value once"],
  ])("%j", (value, problem, remedy) => {
    const refusal = refused(value)
    expect(refusal.problem).toContain(problem)
    expect(refusal.remedy).toContain(remedy)
  })

  test("every field at fault is named at once", () => {
    expect(refused("60 24 * * 5-1")).toEqual({
      problem:
        'received "60 24 * * 5-1", whose minute 60 is outside 0 to 59, whose hour 24 is outside 0 to 23, whose day of week 5-1 runs backwards',
      remedy:
        "Write the minute as 0 to 59. Write the hour as 0 to 23; midnight is 0. Write 5,6,0,1 for the day of week",
    })
  })
})

test("whatever is refused, what the remedy says to write is taken, and no text of others gets through raw", () => {
  const piece = fc.constantFrom(
    ..."0 5 23 24 59 60 7 31 * ? L W # / - , ~ H mon fri sunday jan november @daily @every rate( cron( ) TZ=UTC CRON_TZ= Europe/Paris x".split(
      " ",
    ),
    " ",
    "\n",
    "\u00a0",
    "\u001b[31m",
    "::error::",
  )
  const field = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""))
  const schedule = fc.oneof(
    fc.array(field, { minLength: 1, maxLength: 8 }).map((fields) => fields.join(" ")),
    fc.string({ maxLength: 40 }),
  )
  fc.assert(
    fc.property(schedule, (text) => {
      const read = readSchedule(text)
      if (!("problem" in read)) return
      expect(read.remedy).not.toBe("")
      const written = suggested(read.remedy)
      expect(written.filter((each) => parseCron(each.split(" ")) === undefined)).toEqual([])
      const all = `${read.problem} ${read.remedy}`
      expect(all).not.toMatch(/\p{Cc}/u)
      expect(all.length).toBeLessThan(1_500)
    }),
    runs(2_000),
  )
})

describe("docs/jobs.md says the same:", () => {
  const page = readFileSync(new URL("../../docs/jobs.md", import.meta.url), "utf8")
  const schedules = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text)
  const rows = [...page.matchAll(/^\| (`.*?) \| (.*?) \| .* \|$/gm)].flatMap(([, instead, write]) => {
    const written = schedules(write).filter((text) => text.includes(" "))
    return schedules(instead).map((text, index) => [text, written[index] ?? written.at(-1)] as const)
  })

  test("of more than ten schedules", () => {
    expect(rows.length).toBeGreaterThan(10)
  })

  test.each(rows)("%s", (instead, written) => {
    expect(suggested(refused(instead).remedy)).toEqual(written === undefined ? [] : [written])
  })
})
