import { once } from "node:events"
import pg from "pg"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import {
  countBackends,
  eventually,
  freshDatabase,
  rejection,
  sharedPostgres,
  sleep,
  times,
} from "../support/helpers.ts"
import { startProxy, type TcpProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()
let database: string
let proxy: TcpProxy
beforeEach(async () => {
  database = await freshDatabase()
  proxy = await startProxy(postgres.port)
})
afterEach(() => proxy.close())

const url = (parameters: Record<string, string | number>) => proxy.url(postgres.url(database, parameters))

describe("no caller is tied to the connection that was opened for it:", () => {
  test("a server that refuses more fails no caller while one connection works: 40 callers, 40 served", async () => {
    const role = "one_at_a_time"
    await postgres.sql(`CREATE ROLE ${role} LOGIN PASSWORD 'x' CONNECTION LIMIT 1`)
    const pool = createPool(
      `postgresql://${role}:x@127.0.0.1:${postgres.port}/${database}?connection_limit=5&pool_timeout=60`,
    )
    await pool.query("SELECT 1")
    const results = await Promise.allSettled(times(40, () => pool.query("SELECT 1 FROM pg_sleep(0.02)")))
    expect(results.filter(({ status }) => status === "rejected")).toEqual([])
    expect(poolStats(pool).refusals).toBeGreaterThanOrEqual(1)
    await pool.end()
    await postgres.sql(`DROP ROLE ${role}`)
  })

  test("nor does one that does not answer", async () => {
    const pool = createPool(url({ connection_limit: 4, connect_timeout: 1, pool_timeout: 60 }))
    await pool.query("SELECT 1")
    await proxy.newConnections("ignore")
    const results = await Promise.allSettled(times(10, () => pool.query("SELECT 1 FROM pg_sleep(0.3)")))
    expect(results.filter(({ status }) => status === "rejected")).toEqual([])
    await proxy.newConnections("pass")
    await pool.end()
  })

  test("nor does a refusal while another one is being opened", async () => {
    const pool = createPool(url({ connection_limit: 2, connect_timeout: 0, pool_timeout: 0 }))
    await proxy.newConnections("ignore")
    const first = pool.query("SELECT 1 AS one")
    await eventually("it is being opened", async () => proxy.connections === 1)
    await proxy.newConnections("refuse")
    const second = pool.query("SELECT 2 AS two")
    await eventually("the other is refused", async () => poolStats(pool).connectionErrors > 0)
    await proxy.thaw()
    expect((await first).rows).toEqual([{ one: 1 }])
    expect((await second).rows).toEqual([{ two: 2 }])
    await pool.end()
  })

  test("a released connection serves the caller that waited longest, before another is open", async () => {
    const pool = createPool(url({ connection_limit: 2, connect_timeout: 30, pool_timeout: 60 }))
    const held = await pool.connect()
    await proxy.newConnections("ignore")
    const served: number[] = []
    const callers = [1, 2, 3].map(async (number) => {
      const client = await pool.connect()
      served.push(number)
      client.release()
    })
    await sleep(100)
    held.release()
    await Promise.all(callers)
    expect(served).toEqual([1, 2, 3])
    await proxy.newConnections("pass")
    await pool.end()
  })

  test("a connection that is open when no caller waits any more is kept", async () => {
    const pool = createPool(url({ connection_limit: 2, pool_timeout: 60 }))
    const held = await pool.connect()
    proxy.delay(50)
    const caller = pool.query("SELECT 1")
    held.release()
    await caller
    await eventually("the other one is idle", async () => pool.idleCount === 2)
    expect(poolStats(pool)).toMatchObject({ opened: 2, total: 2 })
    await pool.end()
  })

  test("where none works, all who waited fail with that error, and none with P2024", async () => {
    const pool = createPool(url({ connection_limit: 2, connect_timeout: 1, pool_timeout: 10 }))
    await proxy.newConnections("ignore")
    const errors = await Promise.all(times(40, () => rejection(pool.query("SELECT 1"))))
    expect(new Set(errors.map((error) => error["code"]))).toEqual(new Set(["ETIMEDOUT"]))
    await proxy.newConnections("pass")
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
    await pool.end()
  })
})

describe("end() of a pool", () => {
  test("waits for a statement in flight, and gives it its answer", async () => {
    const pool = createPool(url({ connection_limit: 1 }))
    const statement = pool.query("SELECT 1 AS one FROM pg_sleep(1)")
    await eventually("it runs", async () => (await countBackends(postgres, database)) === 1)
    await pool.end()
    expect((await statement).rows).toEqual([{ one: 1 }])
    expect(await countBackends(postgres, database)).toBe(0)
  })

  test("does not wait for a forgotten connection", async () => {
    const pool = createPool(url({ connection_limit: 1 }))
    await pool.connect()
    await pool.end()
    expect(await countBackends(postgres, database)).toBe(0)
  })

  test("and closes that while a statement goes on", async () => {
    const pool = createPool(url({ connection_limit: 2, pool_timeout: 0 }))
    const holder = new pg.Client(postgres.url(database))
    await holder.connect()
    await holder.query("SELECT pg_advisory_lock(1)")
    const closed = once(await pool.connect(), "end")
    const statement = pool.query("SELECT 1 AS one FROM pg_advisory_lock(1)")
    await eventually("it runs", async () => (await countBackends(postgres, database)) === 3)
    const ended = pool.end()
    await closed
    await holder.query("SELECT pg_advisory_unlock(1)")
    expect((await statement).rows).toEqual([{ one: 1 }])
    await ended
    await holder.end()
  })

  test("nor for a statement that never ends", async () => {
    const pool = createPool(url({ connection_limit: 1, connect_timeout: 0, pool_timeout: 6 }))
    const statement = rejection(pool.query("SELECT 1 FROM pg_sleep(3600)"))
    await eventually("it runs", async () => (await countBackends(postgres, database)) === 1)
    await pool.end()
    await statement
    expect(await countBackends(postgres, database)).toBe(0)
  })
})

test("a connection that listens is not handed to the next caller with its subscriptions", async () => {
  const pool = createPool(url({ connection_limit: 1 }))
  const pid = async () => (await pool.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid
  const first = await pid()
  expect(await pid()).toBe(first)
  const client = await pool.connect()
  await client.query("LISTEN news")
  client.release()
  expect(await pid()).not.toBe(first)
  expect((await pool.query("SELECT pg_listening_channels()")).rows).toEqual([])
  await pool.end()
})

test("end() stops connections being opened, and their callers get an error", async () => {
  const pool = createPool(url({ connection_limit: 2, connect_timeout: 0, pool_timeout: 0 }))
  await pool.query("SELECT 1")
  const held = await pool.connect()
  await proxy.newConnections("ignore")
  const waiting = rejection(pool.query("SELECT 1"))
  await eventually("it is being opened", async () => proxy.connections === 2)
  const ended = pool.end()
  expect((await waiting).message).toContain("end")
  held.release()
  await ended
  // What was ignored goes on, and would have opened a connection.
  await proxy.thaw()
  await sleep(500)
  expect(await countBackends(postgres, database)).toBe(0)
})

test("$disconnect() stops what is being opened", async () => {
  const client = createCoreClient(PrismaClient, {
    env: { DATABASE_URL_CORE: url({ connection_limit: 2, connect_timeout: 60, pool_timeout: 60 }) },
  })
  await client.mission.count()
  const held = client.$queryRaw`SELECT 1 FROM pg_sleep(1)`.then(() => {})
  await proxy.newConnections("ignore")
  const waiting = rejection(Promise.all(times(2, () => client.$queryRaw`SELECT 1 FROM pg_sleep(30)`)))
  await held
  await client.$disconnect()
  await waiting
  // What was frozen goes on, and would have opened a connection.
  await proxy.thaw()
  await sleep(500)
  expect(await countBackends(postgres, database)).toBe(0)
})
