import { metrics } from "@opentelemetry/api"
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, PoolConfigError } from "../../src/index.ts"
import { observePools, type PoolMeter, poolStats } from "../../src/monitor/index.ts"
import { type CarriesMetrics, METRICS, PoolMetrics } from "../../src/pool/pool-metrics.ts"
import { PATIENT } from "../support/held-transactions.ts"
import {
  eventually,
  freshDatabase,
  nextUncaught,
  rejection,
  sharedPostgres,
  sleep,
} from "../support/helpers.ts"
import { startMetrics, type Times } from "../support/metrics.ts"

const postgres = sharedPostgres()
let database: string
let otel: ReturnType<typeof startMetrics>
let stop = () => {}
beforeAll(async () => {
  database = await freshDatabase()
})
beforeEach(() => {
  otel = startMetrics()
})
afterEach(async () => {
  stop()
  stop = () => {}
  await otel.stop()
})

const core = (size: number, timeout = 20) =>
  createCoreClient(PrismaClient, {
    env: {
      DATABASE_URL_CORE: postgres.url(database),
      PRISMA_POOL_SIZE_CORE: String(size),
      PRISMA_POOL_TIMEOUT: String(timeout),
    },
  })

const PREFIX = "db.client.connection"

describe("each figure is what the test made happen", () => {
  test("state: two in use of three, one idle, four who wait", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 3 }))
    stop = observePools(otel.meter, { core: pool })
    const [one, two, three] = await Promise.all([pool.connect(), pool.connect(), pool.connect()])
    three.release()
    expect(await otel.read()).toMatchObject({
      [`${PREFIX}.count`]: { "core idle": 1, "core used": 2 },
      [`${PREFIX}.max`]: { core: 3 },
      [`${PREFIX}.idle.max`]: { core: 3 },
      [`${PREFIX}.idle.min`]: { core: 0 },
      [`${PREFIX}.pending_requests`]: { core: 0 },
      [`${PREFIX}.timeouts`]: { core: 0 },
      "prisma_pool.connection.errors": { core: 0 },
      "prisma_pool.connection.refusals": { core: 0 },
      "prisma_pool.connection.rejections": { core: 0 },
      "prisma_pool.connection.reconnects": { core: 0 },
      "prisma_pool.connection.expirations": { core: 0 },
      "prisma_pool.down": { core: 0 },
    })
    const held = await pool.connect()
    const waiting = [1, 2, 3, 4].map(() => pool.connect())
    expect(await otel.read()).toMatchObject({
      [`${PREFIX}.count`]: { "core idle": 0, "core used": 3 },
      [`${PREFIX}.pending_requests`]: { core: 4 },
    })
    for (const client of [one, two, held]) client.release()
    for (const caller of waiting) (await caller).release()
    expect(await otel.read()).toMatchObject({
      [`${PREFIX}.count`]: { "core idle": 3, "core used": 0 },
      [`${PREFIX}.pending_requests`]: { core: 0 },
      [`${PREFIX}.wait_time`]: { core: { count: 8 } },
      [`${PREFIX}.create_time`]: { core: { count: 3 } },
      [`${PREFIX}.use_time`]: { core: { count: 8 } },
    })
    await pool.end()
  })

  test("times, in seconds: of opening, of waiting, of use", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 1 }))
    stop = observePools(otel.meter, { core: pool })
    const first = await pool.connect()
    const second = pool.connect()
    await sleep(300)
    first.release()
    const held = await second
    await sleep(100)
    held.release()
    const read = await otel.read()
    const [create, wait, use] = ["create_time", "wait_time", "use_time"].map(
      (name) => read[`${PREFIX}.${name}`]?.["core"] as Times,
    ) as [Times, Times, Times]
    expect(create.count).toBe(1)
    expect(create.min).toBeGreaterThan(0)
    // The first caller waited for the opening, the second for the first.
    expect(wait.count).toBe(2)
    expect(wait.min).toBeGreaterThanOrEqual(create.min)
    expect(wait.max).toBeGreaterThanOrEqual(0.299)
    expect(wait.max).toBeLessThan(10)
    expect(use.count).toBe(2)
    expect(use.min).toBeGreaterThanOrEqual(0.099)
    expect(use.max).toBeGreaterThanOrEqual(0.299)
    expect(use.sum).toBeCloseTo(use.min + use.max, 9)
    const oldest = async () => (await otel.read())["prisma_pool.connection.oldest_hold"]?.["core"]
    expect(await oldest()).toBe(0)
    const again = await pool.connect()
    await sleep(100)
    expect(await oldest()).toBeGreaterThanOrEqual(0.099)
    again.release()
    await pool.end()
    expect(await oldest()).toBe(0)
  })

  test("callers for whom the queue had no place, connections that grew too old, and how many are kept idle", async () => {
    const url = postgres.url(database, { connection_limit: 2, max_connection_lifetime: 1 })
    const pool = createPool(url, { maxWaiting: 1, minIdle: 1 })
    stop = observePools(otel.meter, { core: pool })
    const held = await Promise.all([pool.connect(), pool.connect()])
    const waiting = pool.query("SELECT 1")
    for (let caller = 0; caller < 3; caller += 1) await rejection(pool.query("SELECT 1"))
    for (const client of held) client.release()
    await waiting
    await eventually("two have grown too old", () => poolStats(pool).expirations >= 2)
    expect((await otel.read())[`${PREFIX}.idle.min`]).toEqual({ core: 1 })
    await pool.end()
    const { rejections, expirations } = poolStats(pool)
    expect(rejections).toBe(3)
    expect(await otel.read()).toMatchObject({
      [`${PREFIX}.timeouts`]: { core: 0 },
      "prisma_pool.connection.rejections": { core: rejections },
      "prisma_pool.connection.expirations": { core: expirations },
    })
  })

  test("timeouts, refusals and other errors", async () => {
    const role = "only_one"
    await postgres.sql(`CREATE ROLE ${role} LOGIN PASSWORD 'x' CONNECTION LIMIT 1`)
    const url = (password: string) =>
      `postgresql://${role}:${password}@127.0.0.1:${postgres.port}/${database}`
    const full = createPool(`${url("x")}?connection_limit=2&pool_timeout=1`)
    const wrong = createPool(url("y"))
    stop = observePools(otel.meter, { full, wrong })
    let timeouts = 0
    /** As many attempts as it takes: pool_timeout may be shorter than a busy machine takes to connect. */
    const connected = async () => {
      for (;;) {
        const client = await full.connect().catch((error: Error & { code?: string }) => error)
        if (!(client instanceof Error)) return client
        expect(client).toMatchObject({ code: "P2024" })
        timeouts += 1
      }
    }
    const held = await connected()
    do {
      expect(await rejection(full.connect())).toMatchObject({ code: "P2024" })
      timeouts += 1
    } while (poolStats(full).refusals === 0)
    expect(await rejection(wrong.connect())).toMatchObject({ code: "28P01" })
    await postgres.sql(`ALTER ROLE ${role} CONNECTION LIMIT 2`)
    const also = await connected()
    for (const call of [full.connect(), full.connect()]) {
      expect(await rejection(call)).toMatchObject({ code: "P2024" })
      timeouts += 1
    }
    // Beside a connection that works it is tried again until the caller's time is over.
    const { refusals } = poolStats(full)
    expect(await otel.read()).toMatchObject({
      [`${PREFIX}.timeouts`]: { full: timeouts, wrong: 0 },
      "prisma_pool.connection.errors": { full: refusals, wrong: 1 },
      "prisma_pool.connection.refusals": { full: refusals, wrong: 0 },
      // A wait in vain is none of these.
      [`${PREFIX}.wait_time`]: { full: { count: 2 } },
    })
    expect(poolStats(full)).toMatchObject({ timeouts, connectionErrors: refusals, refusals })
    for (const client of [held, also]) client.release()
    await Promise.all([full.end(), wrong.end()])
    await postgres.sql(`DROP ROLE ${role}`)
  })

  test("outages: whether a pool is down, and how often it was reached again", async () => {
    const metrics = new PoolMetrics({ host: "db", port: 5432, database: "core", max: 3 })
    let isDown = true
    const detach = metrics.attach(() => ({ total: 0, idle: 0, waiting: 0, oldestHoldSeconds: 0, isDown }))
    const carrier: CarriesMetrics = { [METRICS]: () => metrics }
    stop = observePools(otel.meter, { core: carrier })
    expect(await otel.read()).toMatchObject({
      "prisma_pool.down": { core: 1 },
      "prisma_pool.connection.reconnects": { core: 0 },
    })
    isDown = false
    metrics.recordReconnect()
    expect(await otel.read()).toMatchObject({
      "prisma_pool.down": { core: 0 },
      "prisma_pool.connection.reconnects": { core: 1 },
    })
    // One that is closed is not down: nothing tries to reach the server.
    isDown = true
    detach()
    expect(await otel.read()).toMatchObject({
      "prisma_pool.down": { core: 0 },
      "prisma_pool.connection.reconnects": { core: 1 },
    })
  })

  test("shares of pools that follow each other, and nothing of a pool with a fixed size", async () => {
    const role = "shared_out"
    await postgres.sql(
      `DROP ROLE IF EXISTS ${role}; CREATE ROLE ${role} LOGIN PASSWORD 'x' CONNECTION LIMIT 12`,
    )
    const url = `postgresql://${role}:x@127.0.0.1:${postgres.port}/${database}?connection_limit=7`
    const [one, two, fixed] = [
      createPool(url, { poolSize: "auto" }),
      createPool(url, { poolSize: "auto" }),
      createPool(postgres.url(database)),
    ]
    stop = observePools(otel.meter, { one, two, fixed })
    // The first one does not look again, however long it takes: then it would know of the second.
    vi.useFakeTimers({ toFake: ["setInterval"] })
    onTestFinished(() => void vi.useRealTimers())
    for (const pool of [fixed, one, two]) await pool.query("SELECT 1")
    // 12 without 2 for newcomers: the first one to look was alone, and had its cap.
    expect(await otel.read()).toMatchObject({
      "prisma_pool.auto.share": { one: 7, two: 5 },
      "prisma_pool.auto.instances": { one: 1, two: 2 },
      "prisma_pool.auto.budget": { one: 12, two: 12 },
    })
    expect(poolStats(two).auto).toEqual({ share: 5, instances: 2, budget: 12 })
    expect(poolStats(fixed).auto).toBeUndefined()
    await Promise.all([one.end(), two.end(), fixed.end()])
    expect((await otel.read())["prisma_pool.auto.share"]).toEqual({ one: 0, two: 0 })
    await postgres.sql(`DROP ROLE ${role}`)
  })

  test("names, units, kinds and attributes are those of the semantic conventions", async () => {
    const pool = createPool(postgres.url(database))
    stop = observePools(otel.meter, { core: pool })
    await pool.query("SELECT 1")
    const NAME = `${PREFIX}.pool.name`
    const state = (unit: string, ...more: string[]) => ({
      unit,
      isMonotonic: false,
      attributes: [NAME, ...more],
    })
    const counter = (unit: string) => ({ unit, isMonotonic: true, attributes: [NAME] })
    const histogram = { unit: "s", isMonotonic: undefined, attributes: [NAME] }
    const gauge = histogram
    expect(await otel.describe()).toEqual({
      [`${PREFIX}.count`]: state("{connection}", `${PREFIX}.state`),
      [`${PREFIX}.max`]: state("{connection}"),
      [`${PREFIX}.idle.max`]: state("{connection}"),
      [`${PREFIX}.idle.min`]: state("{connection}"),
      [`${PREFIX}.pending_requests`]: state("{request}"),
      [`${PREFIX}.timeouts`]: counter("{timeout}"),
      [`${PREFIX}.create_time`]: histogram,
      [`${PREFIX}.wait_time`]: histogram,
      [`${PREFIX}.use_time`]: histogram,
      "prisma_pool.connection.errors": counter("{error}"),
      "prisma_pool.connection.refusals": counter("{refusal}"),
      "prisma_pool.connection.rejections": counter("{request}"),
      "prisma_pool.connection.reconnects": counter("{reconnect}"),
      "prisma_pool.connection.expirations": counter("{connection}"),
      "prisma_pool.down": state("{pool}"),
      "prisma_pool.connection.oldest_hold": gauge,
    })
    await pool.end()
  })
})

