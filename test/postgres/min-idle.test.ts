import { spawn } from "node:child_process"
import { once } from "node:events"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import type { LimitedPool } from "../../src/pool/limited-pool.ts"
import {
  collectWarnings,
  countBackends,
  eventually,
  freshDatabase,
  sampleBackends,
  sharedPostgres,
  sleep,
  times,
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

const url = (size: number, parameters = {}) =>
  postgres.url(database, { connection_limit: size, pool_timeout: 60, ...parameters })

const clientOf = (minIdle: number, given: { size?: number; warm?: boolean; through?: TcpProxy } = {}) => {
  const { size = 5, warm, through } = given
  return createCoreClient(PrismaClient, {
    env: {
      DATABASE_URL_CORE: through === undefined ? url(size) : through.url(url(size)),
      PRISMA_POOL_MIN_IDLE: String(minIdle),
    },
    warm,
  })
}

/** A process that does this. One that does not end is killed. */
const program = (source: string, target = url(5)) =>
  spawn(
    process.execPath,
    [
      ...["--import", "tsx", "--input-type=module", "--eval"],
      `import { createPool } from "./src/index.ts"\n${source}`,
    ],
    { env: { ...process.env, URL: target }, stdio: ["pipe", "pipe", "ignore"], timeout: 100_000 },
  )

/** The exit code of a process that does this, and ends by itself. */
async function exitCode(source: string, target?: string): Promise<number> {
  const [code] = await once(program(source, target), "exit")
  return code
}

describe("connections that are kept ready", () => {
  test("are opened in the background after the first connection, and not before", async () => {
    const client = clientOf(3)
    expect(poolStats(client)).toMatchObject({ minIdle: 3, total: 0, opened: 0 })
    await client.$connect()
    // Where the first one is given back late, it is a fourth.
    await eventually("3 idle", () => poolStats(client).idle >= 3)
    expect(poolStats(client).opened).toBeLessThanOrEqual(4)
    await client.$disconnect()
    expect(await countBackends(postgres, database)).toBe(0)
  })

  test("are not waited for without warm", async () => {
    const client = createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: proxy.url(url(5)), PRISMA_POOL_MIN_IDLE: "3" },
      onPool: (pool) => pool.once("connect", () => void proxy.newConnections("ignore")),
    })
    await client.$connect()
    // None but the first has come or failed.
    expect(poolStats(client)).toMatchObject({ opened: 1, connectionErrors: 0 })
    await eventually("one is being opened", () => poolStats(client).total === 2)
    await proxy.thaw()
    await eventually("3 idle", () => poolStats(client).idle >= 3)
    await client.$disconnect()
  })

  test("are opened, and replaced, as soon as they are missing: not at the pool's next look", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] })
    try {
      const pool = createPool(url(5), { minIdle: 3 })
      await pool.query("SELECT 1")
      await eventually("3 idle", () => poolStats(pool).idle >= 3)
      const { opened } = poolStats(pool)
      await postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
        database,
      ])
      await eventually("3 others are idle", () => poolStats(pool).opened >= opened + 3)
      await pool.end()
    } finally {
      vi.useRealTimers()
    }
  })

  test("are there when $connect() resolves, with warm", async () => {
    const client = clientOf(4, { warm: true })
    await client.$connect()
    // Where the first one is given back late, it is a fifth.
    expect(poolStats(client).idle).toBeGreaterThanOrEqual(4)
    await client.$disconnect()
  })

  test("are idle beside those in use, up to the size", async () => {
    const pool = createPool(url(4), { minIdle: 2 })
    const held = [await pool.connect(), await pool.connect()]
    await eventually("2 idle beside 2", () => poolStats(pool).idle === 2)
    held.push(await pool.connect())
    // The fourth is the last that the pool may have.
    await eventually("1 idle beside 3", () => poolStats(pool).idle === 1)
    expect(poolStats(pool)).toMatchObject({ total: 4, used: 3 })
    for (const client of held) client.release()
    await pool.end()
  })

  test("are replaced when the server ends them", async () => {
    const client = clientOf(2, { warm: true })
    await client.$connect()
    const { opened } = poolStats(client)
    await postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
      database,
    ])
    await eventually(
      "2 others are idle",
      () => poolStats(client).opened === opened + 2 && poolStats(client).idle === 2,
    )
    await client.$disconnect()
  })

  test("stay when the others have been idle for too long", async () => {
    const pool = createPool(url(5, { max_idle_connection_lifetime: 1 }), { minIdle: 2 })
    const held = await Promise.all(times(5, () => pool.connect()))
    for (const client of held) client.release()
    await eventually("2 are left", () => poolStats(pool).total === 2)
    const { opened } = poolStats(pool)
    // Longer than the idle lifetime: one that was closed would be opened again.
    await sleep(2_500)
    expect(poolStats(pool)).toMatchObject({ total: 2, idle: 2, opened })
    await pool.end()
  })

  test("are none where each has a single use", async () => {
    const pool = createPool(url(5, { single_use_connections: "true" }), { minIdle: 3 })
    expect(poolStats(pool).minIdle).toBe(0)
    await pool.query("SELECT 1")
    await eventually("none is left", () => poolStats(pool).total === 0)
    expect(poolStats(pool).opened).toBe(1)
    await pool.end()
  })

  test("never make more connections than the limit, whatever callers do", async () => {
    const client = clientOf(3, { size: 4 })
    const { peak } = await sampleBackends(postgres, database, async (sampled) => {
      for (let burst = 0; burst < 5; burst++) {
        await Promise.all(times(12, () => client.$queryRaw`SELECT 1 FROM pg_sleep(0.01)`))
        await sleep(50)
      }
      await sampled()
      await client.$disconnect()
    })
    expect(peak).toBe(4)
  })

  test("let a process end", async () => {
    const code = await exitCode(`
      const pool = createPool(process.env.URL, { minIdle: 3 })
      await pool.query("SELECT 1")
      while (pool.idleCount < 3) await new Promise((resolve) => setTimeout(resolve, 20))
    `)
    expect(code).toBe(0)
  })

  test("let a process end before they are too old", async () => {
    const code = await exitCode(
      'await createPool(process.env.URL, { minIdle: 1 }).query("SELECT 1")',
      url(5, { max_connection_lifetime: 3_600 }),
    )
    expect(code).toBe(0)
  })

  test("let a process end while one is being opened", async () => {
    await proxy.newConnections("pass")
    // An attempt has an hour: a process that waits for it does not end.
    const through = proxy.url(url(5, { connect_timeout: 3_600, pool_timeout: 7_200 }))
    const child = program(
      `
      const pool = createPool(process.env.URL, { minIdle: 1 })
      const first = await pool.connect()
      while (pool.idleCount < 1) await new Promise((resolve) => setTimeout(resolve, 20))
      console.log("one is idle")
      await new Promise((resolve) => process.stdin.once("data", resolve))
      process.stdin.destroy()
      const second = await pool.connect()
      while (pool.totalCount < 3) await new Promise((resolve) => setTimeout(resolve, 20))
      first.release()
      second.release()
    `,
      through,
    )
    const ended = once(child, "exit")
    await once(child.stdout, "data")
    await proxy.newConnections("ignore")
    child.stdin.end("go on")
    expect((await ended)[0]).toBe(0)
    await proxy.thaw()
  })

  test("let no process end that waits until they are there", async () => {
    const code = await exitCode(`
      const pool = createPool(process.env.URL, { minIdle: 3 })
      await pool.query("SELECT 1")
      await pool.filled()
    `)
    expect(code).toBe(0)
  })

  test("let no process end while a caller uses one", async () => {
    const code = await exitCode(`
      const pool = createPool(process.env.URL, { minIdle: 1 })
      const first = await pool.connect()
      while (pool.totalCount < 2) await new Promise((resolve) => setImmediate(resolve))
      // It gets the spare one, which is being opened.
      const second = await pool.connect()
      first.release()
      await second.query("SELECT pg_sleep(1)")
      second.release()
    `)
    // 13 where it ends before a promise at the top is settled.
    expect(code).toBe(0)
  })
})

