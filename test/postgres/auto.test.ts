// A size that follows the living instances: PRISMA_POOL_SIZE=auto.
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { LimitedPool } from "../../src/pool/limited-pool.ts"
import { ServerSlots } from "../../src/pool/server-slots.ts"
import { autoPool, hungry, newService, type Service } from "../support/auto-pools.ts"
import {
  despitePoolTimeout,
  eventually,
  freshDatabase,
  rejection,
  sampleBackends,
  sharedPostgres,
  times,
} from "../support/helpers.ts"

const postgres = sharedPostgres()
let database: string
let service: Service
const open: LimitedPool[] = []

beforeEach(async () => {
  database = await freshDatabase()
  service = await newService(postgres, database, 20)
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.end()))
  await service.drop()
})

function newPool(
  parameters: Readonly<Record<string, string | number>> = {},
  slots?: ServerSlots,
): LimitedPool {
  const pool = autoPool(service.url({ pool_timeout: 60, ...parameters }), {}, slots)
  open.push(pool)
  return pool
}

test("one pool takes what is shared, and gives it back for a second one", async () => {
  const first = newPool()
  const one = hungry(first)
  await eventually("it has its cap", async () => first.totalCount === 15)
  const second = newPool()
  const two = hungry(second)
  await eventually(
    "both have their share of 20 - 2",
    async () => first.totalCount === 9 && second.totalCount === 9,
  )
  const names = await postgres.sql<{ name: string }>(
    "SELECT DISTINCT application_name AS name FROM pg_stat_activity WHERE usename = $1",
    [service.role],
  )
  expect(names.map(({ name }) => name.replace(/#[0-9a-z]{6}$/, "#"))).toEqual(["api@1#", "api@1#"])
  await one.stop()
  await two.stop()
  expect([...one.errors, ...two.errors]).toEqual([])
})

describe("a fleet that grows from 3 to 9 pools, and shrinks again,", () => {
  test.each([
    ["whose callers are many", 20],
    ["whose callers are few", 3],
  ])("%s, is never above the limit, and each pool gets its share", async (_, callers) => {
    const { peak, samples } = await sampleBackends(postgres, database, async () => {
      const pools = times(3, () => newPool())
      const loads = pools.map((pool) => hungry(pool, callers))
      // 18 are shared.
      const wanted = Math.min(6, callers)
      await eventually("3 have theirs", async () => pools.every(({ totalCount }) => totalCount >= wanted))
      for (const pool of times(6, () => newPool())) {
        pools.push(pool)
        loads.push(hungry(pool, callers))
      }
      await eventually("each of 9 is served", async () => loads.every(({ served }) => served > 0))
      await eventually("each of 9 is at its share", async () =>
        pools.every(({ totalCount }) => totalCount === 2),
      )
      await Promise.all(loads.splice(2).map((load) => load.stop()))
      pools.splice(2)
      await Promise.all(open.splice(2).map((pool) => pool.end()))
      await eventually("2 are left with theirs", async () =>
        pools.every(({ totalCount }) => totalCount >= Math.min(9, callers)),
      )
      await Promise.all(loads.map((load) => load.stop()))
      for (const { errors } of loads) expect(errors).toEqual([])
    })
    expect(peak).toBeLessThanOrEqual(20)
    expect(samples).toBeGreaterThan(10)
  })
})

test("more pools than are shared: none is above the limit, and whoever has paused makes room for the others", async () => {
  await service.limit(4)
  const { peak } = await sampleBackends(postgres, database, async () => {
    await Promise.all(times(8, () => newPool().query("SELECT 1")))
  })
  expect(peak).toBeLessThanOrEqual(4)
})

test("a caller needs one connection, with the look before it", async () => {
  const pool = newPool()
  await pool.query("SELECT 1")
  expect(pool.totalCount).toBe(1)
})

test("a pool of one whose connection is closed opens another one for those who wait", async () => {
  await service.limit(2)
  const pool = newPool()
  const client = await pool.connect()
  const waiting = times(3, () => pool.query("SELECT 1"))
  client.release(true)
  await Promise.all(waiting)
})

test("callers that come at once beside an idle connection make a pool no larger than its share", async () => {
  await service.limit(6)
  const pool = newPool()
  await pool.query("SELECT 1")
  let opened = 1
  pool.on("connect", () => {
    opened += 1
  })
  const load = hungry(pool)
  await eventually("it has its share", async () => opened === 4)
  const { served } = load
  await eventually("it goes on", async () => load.served > served + 100)
  await load.stop()
  expect(opened).toBe(4)
})

describe("a limit that is changed while pools run is followed:", () => {
  test("lowered, and raised", async () => {
    const pool = newPool()
    const load = hungry(pool)
    await eventually("it has its cap", async () => pool.totalCount === 15)
    await service.limit(8)
    await eventually("6 of 8 are shared", async () => pool.totalCount === 6)
    await eventually("by the server too", async () => (await service.backends()) <= 6)
    await service.limit(12)
    await eventually("10 of 12", async () => pool.totalCount === 10)
    await load.stop()
    expect(load.errors).toEqual([])
  })

  test("of the database", async () => {
    await service.limit(-1)
    await postgres.sql(`ALTER DATABASE ${database} CONNECTION LIMIT 6`)
    const pool = newPool()
    const load = hungry(pool)
    await eventually("4 of 6 are shared", async () => pool.totalCount === 4)
    await load.stop()
    expect(load.errors).toEqual([])
  })
})

describe("a pool that has lost its callers", () => {
  test("shrinks to its share without a return, for pools that want theirs", async () => {
    const first = newPool({ connection_limit: 18 })
    await Promise.all(times(18, () => first.query("SELECT pg_sleep(0.1)")))
    const second = newPool()
    const load = hungry(second)
    await eventually("the second has half", async () => second.totalCount === 9)
    await eventually("and the first no more", async () => first.totalCount <= 9)
    await load.stop()
    expect(load.errors).toEqual([])
  })

  test("keeps one connection, after a while", async () => {
    const pool = newPool()
    await Promise.all(times(6, () => pool.query("SELECT pg_sleep(0.1)")))
    expect(pool.totalCount).toBeGreaterThan(1)
    await eventually("one is left", async () => pool.totalCount === 1)
    await eventually("by the server too", async () => (await service.backends()) === 1)
  })
})

describe("connections that are kept ready", () => {
  const keeping = (minIdle: number) => {
    const pool = autoPool(service.url({ pool_timeout: 60 }), { minIdle })
    open.push(pool)
    return pool
  }

  test("are given up where there are more pools than connections, until a caller comes", async () => {
    // 2 are shared.
    await service.limit(4)
    const pools = times(3, () => keeping(1))
    const opened = new Map(pools.map((pool) => [pool, 0]))
    for (const pool of pools) pool.on("connect", () => opened.set(pool, (opened.get(pool) ?? 0) + 1))
    await Promise.all(pools.map((pool) => pool.query("SELECT 1")))
    await eventually("one has none", () => pools.some(({ totalCount }) => totalCount === 0))
    expect([...opened.values()]).toEqual([1, 1, 1])
    await Promise.all(pools.map((pool) => pool.query("SELECT 1")))
  })

  test("do not become more while the pool looks over one of them", async () => {
    const pool = keeping(2)
    let [opened, looks] = [0, 0]
    pool.on("connect", () => {
      opened += 1
    })
    await pool.query("SELECT 1")
    await eventually("2 are ready", () => pool.idleCount >= 2 && pool.idleCount === pool.totalCount)
    const ready = opened
    pool.on("acquire", () => {
      looks += 1
    })
    await eventually("it has looked", () => looks >= 3)
    expect(opened).toBe(ready)
  })

  test("are within the share", async () => {
    // 8 are shared: 2 for each of three pools, which have 7 of them.
    await service.limit(10)
    const first = keeping(5)
    await first.query("SELECT 1")
    await eventually("5 are idle", () => first.idleCount >= 5)
    await Promise.all(times(2, () => keeping(0).query("SELECT 1")))
    await eventually("it keeps 2", () => first.idleCount === 2)
  })
})

test("P2024 names the share of that moment, and not the cap", async () => {
  await service.limit(4)
  const pool = newPool({ pool_timeout: 1 })
  const held = [
    await despitePoolTimeout(() => pool.connect()),
    await despitePoolTimeout(() => pool.connect()),
  ]
  expect((await rejection(pool.query("SELECT 1"))).message).toMatch(/connection pool.*connection limit: 2/s)
  for (const client of held) client.release()
})

test("two pools that share their slots, as two copies of node-postgres do, both get connections", async () => {
  const slots = new ServerSlots()
  const [first, second] = [newPool({}, slots), newPool({}, slots)]
  await Promise.all(times(3, () => first.query("SELECT pg_sleep(0.1)")))
  expect((await second.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
  await Promise.all(times(3, () => second.query("SELECT pg_sleep(0.1)")))
  expect(second.totalCount).toBeGreaterThan(1)
})
