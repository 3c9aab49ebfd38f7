import { type AddressInfo, createServer } from "node:net"
import { beforeAll, describe, expect, test, vi } from "vitest"
import { PrismaClient as AnalyticsClient } from "../../prisma/analytics/generated/client.ts"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import {
  coreAdapter,
  createAnalyticsClient,
  createCoreClient,
  createPool,
  PoolConfigError,
} from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import { type CarriesMetrics, METRICS, PoolMetrics } from "../../src/pool/pool-metrics.ts"
import { holdTransactions } from "../support/held-transactions.ts"
import {
  countBackends,
  eventually,
  freshDatabase,
  rejection,
  sharedPostgres,
  sleep,
} from "../support/helpers.ts"

const postgres = sharedPostgres()
let database: string
beforeAll(async () => {
  database = await freshDatabase()
})

const env = (size: number, timeout = 20) => ({
  DATABASE_URL_CORE: postgres.url(database),
  PRISMA_POOL_SIZE_CORE: String(size),
  PRISMA_POOL_TIMEOUT: String(timeout),
})

/** Asked by the adapter when there is no connection yet, on one that it takes as any caller does. */
const FIRST_QUESTION = 1

const NOTHING = {
  total: 0,
  idle: 0,
  used: 0,
  peakUsed: 0,
  waiting: 0,
  acquired: 0,
  opened: 0,
  timeouts: 0,
  connectionErrors: 0,
  refusals: 0,
  rejections: 0,
  reconnects: 0,
  expirations: 0,
  minIdle: 0,
  oldestHoldSeconds: 0,
  isDown: false,
}

/** Runs `during` while `count` transactions hold a connection each. */
async function whileHeld(client: PrismaClient, count: number, during: () => Promise<unknown>): Promise<void> {
  const release = await holdTransactions(client, count)
  try {
    await during()
  } finally {
    await release()
  }
}

