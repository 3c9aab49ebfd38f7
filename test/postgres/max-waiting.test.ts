import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, isPoolTimeout } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import { eventually, freshDatabase, rejection, sharedPostgres, times } from "../support/helpers.ts"
import { startProxy, type TcpProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()
let database: string
let proxy: TcpProxy
beforeAll(async () => {
  database = await freshDatabase()
  proxy = await startProxy(postgres.port)
})
afterAll(() => proxy.close())

const url = (size: number) => postgres.url(database, { connection_limit: size, pool_timeout: 0 })

const TEXT =
  /^Timed out fetching a new connection from the connection pool\. More info: .*connection limit: 2\)\. It did not wait: 3 callers wait already, as many as PRISMA_POOL_MAX_WAITING allows\. 2 connections are held, the oldest for \d+\.\d s\.$/

describe("one caller more than may wait", () => {
  test("fails at once with P2024, and those who wait are served", async () => {
    const pool = createPool(url(2), { maxWaiting: 3 })
    const held = await Promise.all(times(2, () => pool.connect()))
    const waiting = times(3, () => pool.connect())
    // With a pool_timeout of 0 a caller that waited would never fail.
    const errors = await Promise.all(times(4, () => rejection(pool.query("SELECT 1"))))
    for (const error of errors) {
      expect(error).toMatchObject({
        code: "P2024",
        meta: {
          ...{ connection_limit: 2, timeout: 0, max_waiting: 3 },
          ...{ held: 2, oldest_hold: expect.any(Number), idle_in_transaction: 0, waiting: 3 },
        },
        message: expect.stringMatching(TEXT),
      })
      expect(isPoolTimeout(error)).toBe(true)
    }
    expect(poolStats(pool)).toMatchObject({ waiting: 3, rejections: 4, timeouts: 0 })
    for (const client of held) client.release()
    for (const caller of waiting) void caller.then((client) => client.release())
    await Promise.all(waiting)
    // There is a place again.
    await pool.query("SELECT 1")
    await pool.end()
  })

  test("hears that the pool is held by open transactions that send nothing, and for how long", async () => {
    const pool = createPool(url(2), { maxWaiting: 1 })
    const held = await Promise.all(times(2, () => pool.connect()))
    const oldest = poolStats(pool).oldestHoldSeconds
    for (const client of held) await client.query("BEGIN")
    const waiting = pool.query("SELECT 1")
    const error = await rejection(pool.query("SELECT 1"))
    expect(error.message).toContain(
      "All 2 are held by open transactions that are sending nothing: use `tx` inside `$transaction`.",
    )
    const { oldest_hold, idle_in_transaction } = error["meta"] as Record<string, number>
    expect(oldest_hold).toBeGreaterThanOrEqual(oldest - 0.001)
    expect(idle_in_transaction).toBe(2)
    for (const client of held) client.release()
    await waiting
    await pool.end()
  })

  test("fails through Prisma with its own error: of a model, raw SQL and a transaction", async () => {
    const client = createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: url(1), PRISMA_POOL_MAX_WAITING: "1" },
    })
    await client.$connect()
    let end = () => {}
    const holder = client.$transaction(
      () =>
        new Promise<void>((resolve) => {
          end = resolve
        }),
      { timeout: 2_147_483 },
    )
    await eventually("the transaction", () => poolStats(client).used === 1)
    const waiter = client.mission.count().then((count) => count)
    await eventually("the waiter", () => poolStats(client).waiting === 1)
    const calls = [
      () => client.mission.count(),
      () => client.$queryRaw`SELECT 1`,
      () => client.$transaction(async () => 1),
      () => client.$transaction([client.mission.count()]),
    ]
    for (const call of calls) {
      const error = await rejection(call())
      expect(error).toMatchObject({ code: "P2024", meta: { max_waiting: 1 } })
    }
    expect(poolStats(client).rejections).toBe(calls.length)
    end()
    await holder
    expect(await waiter).toBe(0)
    await client.$disconnect()
  })

  test("leaves time for others to be served, even where it comes again at once", async () => {
    const pool = createPool(url(1), { maxWaiting: 1 })
    const held = await pool.connect()
    const waiting = pool.query("SELECT 1")
    const order: string[] = []
    setImmediate(() => order.push("what the event loop has to do"))
    const { message } = await rejection(pool.query("SELECT 1"))
    expect(message).toContain("1 caller waits already")
    order.push("the refusal")
    expect(order).toEqual(["what the event loop has to do", "the refusal"])
    held.release()
    await waiting
    await pool.end()
  })
})

describe("callers for whom a connection is there, or is made, do not count", () => {
  test("on a warm pool", async () => {
    const pool = createPool(url(5), { maxWaiting: 1 })
    const held = await Promise.all(times(5, () => pool.connect()))
    for (const client of held) client.release()
    expect(await Promise.all(times(6, () => pool.query("SELECT 1")))).toHaveLength(6)
    expect(poolStats(pool).rejections).toBe(0)
    await pool.end()
  })

  test("on a cold one, though not all connections are opened at a time", async () => {
    await proxy.newConnections("ignore")
    const pool = createPool(proxy.url(url(10)), { maxWaiting: 1 })
    const callers = times(11, () => pool.query("SELECT 1"))
    const error = await rejection(pool.query("SELECT 1"))
    expect(error).toMatchObject({ code: "P2024", meta: { max_waiting: 1 } })
    await proxy.thaw()
    expect(await Promise.all(callers)).toHaveLength(11)
    await pool.end()
  })

  test("while a connection that was idle for long is looked over", async () => {
    const pool = createPool(proxy.url(url(1)), { maxWaiting: 1 })
    await pool.query("SELECT 1")
    await proxy.freeze({ newConnections: "pass" })
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 20_000 })
    const callers = [pool.query("SELECT 1")]
    await new Promise(setImmediate)
    callers.push(pool.query("SELECT 1"))
    vi.useRealTimers()
    const error = await rejection(pool.query("SELECT 1"))
    expect(error).toMatchObject({ code: "P2024", meta: { max_waiting: 1 } })
    expect(await Promise.all(callers)).toHaveLength(2)
    expect(poolStats(pool)).toMatchObject({ opened: 2, rejections: 1 })
    await pool.end()
    await proxy.thaw()
  })
})
