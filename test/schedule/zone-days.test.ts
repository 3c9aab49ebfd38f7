import { describe, expect, test } from "vitest"
import { zoneDays } from "../../src/schedule/zone-days.ts"

const dayOf = (date: string) => Date.parse(date) / 86_400_000
const on = (timezone: string, date: string) => zoneDays(timezone, dayOf(date), 1)[0]

describe("the clock of a day", () => {
  test("that is like any other", () => {
    expect(on("Europe/Paris", "2026-01-05")).toEqual({
      id: 0,
      parts: [{ from: 0, to: 1_440, offset: 60 }],
      gaps: [],
    })
  })

  test("on which it is put forward", () => {
    expect(on("Europe/Paris", "2026-03-29")).toMatchObject({
      parts: [
        { from: 0, to: 60, offset: 60 },
        { from: 60, to: 1_440, offset: 120 },
      ],
      gaps: [{ at: 60, from: 120, to: 180 }],
    })
  })

  test("on which it is put back", () => {
    expect(on("Europe/Paris", "2026-10-25")).toMatchObject({
      parts: [
        { from: 0, to: 60, offset: 120 },
        { from: 60, to: 1_440, offset: 60 },
      ],
      gaps: [],
    })
  })

  test.each([
    ["UTC", 0],
    ["Africa/Abidjan", 0],
    ["Asia/Kathmandu", 345],
    ["America/St_Johns", -210],
    ["Pacific/Marquesas", -570],
    ["Pacific/Kiritimati", 840],
    ["Etc/GMT+12", -720],
  ])("in %s", (timezone, offset) => {
    expect(on(timezone, "2026-01-05")?.parts).toEqual([{ from: 0, to: 1_440, offset }])
  })
})

test("days that are alike have one number, and others have not", () => {
  const ids = zoneDays("Europe/Paris", dayOf("2026-01-01"), 365).map(({ id }) => id)
  expect(new Set(ids).size).toBe(4) // winter, spring night, summer, autumn night
  expect(ids[0]).toBe(ids[364])
})

test("two changes a week apart are both seen, on whichever day the look begins", () => {
  for (let lead = 1; lead <= 30; lead++) {
    const days = zoneDays("America/Boa_Vista", dayOf("2000-10-08") - lead, 60)
    const summer = days.filter(({ parts }) => parts.some(({ offset }) => offset === -180))
    expect(summer).toHaveLength(8)
  }
})
