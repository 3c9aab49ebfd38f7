import pg from "pg"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { inspectDatabase, inspectPgBouncer } from "../../src/monitor/index.ts"
import { eventually, freshDatabase, rejection, sharedPostgres } from "../support/helpers.ts"
import { startProxy, type TcpProxy } from "../support/proxy.ts"
import { consoleOf, NEW } from "./pgbouncer-console.ts"

let proxy: TcpProxy
let pool: pg.Pool
beforeEach(async () => {
  proxy = await startProxy(sharedPostgres().port)
})
afterEach(async () => {
  await proxy.thaw()
  proxy.cut()
  await pool.end()
  await proxy.close()
})

async function openPool(config: pg.PoolConfig = {}): Promise<void> {
  const url = proxy.url(sharedPostgres().url(await freshDatabase()))
  pool = new pg.Pool({ connectionString: url, max: 1, ...config })
  pool.on("error", () => {})
}

describe.each([
  ["inspectDatabase", () => inspectDatabase(pool)],
  ["inspectPgBouncer", () => inspectPgBouncer(pool)],
] as const)("%s on a connection of a pg.Pool", (_, inspect) => {
  test("that is reset meanwhile rejects, and the process goes on", async () => {
    await openPool()
    await pool.query("SELECT 1")
    // What is asked stays on its way.
    await proxy.freeze()
    const asked = rejection(inspect())
    await eventually("it is checked out", async () => pool.idleCount === 0)
    proxy.cut()
    expect(await asked).toMatchObject({ code: "ECONNRESET" })
    expect(pool.totalCount).toBe(0)
  })

  test("that does not answer within the pool's query_timeout does not get it back", async () => {
    await openPool({ query_timeout: 500 })
    await pool.query("SELECT 1")
    await proxy.freeze({ newConnections: "pass" })
    expect(await rejection(inspect())).toMatchObject({ message: "Query read timeout" })
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
  })
})

test("leaves neither a listener nor a new connection behind", async () => {
  await openPool()
  const client = await pool.connect()
  client.release()
  const before = client.listenerCount("error")
  for (let times = 0; times < 3; times += 1) await inspectDatabase(pool)
  expect(client.listenerCount("error")).toBe(before)
  expect(proxy.attempts).toBe(1)
})

test("a pool that rejects with nothing does not keep the other consoles waiting", async () => {
  await openPool()
  const failing = { totalCount: 0, query: () => Promise.reject(), connect: () => Promise.reject() }
  expect(await rejection(inspectPgBouncer([failing, consoleOf(NEW)]))).toBeUndefined()
})