test("of a thousand uses each is counted, before an export, after one, and up to the moment it is stopped", async () => {
  const pool = createPool(postgres.url(database, { connection_limit: 2 }))
  stop = observePools(otel.meter, { core: pool })
  const use = async (count: number) => {
    for (let index = 0; index < count; index++) (await pool.connect()).release()
  }
  await use(700)
  expect((await otel.read())[`${PREFIX}.use_time`]).toMatchObject({ core: { count: 700 } })
  await use(300)
  stop()
  expect(await otel.read()).toMatchObject({
    [`${PREFIX}.use_time`]: { core: { count: 1_000 } },
    [`${PREFIX}.wait_time`]: { core: { count: 1_000 } },
  })
  await pool.end()
})

test("a meter that throws keeps no caller from a connection, and reaches the process", async () => {
  const recorded: number[] = []
  const meter: PoolMeter = Object.assign(Object.create(otel.meter), {
    createHistogram: (name: string) => ({
      record(seconds: number) {
        if (!name.endsWith(".wait_time")) return
        recorded.push(seconds)
        if (recorded.length === 1) throw new Error("of the meter")
      },
    }),
  })
  const pool = createPool(postgres.url(database, { connection_limit: 1 }))
  const stopIt = observePools(meter, { core: pool })
  const uncaught = nextUncaught()
  // The times are recorded in rows of 256, of which the first is lost where the meter throws.
  for (let queries = 0; queries < 600; queries += 1) await pool.query("SELECT 1")
  expect(await uncaught).toMatchObject({ message: "of the meter" })
  expect(poolStats(pool)).toMatchObject({ total: 1, idle: 1, used: 0 })
  stopIt()
  expect(recorded).toHaveLength(1 + 600 - 256)
  await pool.end()
})