describe("opening one in the background", () => {
  test("does not make $connect() wait or reject where the server has room for one only", async () => {
    const role = `narrow_${database}`
    await postgres.sql(`CREATE ROLE ${role} LOGIN PASSWORD 'x' CONNECTION LIMIT 1`)
    await postgres.sql(`GRANT pg_read_all_data TO ${role}`)
    const narrow = new URL(url(5))
    narrow.username = role
    narrow.password = "x"
    const env = { DATABASE_URL_CORE: narrow.href, PRISMA_POOL_MIN_IDLE: "3" }
    // It does not wait for the pool's next look either.
    vi.useFakeTimers({ toFake: ["setInterval"] })
    const client = createCoreClient(PrismaClient, { env, warm: true })
    await client.$connect().finally(() => vi.useRealTimers())
    expect(poolStats(client)).toMatchObject({ idle: 1, refusals: 1 })
    // Nor does it make callers wait for what was refused.
    expect(await client.mission.count()).toBe(0)
    expect(poolStats(client).isDown).toBe(false)
    await client.$disconnect()
    await postgres.sql(`DROP ROLE ${role}`)
  })

  test("serves a caller that comes meanwhile", async () => {
    const pool = createPool(proxy.url(url(3)), { minIdle: 1 })
    const held = await pool.connect()
    await proxy.newConnections("ignore")
    await eventually("the spare one is being opened", () => poolStats(pool).total === 2)
    const caller = pool.connect()
    expect(poolStats(pool)).toMatchObject({ total: 2, waiting: 1 })
    await proxy.thaw()
    const other = await caller
    expect(other).not.toBe(held)
    await eventually("the next one is idle, though both are held", () => poolStats(pool).idle === 1)
    held.release()
    other.release()
    await pool.end()
    await proxy.newConnections("pass")
  })

  test("goes on one at a time when a caller gives back the one that it got meanwhile", async () => {
    const pool = createPool(proxy.url(url(9)), { minIdle: 2 })
    const held = await pool.connect()
    await proxy.newConnections("ignore")
    await eventually("a spare one is being opened", () => poolStats(pool).total === 2)
    const caller = pool.connect()
    await proxy.thaw()
    const other = await caller
    await proxy.newConnections("ignore")
    await eventually("the next one is being opened", () => poolStats(pool).total === 3)
    other.release()
    expect(poolStats(pool)).toMatchObject({ total: 3, idle: 1 })
    await proxy.thaw()
    await eventually("2 are idle", () => poolStats(pool).idle === 2)
    expect(poolStats(pool).opened).toBe(3)
    held.release()
    await pool.end()
  })

  test("is not begun while a caller waits", async () => {
    const pool = createPool(proxy.url(url(9)), { minIdle: 2 })
    const held = await pool.connect()
    await eventually("2 are idle", () => poolStats(pool).idle === 2)
    await proxy.newConnections("ignore")
    const callers = times(3, () => pool.connect())
    const [one, two] = await Promise.all(callers.slice(0, 2))
    // Twice as long as the pool takes to see that none is idle.
    await sleep(1_100)
    expect(poolStats(pool)).toMatchObject({ total: 4, used: 3, waiting: 1 })
    await proxy.thaw()
    const three = await callers[2]
    for (const client of [held, one, two, three]) client?.release()
    await pool.end()
  })

  test("delays no caller when it is refused", async () => {
    const pool = createPool(proxy.url(url(9)), { minIdle: 2 })
    const held = await pool.connect()
    await proxy.newConnections("full")
    await eventually(
      "it was refused twice",
      () => poolStats(pool).refusals === 2 && poolStats(pool).total === 1,
    )
    await proxy.newConnections("pass")
    const caller = pool.connect()
    // Its opening has begun: after a failed attempt for a caller there would be a pause.
    expect(poolStats(pool)).toMatchObject({ total: 2, waiting: 1 })
    ;(await caller).release()
    held.release()
    await pool.end()
  })

  test("makes no later caller wait longer, as often as it is refused", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5)
    const pool = createPool(proxy.url(url(9)), { minIdle: 2 })
    const held = await pool.connect()
    await proxy.newConnections("full")
    await eventually("it was refused three times", () => poolStats(pool).refusals === 3)
    const timers = vi.spyOn(globalThis, "setTimeout")
    const caller = pool.connect()
    await eventually("the caller's attempt was refused", () => poolStats(pool).refusals === 4)
    const pauses = timers.mock.calls.map(([, millis]) => millis)
    vi.restoreAllMocks()
    // The pause after two failed attempts, and not that after four.
    expect(pauses).toContain(50)
    expect(pauses).not.toContain(200)
    await proxy.newConnections("pass")
    ;(await caller).release()
    held.release()
    await pool.end()
  })

  test("has a limit where connect_timeout sets none: one without an answer is not the last", async () => {
    const pool = createPool(proxy.url(url(5, { connect_timeout: 0 })), { minIdle: 1 }) as LimitedPool
    const held = await pool.connect()
    await proxy.newConnections("ignore")
    await pool.filled()
    expect(poolStats(pool)).toMatchObject({ connectionErrors: 1, idle: 0 })
    await proxy.newConnections("pass")
    await eventually("1 is idle", () => poolStats(pool).idle === 1)
    held.release()
    await pool.end()
  })

  test("is waited for no longer when the pool ends", async () => {
    const pool = createPool(proxy.url(url(9)), { minIdle: 3 }) as LimitedPool
    // Held until then: given back too early or too late, it would be one of the three, or a fourth.
    const held = await pool.connect()
    await eventually("3 are idle", () => poolStats(pool).idle === 3)
    await proxy.newConnections("ignore")
    const other = await pool.connect()
    const filled = pool.filled()
    expect(poolStats(pool).total).toBe(5)
    held.release()
    other.release()
    await pool.end()
    await filled
    expect(poolStats(pool).total).toBe(0)
    await proxy.newConnections("pass")
  })
})

test("warm without connections to keep ready is said to have no effect", async () => {
  const warnings = await collectWarnings(async () => {
    const client = clientOf(0, { warm: true })
    await client.$connect()
    await client.$disconnect()
  })
  expect(warnings).toEqual([
    "warm has no effect: no connection is kept ready. Set PRISMA_POOL_MIN_IDLE, without single_use_connections.",
  ])
})
