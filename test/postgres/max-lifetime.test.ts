import { afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { LONGEST_TIMER_MILLIS } from "../../src/config/url-options.ts"
import { createPool } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import {
  eventually,
  freshDatabase,
  sampleBackends,
  sharedPostgres,
  sleep,
  times,
} from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()
let database: string
beforeAll(async () => {
  database = await freshDatabase()
})

afterEach(() => vi.restoreAllMocks())

const poolOf = (size: number, options = {}) =>
  createPool(postgres.url(database, { connection_limit: size, max_connection_lifetime: 1 }), options)

/** A pool of three whose connections may take any time to open. */
async function throughProxy(lifetime: number) {
  const proxy = await startProxy(postgres.port)
  const limits = { connection_limit: 3, max_connection_lifetime: lifetime, connect_timeout: 0 }
  const pool = createPool(proxy.url(postgres.url(database, limits)))
  const end = async () => {
    await pool.end()
    await proxy.close()
  }
  return { proxy, pool, end }
}

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
      // The other one will be too old in a second.
      expect(poolStats(pool)).toMatchObject({ acquired: 1, expirations: 1 })
    })
    expect(peak).toBe(1)
    await pool.end()
  })

  test("is not replaced once it had to close without a replacement", async () => {
    const { proxy, pool, end } = await throughProxy(1)
    await Promise.all(times(3, () => pool.query("SELECT pg_sleep(0.2)")))
    await proxy.newConnections("full")
    await eventually("all are closed", () => poolStats(pool).total === 0)
    // For as long a replacement may still come.
    await sleep(1_100)
    await proxy.newConnections("pass")
    const { opened } = poolStats(pool)
    await pidOf(pool)
    await eventually("its own replacement has gone too", () => poolStats(pool).expirations === 5)
    expect(poolStats(pool).opened).toBe(opened + 2)
    await end()
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

  test("serves callers until its replacement is there, and is closed then", async () => {
    limitNeverComes(2_000)
    const { proxy, pool, end } = await throughProxy(2)
    const first = await pidOf(pool)
    await proxy.newConnections("ignore")
    await eventually("a replacement is being opened", () => poolStats(pool).total === 2)
    expect(await pidOf(pool)).toBe(first)
    expect(poolStats(pool)).toMatchObject({ opened: 1, expirations: 0 })
    await proxy.thaw()
    await eventually("the old one is closed", () => poolStats(pool).expirations === 1)
    expect(await pidOf(pool)).not.toBe(first)
    await end()
  })

  test("is closed before the limit in a full pool", async () => {
    limitNeverComes(2_000)
    const url = postgres.url(database, { connection_limit: 1, max_connection_lifetime: 2 })
    const pool = createPool(url)
    await pidOf(pool)
    await eventually("it is closed", () => poolStats(pool).expirations === 1)
    await eventually("another one is there", () => poolStats(pool).opened === 2 && poolStats(pool).idle === 1)
    await pool.end()
  })

  test("is closed at the limit where no replacement can be opened", async () => {
    const { proxy, pool, end } = await throughProxy(1)
    await pidOf(pool)
    await proxy.newConnections("ignore")
    await eventually("a replacement is being opened", () => poolStats(pool).total === 2)
    await eventually("the old one is closed", () => poolStats(pool).total === 1)
    // The replacement has neither come nor failed.
    expect(poolStats(pool)).toMatchObject({ idle: 0, opened: 1, expirations: 1, connectionErrors: 0 })
    await proxy.thaw()
    await end()
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

test("fifteen connections that are opened together close apart: from 90 % of the limit to some time before it", async () => {
  const [limit, size] = [2_000, 15]
  const timers = vi.spyOn(globalThis, "setTimeout")
  const url = postgres.url(database, { connection_limit: size, max_connection_lifetime: limit / 1_000 })
  const pool = createPool(url)
  const held = await Promise.all(times(size, () => pool.connect()))
  const ages = timers.mock.calls.map(([, millis = 0]) => millis).filter((age) => age >= 1_500 && age < limit)
  vi.restoreAllMocks()
  expect(new Set(ages).size).toBe(size)
  expect(Math.min(...ages)).toBeGreaterThanOrEqual(0.9 * limit)
  // Time for a replacement is left.
  expect(Math.max(...ages)).toBeLessThanOrEqual(0.95 * limit)
  // A fifth of the time in which they may: at random all fifteen are within it once in a billion times.
  expect(Math.max(...ages) - Math.min(...ages)).toBeGreaterThan(0.01 * limit)
  const before = await pidsOf()
  expect(before).toHaveLength(size)
  for (const client of held) client.release()
  await eventually("all have reached their age", () => poolStats(pool).expirations >= size)
  await eventually("the server has closed them", async () => {
    const now = await pidsOf()
    return before.every((pid) => !now.includes(pid))
  })
  await pool.end()
})

/** The sessions of this database. */
async function pidsOf(): Promise<number[]> {
  const rows = await postgres.sql<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'",
    [database],
  )
  return rows.map(({ pid }) => pid)
}

/** Lets timers of this length never end: what closes a connection then is not its limit. */
function limitNeverComes(limit: number): void {
  const { setTimeout: start } = globalThis
  const longer = (callback: () => void, millis?: number) =>
    start(callback, millis === limit ? LONGEST_TIMER_MILLIS : millis)
  vi.spyOn(globalThis, "setTimeout").mockImplementation(longer as typeof setTimeout)
}