describe("several pools in one process", () => {
  test("each has figures of its own, under the name it was given", async () => {
    const [api, jobs] = [core(2), core(3)]
    stop = observePools(otel.meter, { api, jobs: jobs.$extends({}) })
    // Not connected yet, and already there.
    expect(await otel.read()).toMatchObject({
      [`${PREFIX}.count`]: { "api idle": 0, "api used": 0, "jobs idle": 0, "jobs used": 0 },
      [`${PREFIX}.max`]: { api: 2, jobs: 3 },
    })
    await api.$transaction(async (tx) => {
      await tx.mission.count()
      expect(await otel.read()).toMatchObject({
        [`${PREFIX}.count`]: { "api idle": 0, "api used": 1, "jobs idle": 0, "jobs used": 0 },
      })
    }, PATIENT)
    await Promise.all(Array.from({ length: 30 }, () => jobs.$queryRaw`SELECT 1 FROM pg_sleep(0.01)`))
    // The first may have served all callers before the others were open.
    await eventually("all are open", () => poolStats(jobs).idle === 3)
    const read = await otel.read()
    expect(read).toMatchObject({
      [`${PREFIX}.count`]: { "api idle": 1, "api used": 0, "jobs idle": 3, "jobs used": 0 },
      // One query each for the adapter's first question.
      [`${PREFIX}.use_time`]: { api: { count: 1 + 1 }, jobs: { count: 30 + 1 } },
    })
    await Promise.all([api.$disconnect(), jobs.$disconnect()])
    expect(await otel.read()).toMatchObject({
      [`${PREFIX}.count`]: { "api idle": 0, "api used": 0, "jobs idle": 0, "jobs used": 0 },
    })
  })

  test("clients that share a pool are one pool, counted once under the first name", async () => {
    const [one, two] = [core(4), core(4)]
    stop = observePools(otel.meter, { one, two })
    // Each has a connection while the other has: one alone may serve both otherwise.
    let inside = 0
    let meet = () => {}
    const both = new Promise<void>((resolve) => {
      meet = resolve
    })
    const hold = (client: PrismaClient) =>
      client.$transaction(async (tx) => {
        await tx.mission.count()
        inside += 1
        if (inside === 2) meet()
        await both
      }, PATIENT)
    await Promise.all([hold(one), hold(two)])
    const { [`${PREFIX}.count`]: count } = await otel.read()
    expect(count).toEqual({ "one idle": 2, "one used": 0 })
    await Promise.all([one.$disconnect(), two.$disconnect()])
  })

  test("without names every open pool has one: host, port, database, and a number where that is not enough", async () => {
    stop = observePools(otel.meter)
    const name = `127.0.0.1:${postgres.port}/${database}`
    const [one, two] = [createPool(postgres.url(database, { connection_limit: 2 })), core(3)]
    const maxima = async () => (await otel.read())[`${PREFIX}.max`]
    expect(await maxima()).toEqual({ [name]: 2 })
    await two.mission.count()
    expect(await maxima()).toEqual({ [name]: 2, [`${name} #2`]: 3 })
    await one.end()
    // The one that is left keeps its name, and a new one takes the free one.
    expect(await maxima()).toEqual({ [name]: 0, [`${name} #2`]: 3 })
    const three = createPool(postgres.url(database, { connection_limit: 4 }))
    expect(await maxima()).toEqual({ [name]: 4, [`${name} #2`]: 3 })
    await Promise.all([three.end(), two.$disconnect()])
    expect(await maxima()).toEqual({ [name]: 0, [`${name} #2`]: 0 })
  })

  test("pools of another copy of the module are measured too", async () => {
    vi.resetModules()
    const copy = await import("../../src/index.ts")
    const pool = copy.createPool(postgres.url(database))
    stop = observePools(otel.meter, { copy: pool })
    await pool.query("SELECT 1")
    expect(await otel.read()).toMatchObject({ [`${PREFIX}.use_time`]: { copy: { count: 1 } } })
    await pool.end()
  })

  test("pools that have no name here are left out", async () => {
    const [named, other] = [createPool(postgres.url(database)), createPool(postgres.url(database))]
    stop = observePools(otel.meter, { named })
    await Promise.all([named.query("SELECT 1"), other.query("SELECT 1"), other.query("SELECT 1")])
    const read = await otel.read()
    expect(read[`${PREFIX}.max`]).toEqual({ named: 15 })
    expect(read[`${PREFIX}.use_time`]).toMatchObject({ named: { count: 1 } })
    expect(Object.keys(read[`${PREFIX}.use_time`] ?? {})).toEqual(["named"])
    await Promise.all([named.end(), other.end()])
  })
})