describe("each figure is what the test made happen", () => {
  test("before the first connection there is nothing, and the limit", () => {
    const client = createCoreClient(PrismaClient, { env: env(3) })
    const name = `127.0.0.1:${postgres.port}/${database}`
    expect(poolStats(client)).toEqual({ name, max: 3, ...NOTHING })
  })

  test("two held of three, then idle; the peak is what was in use at once since it was last read", async () => {
    const client = createCoreClient(PrismaClient, { env: env(3) })
    await whileHeld(client, 2, async () => {
      expect(poolStats(client)).toMatchObject({
        total: 2,
        idle: 0,
        used: 2,
        peakUsed: 2,
        waiting: 0,
        acquired: 2 + FIRST_QUESTION,
      })
      expect(await countBackends(postgres, database)).toBe(2)
    })
    // Two were in use when it was read.
    expect(poolStats(client)).toMatchObject({
      total: 2,
      idle: 2,
      used: 0,
      peakUsed: 2,
      acquired: 2 + FIRST_QUESTION,
      opened: 2,
    })
    expect(poolStats(client)).toMatchObject({ peakUsed: 0 })
    await client.mission.count()
    expect(poolStats(client)).toMatchObject({ peakUsed: 1, acquired: 3 + FIRST_QUESTION, opened: 2 })
    await client.$disconnect()
  })

  test("callers who wait, and those who did in vain", async () => {
    const client = createCoreClient(PrismaClient, { env: env(2, 1) })
    await whileHeld(client, 2, async () => {
      const { acquired, timeouts } = poolStats(client)
      const calls = Array.from({ length: 5 }, () => rejection(client.mission.count()))
      await eventually("all wait", () => poolStats(client).waiting === 5)
      expect(poolStats(client)).toMatchObject({ total: 2, used: 2, timeouts })
      const errors = await Promise.all(calls)
      expect(errors.map(({ code }) => code)).toEqual(Array(5).fill("P2024"))
      expect(poolStats(client)).toMatchObject({
        waiting: 0,
        timeouts: timeouts + 5,
        acquired,
        connectionErrors: 0,
      })
    })
    await client.$disconnect()
  })

  test("a caller for whom a connection is being opened waits, and its slot is taken", async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
    const { port } = silent.address() as AddressInfo
    const pool = createPool(
      `postgresql://app:x@127.0.0.1:${port}/core?connection_limit=2&connect_timeout=1&pool_timeout=20`,
    )
    const calls = [1, 2, 3].map(() => rejection(pool.connect()))
    expect(poolStats(pool)).toMatchObject({ total: 2, idle: 0, used: 0, waiting: 3, opened: 0 })
    for (const call of calls) expect(await call).toMatchObject({ code: "ETIMEDOUT" })
    expect(poolStats(pool)).toMatchObject({
      waiting: 0,
      acquired: 0,
      opened: 0,
      connectionErrors: expect.any(Number),
      refusals: 0,
      timeouts: 0,
    })
    await pool.end()
    silent.close()
  })

  test("refusals of a role's limit are counted by their SQLSTATE, and are errors too", async () => {
    const role = "only_two"
    await postgres.sql(`CREATE ROLE ${role} LOGIN PASSWORD 'x' CONNECTION LIMIT 2`)
    const pool = createPool(
      `postgresql://${role}:x@127.0.0.1:${postgres.port}/${database}?connection_limit=5&connect_timeout=0&pool_timeout=5`,
    )
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => pool.connect()))
    const clients = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
    expect(clients).toHaveLength(2)
    const { connectionErrors, refusals } = poolStats(pool)
    expect(poolStats(pool)).toMatchObject({ used: 2, acquired: 2, opened: 2, timeouts: 3 })
    // Each of the three was tried, and then one at a time again.
    expect(refusals).toBeGreaterThanOrEqual(3)
    expect(connectionErrors).toBe(refusals)
    for (const client of clients) client.release()
    await pool.end()

    const wrong = createPool(`postgresql://${role}:y@127.0.0.1:${postgres.port}/${database}`)
    expect(await rejection(wrong.connect())).toMatchObject({ code: "28P01" })
    expect(poolStats(wrong)).toMatchObject({ connectionErrors: 1, refusals: 0 })
    await wrong.end()
    await postgres.sql(`DROP ROLE ${role}`)
  })

  test("for how long the oldest hold has lasted, with nobody who observes", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 2 }))
    const oldest = () => poolStats(pool).oldestHoldSeconds
    const since = (began: number) => (performance.now() - began) / 1000
    const before = performance.now()
    const first = await pool.connect()
    const between = performance.now()
    const second = await pool.connect()
    await sleep(100)
    const least = since(between)
    expect(oldest()).toBeGreaterThanOrEqual(least)
    expect(oldest()).toBeLessThanOrEqual(since(before))
    first.release()
    // Now the second one is the oldest, which began later.
    expect(oldest()).toBeGreaterThanOrEqual(0.099)
    expect(oldest()).toBeLessThanOrEqual(since(between))
    second.release()
    expect(oldest()).toBe(0)
    await pool.end()
    expect(oldest()).toBe(0)
  })

  test("whether the pool is down, while there is one, and how often it was reached again", () => {
    const metrics = new PoolMetrics({ host: "db", port: 5432, database: "core", max: 3 })
    const carrier: CarriesMetrics = { [METRICS]: () => metrics }
    const detach = metrics.attach(() => ({
      total: 0,
      idle: 0,
      waiting: 0,
      oldestHoldSeconds: 0,
      isDown: true,
    }))
    expect(poolStats(carrier)).toEqual({ name: "db:5432/core", max: 3, ...NOTHING, isDown: true })
    metrics.recordReconnect()
    metrics.recordReconnect()
    detach()
    expect(poolStats(carrier)).toEqual({ name: "db:5432/core", max: 3, ...NOTHING, reconnects: 2 })
  })

  test("a connection that dies in its holder's hands is in use no more", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 2 }))
    const client = await pool.connect()
    client.on("error", () => {})
    expect(poolStats(pool)).toMatchObject({ total: 1, used: 1 })
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid")
    await postgres.sql("SELECT pg_terminate_backend($1)", [rows[0].pid])
    await eventually("its place is free", async () => poolStats(pool).total === 0)
    expect(poolStats(pool)).toMatchObject({ used: 0, idle: 0, acquired: 1 })
    client.release()
    expect(poolStats(pool)).toMatchObject({ used: 0 })
    await pool.end()
  })

  test("a connection that the server has not closed yet still counts", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 1 }))
    const client = await pool.connect()
    client.release(true)
    expect(poolStats(pool)).toMatchObject({ total: 1, idle: 0, used: 0 })
    await eventually("the server has closed it", async () => poolStats(pool).total === 0)
    await pool.end()
  })

  test("the counters go on when the client connects again", async () => {
    const client = createCoreClient(PrismaClient, { env: env(4) })
    await client.mission.count()
    await client.$disconnect()
    const between = poolStats(client)
    expect(between).toMatchObject({ total: 0, idle: 0, used: 0, opened: 1 })
    await client.mission.count()
    expect(poolStats(client)).toMatchObject({
      total: 1,
      opened: 2,
      acquired: between.acquired + 1 + FIRST_QUESTION,
    })
    await client.$disconnect()
  })
})

