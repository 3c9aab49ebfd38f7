// No room is not an error: what a server that is full, starts or is away costs callers.
import { spawn } from "node:child_process"
import { once } from "node:events"
import type { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import pg from "pg"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, isPoolTimeout, isTooManyConnections } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import { PATIENT } from "../support/held-transactions.ts"
import {
  despitePoolTimeout,
  eventually,
  freshDatabase,
  rejection,
  sharedPostgres,
  sleep,
  times,
} from "../support/helpers.ts"
import { startProxy, type TcpProxy } from "../support/proxy.ts"
import { startPostgres } from "../support/server.ts"

const postgres = sharedPostgres()
let database: string
let proxy: TcpProxy
beforeEach(async () => {
  database = await freshDatabase()
  proxy = await startProxy(postgres.port)
})
afterEach(() => proxy.close())

const url = (parameters: Record<string, string | number> = {}) =>
  proxy.url(postgres.url(database, { connection_limit: 3, ...parameters }))
const clientOf = (
  parameters: Record<string, string | number> = {},
  env: Record<string, string> = {},
  transactionOptions = {},
) =>
  createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url(parameters), ...env }, transactionOptions })

const served = async (query: PromiseLike<unknown>) => {
  try {
    await query
    return true
  } catch {
    return false
  }
}

/** What a new connection meets, before a pool that had connections and lost them. */
async function lose(what: Parameters<TcpProxy["newConnections"]>[0]): Promise<void> {
  await proxy.newConnections(what)
  proxy.cut("close")
}

describe.each(["full", "starting"] as const)("a server that is %s has answered:", (what) => {
  test("$connect() waits for it, though there never was a connection", async () => {
    await proxy.newConnections(what)
    const client = clientOf()
    const connected = client.$connect()
    await eventually("it was tried several times", async () => proxy.attempts > 4)
    await proxy.newConnections("pass")
    await connected
    expect(await client.mission.count()).toBe(0)
    expect(poolStats(client)).toMatchObject({
      reconnects: 1,
      isDown: false,
      refusals: what === "full" ? expect.any(Number) : 0,
    })
    await client.$disconnect()
  })

  test("so do the callers of a pool that had some, and no query fails", async () => {
    const pool = createPool(url())
    await Promise.all(times(3, () => pool.query("SELECT 1")))
    await lose(what)
    await eventually("they are gone", async () => pool.totalCount === 0)
    const queries = times(20, () => pool.query("SELECT 1"))
    await eventually("it was tried several times", async () => poolStats(pool).connectionErrors > 2)
    await proxy.newConnections("pass")
    expect((await Promise.all(queries)).length).toBe(20)
    await pool.end()
  })
})

test("all who wait get their connections when the server is back, and not one after the other", async () => {
  const pool = createPool(url({ pool_timeout: 60 }), { reconnectTimeout: 60 })
  await pool.query("SELECT 1")
  await lose("refuse")
  await eventually("it is gone", async () => pool.totalCount === 0)
  const held = times(3, () => pool.connect())
  await eventually("it was tried several times", async () => poolStats(pool).connectionErrors > 2)
  await proxy.newConnections("pass")
  for (const client of await Promise.all(held)) client.release()
  await pool.end()
})

