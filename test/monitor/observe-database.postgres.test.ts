import { metrics } from "@opentelemetry/api"
import pg from "pg"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool } from "../../src/index.ts"
import { type DatabaseMeter, type ObserveDatabaseOptions, observeDatabase } from "../../src/monitor/index.ts"
import { countBackends, eventually, sleep } from "../support/helpers.ts"
import { startMetrics } from "../support/metrics.ts"
import { refusedNames } from "../support/refused-names.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

const MAX = 40
const USABLE = MAX - 3
const PREFIX = "prisma_pool.server"

let server: PostgresServer
let otel: ReturnType<typeof startMetrics>
let stop = () => {}
const open: pg.Client[] = []
beforeAll(async () => {
  server = await startPostgres({ max_connections: MAX, autovacuum: "off" })
  await server.createDatabase("core")
  await server.createDatabase("other")
  await server.sql(`CREATE ROLE watcher LOGIN PASSWORD 'x' IN ROLE pg_monitor CONNECTION LIMIT 4;
    ALTER DATABASE core CONNECTION LIMIT 30`)
})
beforeEach(() => {
  otel = startMetrics()
})
afterEach(async () => {
  stop()
  stop = () => {}
  await otel.stop()
  await Promise.all(open.splice(0).map((client) => client.end()))
  await eventually("the server has closed them all", async () => {
    const [one, other] = [await countBackends(server, "core"), await countBackends(server, "other")]
    return one + other === 0
  })
})
afterAll(() => server.destroy())

const watcherUrl = () => `postgresql://watcher:x@127.0.0.1:${server.port}/core`

async function connected(application: string, url = server.url()): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: application })
  client.on("error", () => {})
  await client.connect()
  open.push(client)
  return client
}

const connections = (count: number, application: string, url?: string) =>
  Promise.all(Array.from({ length: count }, () => connected(application, url)))

/** One who may see everything, on a connection that is there already. */
const watcher = () => connected("watcher", watcherUrl())

/** What one state of an application is, of the five that there are. */
const states = (application: string, counts: Partial<Record<string, number>>) =>
  Object.fromEntries(
    ["active", "idle", "idle_in_transaction", "other", "unknown"].map((state) => [
      `core ${application} ${state}`,
      counts[state] ?? 0,
    ]),
  )

const FLEET = {
  maxConnections: 50,
  reserved: { metabase: 5 },
  consumers: { api: { instances: 1, poolSize: 5 } },
  jobs: [{ name: "import", poolSize: 2 }],
  applications: { "job-*": "import", watcher: "metabase" },
}

