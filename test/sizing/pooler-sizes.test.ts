import { describe, expect, test } from "vitest"
import { OPTIONS } from "../../src/config/options.ts"
import { MAX_OPEN_CLIENT_SIZE } from "../../src/sizing/fleet-rules.ts"
import { checkFleet, type OpenFleet, type OpenPooler, sizeFleet } from "../../src/sizing/index.ts"

const behind = { instances: 40, surge: 40, pooler: "pgbouncer" }

const sized = (pooler: Partial<OpenPooler>, more: Partial<OpenFleet> = {}) =>
  sizeFleet({
    maxConnections: 100,
    consumers: { api: behind },
    poolers: { pgbouncer: { instances: 1, ...pooler } },
    ...more,
  })

test("the sizes of clients, of the pool, and the clients that it takes are solved for", () => {
  const sizing = sized({})
  // A tenth of 97 for each client: 9. The pool: s + 9 within 80 % of 97, which is 77. 80 × 9 = 720 are 80 % of 900.
  expect(sizing).toMatchObject({
    fits: true,
    sizes: { api: 9 },
    poolers: { pgbouncer: { poolSize: 68, maxClientConnections: 900 } },
    check: { total: 77, alert: false },
  })
  expect(checkFleet(sizing.fleet)).toEqual(sizing.check)
  expect(sizing.fleet.poolers).toEqual({
    pgbouncer: { instances: 1, surge: 0, poolSize: 68, maxClientConnections: 900 },
  })
})

test("a deploy of the pooler halves its pools", () => {
  // 2s + 9 within 97.
  expect(sized({ surge: 1 }).poolers).toMatchObject({ pgbouncer: { poolSize: 44 } })
  // Two processes of two pools, and two more in a deploy: 8s + 9 within 97.
  expect(sized({ instances: 2, surge: 2, pools: 2 }).poolers).toMatchObject({ pgbouncer: { poolSize: 11 } })
})

test("clients stay within what the pooler takes of them", () => {
  // 80 % of 500 for 80 instances: 5 each, so that fewer backends may run on, and the pool is larger: s + 5 within 77.
  expect(sized({ maxClientConnections: 500 })).toMatchObject({
    sizes: { api: 5 },
    poolers: { pgbouncer: { poolSize: 72, maxClientConnections: 500 } },
  })
  const none = sized({ maxClientConnections: 99 })
  // 80 % of 99 are 79 for 80 clients.
  expect(none).toMatchObject({ fits: false, shortfall: 1, sizes: { api: 1 }, check: { fits: true } })
  expect(none.nextSteps).toContain("Clients of pgbouncer: raise its maxClientConnections from 99 to 100")
})

test("what connects directly shares the server with the pools, by weight, and not the clients' weights", () => {
  const consumers = {
    api: { ...behind, max: 4, weight: 7 },
    worker: { instances: 2 },
  }
  // ⌊2t⌋ + 2⌊t⌋ + 4 within 77, with t 18.5: 37 + 36 + 4.
  const sizing = sized({ weight: 2 }, { consumers })
  expect(sizing).toMatchObject({
    sizes: { api: 4, worker: 18 },
    poolers: { pgbouncer: { poolSize: 37 } },
    leftover: ["0 left over; one more per pgbouncer pool would take 1, per worker instance would take 2"],
  })
})

test("a larger pool than its cap has no use", () => {
  const sizing = sized({ pools: 3, databases: 1, maxDbConnections: 20 })
  expect(sizing).toMatchObject({ poolers: { pgbouncer: { poolSize: 20 } }, check: { total: 29 } })
})

test("a stated size stays, and a small server has clients of 1", () => {
  const fixed = { api: { ...behind, poolSize: 3 } }
  expect(sized({ poolSize: 50 }, { consumers: fixed })).toMatchObject({
    sizes: { api: 3 },
    poolers: { pgbouncer: { poolSize: 50 } },
  })
  expect(sized({}, { maxConnections: 12 })).toMatchObject({
    sizes: { api: 1 },
    // s + 1 within 80 % of 9, which is 7.
    poolers: { pgbouncer: { poolSize: 6, maxClientConnections: 100 } },
  })
})

test("jobs behind a pooler are sized with its clients, at their own peak", () => {
  const jobs = [
    { name: "nightly", schedule: "0 3 * * *", timezone: "UTC", timeout: "1h", pooler: "pgbouncer" },
    { name: "direct", schedule: "0 4 * * *", timezone: "UTC", timeout: "1h" },
  ]
  const sizing = sized({ maxClientConnections: 100, weight: 6 }, { consumers: {}, jobs })
  // One run of 9, and 80 % of 100 have room for it. ⌊6t⌋ + ⌊t⌋ + 9 within 77, with t 59/6.
  expect(sizing).toMatchObject({
    jobSizes: { nightly: 9, direct: 9 },
    poolers: { pgbouncer: { poolSize: 59 } },
  })
  expect(sizing.check.jobs.jobs.map(({ name }) => name)).toEqual(["direct"])
  expect(sizing.check.poolers?.["pgbouncer"]?.jobs.jobs.map(({ name }) => name)).toEqual(["nightly"])
})

test("a fleet that cannot fit has the smallest sizes", () => {
  const sizing = sized({ instances: 60, surge: 60 })
  // 120 processes of one connection, and one without a client: 121, and 60 + 1 steadily.
  expect(sizing).toMatchObject({ fits: false, shortfall: 24, sizes: { api: 1 } })
  expect(sizing.poolers).toEqual({ pgbouncer: { poolSize: 1, maxClientConnections: 100 } })
})

describe("without poolers nothing of them is in a result", () => {
  test("of sizeFleet, and of checkFleet", () => {
    const sizing = sizeFleet({ maxConnections: 100, consumers: { api: { instances: 3 } } })
    for (const result of [sizing, sizing.fleet, sizing.check]) expect(result).not.toHaveProperty("poolers")
    expect(sizing.check).not.toHaveProperty("tiers")
    expect(sizing.check).not.toHaveProperty("bindingTier")
  })
})

test("a client gets no more by default than one without any setting", () => {
  expect(MAX_OPEN_CLIENT_SIZE).toBe(OPTIONS.connectionLimit.default)
  expect(sized({}, { maxConnections: 1_000 }).sizes).toEqual({ api: 15 })
})
