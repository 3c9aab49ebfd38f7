import { once } from "node:events"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool } from "../../src/index.ts"
import { PATIENT } from "../support/held-transactions.ts"
import {
  countBackends,
  eventually,
  freshDatabase,
  rejection,
  sampleBackends,
  sharedPostgres,
  sleep,
} from "../support/helpers.ts"
import { startProxy, type TcpProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()
let database: string
let proxy: TcpProxy
beforeAll(async () => {
  database = await freshDatabase()
  proxy = await startProxy(postgres.port)
})
afterAll(() => proxy.close())

function core(parameters: Record<string, string | number> = {}) {
  const url = postgres.url(database, { connection_limit: 3, socket_timeout: 1, ...parameters })
  return createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
}

const P1008 = {
  code: "P1008",
  message: expect.stringContaining("Socket timeout (the database failed to respond"),
}
const SLOW = "SELECT 1 FROM pg_sleep(600)"
const running = () =>
  postgres.sql<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND state = 'active' AND query LIKE '%pg_sleep(600)%'",
    [database],
  )

describe("a statement that takes longer than socket_timeout fails with P1008", () => {
  test.each<[string, (client: PrismaClient) => PromiseLike<unknown>]>([
    ["in a raw query", (client) => client.$queryRawUnsafe(SLOW)],
    ["in a raw statement", (client) => client.$executeRawUnsafe(SLOW)],
    [
      "in a batch transaction",
      (client) => client.$transaction([client.mission.count(), client.$queryRawUnsafe(SLOW)]),
    ],
    [
      "in an interactive transaction",
      (client) => client.$transaction((tx) => tx.$queryRawUnsafe(SLOW), PATIENT),
    ],
  ])("%s, and is cancelled on the server", async (_, call) => {
    const client = core()
    expect(await rejection(call(client))).toMatchObject(P1008)
    await eventually("cancelled", async () => (await running()).length === 0)
    expect(await client.mission.count()).toBe(0)
    await client.$disconnect()
  })

  test("in a model query that waits for a lock", async () => {
    const client = core()
    const pool = createPool(postgres.url(database))
    const holder = await pool.connect()
    await holder.query("BEGIN; LOCK TABLE partner")
    expect(await rejection(client.partner.count())).toMatchObject(P1008)
    await holder.query("ROLLBACK")
    holder.release()
    expect(await client.partner.count()).toBe(0)
    await Promise.all([client.$disconnect(), pool.end()])
  })

  test("from createPool, by promise and by callback, and in milliseconds as query_timeout", async () => {
    for (const parameters of [{ socket_timeout: 1 }, { query_timeout: 300 }]) {
      const pool = createPool(postgres.url(database, parameters))
      expect(await rejection(pool.query(SLOW))).toMatchObject(P1008)
      expect(await rejection(pool.query({ text: SLOW, values: [] }))).toMatchObject(P1008)
      const error = await new Promise((resolve) => pool.query(SLOW, (error) => resolve(error)))
      expect(error).toMatchObject(P1008)
      expect((await pool.query("SELECT $1::int AS one", [1])).rows).toEqual([{ one: 1 }])
      await pool.end()
    }
  })

  test("0 sets no limit", async () => {
    const pool = createPool(postgres.url(database, { socket_timeout: 0 }))
    expect((await pool.query("SELECT 1 AS one FROM pg_sleep(1.5)")).rows).toEqual([{ one: 1 }])
    await pool.end()
  })
})

