import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  afterLook,
  idleLookAt,
  isChanged,
  isDueOnReturn,
  type LookTimes,
  NOTHING_FOUND,
} from "../../src/pool/auto/look-times.ts"
import { lookWith } from "./looks.ts"

/** The times of looks that are taken as soon as they are due, and at these find a change. */
function lookTimes(until: number, changes: readonly number[] = [], isFull = false): number[] {
  const times: number[] = []
  let last: LookTimes | undefined
  while ((last?.dueAt ?? 0) < until) {
    const now = last?.dueAt ?? 0
    const isChanged = changes.some((change) => change <= now && change > (times.at(-1) ?? -1))
    times.push(now)
    last = afterLook(last, now, { isChanged, isFull }, 0.5)
  }
  return times
}

const calm: LookTimes = { dueAt: 105_500, period: 5_000, changedAt: 0 }
const quick: LookTimes = { dueAt: 101_000, period: 1_000, changedAt: 99_000 }

test("a pool looks each second for ten seconds, and then every five", () => {
  expect(lookTimes(30_000)).toEqual([
    0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 10_000, 15_000, 20_000, 25_000,
  ])
})

test("where all that is shared is taken it looks every two: newcomers wait for it", () => {
  expect(lookTimes(20_000, [], true).slice(10)).toEqual([10_000, 12_000, 14_000, 16_000, 18_000])
})

test("a change makes it look each second again", () => {
  expect(lookTimes(40_000, [17_000]).slice(10)).toEqual([
    10_000, 15_000, 20_000, 21_000, 22_000, 23_000, 24_000, 25_000, 26_000, 27_000, 28_000, 29_000, 30_000,
    35_000,
  ])
})

test("every five is from four to six", () => {
  const wait = (random: number) => afterLook(calm, 200_000, NOTHING_FOUND, random).dueAt - 200_000
  expect(wait(0)).toBe(4_000)
  expect(wait(0.5)).toBe(5_000)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
      expect(wait(random)).toBeGreaterThanOrEqual(4_000)
      expect(wait(random)).toBeLessThanOrEqual(6_000)
    }),
  )
})

describe("a look is due", () => {
  test("on a connection that is given back while nobody waits", () => {
    expect(isDueOnReturn(calm, 105_499)).toBe(false)
    expect(isDueOnReturn(calm, 105_500)).toBe(true)
  })

  test("on an idle connection, where none was given back for a period", () => {
    expect(idleLookAt(calm, 90_000)).toBe(105_500)
    expect(idleLookAt(calm, 104_000)).toBe(109_000)
    expect(idleLookAt(quick, 100_900)).toBe(101_900)
  })
})

test("what changes the shares is a change, and what is only used is none", () => {
  const look = lookWith({ roleLimit: 20 })
  expect(isChanged(undefined, look)).toBe(true)
  expect(isChanged(look, { ...look, ofRole: 9, connections: 30, ofService: 9, ofOthersInDatabase: 3 })).toBe(
    false,
  )
  for (const change of [
    { members: 2 },
    { roleLimit: 21 },
    { databaseLimit: 20 },
    { maxConnections: 200 },
    { server: { ...look.server, startedAt: 2 } },
  ])
    expect(isChanged(look, { ...look, ...change }), JSON.stringify(change)).toBe(true)
})
