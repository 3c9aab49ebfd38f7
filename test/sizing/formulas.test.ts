import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { connectionLimitByShares, connectionLimitBySlots } from "../../src/sizing/index.ts"

const fleet = { maxConnections: 100, apiInstances: 1, concurrentJobs: 2, databases: 1 }
const noReserve = { otherServices: 0, adminConnections: 0, safetyMargin: 0 }

describe("connectionLimitByShares gives the worked values of the document's main formula", () => {
  test.each([
    [
      "every reserved one weighs a share: 100 / 6",
      { otherServices: 1, adminConnections: 1, safetyMargin: 1 },
      16,
    ],
    [
      "the 10 reserved of scenario 1: 100 / 13",
      { otherServices: 10, adminConnections: 0, safetyMargin: 0 },
      7,
    ],
    ["nothing reserved: 100 / 3", noReserve, 33],
    ["no job: 100 / 1", { ...noReserve, concurrentJobs: 0 }, 100],
    ["two databases double instances and jobs: 100 / 6", { ...noReserve, databases: 2 }, 16],
    [
      "two databases do not double what is reserved: 100 / 9",
      { databases: 2, otherServices: 1, adminConnections: 1, safetyMargin: 1 },
      11,
    ],
    [
      "each reserved field counts: 100 / (3 + 1 + 2 + 4)",
      { otherServices: 1, adminConnections: 2, safetyMargin: 4 },
      10,
    ],
    ["3 instances and 2 jobs: 100 / 5", { ...noReserve, apiInstances: 3 }, 20],
    ["more shares than connections: 0", { ...noReserve, otherServices: 98 }, 0],
    ["reserved shares alone above the ceiling: 0", { ...noReserve, adminConnections: 500 }, 0],
  ])("%s", (_, change, limit) => {
    expect(connectionLimitByShares({ ...fleet, ...noReserve, ...change })).toBe(limit)
  })
})

describe("connectionLimitBySlots gives the document's values", () => {
  test("scenario 3: (100 - 20) / 3 / 2 is 13", () => {
    const input = { maxConnections: 100, apiInstances: 3, concurrentJobs: 0, databases: 2, reserved: 20 }
    expect(connectionLimitBySlots(input)).toBe(13)
  })

  test.each([
    ["scenario 1: (100 - 10) / 3 is the 30 that it gives the API", { reserved: 10 }, 30],
    ["scenario 2: (200 - 15) / 4", { maxConnections: 200, concurrentJobs: 3, reserved: 15 }, 46],
    ["instances and jobs are added before databases multiply", { databases: 2, reserved: 10 }, 15],
    ["no job", { concurrentJobs: 0, reserved: 3 }, 97],
    ["one slot left for one pool", { concurrentJobs: 0, reserved: 99 }, 1],
    ["fewer slots than pools: 0", { reserved: 98 }, 0],
  ])("%s", (_, change, limit) => {
    expect(connectionLimitBySlots({ ...fleet, ...change })).toBe(limit)
  })

  test("databases is 1 by default", () => {
    const input = { maxConnections: 100, apiInstances: 1, concurrentJobs: 2, reserved: 10 }
    expect(connectionLimitBySlots(input)).toBe(30)
    expect(connectionLimitBySlots({ ...input, databases: undefined } as never)).toBe(30)
  })
})

const inputs = fc.record({
  maxConnections: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 1_000_000 })),
  apiInstances: fc.integer({ min: 1, max: 60 }),
  concurrentJobs: fc.integer({ min: 0, max: 60 }),
  databases: fc.integer({ min: 1, max: 4 }),
})
const reserves = fc.record({
  otherServices: fc.integer({ min: 0, max: 50 }),
  adminConnections: fc.integer({ min: 0, max: 50 }),
  safetyMargin: fc.integer({ min: 0, max: 50 }),
})
const total = (reserve: typeof noReserve) =>
  reserve.otherServices + reserve.adminConnections + reserve.safetyMargin
const pools = (input: typeof fleet) => (input.apiInstances + input.concurrentJobs) * input.databases

describe("for any fleet", () => {
  test("by shares, all shares together stay within the ceiling, and one more each would not", () => {
    fc.assert(
      fc.property(inputs, reserves, (input, reserve) => {
        const limit = connectionLimitByShares({ ...input, ...reserve })
        const shares = pools(input) + total(reserve)
        expect(limit * shares).toBeLessThanOrEqual(input.maxConnections)
        expect((limit + 1) * shares).toBeGreaterThan(input.maxConnections)
      }),
    )
  })

  test("by slots, all pools and the reserved slots stay within the ceiling, and one more each would not", () => {
    fc.assert(
      fc.property(inputs, fc.nat(150), (input, reserved) => {
        fc.pre(reserved < input.maxConnections)
        const limit = connectionLimitBySlots({ ...input, reserved })
        expect(limit * pools(input) + reserved).toBeLessThanOrEqual(input.maxConnections)
        expect((limit + 1) * pools(input) + reserved).toBeGreaterThan(input.maxConnections)
      }),
    )
  })

  test("by slots is at least by shares for the same reserved total", () => {
    fc.assert(
      fc.property(inputs, reserves, (input, reserve) => {
        const reserved = total(reserve)
        fc.pre(reserved < input.maxConnections)
        const bySlots = connectionLimitBySlots({ ...input, reserved })
        expect(bySlots).toBeGreaterThanOrEqual(connectionLimitByShares({ ...input, ...reserve }))
      }),
    )
  })

  test.each(["apiInstances", "concurrentJobs", "databases"] as const)(
    "more %s never gives a larger limit",
    (field) => {
      fc.assert(
        fc.property(inputs, reserves, fc.integer({ min: 1, max: 40 }), (input, reserve, more) => {
          const larger = { ...input, [field]: input[field] + more }
          expect(connectionLimitByShares({ ...larger, ...reserve })).toBeLessThanOrEqual(
            connectionLimitByShares({ ...input, ...reserve }),
          )
          const reserved = Math.min(total(reserve), input.maxConnections - 1)
          expect(connectionLimitBySlots({ ...larger, reserved })).toBeLessThanOrEqual(
            connectionLimitBySlots({ ...input, reserved }),
          )
        }),
      )
    },
  )

  test("a higher ceiling never gives a smaller limit", () => {
    fc.assert(
      fc.property(inputs, reserves, fc.nat(500), (input, reserve, more) => {
        fc.pre(input.maxConnections + more <= 1_000_000)
        const higher = { ...input, maxConnections: input.maxConnections + more }
        expect(connectionLimitByShares({ ...higher, ...reserve })).toBeGreaterThanOrEqual(
          connectionLimitByShares({ ...input, ...reserve }),
        )
        const reserved = Math.min(total(reserve), input.maxConnections - 1)
        expect(connectionLimitBySlots({ ...higher, reserved })).toBeGreaterThanOrEqual(
          connectionLimitBySlots({ ...input, reserved }),
        )
      }),
    )
  })
})