test("what it returns stops it: nothing is asked any more, and nothing counted", async () => {
  const pool = createPool(postgres.url(database))
  const stopIt = observePools(otel.meter, { core: pool })
  const held = await pool.connect()
  expect((await otel.read())[`${PREFIX}.count`]).toEqual({ "core idle": 0, "core used": 1 })
  stopIt()
  stopIt()
  held.release()
  await pool.query("SELECT 1")
  const read = await otel.read()
  // The SDK's memory of the last state, which is no longer that of the pool.
  expect(read[`${PREFIX}.count`]).toEqual({ "core idle": 0, "core used": 1 })
  expect(read[`${PREFIX}.use_time`]).toBeUndefined()
  expect(read[`${PREFIX}.wait_time`]).toMatchObject({ core: { count: 1 } })
  await pool.end()
})

describe("bad input", () => {
  const meter = metrics.getMeter("none")
  const carrier = { core: core(1) }

  test.each<[string, unknown, unknown, string]>([
    ["no meter", undefined, undefined, "meter"],
    ["null", null, undefined, "meter"],
    ["a text", "meter", undefined, "meter"],
    ["a provider in the meter's place", { getMeter: () => meter }, undefined, "meter"],
    ["a URL in place of the pools", meter, "postgresql://a:s3cret@h/d", "pools"],
    ["null in place of the pools", meter, null, "pools"],
    ["a client in place of the pools", meter, carrier.core, "pools"],
    ["something without a pool", meter, { ...carrier, é: {} }, "pools.é"],
    ["a URL among the pools", meter, { core: "postgresql://a:s3cret@h/d" }, "pools.core"],
  ])("%s", (_, given, pools, name) => {
    expect(() => observePools(given as PoolMeter, pools as Record<string, object>)).toThrow(PoolConfigError)
    try {
      observePools(given as PoolMeter, pools as Record<string, object>)
    } catch (error) {
      expect((error as PoolConfigError).issues.map((issue) => issue.name)).toEqual([name])
      expect(String(error)).not.toContain("s3cret")
    }
  })

  test("a client whose URL is missing is measured once it is there", async () => {
    const env: Record<string, string> = {}
    const late = createCoreClient(PrismaClient, { env })
    stop = observePools(otel.meter, { late })
    expect((await otel.read())[`${PREFIX}.max`]).toBeUndefined()
    env["DATABASE_URL_CORE"] = postgres.url(database)
    expect((await otel.read())[`${PREFIX}.max`]).toEqual({ late: 15 })
  })
})
