import { expect, test, vi } from "vitest"
import { poolConfigFromUrl } from "../../src/index.ts"
import { LimitedPool } from "../../src/pool/limited-pool.ts"
import { METRICS } from "../../src/pool/pool-metrics.ts"
import { ServerSlots } from "../../src/pool/server-slots.ts"
import {
  countBackends,
  eventually,
  freshDatabase,
  openAll,
  sampleBackends,
  sharedPostgres,
  times,
} from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()

/** Two pools as two copies of node-postgres have them: none can lend the other a connection. */
async function twoPools() {
  const database = await freshDatabase()
  const slots = new ServerSlots()
  const { pool } = poolConfigFromUrl(postgres.url(database, { connection_limit: 3, pool_timeout: 60 }))
  const [first, second] = [new LimitedPool(pool, slots), new LimitedPool(pool, slots)]
  return { database, slots, first, second, end: () => Promise.all([first.end(), second.end()]) }
}

const query = (pool: LimitedPool) => pool.query("SELECT 1 FROM pg_sleep(0.02)")

test("what one pool has idle is closed for the callers of the other, and no more than they need", async () => {
  const { database, first, second, end } = await twoPools()
  const { peak } = await sampleBackends(postgres, database, async () => {
    await openAll(first, 3)
    await query(second)
    expect([first.totalCount, second.totalCount]).toEqual([2, 1])
    await openAll(second, 3)
    expect([first.totalCount, second.totalCount]).toEqual([0, 3])
  })
  expect(peak).toBe(3)
  await end()
  expect(await countBackends(postgres, database)).toBe(0)
})

test("a connection that comes back goes to the other pool when nobody waits for it in its own", async () => {
  const { first, second, end } = await twoPools()
  const held = await Promise.all(times(3, () => first.connect()))
  const waiting = second.connect()
  const own = first.connect()
  held[0]?.release()
  const given = await own
  given.release()
  const client = await waiting
  expect([first.totalCount, second.totalCount]).toEqual([2, 1])
  for (const each of [client, ...held.slice(1)]) each.release()
  await end()
})

test("what one pool keeps ready is closed for the callers of the other, though no caller of its own has come since it was lost", async () => {
  const database = await freshDatabase()
  const slots = new ServerSlots()
  const { pool } = poolConfigFromUrl(postgres.url(database, { connection_limit: 1, pool_timeout: 60 }))
  const first = new LimitedPool({ ...pool, minIdle: 1 }, slots)
  const second = new LimitedPool(pool, slots)
  await query(first)
  await postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [database])
  await eventually("another is ready", () => first[METRICS]().opened > 1 && first.idleCount === 1)
  await query(second)
  await Promise.all([first.end(), second.end()])
})

test("both at work at once hold the limit together, and all are served", async () => {
  const { database, slots, first, second, end } = await twoPools()
  const { peak } = await sampleBackends(postgres, database, async (sampled) => {
    await Promise.all(times(60, (index) => query(index % 2 === 0 ? first : second)))
    await sampled()
  })
  expect(peak).toBe(3)
  await end()
  expect(slots.count).toBe(0)
})

test("the sockets of another copy of this package count as its own do", async () => {
  const database = await freshDatabase()
  const proxy = await startProxy(postgres.port)
  const url = proxy.url(postgres.url(database, { connection_limit: 1, pool_timeout: 60 }))
  vi.resetModules()
  const copy = await import("../../src/pool/limited-pool.ts")
  expect(copy.LimitedPool).not.toBe(LimitedPool)
  const slots = new ServerSlots()
  const pool = new copy.LimitedPool(poolConfigFromUrl(url).pool, slots)
  await pool.query("SELECT 1")
  proxy.cut("reset")
  await eventually("it is lost", () => slots.lost.size === 1)
  expect(slots.count).toBe(1)
  await pool.end()
  await proxy.close()
})
