import pg from "pg"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { createPool, poolConfigFromUrl } from "../../src/index.ts"
import { LimitedPool } from "../../src/pool/limited-pool.ts"
import { PostgresClient } from "../../src/pool/postgres-client.ts"
import { reclaim } from "../../src/pool/reclaim.ts"
import { ServerSlots } from "../../src/pool/server-slots.ts"
import { installed } from "../support/client-tools.ts"
import {
  eventually,
  freshDatabase,
  openAll,
  rejection,
  sampleBackends,
  sharedPostgres,
  sleep,
  times,
} from "../support/helpers.ts"
import { LOCKED, lock } from "../support/lock.ts"
import { startPgBouncer } from "../support/pgbouncer.ts"
import { startProxy, type TcpProxy } from "../support/proxy.ts"
import { startPostgres } from "../support/server.ts"

const postgres = sharedPostgres()
let database: string
let proxy: TcpProxy
beforeEach(async () => {
  database = await freshDatabase()
  proxy = await startProxy(postgres.port)
})
afterEach(async () => {
  vi.useRealTimers()
  await proxy.close()
})

const PID = "SELECT pg_backend_pid() AS pid"
const pool = (parameters: Record<string, string | number>) =>
  createPool(proxy.url(postgres.url(database, { pool_timeout: 30, ...parameters })))

/** As if a container had been frozen: by the wall clock the connections were idle for so long. */
const idleFor = (millis: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + millis })

async function isThere(pid: number): Promise<boolean> {
  const rows = await postgres.sql("SELECT 1 FROM pg_stat_activity WHERE pid = $1", [pid])
  return rows.length > 0
}

const running = async () =>
  (await postgres.sql("SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND state = 'active'", [database]))
    .length

describe("the slot of a connection that was lost is taken until its backend is gone:", () => {
  test("connections are reset in their queries, and nothing can connect for a moment", async () => {
    const own = pool({ connection_limit: 3 })
    const { peak } = await sampleBackends(postgres, database, async () => {
      const unlock = await lock(database)
      const lost = times(3, () => own.query(LOCKED).catch((error: unknown) => error))
      await eventually("they run", async () => (await running()) === 3)
      await proxy.newConnections("refuse")
      proxy.cut("reset")
      await sleep(300)
      await proxy.newConnections("pass")
      const next = Promise.all(times(6, () => own.query("SELECT pg_sleep(0.05)")))
      // Time for connections that must not be opened yet.
      await sleep(1_000)
      await unlock()
      await next
      for (const error of await Promise.all(lost)) expect(error).toBeInstanceOf(Error)
      await own.end()
    })
    expect(peak).toBe(3)
  })

  test("a statement raises what a backend that ends says, and its connection is reset in the next one", async () => {
    const own = pool({ connection_limit: 1 })
    const raise = "DO $$ BEGIN RAISE EXCEPTION 'not the end' USING ERRCODE = '57P01'; END $$"
    const { peak } = await sampleBackends(postgres, database, async () => {
      const client = await own.connect()
      expect(await rejection(client.query(raise))).toMatchObject({ code: "57P01" })
      const unlock = await lock(database)
      const lost = rejection(client.query(LOCKED))
      await eventually("it runs", async () => (await running()) === 1)
      // Its cancel request does not arrive.
      await proxy.newConnections("refuse")
      proxy.cut("reset")
      expect(await lost).toBeInstanceOf(Error)
      client.release(true)
      await sleep(300)
      await proxy.newConnections("pass")
      const next = own.query("SELECT pg_sleep(0.1)")
      // Time for a connection that must not be opened yet.
      await sleep(1_000)
      await unlock()
      await next
      await own.end()
    })
    expect(peak).toBe(1)
  })

  test("over a connection that lives, the others are ended, and their slots are free at once", async () => {
    const own = pool({ connection_limit: 2 })
    const [frozen] = (await own.query<{ pid: number }>(PID)).rows
    await proxy.freeze({ newConnections: "pass" })
    idleFor(20_000)
    const { peak } = await sampleBackends(postgres, database, async () => {
      // What did not answer is given up, and the new connection ends its backend before anybody has it.
      const [living] = (await own.query<{ pid: number }>(PID)).rows
      expect(living?.pid).not.toBe(frozen?.pid)
      expect(await isThere(frozen?.pid ?? 0)).toBe(false)
      // So there is room for two again.
      await openAll(own, 2)
      expect(own.totalCount).toBe(2)
      await own.end()
    })
    expect(peak).toBe(2)
  })
})