describe("callers of a full server fail", () => {
  beforeEach(() => proxy.newConnections("full"))

  test("with P2037 at pool_timeout, $connect() too, where there is no connection", async () => {
    const client = clientOf({ pool_timeout: 5, connect_timeout: 4 })
    for (const call of [client.$connect(), client.mission.count(), client.$queryRaw`SELECT 1`]) {
      const error = await rejection(call)
      expect(error).toMatchObject({ code: "P2037" })
      expect({ full: isTooManyConnections(error), timeout: isPoolTimeout(error) }).toEqual({
        full: true,
        timeout: false,
      })
    }
    await client.$disconnect()
  })

  test("with P2024 where there is one", async () => {
    await proxy.newConnections("pass")
    const client = clientOf({ pool_timeout: 2, connect_timeout: 1 })
    await client.$connect()
    await proxy.newConnections("full")
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const held = client.$transaction(() => released, PATIENT)
    await eventually("it is held", async () => poolStats(client).used === 1)
    do {
      expect(await rejection(client.mission.count())).toMatchObject({ code: "P2024" })
    } while (poolStats(client).refusals === 0)
    release()
    await held
    await client.$disconnect()
  })

  test("with P1001 where the last one was lost during a long pause between refusals", async () => {
    await proxy.newConnections("pass")
    const pool = createPool(url({ pool_timeout: 2, connect_timeout: 1 }))
    const held = await despitePoolTimeout(() => pool.connect())
    await proxy.newConnections("full")
    while (poolStats(pool).refusals < 8) {
      expect(await rejection(pool.query("SELECT 1"))).toMatchObject({ code: "P2024" })
    }
    await lose("refuse")
    await eventually("it is gone", async () => pool.totalCount === 0)
    expect(await rejection(pool.query("SELECT 1"))).toMatchObject({ code: "P1001" })
    held.release()
    await pool.end()
  })

  test("with P2037 after 20 s where pool_timeout=0 waits for ever", async () => {
    const pool = createPool(url({ pool_timeout: 0 }))
    const start = performance.now()
    expect(await rejection(pool.query("SELECT 1"))).toMatchObject({ code: "53300" })
    expect(performance.now() - start).toBeGreaterThanOrEqual(19_900)
    await pool.end()
  })

  test("where a transaction did not start in time, the reason is in meta.cause", async () => {
    await proxy.newConnections("pass")
    const client = clientOf()
    await client.$connect()
    for (const [what, code] of [
      ["full", "P2037"],
      ["refuse", "P1001"],
    ] as const) {
      await lose(what)
      await eventually("they are gone", async () => poolStats(client).total === 0)
      const { connectionErrors } = poolStats(client)
      const waiting = client.mission.count().catch(() => {})
      await eventually(
        "an attempt has failed",
        async () => poolStats(client).connectionErrors > connectionErrors,
      )
      const error = await rejection(client.$transaction((tx) => tx.mission.count(), { maxWait: 500 }))
      expect(error).toMatchObject({ code: "P2028", meta: { cause: { code } } })
      expect(isPoolTimeout(error)).toBe(false)
      expect(isTooManyConnections(error)).toBe(code === "P2037")
      await proxy.newConnections("pass")
      await waiting
      await eventually("served again", () => served(client.mission.count()))
    }
    await client.$disconnect()
  })
})