describe("each figure is what the test created", () => {
  test("connections by application and state, limits, locks, the longest idle transaction", async () => {
    const client = await watcher()
    await connections(2, "api@1.4.1")
    await connections(1, "api@1.4.1#k3f9ab")
    await connections(1, "api@1.4.2#000zzz")
    await connections(1, "api#b2c3d4")
    await connections(2, "metabase", server.url("other"))
    const [blocker] = (await connections(1, "job-lock")) as [pg.Client]
    const [waiting] = (await connections(1, "")) as [pg.Client]
    await blocker.query("BEGIN; LOCK TABLE partner")
    const blocked = waiting.query("SELECT * FROM partner")
    await eventually("it waits", async () => {
      const rows = await server.sql("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
      return rows.length === 1
    })
    await sleep(200)
    stop = observeDatabase(otel.meter, client)
    const read = await otel.read()
    expect(read).toEqual({
      [`${PREFIX}.connections`]: {
        ...states("api", { idle: 5 }),
        ...states("metabase", { idle: 2 }),
        ...states("job-lock", { idle_in_transaction: 1 }),
        ...states("(no name)", { active: 1 }),
        ...states("watcher", { active: 1 }),
      },
      [`${PREFIX}.used`]: { "core max_connections": 10, "core database": 8, "core role": 1 },
      [`${PREFIX}.usable`]: { "core max_connections": USABLE, "core database": 30, "core role": 4 },
      [`${PREFIX}.max_connections`]: { core: MAX },
      [`${PREFIX}.waiting_on_locks`]: { core: 1 },
      [`${PREFIX}.idle_in_transaction.longest`]: { core: expect.any(Number) },
      [`${PREFIX}.up`]: { core: 1 },
      [`${PREFIX}.refusing`]: { core: 0 },
    })
    const idle = read[`${PREFIX}.idle_in_transaction.longest`]?.["core"]
    expect(idle).toBeGreaterThanOrEqual(0.2)
    expect(idle).toBeLessThan(60)
    await blocker.query("COMMIT")
    await blocked
    expect(await otel.read()).toMatchObject({
      [`${PREFIX}.waiting_on_locks`]: { core: 0 },
      [`${PREFIX}.idle_in_transaction.longest`]: { core: 0 },
    })
  })

  test("what is gone is 0, which an SDK would not say by itself", async () => {
    const client = await watcher()
    const others = await connections(2, "api")
    stop = observeDatabase(otel.meter, client)
    expect((await otel.read())[`${PREFIX}.connections`]).toMatchObject({ "core api idle": 2 })
    await Promise.all(others.map((other) => other.end()))
    await eventually("they are gone", async () => (await countBackends(server, "core")) === 1)
    expect((await otel.read())[`${PREFIX}.connections`]).toEqual({
      ...states("api", {}),
      ...states("watcher", { active: 1 }),
    })
  })

  test("what nobody declared, by name, and the ceiling that somebody did", async () => {
    const client = await watcher()
    await connections(1, "api@7")
    await connections(1, "job-import")
    const ghosts = await connections(3, "ghost@2")
    await connections(1, "")
    stop = observeDatabase(otel.meter, client, { name: "primary", fleet: FLEET })
    expect(await otel.read()).toMatchObject({
      [`${PREFIX}.undeclared`]: { "primary ghost": 3, "primary (no name)": 1 },
      [`${PREFIX}.declared_max_connections`]: { primary: 50 },
      [`${PREFIX}.max_connections`]: { primary: MAX },
    })
    await Promise.all(ghosts.map((ghost) => ghost.end()))
    await eventually("they are gone", async () => (await countBackends(server, "core")) === 4)
    expect((await otel.read())[`${PREFIX}.undeclared`]).toEqual({
      "primary ghost": 0,
      "primary (no name)": 1,
    })
  })

  test("names, units and attributes", async () => {
    await connections(1, "ghost")
    stop = observeDatabase(otel.meter, await watcher(), { fleet: FLEET })
    await otel.read()
    const gauge = (unit: string, ...more: string[]) => ({
      unit,
      isMonotonic: undefined,
      attributes: [`${PREFIX}.name`, ...more.map((name) => `${PREFIX}.${name}`)],
    })
    expect(await otel.describe()).toEqual({
      [`${PREFIX}.connections`]: gauge("{connection}", "application", "state"),
      [`${PREFIX}.used`]: gauge("{connection}", "limit"),
      [`${PREFIX}.usable`]: gauge("{connection}", "limit"),
      [`${PREFIX}.max_connections`]: gauge("{connection}"),
      [`${PREFIX}.waiting_on_locks`]: gauge("{connection}"),
      [`${PREFIX}.idle_in_transaction.longest`]: gauge("s"),
      [`${PREFIX}.undeclared`]: gauge("{connection}", "application"),
      [`${PREFIX}.declared_max_connections`]: gauge("{connection}"),
      [`${PREFIX}.up`]: gauge("{server}"),
      [`${PREFIX}.refusing`]: gauge("{server}"),
    })
  })

  test("at most 100 names of applications, versions left out; those that come later are others", async () => {
    const client = await watcher()
    const [changing] = (await connections(1, "first")) as [pg.Client]
    stop = observeDatabase(otel.meter, client, { fleet: FLEET })
    for (let version = 0; version < 30; version++) {
      await changing.query(`SET application_name = 'api@${version}'`)
      await otel.read()
    }
    // With the watcher there are two.
    for (let number = 3; number <= 120; number++) {
      await changing.query(`SET application_name = 'pod-${number}'`)
      await otel.read()
    }
    const read = await otel.read()
    const names = (metric: string) =>
      new Set(Object.keys(read[`${PREFIX}.${metric}`] ?? {}).map((key) => key.split(" ")[1]))
    expect(names("connections").size).toBe(101)
    expect(read[`${PREFIX}.connections`]).toMatchObject({
      ...states("(others)", { idle: 1 }),
      ...states("pod-50", {}),
      ...states("api", {}),
    })
    expect(read[`${PREFIX}.undeclared`]).toMatchObject({ "core (others)": 1, "core pod-50": 0 })
    expect(names("undeclared").has("pod-101")).toBe(false)
  })
})

describe("one look for each collection", () => {
  /** A client that says how many questions it was asked, and how many at a time. */
  function counting(client: pg.Client) {
    const count = { asked: 0, atOnce: 0, most: 0 }
    const query = async (text: string) => {
      count.asked += 1
      count.atOnce += 1
      count.most = Math.max(count.most, count.atOnce)
      try {
        return await client.query(text)
      } finally {
        count.atOnce -= 1
      }
    }
    return { count, query }
  }

  test("whatever there is to measure, and never two at a time", async () => {
    const client = await watcher()
    const { count, query } = counting(client)
    stop = observeDatabase(otel.meter, { query }, { fleet: FLEET, timeout: 1 })
    await otel.read()
    await otel.read()
    expect(count).toEqual({ asked: 2, atOnce: 0, most: 1 })
    const holder = await connected("holder")
    await holder.query("SELECT pg_advisory_lock(1)")
    const busy = client.query("SELECT pg_advisory_lock(1)")
    // Neither waits for longer than its timeout: what they ask is answered afterwards.
    const [one, other] = await Promise.all([otel.read(), otel.read()])
    const third = await otel.read()
    for (const read of [one, other, third]) expect(read[`${PREFIX}.up`]).toEqual({ core: 0 })
    expect(count).toEqual({ asked: 3, atOnce: 1, most: 1 })
    await holder.query("SELECT pg_advisory_unlock(1)")
    await busy
    await eventually("the look is over", async () => count.atOnce === 0)
    expect((await otel.read())[`${PREFIX}.up`]).toEqual({ core: 1 })
    expect(count).toEqual({ asked: 4, atOnce: 0, most: 1 })
  })

  test("through a Prisma client it takes no slot of its own, and through a pool neither", async () => {
    const env = { DATABASE_URL_CORE: server.url(), PRISMA_POOL_SIZE_CORE: "1" }
    const prisma = createCoreClient(PrismaClient, { env })
    await prisma.$connect()
    stop = observeDatabase(otel.meter, prisma.$extends({}))
    expect((await otel.read())[`${PREFIX}.used`]).toMatchObject({ "core max_connections": 1 })
    expect(await countBackends(server, "core")).toBe(1)
    stop()
    await prisma.$disconnect()

    const pool = createPool(server.url("core", { connection_limit: 1 }))
    await pool.query("SELECT 1")
    stop = observeDatabase(otel.meter, pool, { name: "through a pool" })
    const read = await otel.read()
    expect(read[`${PREFIX}.used`]).toMatchObject({ "through a pool max_connections": 1 })
    await pool.end()
  })

  test("what it returns stops it", async () => {
    const { count, query } = counting(await watcher())
    const stopIt = observeDatabase(otel.meter, { query })
    await otel.read()
    stopIt()
    stopIt()
    await otel.read()
    expect(count.asked).toBe(1)
  })
})

describe("a server that cannot be asked", () => {
  test("refuses: that is told, and nothing else is known", async () => {
    stop = observeDatabase(otel.meter, watcherUrl(), { fleet: FLEET })
    expect(await otel.read()).toMatchObject({
      [`${PREFIX}.up`]: { core: 1 },
      [`${PREFIX}.refusing`]: { core: 0 },
      [`${PREFIX}.used`]: { "core role": 0 },
    })
    const held = await connections(4, "watcher", watcherUrl())
    const refused = await otel.read()
    expect(refused).toMatchObject({ [`${PREFIX}.up`]: { core: 0 }, [`${PREFIX}.refusing`]: { core: 1 } })
    const figures = Object.entries(refused).filter(([name]) => !/up$|refusing$/.test(name))
    expect(figures).toHaveLength(6)
    for (const [, points] of figures) {
      for (const value of Object.values(points)) expect(value).toBeNaN()
    }
    await Promise.all(held.map((client) => client.end()))
    await eventually("there is a slot again", async () => (await countBackends(server, "core")) === 0)
    expect(await otel.read()).toMatchObject({
      [`${PREFIX}.up`]: { core: 1 },
      [`${PREFIX}.refusing`]: { core: 0 },
      [`${PREFIX}.max_connections`]: { core: MAX },
    })
  })

  test("is down, and comes back", async () => {
    stop = observeDatabase(otel.meter, server.url())
    expect((await otel.read())[`${PREFIX}.max_connections`]).toEqual({ core: MAX })
    await server.stop()
    const down = await otel.read()
    expect(down).toMatchObject({ [`${PREFIX}.up`]: { core: 0 }, [`${PREFIX}.refusing`]: { core: 0 } })
    expect(down[`${PREFIX}.max_connections`]?.["core"]).toBeNaN()
    await server.start()
    expect(await otel.read()).toMatchObject({
      [`${PREFIX}.up`]: { core: 1 },
      [`${PREFIX}.max_connections`]: { core: MAX },
    })
  })

  test("from the beginning: nothing is known, and it is no error", async () => {
    const url = "postgresql://nobody:s3cret@127.0.0.1:1/core"
    stop = observeDatabase(otel.meter, url)
    expect(await otel.read()).toEqual({
      [`${PREFIX}.up`]: { core: 0 },
      [`${PREFIX}.refusing`]: { core: 0 },
    })
  })
})

describe("bad input", () => {
  const meter = metrics.getMeter("none")
  const url = "postgresql://app:s3cret@127.0.0.1/core"
  const fleet = { maxConnections: 100, consumers: { api: { instances: 1, poolSize: 5 } } }

  test.each<[string, unknown, unknown, unknown, string[]]>([
    ["no meter", undefined, url, undefined, ["meter"]],
    ["a meter for pools alone", { createCounter() {} }, url, undefined, ["meter"]],
    ["a URL in the meter's place", url, url, undefined, ["meter"]],
    ["nothing to ask", meter, {}, undefined, ["client"]],
    ["a URL that is none", meter, "s3cret", undefined, ["url"]],
    ["null as options", meter, url, null, ["options"]],
    ["a text as options", meter, url, "core", ["options"]],
    ["an unknown option", meter, url, { nom: "core" }, ["nom"]],
    ["an empty name", meter, url, { name: " " }, ["name"]],
    ["a number as name", meter, url, { name: 5 }, ["name"]],
    ["timeout 0", meter, url, { timeout: 0 }, ["timeout"]],
    ["timeout -1", meter, url, { timeout: -1 }, ["timeout"]],
    ["timeout NaN", meter, url, { timeout: Number.NaN }, ["timeout"]],
    ["a huge timeout", meter, url, { timeout: 1e9 }, ["timeout"]],
    ["a text as fleet", meter, url, { fleet: "s3cret" }, ["fleet"]],
    ["null as fleet", meter, url, { fleet: null }, ["fleet"]],
    ["an empty fleet", meter, url, { fleet: {} }, ["fleet.maxConnections", "fleet.consumers"]],
    [
      "an open size",
      meter,
      url,
      { fleet: { ...fleet, consumers: { é: { instances: 1 } } } },
      ["fleet.consumers.é.poolSize"],
    ],
    ["several servers", meter, url, { fleet: { servers: { primary: fleet } } }, ["fleet.servers"]],
    [
      "owners that are none",
      meter,
      url,
      { fleet: { ...fleet, applications: { a: 5, " ": "api" } } },
      ["fleet.applications", "fleet.applications.a"],
    ],
    [
      "an owner whom nobody declared",
      meter,
      url,
      { fleet: { ...fleet, applications: { web: "apy" } } },
      ["fleet.applications.web"],
    ],
    ["owners as a list", meter, url, { fleet: { ...fleet, applications: [] } }, ["fleet.applications"]],
    [
      "everything at once",
      undefined,
      {},
      { timeout: "2", fleet: 5 },
      ["meter", "client", "fleet", "timeout"],
    ],
  ])("%s", (_, given, client, options, names) => {
    const run = () =>
      observeDatabase(given as DatabaseMeter, client as string, options as ObserveDatabaseOptions)
    expect(refusedNames(run)).toEqual(names)
  })

  test("a declaration as a file has it is fine", async () => {
    stop = observeDatabase(meter, url, { fleet: { $schema: "./pool.config.schema.json", ...FLEET } })
  })
})
