import { EventEmitter } from "node:events"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { Lifetimes } from "../../src/pool/lifetimes.ts"
import type { PostgresClient } from "../../src/pool/postgres-client.ts"
import { SEED } from "../support/properties.ts"
import { Random } from "../support/random.ts"

/** The parts of a connection that its lifetime is about. */
class Connection extends EventEmitter {
  isUsed = true
}

const connection = (isUsed = true) => Object.assign(new Connection(), { isUsed }) as unknown as PostgresClient

beforeEach(() => {
  const random = new Random(SEED)
  vi.spyOn(Math, "random").mockImplementation(() => random.next())
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Lifetimes of a pool in which every connection is idle. */
function lifetimesOf(millis: number, mayOpen = true) {
  const start = performance.now()
  const closed = new Map<PostgresClient, number>()
  const lifetimes = new Lifetimes(millis, {
    mayOpen: () => mayOpen,
    closeIdle: (client) => closed.set(client, performance.now() - start) !== undefined,
    refill: () => {},
    expired: () => {},
  })
  return { lifetimes, closed }
}

describe("connections that were opened together", () => {
  test.each([1_000, 60_000, 3_600_000])("do not close together, and none after %i ms", (millis) => {
    const { lifetimes, closed } = lifetimesOf(millis)
    const all = Array.from({ length: 200 }, () => connection(false))
    for (const one of all) lifetimes.add(one)
    vi.advanceTimersByTime(0.9 * millis - 1)
    expect(closed.size).toBe(0)
    vi.advanceTimersByTime(2 * millis)
    const ages = all.map((one) => closed.get(one) ?? Number.NaN)
    expect(Math.max(...ages)).toBeLessThanOrEqual(millis)
    // In any tenth of the last tenth of the time, fewer close than a quarter of them.
    const tenths = Array.from({ length: 10 }, (_, i) => millis * (0.9 + 0.01 * i))
    for (const from of tenths) {
      expect(ages.filter((age) => age >= from && age < from + 0.01 * millis).length).toBeLessThan(80)
    }
    expect(new Set(ages).size).toBeGreaterThan(30)
  })

  test("take the place of each other one by one", () => {
    const { lifetimes, closed } = lifetimesOf(60_000)
    const [one, two] = [connection(), connection()]
    lifetimes.add(one)
    lifetimes.add(two)
    vi.advanceTimersByTime(59_100)
    expect({ closed: closed.size, renewals: lifetimes.renewals }).toEqual({ closed: 0, renewals: 2 })
    lifetimes.add(connection())
    expect({ closed: closed.size, renewals: lifetimes.renewals }).toEqual({ closed: 1, renewals: 1 })
    // Without its replacement the other one closes at the limit all the same.
    vi.advanceTimersByTime(900)
    expect([one, two].map((client) => lifetimes.isOver(client))).toEqual([true, true])
    expect(closed.size).toBe(2)
  })
})

test("in a full pool one closes before its replacement is there", () => {
  const { lifetimes, closed } = lifetimesOf(60_000, false)
  const old = connection()
  lifetimes.add(old)
  vi.advanceTimersByTime(59_000)
  expect({ closed: closed.size, renewals: lifetimes.renewals }).toEqual({ closed: 1, renewals: 1 })
})

test("one that is closed for another reason has no timer left", () => {
  const { lifetimes } = lifetimesOf(60_000)
  const one = connection()
  lifetimes.add(one)
  one.emit("end")
  expect(vi.getTimerCount()).toBe(0)
})
