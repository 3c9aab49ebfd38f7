import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { exponential, seeded } from "../../bench/processes/random.ts"
import { connectionsForLoad } from "../../src/sizing/index.ts"
import { simulate } from "./queue-simulation.ts"

/** What a pool of this size waits for: no wait is allowed, so the fair share binds. */
const at = (
  fairShare: number,
  load: { acquisitionsPerSecond: number; holdTimeMs: number },
  percentile = 99,
) => connectionsForLoad({ ...load, percentile, maxWaitMs: 0, fairShare })

describe("Erlang's C formula gives the worked figures", () => {
  const load = { acquisitionsPerSecond: 300, holdTimeMs: 20 }

  test("300 a second for 20 ms on 8 connections", () => {
    const waits = at(8, load)
    expect(waits).toMatchObject({ connections: 8, binding: "fairShare", busy: 6 })
    expect(waits.waitProbability).toBeCloseTo(0.357, 3)
    expect(waits.meanWaitMs).toBeCloseTo(3.57, 2)
    expect(waits.waitMs).toBeCloseTo(35.8, 1)
    expect(at(8, load, 95).waitMs).toBeCloseTo(19.66, 2)
  })

  test("180 a second for 50 ms on 10 connections", () => {
    const waits = at(10, { acquisitionsPerSecond: 180, holdTimeMs: 50 })
    expect(waits.waitProbability).toBeCloseTo(0.669, 3)
    expect(waits.waitMs).toBeCloseTo(210, 0)
  })
})

describe("an independent simulation waits as long", () => {
  test.each([
    { acquisitionsPerSecond: 300, holdTimeMs: 20, connections: 8 },
    { acquisitionsPerSecond: 180, holdTimeMs: 50, connections: 10 },
    { acquisitionsPerSecond: 900, holdTimeMs: 1, connections: 1 },
    { acquisitionsPerSecond: 1_000, holdTimeMs: 25, connections: 30 },
  ])("$acquisitionsPerSecond a second for $holdTimeMs ms on $connections", ({ connections, ...load }) => {
    const random = seeded(1)
    const simulated = simulate({ ...load, connections, hold: exponential(load.holdTimeMs, random), random })
    const predicted = at(connections, load)
    const within = (share: number, one: number, other: number) =>
      expect(Math.abs(one / other - 1), `${one} against ${other}`).toBeLessThan(share)
    within(0.05, predicted.waitProbability, simulated.waited)
    within(0.1, predicted.meanWaitMs, simulated.meanWaitMs)
    within(0.1, at(connections, load, 95).waitMs, simulated.quantileMs(95))
    within(0.1, predicted.waitMs, simulated.quantileMs(99))
  })

  test.each([
    { acquisitionsPerSecond: 300, holdTimeMs: 20, maxWaitMs: 20 },
    { acquisitionsPerSecond: 50, holdTimeMs: 100, maxWaitMs: 0 },
    { acquisitionsPerSecond: 2_000, holdTimeMs: 2, maxWaitMs: 5, instances: 4 },
  ])("at the demand it keeps to maxWaitMs, and with one connection less it does not: %o", (input) => {
    const { demand } = connectionsForLoad(input)
    const { instances = 1 } = input
    const p99 = (connections: number) => {
      const random = seeded(2)
      const acquisitionsPerSecond = input.acquisitionsPerSecond / instances
      const hold = exponential(input.holdTimeMs, random)
      return simulate({ acquisitionsPerSecond, hold, connections, random }).quantileMs(99)
    }
    expect(p99(demand)).toBeLessThanOrEqual(input.maxWaitMs)
    expect(p99(demand - 1)).toBeGreaterThan(input.maxWaitMs)
  })
})

describe("a burst", () => {
  const rare = { acquisitionsPerSecond: 1, holdTimeMs: 20 }

  test.each([
    [10, 0, 10],
    [10, 19, 10],
    [10, 20, 5],
    [10, 60, 3],
    [11, 40, 4],
    [12, 40, 4],
    [13, 40, 5],
    [1_000, 0, 1_000],
  ])("of %i that may wait %i ms needs %i connections on an idle pool", (burst, maxWaitMs, connections) => {
    expect(connectionsForLoad({ ...rare, maxWaitMs, burst })).toMatchObject({
      connections,
      binding: "burst",
    })
    const last = (size: number) =>
      simulate({
        acquisitionsPerSecond: 1,
        hold: () => 20,
        connections: size,
        burst,
        arrivals: burst,
        random: seeded(3),
      }).quantileMs(99.999)
    expect(last(connections)).toBeLessThanOrEqual(maxWaitMs)
    expect(last(connections - 1)).toBeGreaterThan(maxWaitMs)
  })

  test("finds in use what the load keeps busy: 6, and 9 more", () => {
    const input = { acquisitionsPerSecond: 300, holdTimeMs: 20, maxWaitMs: 0 }
    expect(connectionsForLoad({ ...input, burst: 10 }).demand).toBe(16)
    expect(connectionsForLoad({ ...input, burst: 2 })).toMatchObject({ demand: 13, binding: "load" })
  })

  test("has as many turns as fit, where division leaves something behind: 0.3 / 0.1", () => {
    const input = { acquisitionsPerSecond: 0, holdTimeMs: 0.1, maxWaitMs: 0.3, burst: 8 }
    expect(connectionsForLoad(input).demand).toBe(2)
  })
})

