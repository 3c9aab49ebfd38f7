import { afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { createPool } from "../../src/index.ts"
import { freshDatabase, rejection, sampleBackends, sharedPostgres } from "../support/helpers.ts"
import { startProxy, type TcpProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()
let database: string
beforeAll(async () => {
  database = await freshDatabase()
})
afterEach(() => void vi.useRealTimers())

const PID = "SELECT pg_backend_pid() AS pid"
const SECONDS = 1_000

/** The wall clock goes on while a container is frozen; its timers do not. */
function frozenFor(millis: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + millis })
}

async function throughProxy(parameters: Record<string, string | number>) {
  const proxy = await startProxy(postgres.port)
  return { proxy, pool: createPool(proxy.url(postgres.url(database, parameters))) }
}

/** Does what a NAT does to connections that it has forgotten: they pass nothing on, and new ones work. */
const forget = (proxy: TcpProxy) => proxy.freeze({ newConnections: "pass" })

describe("a connection that was idle for 15 s or more", () => {
  test("is replaced when it does not answer, and the caller notices a delay only", async () => {
    const { proxy, pool } = await throughProxy({ connection_limit: 1, connect_timeout: 1, pool_timeout: 60 })
    const before = await pool.query(PID)
    await forget(proxy)
    frozenFor(15 * SECONDS)
    const start = performance.now()
    expect((await pool.query(PID)).rows).not.toEqual(before.rows)
    // A second, and 5 s for a slot that no other connection can find to be free; half of pool_timeout would be 30.
    expect(performance.now() - start).toBeLessThan(25_000)
    await pool.end()
    await proxy.close()
  })

  test("so are all of them, within one caller's pool_timeout", async () => {
    const { proxy, pool } = await throughProxy({
      connection_limit: 12,
      connect_timeout: 10,
      pool_timeout: 20,
    })
    await Promise.all(Array.from({ length: 12 }, () => pool.query("SELECT pg_sleep(0.1)")))
    await forget(proxy)
    frozenFor(60 * SECONDS)
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
    await pool.end()
    await proxy.close()
  })

  test("is validated for a second at most, for any connect_timeout", async () => {
    const { proxy, pool } = await throughProxy({ connection_limit: 2, connect_timeout: 30, pool_timeout: 20 })
    await pool.query("SELECT 1")
    await forget(proxy)
    frozenFor(15 * SECONDS)
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
    await pool.end()
    await proxy.close()
  })

  test("goes on being used when it answers", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 1 }))
    const before = await pool.query(PID)
    frozenFor(3600 * SECONDS)
    expect((await pool.query(PID)).rows).toEqual(before.rows)
    await pool.end()
  })

  test("is validated though the wall clock was set back meanwhile", async () => {
    const { proxy, pool } = await throughProxy({ connection_limit: 2, connect_timeout: 1, pool_timeout: 20 })
    const client = await pool.connect()
    await forget(proxy)
    vi.useFakeTimers({ toFake: ["Date", "performance"] })
    client.release()
    vi.advanceTimersByTime(15 * SECONDS)
    vi.setSystemTime(Date.now() - 3600 * SECONDS)
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
    await pool.end()
    await proxy.close()
  })

  test("is replaced without exceeding the limit", async () => {
    const own = await freshDatabase()
    const pool = createPool(postgres.url(own, { connection_limit: 3 }))
    const { peak } = await sampleBackends(postgres, own, async (sampled) => {
      for (let round = 0; round < 5; round++) {
        await Promise.all(Array.from({ length: 9 }, () => pool.query("SELECT pg_sleep(0.02)")))
        frozenFor(20 * SECONDS)
      }
      await sampled()
      await pool.end()
    })
    expect(peak).toBe(3)
  })
})

test("one that was unused for less is not tried, so that a busy pool pays nothing", async () => {
  const statements = await statementsOf(14 * SECONDS)
  expect(statements).toEqual([])
  expect(await statementsOf(15 * SECONDS)).toEqual(["SELECT 1"])
})

/** The statements that a connection sends at checkout after a pause, besides the caller's own. */
async function statementsOf(pause: number): Promise<string[]> {
  const pool = createPool(postgres.url(database, { connection_limit: 1 }))
  const client = await pool.connect()
  const sent: string[] = []
  client.release()
  const query = client.query.bind(client) as (...parameters: unknown[]) => unknown
  client.query = ((...parameters: unknown[]) => {
    sent.push(String(parameters[0]))
    return query(...parameters)
  }) as typeof client.query
  frozenFor(pause)
  const again = await pool.connect()
  expect(again).toBe(client)
  again.release()
  // It was in use a moment ago.
  ;(await pool.connect()).release()
  await pool.end()
  return sent
}

test("a pool that ends meanwhile says so", async () => {
  const { proxy, pool } = await throughProxy({ connection_limit: 1, connect_timeout: 1 })
  await pool.query("SELECT 1")
  await forget(proxy)
  frozenFor(15 * SECONDS)
  const waiting = rejection(pool.query("SELECT 1"))
  const ended = pool.end()
  expect((await waiting).message).toMatch(/after calling end/)
  await ended
  await proxy.close()
})