describe("a connection that freezes in a statement, which ends after socket_timeout,", () => {
  test("is replaced once its backend was ended over one that lives, and the limit is kept", async () => {
    const own = pool({ connection_limit: 2, socket_timeout: 1 })
    const [frozen] = (await own.query<{ pid: number }>(PID)).rows
    await proxy.freeze({ newConnections: "pass" })
    const { peak } = await sampleBackends(postgres, database, async () => {
      const [lost] = await Promise.all([rejection(own.query("SELECT 1")), own.query("SELECT 1")])
      expect(lost).toMatchObject({ code: "P1008" })
      // Any caller will do. Without one the slot is free after 5 s, and the backend is there for ever.
      await eventually("its backend is gone", async () => {
        await own.query("SELECT 1")
        return !(await isThere(frozen?.pid ?? 0))
      })
      await openAll(own, 2)
      expect(own.totalCount).toBe(2)
      await own.end()
    })
    expect(peak).toBe(2)
  })

  test("and is the only one, has its place again when a server that is slow to cancel has ended it", async () => {
    // Below the 5 s for which a slot is taken whose backend nobody can ask about.
    const own = pool({ connection_limit: 1, socket_timeout: 1, pool_timeout: 4 })
    const slow =
      "DO $$ BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN PERFORM pg_sleep(1); END $$"
    const { peak } = await sampleBackends(postgres, database, async () => {
      expect(await rejection(own.query(slow))).toMatchObject({ code: "P1008" })
      expect((await own.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
      await own.end()
    })
    expect(peak).toBe(1)
  })
})

describe("where no connection lives, and 5 s have gone,", () => {
  /** Checks that three connections that froze are ended, and how many backends there are at the most while callers need three. */
  async function expectReplaced(
    whileFrozen: (own: ReturnType<typeof pool>) => Promise<unknown>,
    url = proxy,
  ) {
    const own = createPool(
      url.url(postgres.url(database, { connection_limit: 3, pool_timeout: 30, socket_timeout: 1 })),
    )
    await openAll(own, 3)
    const frozen = await postgres.sql<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE datname = $1",
      [database],
    )
    const { peak } = await sampleBackends(postgres, database, async () => {
      await whileFrozen(own)
      await openAll(own, 3)
      expect(own.totalCount).toBe(3)
    })
    expect(frozen).toHaveLength(3)
    for (const { pid } of frozen) expect(await isThere(pid)).toBe(false)
    await own.end()
    // The one that ends the others is there beside them for a moment.
    expect(peak).toBeLessThanOrEqual(4)
  }

  test("one is opened beside those that froze, and ends them before a caller has it", async () => {
    await expectReplaced(async (own) => {
      await proxy.freeze({ newConnections: "pass" })
      const errors = await Promise.all(times(3, () => rejection(own.query("SELECT 1"))))
      for (const error of errors) expect(error).toMatchObject({ code: "P1008" })
    })
  })

  test("those that are kept ready are there again, though no caller comes", async () => {
    const url = postgres.url(database, { connection_limit: 3, pool_timeout: 30 })
    const own = createPool(proxy.url(url), { minIdle: 3 })
    await own.query("SELECT 1")
    await eventually("3 are idle", async () => own.idleCount === 3)
    proxy.cut("reset")
    await eventually("they are closed", async () => own.idleCount === 0)
    await eventually("3 others are idle", async () => own.idleCount === 3)
    await own.end()
  })

  test("so it is where nothing could connect for longer", async () => {
    await expectReplaced(async (own) => {
      await proxy.freeze({ newConnections: "ignore" })
      await Promise.all(times(3, () => rejection(own.query("SELECT 1"))))
      await sleep(8_000)
      await proxy.newConnections("pass")
    })
  })
})

describe("over a live connection, a lost backend", () => {
  /** The outcome for a session with the process id of a connection that was lost `sinceLoss` ms ago. */
  async function reclaimed(sinceLoss: number, urlOf: (database: string) => string) {
    const openedAt = performance.now()
    const session = new pg.Client(postgres.url(database))
    session.on("error", () => {})
    await session.connect()
    const { rows } = await session.query<{ pid: number }>(PID)
    const pid = rows[0]?.pid ?? 0
    const free = vi.fn()
    const living = new PostgresClient(poolConfigFromUrl(urlOf(database)).pool)
    await living.connect()
    const sinceOpening = () => performance.now() - openedAt
    const lost = {
      processID: pid,
      get sinceOpening() {
        return sinceOpening()
      },
      get sinceLogin() {
        return sinceOpening()
      },
      sinceLoss,
      isOverdue: sinceLoss >= 5_000,
      free,
    }
    expect(await reclaim(living, [lost], 10_000)).toBe(true)
    await living.end()
    const outcome = { isEnded: !(await isThere(pid)), isFree: free.mock.calls.length > 0 }
    await session.end().catch(() => {})
    return outcome
  }

  test("is ended", async () => {
    expect(await reclaimed(0, (name) => postgres.url(name))).toEqual({ isEnded: true, isFree: true })
  })

  test("that nobody can end counts no longer than 5 s", async () => {
    const name = postgres.url(database)
    await postgres.sql("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_terminate_backend FROM PUBLIC", [], database)
    expect(await reclaimed(4_999, () => name)).toEqual({ isEnded: false, isFree: false })
    expect(await reclaimed(5_000, () => name)).toEqual({ isEnded: false, isFree: true })
  })

  test("is gone where its process id belongs to a session that began later, which is left alone", async () => {
    expect(await reclaimed(60_000, (name) => postgres.url(name))).toEqual({ isEnded: false, isFree: true })
  })

  test("is a stranger's after a failover, where the other server has its process id, and is left alone", async () => {
    const slots = new ServerSlots()
    const own = new LimitedPool(poolConfigFromUrl(proxy.url(postgres.url(database))).pool, slots)
    await own.query("SELECT 1")
    const other = await startPostgres()
    await other.createDatabase("core")
    // Longer than clocks may drift.
    await sleep(2_500)
    const stranger = new pg.Client(other.url("core"))
    await stranger.connect()
    const { rows } = await stranger.query<{ pid: number }>(PID)
    proxy.cut("reset")
    await eventually("it is lost", async () => slots.lost.size === 1)
    const [lost] = [...slots.lost]
    const living = new PostgresClient(poolConfigFromUrl(other.url("core")).pool)
    await living.connect()
    const free = vi.fn()
    const alike = {
      processID: rows[0]?.pid ?? 0,
      get sinceOpening() {
        return lost?.sinceOpening ?? 0
      },
      get sinceLogin() {
        return lost?.sinceLogin ?? 0
      },
      get sinceLoss() {
        return lost?.sinceLoss ?? 0
      },
      isOverdue: false,
      free,
    }
    expect(await reclaim(living, [alike], 10_000)).toBe(true)
    expect((await stranger.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
    // The backend on the first server may still exist, for what this one can tell.
    expect(free).not.toHaveBeenCalled()
    await Promise.all([living.end(), stranger.end(), own.end()])
    await other.destroy()
  })

  test.runIf(installed("pgbouncer"))(
    "is left alone behind a pooler, whose process ids are invented",
    async () => {
      const bouncer = await startPgBouncer(postgres)
      const url = (name: string) => bouncer.url(name, { pgbouncer: "true" })
      expect(await reclaimed(0, url)).toEqual({ isEnded: false, isFree: false })
      await bouncer.destroy()
    },
  )
})

describe("the slot is free at once", () => {
  /** A pool, and how many lost backends there were yet each time that a slot was free: none is ever lost here. */
  function observed(parameters: Record<string, number>) {
    const slots = new ServerSlots()
    const lost: number[] = []
    slots.onFree(() => lost.push(slots.lost.size))
    const url = proxy.url(postgres.url(database, { pool_timeout: 30, ...parameters }))
    return { own: new LimitedPool(poolConfigFromUrl(url).pool, slots), slots, lost }
  }

  test("where the server said that the backend ends, though all connections are cut", async () => {
    const { own, slots, lost } = observed({ connection_limit: 2 })
    const held = await Promise.all(times(2, () => own.connect()))
    for (const client of held) client.release()
    await postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
      database,
    ])
    await eventually("both are free", async () => slots.count === 0)
    expect(lost).toEqual([0, 0])
    await own.query("SELECT 1")
    await own.end()
  })

  test("where the server is another one after a restart", async () => {
    const server = await startPostgres({ max_connections: 20 })
    await server.createDatabase("core")
    const own = createPool(server.url("core", { connection_limit: 2, pool_timeout: 30 }))
    await openAll(own, 2)
    await server.stop()
    await server.start()
    expect((await own.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
    await own.end()
    await server.destroy()
  })

  test("where a login was given up", async () => {
    await proxy.newConnections("ignore")
    const { own, slots, lost } = observed({ connection_limit: 2, connect_timeout: 1 })
    for (const error of await Promise.all(times(2, () => rejection(own.query("SELECT 1"))))) {
      expect(error.message).toMatch(/did not answer/)
    }
    await eventually("both are free", async () => slots.count === 0)
    expect(lost).toEqual([0, 0])
    await proxy.newConnections("pass")
    await own.query("SELECT 1")
    await own.end()
  })
})
