import pg from "pg"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, isTooManyConnections, poolConfigFromUrl } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import { acquireSharedPool } from "../../src/pool/shared-pool.ts"
import {
  collectWarnings,
  countBackends,
  eventually,
  freshDatabase,
  sampleBackends,
  sharedPostgres,
  sleep,
  TEMPORARY_TABLE,
  times,
} from "../support/helpers.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

const postgres = sharedPostgres()
let database: string
beforeAll(async () => {
  database = await freshDatabase()
})

function core(size: number, parameters: Record<string, string | number> = {}, of = { postgres, database }) {
  return createCoreClient(PrismaClient, {
    env: { DATABASE_URL_CORE: of.postgres.url(of.database, parameters), PRISMA_POOL_SIZE_CORE: String(size) },
  })
}

describe("never more than connection_limit connections", () => {
  test("30 concurrent queries with a limit of 3 never show more than 3 backends", async () => {
    const client = core(3)
    const { peak } = await sampleBackends(postgres, database, async (sampled) => {
      await Promise.all(times(30, () => client.$queryRaw`SELECT 1 FROM pg_sleep(0.05)`))
      await sampled()
      await client.$disconnect()
    })
    expect(peak).toBe(3)
  })

  test("model queries, raw ones, batches and interactive transactions share the limit", async () => {
    const client = core(3)
    const { peak } = await sampleBackends(postgres, database, async (sampled) => {
      await Promise.all(
        times(24, (index) => {
          if (index % 4 === 0) return client.mission.findMany()
          if (index % 4 === 1) return client.$queryRaw`SELECT 1 FROM pg_sleep(0.02)`
          if (index % 4 === 2) return client.$transaction([client.mission.count(), client.partner.count()])
          return client.$transaction((tx) => tx.$queryRaw`SELECT 1 FROM pg_sleep(0.02)`, { maxWait: 20_000 })
        }),
      )
      await sampled()
      await client.$disconnect()
    })
    expect(peak).toBe(3)
  })

  test("two clients in one process share one limit", async () => {
    const [one, two] = [core(3), core(3)]
    const { peak } = await sampleBackends(postgres, database, async (sampled) => {
      await Promise.all(times(20, (index) => (index % 2 ? one : two).$queryRaw`SELECT 1 FROM pg_sleep(0.03)`))
      await one.$disconnect()
      // The pool is closed with the last of them. What was still being opened is kept.
      await eventually("all three are there", async () => (await countBackends(postgres, database)) === 3)
      await sampled()
      await two.$disconnect()
    })
    expect(peak).toBe(3)
    expect(await countBackends(postgres, database)).toBe(0)
  })

  test("an idle connection that is promised to a caller, and dies before that one has it, leaves its place when its backend has ended", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 1 }))
    const idle = await pool.connect()
    // So that ending takes the server a while.
    await idle.query(TEMPORARY_TABLE)
    idle.release()
    const { peak } = await sampleBackends(postgres, database, async () => {
      const caller = pool.query("SELECT 1 AS one")
      // pg-pool hands it out on the next tick.
      idle.emit("error", new Error("the connection is cut"))
      expect(poolStats(pool)).toMatchObject({ total: 1, idle: 0, waiting: 1 })
      await new Promise((resolve) => process.nextTick(resolve))
      expect(poolStats(pool)).toMatchObject({ total: 1, idle: 0, waiting: 1 })
      expect((await caller).rows).toEqual([{ one: 1 }])
      expect(poolStats(pool)).toMatchObject({ opened: 2, connectionErrors: 0 })
    })
    expect(peak).toBe(1)
    await pool.end()
  })

  test("so do two copies of the module, as after a hot reload", async () => {
    vi.resetModules()
    const copy = await import("../../src/index.ts")
    expect(copy.createCoreClient).not.toBe(createCoreClient)
    const one = core(3)
    const two = copy.createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: postgres.url(database), PRISMA_POOL_SIZE_CORE: "3" },
    })
    const { peak } = await sampleBackends(postgres, database, async (sampled) => {
      await Promise.all(times(20, (index) => (index % 2 ? one : two).$queryRaw`SELECT 1 FROM pg_sleep(0.03)`))
      await sampled()
      await Promise.all([one.$disconnect(), two.$disconnect()])
    })
    expect(peak).toBe(3)
  })

  test("clients of other settings, schema or user have a pool of their own, and one warning names the sum", async () => {
    const other = await freshDatabase()
    const of = { postgres, database: other }
    const clients = [core(3, {}, of), core(3, {}, of), core(4, {}, of)] as const
    const warnings = await collectWarnings(async () => {
      for (const client of clients) await client.$queryRaw`SELECT 1`
      for (const client of clients) await client.$disconnect()
      await clients[0].$disconnect()
    })
    expect(warnings).toEqual([expect.stringContaining("3 + 4 = 7 connections")])
  })
})

