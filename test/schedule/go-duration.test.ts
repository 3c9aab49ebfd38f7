import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { goDuration, wholeMinutes } from "../../src/schedule/go-duration.ts"

const SECOND = 1_000_000_000n

describe("a duration is what Go reads", () => {
  test.each([
    ["45m", 2_700n * SECOND],
    ["1h30m0s", 5_400n * SECOND],
    ["24h", 86_400n * SECOND],
    ["1.5h", 5_400n * SECOND],
    [".5h", 1_800n * SECOND],
    ["1.h", 3_600n * SECOND],
    ["1.1h", 3_960n * SECOND],
    ["1m1m", 120n * SECOND],
    ["30s1h", 3_630n * SECOND],
    ["100ms", SECOND / 10n],
    ["1us", 1_000n],
    ["1µs", 1_000n],
    ["1μs", 1_000n],
    ["1ns", 1n],
    ["1.9ns", 1n],
    ["0", 0n],
    ["0s", 0n],
  ])("%s", (text, nanoseconds) => {
    expect(goDuration(text)).toBe(nanoseconds)
  })

  test.each([
    "",
    " ",
    "00",
    "1",
    "m",
    ".m",
    "1 m",
    "1m ",
    "1d",
    "1H",
    "1h30",
    "1,5h",
    "1..5h",
    "-1m",
    "1e3s",
    "∞",
  ])("%j is none", (text) => {
    expect(goDuration(text)).toBeUndefined()
  })

  test("parts add up, whatever they are", () => {
    const whole = fc.nat(10_000)
    fc.assert(
      fc.property(whole, whole, whole, (hours, minutes, seconds) => {
        const sum = BigInt(hours * 3_600 + minutes * 60 + seconds) * SECOND
        expect(goDuration(`${hours}h${minutes}m${seconds}s`)).toBe(sum)
      }),
    )
  })
})

test.each([
  [1n, 1],
  [60n * SECOND, 1],
  [60n * SECOND + 1n, 2],
  [120n * SECOND - 1n, 2],
  [86_400n * SECOND, 1_440],
])("%i nanoseconds are %i minutes, rounded up", (nanoseconds, minutes) => {
  expect(wholeMinutes(nanoseconds)).toBe(minutes)
})