describe("a connection that timed out never returns to the pool", () => {
  const pid = "SELECT pg_backend_pid() AS pid"

  test("even when its query ended by itself meanwhile", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 1, query_timeout: 300 }))
    const client = await pool.connect()
    const before = await client.query(pid)
    // Cancelled, it answers as if nothing had been.
    const stubborn = "DO $$ BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN NULL; END $$"
    expect(await rejection(client.query(stubborn))).toMatchObject(P1008)
    await eventually("it has ended", async () => (await running()).length === 0)
    client.release()
    expect((await pool.query(pid)).rows).not.toEqual(before.rows)
    await pool.end()
  })

  test("and takes no further statement: a COMMIT is refused rather than believed", async () => {
    const pool = createPool(postgres.url(database, { query_timeout: 300 }))
    const client = await pool.connect()
    await client.query("BEGIN")
    await client.query("INSERT INTO partner (name) VALUES ('uncertain')")
    await rejection(client.query(SLOW))
    expect((await rejection(client.query("COMMIT"))).message).toMatch(/not queryable/)
    const commit = new pg.Query("COMMIT")
    client.query(commit)
    expect(await once(commit, "error")).toMatchObject([{ message: expect.stringMatching(/not queryable/) }])
    // Its holder may keep it for long.
    await eventually("cancelled", async () => (await running()).length === 0)
    client.release()
    expect((await pool.query("SELECT 1 FROM partner WHERE name = 'uncertain'")).rows).toEqual([])
    await pool.end()
  })

  test("a write acknowledged after a transaction that timed out is not lost", async () => {
    const client = core({ connection_limit: 1 })
    for (let round = 0; round < 3; round++) {
      const transaction = client.$transaction(async (tx) => {
        await tx.partner.create({ data: { name: `rolled back ${round}` } })
        await tx.$queryRawUnsafe(SLOW)
      }, PATIENT)
      expect(await rejection(transaction)).toMatchObject(P1008)
      await client.partner.create({ data: { name: `kept ${round}` } })
    }
    await client.$disconnect()
    const names = await postgres.sql("SELECT name FROM partner ORDER BY name", [], database)
    expect(names).toEqual([{ name: "kept 0" }, { name: "kept 1" }, { name: "kept 2" }])
    await postgres.sql("DELETE FROM partner", [], database)
  })

  test("under load no more backends are alive than the limit", async () => {
    const client = core({ pool_timeout: 60 })
    const { peak } = await sampleBackends(postgres, database, async () => {
      const calls = Array.from({ length: 24 }, (_, index) =>
        index % 2 === 0
          ? rejection(client.$queryRawUnsafe(SLOW))
          : rejection(client.$transaction((tx) => tx.$queryRawUnsafe(SLOW), PATIENT)),
      )
      for (const error of await Promise.all(calls)) expect(error).toMatchObject(P1008)
    })
    expect(peak).toBe(3)
    await client.$disconnect()
    await eventually("nothing is left", async () => (await countBackends(postgres, database)) === 0)
  })
})

describe("its timer", () => {
  test("stops with a query that node-postgres refuses, and spares the next holder of the connection", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 1, query_timeout: 300 }))
    const client = await pool.connect()
    await rejection(client.query(undefined as unknown as string))
    client.release()
    await sleep(150)
    expect((await pool.query("SELECT 1 AS one FROM pg_sleep(0.2)")).rows).toEqual([{ one: 1 }])
    await pool.end()
  })

  test("is not believed before an answer that is there has been read", async () => {
    const pool = createPool(postgres.url(database, { query_timeout: 300 }))
    await pool.query("SELECT 1")
    const answer = pool.query("SELECT 1 AS one")
    await new Promise((resolve) => process.nextTick(resolve))
    for (const end = performance.now() + 600; performance.now() < end; );
    expect((await answer).rows).toEqual([{ one: 1 }])
    await pool.end()
  })

  test("holds for every way to pass a callback, or none", async () => {
    const pool = createPool(postgres.url(database, { query_timeout: 300 }))
    const values = ["x"]
    const text = "SELECT $1::text FROM pg_sleep(60)"
    const calls: ((client: pg.PoolClient, callback: (error: unknown) => void) => void)[] = [
      (client, callback) => client.query(text, values, callback),
      (client, callback) => client.query({ text, values }, callback),
      (client, callback) => client.query(SLOW, callback),
      (client, callback) => void client.query({ text: SLOW, callback } as unknown as string),
      (client, callback) =>
        void Promise.resolve(client.query(text, values, undefined as never)).catch(callback),
      (client, callback) => void client.query(text, values).catch(callback),
    ]
    for (const call of calls) {
      const client = await pool.connect()
      expect(await new Promise((resolve) => call(client, resolve))).toMatchObject(P1008)
      client.release()
    }
    await pool.end()
  })
})

test("a query on a connection that the network has frozen ends after socket_timeout", async () => {
  const url = proxy.url(postgres.url(database, { socket_timeout: 1, connection_limit: 1 }))
  const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
  await client.mission.count()
  await proxy.freeze()
  expect(await rejection(client.mission.count())).toMatchObject(P1008)
  await client.$disconnect()
})