describe("a server that cannot be reached", () => {
  test.each(["refuse", "reset"] as const)("is waited for where there was a connection (%s)", async (what) => {
    const client = clientOf()
    await client.$connect()
    await lose(what)
    await eventually("it is gone", async () => poolStats(client).total === 0)
    const queries = times(10, () => client.mission.count().then((count) => count))
    const transaction = client.$transaction((tx) => tx.mission.count(), { maxWait: 60_000 })
    await eventually("it was tried several times", async () => poolStats(client).connectionErrors > 2)
    await proxy.newConnections("pass")
    expect(await Promise.all([...queries, transaction])).toEqual(times(11, () => 0))
    expect(poolStats(client)).toMatchObject({ reconnects: 1, isDown: false })
    await client.$disconnect()
  })

  test.each(["refuse", "reset", "ignore"] as const)(
    "is down after the reconnect timeout: all who waited fail with P1001, later ones at once (%s)",
    async (what) => {
      const client = clientOf({ connect_timeout: 1 }, { PRISMA_RECONNECT_TIMEOUT: "1" })
      await client.$connect()
      await lose(what)
      await eventually("it is gone", async () => poolStats(client).total === 0)
      const errors = await Promise.all(times(40, () => rejection(client.mission.count())))
      expect(new Set(errors.map((error) => error["code"]))).toEqual(new Set(["P1001"]))
      expect(poolStats(client)).toMatchObject({ isDown: true, timeouts: 0 })
      // A caller makes no attempt of its own: only probes do, one a second.
      const before = proxy.attempts
      for (let caller = 0; caller < 20; caller++) {
        expect(await rejection(client.mission.count())).toMatchObject({ code: "P1001" })
      }
      expect(proxy.attempts - before).toBeLessThan(10)

      // Nobody calls now: a probe finds it.
      await proxy.newConnections("pass")
      await eventually("a probe reached it", async () => !poolStats(client).isDown)
      expect(await client.mission.count()).toBe(0)
      await client.$disconnect()
    },
  )

  test("is reached though attempts got no answer, and connect_timeout=0 sets them no limit", async () => {
    const pool = createPool(url({ connect_timeout: 0, pool_timeout: 60 }), { reconnectTimeout: 60 })
    await pool.query("SELECT 1")
    await lose("refuse")
    await eventually("it is gone", async () => pool.totalCount === 0)
    const query = pool.query("SELECT 1 AS one")
    await eventually("one attempt has failed", async () => poolStats(pool).connectionErrors > 0)
    await proxy.newConnections("ignore")
    await eventually("another has begun", async () => proxy.connections === 1)
    await proxy.newConnections("pass")
    expect((await query).rows).toEqual([{ one: 1 }])
    await pool.end()
  })

  test("is reached by a probe though two others got no answer, and connect_timeout=0", async () => {
    const pool = createPool(url({ connect_timeout: 0 }), { reconnectTimeout: 0 })
    await pool.query("SELECT 1")
    await lose("refuse")
    await eventually("it is gone", async () => pool.totalCount === 0)
    await rejection(pool.query("SELECT 1"))
    await proxy.newConnections("ignore")
    await eventually("two probes have begun", async () => proxy.connections === 2)
    await proxy.newConnections("pass")
    await eventually("another probe reached it", async () => !poolStats(pool).isDown)
    await pool.query("SELECT 1")
    await pool.end()
  })

  test("is probed no more when it answers that it is full: nobody waits", async () => {
    const pool = createPool(url(), { reconnectTimeout: 0 })
    await pool.query("SELECT 1")
    await lose("refuse")
    await eventually("it is gone", async () => pool.totalCount === 0)
    await rejection(pool.query("SELECT 1"))
    expect(poolStats(pool).isDown).toBe(true)
    await proxy.newConnections("full")
    await eventually("a probe was refused", async () => !poolStats(pool).isDown)
    const before = proxy.attempts
    await sleep(4_000)
    expect(proxy.attempts - before).toBeLessThanOrEqual(1)
    await proxy.newConnections("pass")
    await pool.query("SELECT 1")
    await pool.end()
  })

  test("is found again though callers come again and again, without any pause", async () => {
    const pool = createPool(url(), { reconnectTimeout: 0 })
    await pool.query("SELECT 1")
    await lose("refuse")
    let isServed = false
    const caller = (async () => {
      while (!isServed) isServed = await served(pool.query("SELECT 1"))
    })()
    await eventually("it is down", async () => poolStats(pool).isDown)
    await proxy.newConnections("pass")
    await caller
    await pool.end()
  })

  test("fails its callers at once with a reconnect timeout of 0", async () => {
    const pool = createPool(url(), { reconnectTimeout: 0 })
    await pool.query("SELECT 1")
    await lose("refuse")
    await eventually("it is gone", async () => pool.totalCount === 0)
    expect(await rejection(pool.query("SELECT 1"))).toMatchObject({
      code: "P1001",
      cause: { code: "ECONNREFUSED" },
    })
    expect(poolStats(pool).connectionErrors).toBe(1)
    await pool.end()
  })

  test("fails them at once where there never was a connection, and again after the last $disconnect()", async () => {
    const client = clientOf({}, { PRISMA_RECONNECT_TIMEOUT: "3600" })
    await proxy.newConnections("refuse")
    expect(await rejection(client.$connect())).toMatchObject({ code: "P1001" })
    expect(poolStats(client)).toMatchObject({ connectionErrors: 1, isDown: false })
    await proxy.newConnections("pass")
    await client.$connect()
    await client.$disconnect()
    await proxy.newConnections("refuse")
    expect(await rejection(client.$connect())).toMatchObject({ code: "P1001" })
    expect(poolStats(client).connectionErrors).toBe(2)
  })

  test("an attempt that has begun is never cut short: a database that wakes late is reached", async () => {
    const client = clientOf({ connect_timeout: 50, pool_timeout: 60 }, { PRISMA_RECONNECT_TIMEOUT: "1" })
    await client.$connect()
    await lose("refuse")
    await eventually("it is gone", async () => poolStats(client).total === 0)
    const query = client.mission.count().then((count) => count)
    await eventually("one attempt has failed", async () => poolStats(client).connectionErrors > 0)
    await proxy.newConnections("ignore")
    await eventually("another has begun", async () => proxy.connections === 1)
    await sleep(3_000)
    await proxy.thaw()
    expect(await query).toBe(0)
    await client.$disconnect()
  })

  test("where the pool's own timeout ends first, the error is the server's all the same", async () => {
    const client = clientOf({ pool_timeout: 5, connect_timeout: 4 }, { PRISMA_RECONNECT_TIMEOUT: "3600" })
    await client.$connect()
    await lose("refuse")
    await eventually("it is gone", async () => poolStats(client).total === 0)
    expect(await rejection(client.mission.count())).toMatchObject({ code: "P1001" })
    expect(poolStats(client)).toMatchObject({ timeouts: 0, isDown: false })
    await client.$disconnect()
  })
})

