import { beforeAll, describe, expect, test } from "vitest"
import { createPool } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import { eventually, freshDatabase, sampleBackends, sharedPostgres, sleep } from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()
let database: string
beforeAll(async () => {
  database = await freshDatabase()
})

const poolOf = (size: number, options = {}) =>
  createPool(postgres.url(database, { connection_limit: size, max_connection_lifetime: 1 }), options)

const pidOf = async (pool: ReturnType<typeof poolOf>) =>
  (await pool.query("SELECT pg_backend_pid() AS pid")).rows[0]?.pid

describe("a connection that reaches max_connection_lifetime", () => {
  test("is replaced before the next caller comes, where callers have used it", async () => {
    const pool = poolOf(3)
    const first = await pidOf(pool)
    await eventually("another one is there", () => poolStats(pool).opened === 2 && poolStats(pool).idle === 1)
    await eventually("the old one is closed", () => poolStats(pool).total === 1)
    expect(poolStats(pool)).toMatchObject({ acquired: 1, expirations: 1 })
    expect(await pidOf(pool)).not.toBe(first)
    await pool.end()
  })

  test("is not replaced where no caller has used it: an idle pool becomes empty", async () => {
    const pool = poolOf(3)
    await pidOf(pool)
    await eventually("its replacement is closed too", () => poolStats(pool).expirations === 2)
    await eventually("none is left", () => poolStats(pool).total === 0)
    expect(poolStats(pool)).toMatchObject({ opened: 2, acquired: 1 })
    await pool.end()
  })

  test("is closed first in a full pool, and then replaced", async () => {
    const pool = poolOf(1)
    const { peak } = await sampleBackends(postgres, database, async () => {
      await pidOf(pool)
      await eventually(
        "another one is there",
        () => poolStats(pool).opened === 2 && poolStats(pool).idle === 1,
      )
    })
    expect(peak).toBe(1)
    expect(poolStats(pool)).toMatchObject({ acquired: 1, expirations: 1 })
    await pool.end()
  })

  test("stays with the caller that holds it, and is closed when it is returned", async () => {
    const pool = poolOf(1)
    const held = await pool.connect()
    await eventually("it is too old", () => poolStats(pool).expirations === 1)
    expect((await held.query("SELECT 1")).rowCount).toBe(1)
    held.release()
    await eventually("another one is there", () => poolStats(pool).opened === 2 && poolStats(pool).idle === 1)
    await pool.end()
  })

  test("is replaced for good where connections are kept ready", async () => {
    const pool = poolOf(3, { minIdle: 2 })
    await pidOf(pool)
    await eventually("two generations have gone", () => poolStats(pool).expirations >= 4)
    await eventually("2 are idle", () => poolStats(pool).idle === 2)
    expect(poolStats(pool).acquired).toBe(1)
    await pool.end()
  })

  test("is not kept where the pool was using it for a look of its own", async () => {
    const proxy = await startProxy(postgres.port)
    const url = postgres.url(database, { connection_limit: 1, max_connection_lifetime: 2 })
    const pool = createPool(proxy.url(url), { poolSize: "auto", budget: 5 })
    await pidOf(pool)
    // The look at 1.5 s, the first that is due on an idle connection, is over after the lifetime.
    proxy.delay(350)
    await eventually("it is too old", () => poolStats(pool).expirations === 1)
    await eventually("another one is there", () => poolStats(pool).opened === 2 && poolStats(pool).idle === 1)
    expect(poolStats(pool).acquired).toBe(1)
    await pool.end()
    await proxy.close()
  })

  test("is not replaced where it is of a single use", async () => {
    const url = postgres.url(database, { single_use_connections: "true", max_connection_lifetime: 1 })
    const pool = createPool(url)
    const held = await pool.connect()
    await sleep(1_100)
    held.release()
    await eventually("it is closed", () => poolStats(pool).total === 0)
    expect(poolStats(pool).opened).toBe(1)
    await pool.end()
  })
})
