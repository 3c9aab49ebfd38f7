// What becomes of a pool's looks at its server that hang, are refused, or are under way when something else happens.
import pg from "pg"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { LimitedPool } from "../../src/pool/limited-pool.ts"
import { METRICS } from "../../src/pool/pool-metrics.ts"
import { autoPool, hungry, newService, type Service } from "../support/auto-pools.ts"
import {
  collectWarnings,
  eventually,
  freshDatabase,
  rejection,
  sharedPostgres,
  times,
} from "../support/helpers.ts"

const postgres = sharedPostgres()
let database: string
let service: Service
let admin: pg.Client
let open: LimitedPool[]

beforeEach(async () => {
  database = await freshDatabase()
  service = await newService(postgres, database, 20)
  open = []
  admin = new pg.Client(postgres.adminUrl(database))
  await admin.connect()
})
afterEach(async () => {
  await admin.end()
  await Promise.all(open.filter(({ ending }) => !ending).map((pool) => pool.end()))
  await service.drop()
})

function newPool(parameters: Readonly<Record<string, string | number>> = {}): LimitedPool {
  const pool = autoPool(service.url({ pool_timeout: 60, ...parameters }))
  open.push(pool)
  return pool
}

const stateOf = (pool: LimitedPool) => pool[METRICS]().gauges.auto

/** Looks hang until `COMMIT`, and nothing else does: only they read this view. */
const lockLooks = () =>
  admin.query(
    `SET allow_system_table_mods = on; BEGIN; ALTER VIEW pg_catalog.pg_roles SET (security_barrier = false)`,
  )

/** Waits until a look hangs. */
const aLookHangs = () =>
  eventually("a look hangs", async () => {
    const rows = await postgres.sql(
      "SELECT 1 FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'",
      [service.role],
    )
    return rows.length > 0
  })

describe("the first look", () => {
  test("comes before the first caller's transaction, however long that is", async () => {
    const pool = newPool()
    const client = await pool.connect()
    await client.query("BEGIN")
    // A pool that had not looked would have no more than this one.
    await Promise.all(times(3, () => pool.query("SELECT 1")))
    expect(stateOf(pool)).toMatchObject({ share: 15, instances: 1 })
    await client.query("COMMIT")
    client.release()
  })

  test("that hangs is given up, and its connection replaced", async () => {
    await lockLooks()
    const pool = newPool({ pool_timeout: 0 })
    const served = pool.query("SELECT 1 AS one")
    await aLookHangs()
    const [first] = await postgres.sql<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE usename = $1",
      [service.role],
    )
    await eventually("another connection looks", async () => {
      const rows = await postgres.sql<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE usename = $1 AND pid <> $2",
        [service.role, first?.pid],
      )
      return rows.length > 0
    })
    await admin.query("COMMIT")
    expect((await served).rows).toEqual([{ one: 1 }])
    expect(stateOf(pool)).toMatchObject({ share: 15 })
  })

  test.each([
    ["whose backend is terminated", "SELECT pg_terminate_backend(pid)"],
    ["that is cancelled", "SELECT pg_cancel_backend(pid)"],
  ])("%s does not say what the server is", async (_, sql) => {
    await lockLooks()
    const pool = newPool()
    const warnings = await collectWarnings(async () => {
      const served = pool.query("SELECT 1 AS one")
      await aLookHangs()
      await postgres.sql(`${sql} FROM pg_stat_activity WHERE usename = $1`, [service.role])
      await admin.query("COMMIT")
      expect((await served).rows).toEqual([{ one: 1 }])
      const load = hungry(pool)
      await eventually("it has looked", async () => pool.totalCount === 15)
      await load.stop()
    })
    expect(warnings).toEqual([])
  })

  test("that socket_timeout ends does not say what the server is", async () => {
    await lockLooks()
    const pool = newPool({ socket_timeout: 1 })
    const warnings = await collectWarnings(async () => {
      const served = pool.query("SELECT 1 AS one")
      await aLookHangs()
      await eventually(
        "it has ended",
        async () => (stateOf(pool) ?? pool.totalCount) !== 1 || pool[METRICS]().opened > 1,
      )
      await admin.query("COMMIT")
      expect((await served).rows).toEqual([{ one: 1 }])
    })
    expect(warnings).toEqual([])
    expect(stateOf(pool)).toMatchObject({ share: 15 })
  })
})

describe("a look that the server refuses", () => {
  test("at first turns auto off, with one warning and the fixed size", async () => {
    await postgres.sql("REVOKE SELECT ON pg_catalog.pg_roles FROM PUBLIC", [], database)
    const warnings = await collectWarnings(async () => {
      const pool = newPool({ connection_limit: 7 })
      const load = hungry(pool)
      await eventually("it is as large as the URL says", async () => pool.totalCount === 7)
      await load.stop()
      expect(load.errors).toEqual([])
      expect(stateOf(pool)).toEqual({ off: "unknown server" })
    })
    expect(warnings).toEqual([expect.stringContaining("auto is off")])
  })

  test("later changes nothing", async () => {
    const pool = newPool()
    const load = hungry(pool)
    await eventually("it has its cap", async () => pool.totalCount === 15)
    await postgres.sql("REVOKE SELECT ON pg_catalog.pg_roles FROM PUBLIC", [], database)
    await service.limit(6)
    const { acquired } = pool[METRICS]()
    await eventually("it goes on", async () => pool[METRICS]().acquired > acquired + 200)
    expect(stateOf(pool)).toMatchObject({ share: 15 })
    await postgres.sql("GRANT SELECT ON pg_catalog.pg_roles TO PUBLIC", [], database)
    await eventually("and follows again", async () => pool.totalCount === 4)
    await load.stop()
    expect(load.errors).toEqual([])
  })
})

describe("a look that hangs over a connection that was given back", () => {
  test("is given up, while the other connections serve", async () => {
    const pool = newPool()
    const load = hungry(pool)
    await eventually("it has its cap", async () => pool.totalCount === 15)
    await lockLooks()
    await aLookHangs()
    const before = load.served
    await eventually("callers are served", async () => load.served > before + 100)
    await admin.query("COMMIT")
    await service.limit(6)
    await eventually("it looks again", async () => pool.totalCount === 4)
    await load.stop()
    expect(load.errors).toEqual([])
  })

  test.each([
    ["end()", (pool: LimitedPool) => pool.end()],
    ["close()", (pool: LimitedPool) => pool.close(5_000)],
  ])("does not keep %s", async (_, end) => {
    const pool = newPool()
    await pool.query("SELECT 1")
    await lockLooks()
    await aLookHangs()
    await end(pool)
    await eventually("nothing is left on the server", async () => (await service.backends()) === 0)
    await admin.query("COMMIT")
  })

  test("does not keep the first one's end()", async () => {
    const pool = newPool()
    await lockLooks()
    const served = rejection(pool.query("SELECT 1"))
    await aLookHangs()
    await pool.end()
    expect((await served).message).toMatch(/end/)
    await eventually("nothing is left on the server", async () => (await service.backends()) === 0)
    await admin.query("COMMIT")
  })
})