describe("what no wait mends fails at once, also in a pool that had a connection:", () => {
  const FAILURES: [string, Record<string, unknown>, () => Promise<unknown>][] = [
    ["a wrong password", { code: "28P01" }, () => postgres.sql(`ALTER ROLE mended PASSWORD 'other'`)],
    [
      "a database that is gone",
      { code: "3D000" },
      () => postgres.sql(`ALTER DATABASE ${database} RENAME TO ${database}_gone`),
    ],
    ["a role that may not log in", { code: "28000" }, () => postgres.sql("ALTER ROLE mended NOLOGIN")],
  ]

  test.each(FAILURES)("%s", async (_, error, spoil) => {
    await postgres.sql("DROP ROLE IF EXISTS mended; CREATE ROLE mended LOGIN PASSWORD 'x'")
    const pool = createPool(`postgresql://mended:x@127.0.0.1:${proxy.port}/${database}`, {
      reconnectTimeout: 60,
    })
    await pool.query("SELECT 1")
    proxy.cut("close")
    await eventually("it is gone", async () => pool.totalCount === 0)
    await eventually("on the server too", async () => {
      const rows = await postgres.sql("SELECT 1 FROM pg_stat_activity WHERE datname = $1", [database])
      return rows.length === 0
    })
    await spoil()
    expect(await rejection(pool.query("SELECT 1"))).toMatchObject(error)
    expect(poolStats(pool)).toMatchObject({ connectionErrors: 1, isDown: false })
    await pool.end()
  })

  test("a password function that fails as a connection would", async () => {
    let fails = false
    const client = createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: url(), PRISMA_RECONNECT_TIMEOUT: "3600" },
      password: () => {
        if (!fails) return "p@ss:w/o?r#d%+ é"
        throw Object.assign(new Error("no token"), { code: "ECONNREFUSED", syscall: "connect" })
      },
    })
    await client.$connect()
    fails = true
    proxy.cut("close")
    await eventually("it is gone", async () => poolStats(client).total === 0)
    await rejection(client.mission.count())
    expect(poolStats(client)).toMatchObject({ connectionErrors: 1, isDown: false })
    await client.$disconnect()
  })
})

test("a process whose server is down still ends, whatever its probes meet", async () => {
  const source = `
    import { createPool } from "./src/index.ts"
    const pool = createPool(process.env.URL, { reconnectTimeout: 0 })
    pool.on("error", () => {})
    await pool.query("SELECT pg_terminate_backend(pg_backend_pid())").catch(() => {})
    process.send("lost")
    await new Promise((resolve) => process.once("message", resolve))
    process.disconnect()
    await pool.query("SELECT 1").catch((error) => console.log(error.code))`
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", source], {
    env: { ...process.env, URL: url({ connect_timeout: 5 }) },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  })
  const printed = text(child.stdout as Readable)
  await once(child, "message")
  await proxy.newConnections("ignore")
  child.send("go")
  expect(await printed).toBe("P1001\n")
})

test("openers that are refused log in one at a time, and lock nobody else out", async () => {
  // Not the server of the whole run: the first attempts come all at once, and fill it for a moment.
  const server = await startPostgres()
  try {
    await server.createDatabase("core")
    await server.sql("CREATE ROLE crowded LOGIN PASSWORD 'x' CONNECTION LIMIT 1")
    const direct = (parameters: string) =>
      `postgresql://crowded:x@127.0.0.1:${server.port}/core?${parameters}`
    const holder = new pg.Client(direct(""))
    await holder.connect()
    const pools = times(80, () => createPool(direct("pool_timeout=60&connection_limit=5")))
    const waiting = pools.map((pool) => Promise.all(times(5, () => served(pool.query("SELECT 1")))))
    await eventually("all were refused", async () => pools.every((pool) => poolStats(pool).refusals > 0))
    for (let login = 0; login < 20; login++) {
      // Each on a connection of its own: a superuser, and another role.
      await server.sql("SELECT 1")
      const other = new pg.Client(server.url())
      await other.connect()
      await other.end()
    }
    const last = pools[0] as (typeof pools)[number]
    expect(poolStats(last).total).toBeLessThanOrEqual(1)
    await holder.end()
    // One slot for all of them: each gets it in turn, once the one before has ended.
    const [first] = await Promise.all([
      Promise.race(waiting.map(async (callers, index) => ((await callers).every(Boolean) ? index : -1))),
    ])
    expect(first).toBeGreaterThanOrEqual(0)
    await Promise.all(pools.map((pool) => pool.end()))
    await Promise.all(waiting)
  } finally {
    await server.destroy()
  }
})