describe("the smaller of demand and fair share", () => {
  const input = { acquisitionsPerSecond: 300, holdTimeMs: 20, maxWaitMs: 20 }

  test("is the demand, where the fair share is as large or larger", () => {
    const free = connectionsForLoad(input)
    expect(free).toMatchObject({ connections: 9, demand: 9, binding: "load" })
    expect(connectionsForLoad({ ...input, fairShare: 9 })).toEqual(free)
    expect(connectionsForLoad({ ...input, fairShare: 30 })).toEqual(free)
  })

  test("is the fair share, where that is smaller, with the wait that it costs", () => {
    const bound = connectionsForLoad({ ...input, fairShare: 8 })
    expect(bound).toMatchObject({ connections: 8, demand: 9, binding: "fairShare" })
    expect(bound.waitMs).toBeGreaterThan(20)
  })

  test("waits for ever in a pool that cannot keep up", () => {
    expect(connectionsForLoad({ ...input, fairShare: 6 })).toMatchObject({
      connections: 6,
      waitProbability: 1,
      meanWaitMs: Number.POSITIVE_INFINITY,
      waitMs: Number.POSITIVE_INFINITY,
    })
  })
})

test("split over instances, the same load needs more: a free connection is of no use elsewhere", () => {
  const input = { acquisitionsPerSecond: 600, holdTimeMs: 20, maxWaitMs: 10 }
  const { demand } = connectionsForLoad(input)
  expect(4 * connectionsForLoad({ ...input, instances: 4 }).demand).toBeGreaterThan(demand)
})

test("percentile is 99 by default, instances and burst 1", () => {
  const input = { acquisitionsPerSecond: 300, holdTimeMs: 20, maxWaitMs: 20 }
  expect(connectionsForLoad(input)).toEqual(
    connectionsForLoad({ ...input, percentile: 99, instances: 1, burst: 1, fairShare: 10_000 }),
  )
})

test("no load, and -0 as well: one connection, which nobody waits for", () => {
  for (const acquisitionsPerSecond of [0, -0]) {
    expect(connectionsForLoad({ acquisitionsPerSecond, holdTimeMs: 20, maxWaitMs: 0 })).toEqual({
      connections: 1,
      binding: "load",
      demand: 1,
      busy: 0,
      waitProbability: 0,
      meanWaitMs: 0,
      waitMs: 0,
    })
  }
})

const loads = fc.record({
  acquisitionsPerSecond: fc.double({ min: 0.1, max: 5_000, noNaN: true }),
  holdTimeMs: fc.double({ min: 0.1, max: 200, noNaN: true }),
  maxWaitMs: fc.double({ min: 0, max: 500, noNaN: true }),
  percentile: fc.double({ min: 50, max: 99.99, noNaN: true }),
  instances: fc.integer({ min: 1, max: 20 }),
  burst: fc.integer({ min: 1, max: 50 }),
})

test("for any load, the demand keeps up and keeps to the wait, and no smaller size would do", () => {
  fc.assert(
    fc.property(loads, (load) => {
      const { demand, busy, waitMs, binding } = connectionsForLoad(load)
      expect(demand).toBeGreaterThan(busy)
      expect(waitMs).toBeLessThanOrEqual(load.maxWaitMs)
      if (demand === 1 || binding === "burst") return
      expect(connectionsForLoad({ ...load, fairShare: demand - 1 }).waitMs).toBeGreaterThan(load.maxWaitMs)
    }),
  )
})

test.each(["acquisitionsPerSecond", "holdTimeMs", "percentile", "burst"] as const)(
  "more %s never asks for less",
  (field) => {
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 100 }), (load, more) => {
        const value = field === "percentile" ? Math.min(99.999, load.percentile + more) : load[field] + more
        const { demand } = connectionsForLoad({ ...load, maxWaitMs: 10, [field]: value })
        expect(demand).toBeGreaterThanOrEqual(connectionsForLoad({ ...load, maxWaitMs: 10 }).demand)
      }),
    )
  },
)
