// Where a size cannot follow the living instances, the pool has a fixed one, and says so once.
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { LimitedPool } from "../../src/pool/limited-pool.ts"
import { METRICS } from "../../src/pool/pool-metrics.ts"
import { autoPool, hungry, newService, type Service } from "../support/auto-pools.ts"
import { installed } from "../support/client-tools.ts"
import { collectWarnings, eventually, freshDatabase, sharedPostgres, times } from "../support/helpers.ts"
import { startPgBouncer } from "../support/pgbouncer.ts"
import { startProxy } from "../support/proxy.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

const postgres = sharedPostgres()
const open: LimitedPool[] = []
let database: string
beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.end()))
})

function newPool(url: string, maxSize?: number): LimitedPool {
  const pool = autoPool(url, maxSize === undefined ? {} : { maxSize })
  open.push(pool)
  return pool
}

const stateOf = (pool: LimitedPool) => pool[METRICS]().gauges.auto

/** The warnings of a pool that is used until it is off, and for a while longer. */
async function warningsOf(pool: LimitedPool, reason: string, size: number): Promise<string[]> {
  return await collectWarnings(async () => {
    const load = hungry(pool)
    await eventually(
      "it is off",
      async () => JSON.stringify(stateOf(pool)) === JSON.stringify({ off: reason }),
    )
    await eventually("it has its fixed size", async () => pool.totalCount === size)
    const { served } = load
    await eventually("it goes on", async () => load.served > served + 100)
    expect(pool.totalCount).toBe(size)
    await load.stop()
    expect(load.errors).toEqual([])
  })
}

test("a superuser", async () => {
  const pool = newPool(`${postgres.adminUrl(database)}?connection_limit=4`)
  expect(await warningsOf(pool, "superuser", 4)).toEqual([
    expect.stringContaining("auto is off: the role is a superuser"),
  ])
})

test("a superuser's pool is within its cap where the URL's limit is higher", async () => {
  const pool = newPool(`${postgres.adminUrl(database)}?connection_limit=9`, 3)
  expect(await warningsOf(pool, "superuser", 3)).toHaveLength(1)
})

test("several pools that are off warn once in a process", async () => {
  const pools = times(3, () => newPool(`${postgres.adminUrl(database)}?connection_limit=2`))
  const warnings = await collectWarnings(() => Promise.all(pools.map((pool) => pool.query("SELECT 1"))))
  expect(warnings).toHaveLength(1)
})

test.runIf(installed("pgbouncer"))("PgBouncer, which nothing in the URL names", async () => {
  const bouncer = await startPgBouncer(postgres, { poolSize: 2 })
  try {
    const pool = newPool(bouncer.url(database, { connection_limit: 5 }))
    expect(await warningsOf(pool, "pooler", 5)).toEqual([
      expect.stringContaining("auto is off: a pooler stands between"),
    ])
  } finally {
    await Promise.all(open.splice(0).map((pool) => pool.end()))
    await bouncer.destroy()
  }
})

describe("two servers behind one name", () => {
  let servers: PostgresServer[]
  let service: Service
  beforeEach(async () => {
    servers = await Promise.all(times(2, () => startPostgres({ max_connections: 40 })))
    const made = await Promise.all(servers.map((server) => newService(server, "postgres", 20)))
    service = made[0] as Service
    // The same role on both.
    await servers[1]?.sql(`ALTER ROLE ${made[1]?.role} RENAME TO ${service.role}`)
    await servers[1]?.sql(`ALTER ROLE ${service.role} PASSWORD 'x'`)
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((pool) => pool.end()))
    await Promise.all(servers.map((server) => server.destroy()))
  })

  test("that take turns, as behind a balancer", async () => {
    const [first, second] = servers as [PostgresServer, PostgresServer]
    const relay = await startProxy(() => [first, second][relay.attempts % 2]?.port ?? 0)
    // It has grown by then, and shrinks to the size that the URL says.
    const pool = newPool(relay.url(service.url({ connection_limit: 4 })), 9)
    expect(await warningsOf(pool, "several servers", 4)).toEqual([
      expect.stringContaining("auto is off: several servers answer"),
    ])
    await Promise.all(open.splice(0).map((pool) => pool.end()))
    await relay.close()
  })

  test.each([
    ["and ends the connections to the first", true],
    ["and leaves those that there are", false],
  ])("one after another, when the name moves in a failover %s: auto goes on", async (_, cuts) => {
    const [first, second] = servers as [PostgresServer, PostgresServer]
    let active = first
    const relay = await startProxy(() => active.port)
    const pools = times(2, () => newPool(relay.url(service.url({ connection_limit: 15, pool_timeout: 60 }))))
    const warnings = await collectWarnings(async () => {
      const loads = pools.map((pool) => hungry(pool))
      await eventually("both have their share", async () => pools.every(({ totalCount }) => totalCount === 9))
      await second.sql(`ALTER ROLE ${service.role} CONNECTION LIMIT 10`)
      active = second
      if (cuts) relay.cut("close")
      else for (const pool of pools) await recycle(pool)
      await eventually("both follow the second server: 8 are shared", async () =>
        pools.every((pool) => {
          const state = stateOf(pool)
          return pool.totalCount === 4 && state !== undefined && "budget" in state && state.budget === 10
        }),
      )
      await Promise.all(loads.map((load) => load.stop()))
    })
    expect(warnings).toEqual([])
    await Promise.all(open.splice(0).map((pool) => pool.end()))
    await relay.close()
  })
})

/** Replaces connections one by one while the others work, as their lifetime ends. */
async function recycle(pool: LimitedPool): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) {
    const client = await pool.connect()
    client.release(true)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