describe("whatever carries a pool has its figures", () => {
  test("clients that $extends made, in any depth", async () => {
    const client = createCoreClient(PrismaClient, { env: env(5) })
    const extended = client
      .$extends({ query: { $allOperations: ({ args, query }) => query(args) } })
      .$extends({ client: { hello: () => "hello" } })
      .$extends({ model: { mission: { first: () => 1 } } })
    await extended.mission.count()
    expect(poolStats(extended)).toMatchObject({ max: 5, total: 1, idle: 1, opened: 1 })
    expect(poolStats(extended)).toEqual({ ...poolStats(client), peakUsed: 0 })
    expect(Object.keys(client)).toEqual(
      Object.keys(new PrismaClient({ adapter: coreAdapter({ env: env(5) }) })),
    )
    await client.$disconnect()
  })

  test("a client carries its pool itself, whatever Prisma keeps in it", () => {
    const client = createCoreClient(class {}, { env: env(8) })
    expect(poolStats(client as object)).toMatchObject({ max: 8, total: 0 })
    expect(Object.keys(client as object)).toEqual([])
  })

  test("a class that extends PrismaClient, and its adapter", async () => {
    const adapter = coreAdapter({ env: env(6) })
    class PrismaService extends PrismaClient {
      constructor() {
        super({ adapter })
      }
    }
    const service = new PrismaService()
    await service.mission.count()
    for (const carrier of [service, service.$extends({}), adapter]) {
      expect(poolStats(carrier)).toMatchObject({ max: 6, total: 1, opened: 1 })
    }
    await service.$disconnect()
  })

  test("clients that share a pool share its numbers, connected or not, and so do copies of the module", async () => {
    const [one, two] = [
      createCoreClient(PrismaClient, { env: env(7) }),
      createCoreClient(PrismaClient, { env: env(7) }),
    ]
    await one.mission.count()
    expect(poolStats(two)).toMatchObject({ total: 1, opened: 1 })
    vi.resetModules()
    const copy = await import("../../src/monitor/index.ts")
    expect(copy.poolStats).not.toBe(poolStats)
    expect(copy.poolStats(one)).toMatchObject({ max: 7, total: 1, opened: 1 })
    await one.$disconnect()
  })
})

describe("bad input", () => {
  const analytics = createAnalyticsClient(AnalyticsClient, {
    env: { DATABASE_URL_ANALYTICS: "postgresql://a:s3cret@h/d" },
  })

  test.each([
    ["nothing", undefined, "received undefined"],
    ["null", null, "received null"],
    ["a URL", "postgresql://a:s3cret@h/d", "received a string"],
    ["an empty text", "", "received a string"],
    ["a number", Number.NaN, "received NaN"],
    ["an empty object", {}, "has no pool of this package"],
    ["an Analytics client", analytics, "has no pool of this package"],
    ["an object with a wrong engine", { _engineConfig: null }, "has no pool of this package"],
  ])("%s", (_, client, problem) => {
    expect(() => poolStats(client as object)).toThrow(PoolConfigError)
    try {
      poolStats(client as object)
    } catch (error) {
      expect(error).toMatchObject({ issues: [{ name: "client", problem }] })
      expect(String(error)).not.toContain("s3cret")
    }
  })

  test("a client whose URL is missing says so", () => {
    const client = createCoreClient(PrismaClient, { env: {} })
    expect(() => poolStats(client)).toThrow(/DATABASE_URL_CORE/)
  })
})