const TERMINATE_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'core'"

describe("on a server with exactly the planned slots, an ordinary role is refused nothing", () => {
  const size = 5
  let full: PostgresServer
  let terminator: pg.Client
  beforeAll(async () => {
    // 3 are kept for superusers, counted as free slots; the sampler and the terminator take one each.
    full = await startPostgres({ max_connections: size + 3 + 2, autovacuum: "off" })
    await full.createDatabase("core")
    terminator = new pg.Client(full.adminUrl())
    await terminator.connect()
  })
  afterAll(async () => {
    await terminator.end()
    await full.destroy()
  })

  test("while the last client disconnects and another one connects", async () => {
    // Without Prisma's own start-up in between, which takes longer than the old connections need to close.
    const { pool: config } = poolConfigFromUrl(full.url("core", { connection_limit: size, pool_timeout: 0 }))
    const refused: unknown[] = []
    const { peak } = await sampleBackends(full, "core", async () => {
      const released: Promise<void>[] = []
      for (let round = 0; round < 12; round++) {
        const lease = acquireSharedPool(config, "the same")
        const query = () => lease.pool.query(TEMPORARY_TABLE).catch((error) => refused.push(error))
        await Promise.all(times(size * 2, query))
        released.push(lease.release())
      }
      await Promise.all(released)
    })
    expect(refused).toEqual([])
    expect(peak).toBe(size)
  })

  test("while its backends are terminated while running", async () => {
    const client = core(size, { pool_timeout: 0 }, { postgres: full, database: "core" })
    const errors: unknown[] = []
    let over = false
    const caller = async () => {
      while (!over) await client.$executeRawUnsafe(TEMPORARY_TABLE).catch((error) => errors.push(error))
    }
    const { peak } = await sampleBackends(full, "core", async () => {
      const callers = times(size * 3, caller)
      for (let round = 0; round < 20; round++) {
        await sleep(100)
        await terminator.query(TERMINATE_ALL)
      }
      over = true
      await Promise.all(callers)
      await client.$disconnect()
    })
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.filter(isTooManyConnections)).toEqual([])
    expect(peak).toBeLessThanOrEqual(size)
  })

  test("when idle backends are terminated: they say so long before their slots are free", async () => {
    const pool = createPool(full.url("core", { connection_limit: size }))
    for (let round = 0; round < 5; round++) {
      await Promise.all(times(size, () => pool.query(TEMPORARY_TABLE)))
      await terminator.query(TERMINATE_ALL)
      await eventually("noticed", async () => pool.totalCount === 0)
      await Promise.all(times(size, () => pool.query("SELECT 1")))
    }
    await pool.end()
  })

  const churns: [string, Record<string, string | number>][] = [
    ["connections that are used once", { single_use_connections: "true" }],
    ["connections that live for a second", { max_connection_lifetime: 1 }],
  ]
  test.each(churns)("with %s, sessions with temporary tables among them", async (_, parameters) => {
    const client = core(size, { pool_timeout: 0, ...parameters }, { postgres: full, database: "core" })
    const refused: unknown[] = []
    const { peak } = await sampleBackends(full, "core", async () => {
      const end = Date.now() + 4_000
      const caller = async () => {
        while (Date.now() < end) {
          await client.$executeRawUnsafe(TEMPORARY_TABLE).catch((error) => refused.push(error))
          await client.mission.count().catch((error) => refused.push(error))
        }
      }
      await Promise.all(times(size * 3, caller))
      await client.$disconnect()
    })
    expect(refused).toEqual([])
    expect(peak).toBeLessThanOrEqual(size)
    await eventually("all are closed", async () => (await countBackends(full, "core")) === 0)
  })
})
