import pg from "pg"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, isTooManyConnections, PoolConfigError } from "../../src/index.ts"
import { type DatabaseReport, inspectDatabase, refusedLimit } from "../../src/monitor/index.ts"
import { INSPECTION } from "../../src/monitor/inspect/inspection-query.ts"
import { eventually, rejection } from "../support/helpers.ts"
import { type PostgresServer, ROLE, startPostgres } from "../support/server.ts"

const VERSION = Number(/^\d+/.exec(process.env["POSTGRES_VERSION"] ?? "18")?.[0])
const MAX = 60
/** Kept for `pg_use_reserved_connections`, which there is since 16. */
const RESERVED = VERSION >= 16 ? 2 : 0

let server: PostgresServer
let log = ""
const open: pg.Client[] = []
beforeAll(async () => {
  const settings = {
    log_connections: "on",
    max_connections: MAX,
    wal_level: "logical",
    max_wal_senders: 4,
    max_worker_processes: 8,
    shared_buffers: "48MB",
    autovacuum: "off",
    ...(RESERVED > 0 ? { reserved_connections: RESERVED } : {}),
  }
  server = await startPostgres(settings, (text) => {
    log += text
  })
  await server.createDatabase("core")
  await server.createDatabase("other")
  await server.sql(`
    CREATE ROLE watcher LOGIN PASSWORD 'x' IN ROLE pg_monitor;
    CREATE ROLE plain LOGIN PASSWORD 'x';
    CREATE ROLE narrow LOGIN PASSWORD 'x' CONNECTION LIMIT 7;
    CREATE ROLE spared LOGIN PASSWORD 'x';
    ALTER DATABASE other CONNECTION LIMIT 50;
    ${RESERVED > 0 ? "GRANT pg_use_reserved_connections TO spared;" : ""}`)
  await server.sql("CREATE TABLE big AS SELECT i FROM generate_series(1, 100000) i; ANALYZE big", [], "core")
  await server.sql(
    `GRANT SELECT ON big TO ${ROLE.user}; INSERT INTO partner (name) VALUES ('one')`,
    [],
    "core",
  )
})
afterAll(async () => {
  await Promise.all(open.map((client) => client.end().catch(() => {})))
  await server.destroy()
})

const urlOf = (role: string, database = "core") =>
  role === "superuser"
    ? server.adminUrl(database)
    : `postgresql://${role}:x@127.0.0.1:${server.port}/${database}`

async function connected(
  application: string,
  url: string,
  options: pg.ClientConfig = {},
): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: application, ...options })
  client.on("error", () => {})
  await client.connect()
  open.push(client)
  return client
}

async function connections(count: number, application: string, url: string): Promise<pg.Client[]> {
  return Promise.all(Array.from({ length: count }, () => connected(application, url)))
}

async function closeAll(): Promise<void> {
  // A query that is running would be waited for.
  await server.sql(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('core', 'other')",
  )
  await Promise.all(open.splice(0).map((client) => client.end().catch(() => {})))
  await eventually("the server has closed them all", async () => {
    const [row] = await server.sql<{ count: string }>(
      "SELECT count(*) FROM pg_stat_activity WHERE datname IN ('core', 'other') OR backend_type = 'walsender'",
    )
    return row?.count === "0"
  })
}

const pidOf = (client: pg.Client) => (client as unknown as { processID: number }).processID

const ROLES = ["superuser", "watcher", "plain", "narrow"] as const

describe("each figure is what the test created", () => {
  /** Two that run in parallel, each beside this many workers. */
  const WORKERS = 2
  let sleeper: pg.Client
  let idler: pg.Client
  let blocker: pg.Client
  let blocked: pg.Client
  let reports: Record<(typeof ROLES)[number], DatabaseReport>

  beforeAll(async () => {
    await connections(4, "api@1.4.1", server.url())
    await connections(2, "api@1.4.2", server.url())
    await connections(5, "metabase", server.url("other"))
    ;[idler] = (await connections(1, "job-import", server.url())) as [pg.Client]
    await idler.query("BEGIN; SELECT 1")
    // It failed, and waits for a rollback.
    const [failed] = (await connections(1, "job-import", server.url())) as [pg.Client]
    await rejection(failed.query("BEGIN; SELECT 1/0"))
    ;[blocker, blocked] = (await connections(2, "job-lock", server.url())) as [pg.Client, pg.Client]
    await blocker.query("BEGIN; UPDATE partner SET name = 'two'")
    blocked.query("UPDATE partner SET name = 'three'").catch(() => {})
    ;[sleeper] = (await connections(1, "report", server.url())) as [pg.Client]
    await sleeper.query(`SET max_parallel_workers_per_gather = ${WORKERS}; SET parallel_setup_cost = 0;
      SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0`)
    sleeper.query("SELECT count(pg_sleep(0.01)) FROM big").catch(() => {})
    // Neither of these takes a slot of max_connections.
    await connected("standby", server.adminUrl("core"), { replication: "true" } as pg.ClientConfig)
    await connected("subscription", server.adminUrl("core"), { replication: "database" } as pg.ClientConfig)
    await connections(3, "limited", urlOf("narrow"))
    await eventually("all of it is there", async () => {
      const [row] = await server.sql<{ workers: number; walsenders: number; locks: number }>(
        `SELECT count(*) FILTER (WHERE backend_type = 'parallel worker')::int AS workers,
           count(*) FILTER (WHERE backend_type = 'walsender')::int AS walsenders,
           count(*) FILTER (WHERE wait_event_type = 'Lock')::int AS locks FROM pg_stat_activity`,
      )
      return row?.workers === WORKERS && row.walsenders === 2 && row.locks === 1
    })
    const made: Partial<typeof reports> = {}
    for (const role of ROLES) {
      made[role] = await inspectDatabase(urlOf(role))
      await eventually("it has closed its connection", async () => {
        const rows = await server.sql(
          "SELECT FROM pg_stat_activity WHERE application_name = 'prisma-pool-config'",
        )
        return rows.length === 0
      })
    }
    reports = made as typeof reports
  })
  afterAll(closeAll)

  const CORE = 6 + 2 + 2 + 1 + 3
  const OTHER = 5
  /** Without the one that asks, which is closed afterwards. */
  const CONNECTIONS = CORE + OTHER
  /** A role without rights takes what runs in a database for other roles for clients: workers, a walsender. */
  const NO_CLIENTS = WORKERS + 1

  test.each(ROLES)("the server's settings, to %s", (role) => {
    const { server, ceiling } = reports[role]
    expect(server).toEqual({
      version: expect.stringMatching(new RegExp(`^${VERSION}\\.`)),
      versionNumber: expect.any(Number),
      sharedBuffers: "48MB",
      sharedBuffersBytes: 48 * 2 ** 20,
      isReplica: false,
    })
    expect(Math.floor(server.versionNumber / 10_000)).toBe(VERSION)
    expect(ceiling).toEqual({
      maxConnections: MAX,
      superuserReserved: 3,
      reservedConnections: RESERVED,
      providerReserved: 0,
      databaseLimit: -1,
      roleLimit: role === "narrow" ? 7 : -1,
      databaseLimits: { other: 50 },
      roleLimits: { narrow: 7 },
    })
  })

  test("what each role may use, and which limit binds", () => {
    const ordinary = MAX - 3 - RESERVED
    const server = (limit: number, used: number) => ({
      name: "maxConnections",
      limit,
      used,
      free: limit - used,
      percent: Math.round((10_000 * used) / limit) / 100,
    })
    expect(reports.superuser.limits).toEqual([server(MAX, CONNECTIONS)])
    expect(reports.watcher.limits).toEqual([server(ordinary, CONNECTIONS)])
    expect(reports.plain.limits).toEqual([server(ordinary, CONNECTIONS + NO_CLIENTS)])
    expect(reports.narrow.limits).toEqual([
      { name: "role", limit: 7, used: 3, free: 4, percent: 42.86 },
      server(ordinary, CONNECTIONS + NO_CLIENTS),
    ])
    for (const report of Object.values(reports)) {
      const { name, limit, used, free, percent } = report.limits[0]
      expect(report).toMatchObject({ binding: name, usable: limit, used, free, percent })
    }
  })

  test("all slots to those who may see everything, and to others an upper bound that is named as one", () => {
    for (const role of ["superuser", "watcher"] as const) {
      expect(reports[role]).toMatchObject({
        connections: CONNECTIONS,
        certain: CONNECTIONS,
        isUpperBound: false,
      })
    }
    expect(reports.plain).toMatchObject({
      connections: CONNECTIONS + NO_CLIENTS,
      certain: 0,
      isUpperBound: true,
    })
    expect(reports.narrow).toMatchObject({
      connections: CONNECTIONS + NO_CLIENTS,
      certain: 3,
      isUpperBound: true,
    })
  })

  test("the document's own percentage counts what is no client, and leaves other databases out", () => {
    for (const report of Object.values(reports)) {
      const rows = CORE + 1 + NO_CLIENTS
      expect(report.naivePercent).toBe(Math.round((10_000 * rows) / MAX) / 100)
      expect(report.naivePercent).not.toBe(report.percent)
    }
  })

  test("states, and what they wait for", () => {
    for (const role of ["superuser", "watcher"] as const) {
      expect(reports[role].states).toEqual({
        // The report, and the one that waits for a lock.
        active: 2,
        idle: CONNECTIONS - 2 - 3,
        idleInTransaction: 3,
        other: 0,
        unknown: 0,
      })
      expect(reports[role].waiting).toEqual({ onLocks: 1, onClient: 3 })
    }
    expect(reports.plain.states).toEqual({
      active: 0,
      idle: 0,
      idleInTransaction: 0,
      other: 0,
      unknown: CONNECTIONS + NO_CLIENTS,
    })
    expect(reports.plain.waiting).toEqual({ onLocks: 0, onClient: 0 })
  })

  test("who holds them: applications, clients, users and databases, the largest first", () => {
    const { applications, clients, users, databases } = reports.watcher
    const held = (holders: typeof clients) => holders.map(({ name, connections }) => [name, connections])
    expect(held(applications)).toEqual([
      ["metabase", 5],
      ["api@1.4.1", 4],
      ["limited", 3],
      ["api@1.4.2", 2],
      ["job-import", 2],
      ["job-lock", 2],
      ["report", 1],
    ])
    expect(held(clients)).toEqual([["127.0.0.1", CONNECTIONS]])
    expect(held(users)).toEqual([
      ["app", 16],
      ["narrow", 3],
    ])
    expect(held(databases)).toEqual([
      ["core", CORE],
      ["other", OTHER],
    ])
    expect(users[1]?.limit).toBe(7)
    expect(users[0]).not.toHaveProperty("limit")
    expect(databases[1]?.limit).toBe(50)
    const [, api, , , jobs] = applications
    expect(api?.oldestSeconds).toBeGreaterThan(0)
    expect(api?.oldestSeconds).toBeLessThan(60)
    expect(jobs?.states).toEqual({ active: 0, idle: 0, idleInTransaction: 2, other: 0, unknown: 0 })
  })

  test("and what a role without rights may know of them: names, not addresses or ages", () => {
    const { applications, clients } = reports.plain
    expect(applications[1]).toMatchObject({ name: "api@1.4.1", connections: 4, oldestSeconds: undefined })
    expect(clients).toMatchObject([{ name: null, connections: CONNECTIONS + NO_CLIENTS }])
  })

  test("two generations of one application", () => {
    expect(reports.watcher.deploys).toEqual([
      {
        application: "api",
        by: "version",
        generations: [
          { names: ["api@1.4.1"], connections: 4, oldestSeconds: expect.any(Number) },
          { names: ["api@1.4.2"], connections: 2, oldestSeconds: expect.any(Number) },
        ],
      },
    ])
  })

  test("the longest query and the longest idle transaction, with their pids", () => {
    const { longestQuery, longestIdleInTransaction } = reports.watcher
    // The one that waits for a lock began first.
    expect(longestQuery).toMatchObject({
      pid: pidOf(blocked),
      application: "job-lock",
      user: "app",
      database: "core",
      client: "127.0.0.1",
      state: "active",
    })
    expect(longestIdleInTransaction).toMatchObject({ pid: pidOf(idler), state: "idle in transaction" })
    for (const session of [longestQuery, longestIdleInTransaction]) {
      expect(session?.seconds).toBeGreaterThan(0)
      expect(session?.transactionSeconds).toBeGreaterThanOrEqual(session?.seconds ?? Number.NaN)
    }
    expect(reports.plain).toMatchObject({ longestQuery: undefined, longestIdleInTransaction: undefined })
  })

  test("who waits for a lock, and who blocks them", () => {
    const report = reports.watcher
    expect(report.blocked).toMatchObject([{ pid: pidOf(blocked), blockedBy: [pidOf(blocker)] }])
    expect(report.blockers).toMatchObject([
      {
        pid: pidOf(blocker),
        application: "job-lock",
        type: "client backend",
        state: "idle in transaction",
        blocks: 1,
        isRoot: true,
      },
    ])
  })

  test("no query, in which there may be secrets", () => {
    for (const report of Object.values(reports)) expect(JSON.stringify(report)).not.toMatch(/UPDATE|pg_sleep/)
  })

  test.each(ROLES)("who asked: %s", (role) => {
    expect(reports[role].session).toEqual({
      pid: expect.any(Number),
      database: "core",
      role: role === "superuser" ? "postgres" : role,
      isSuperuser: role === "superuser",
      // Superusers are members of every role that there is.
      mayUseReserved: role === "superuser" && VERSION >= 16,
      seesEverything: role === "superuser" || role === "watcher",
      behindPooler: false,
      isCounted: false,
    })
  })
})

describe("the reserved slots and the limits", () => {
  test("members of pg_use_reserved_connections, where there is one, may use what is kept for them", async () => {
    const { usable, session } = await inspectDatabase(urlOf("spared"))
    expect(session.mayUseReserved).toBe(VERSION >= 16)
    expect(usable).toBe(MAX - 3)
  })

  test("the limit of a database binds where it is used most, but not a superuser", async () => {
    await server.sql("ALTER DATABASE other CONNECTION LIMIT 5")
    await connections(3, "metabase", urlOf("plain", "other"))
    const report = await inspectDatabase(urlOf("plain", "other"))
    expect(report).toMatchObject({ binding: "database", usable: 5, used: 3, free: 2, percent: 60 })
    expect(report.databases).toMatchObject([{ name: "other", connections: 3, limit: 5 }])
    expect(await inspectDatabase(urlOf("superuser", "other"))).toMatchObject({
      binding: "maxConnections",
      usable: MAX,
      ceiling: { databaseLimit: 5 },
    })
    await server.sql("ALTER DATABASE other CONNECTION LIMIT 50")
    await closeAll()
  })

  test("a server that is filled to its usable slots says 100 % and refuses the next", async () => {
    const usable = MAX - 3 - RESERVED
    const clients = await connections(usable, "api", urlOf("plain"))
    expect(await inspectDatabase(clients[0] as pg.Client)).toMatchObject({
      used: usable,
      usable,
      free: 0,
      percent: 100,
    })
    // One slot is free, and the inspection that takes it gives it back: it does not say that the server is full.
    await clients.pop()?.end()
    await eventually("one slot is free", async () => {
      const report = await inspectDatabase(urlOf("watcher")).catch(() => undefined)
      return report?.free === 1 && report.percent < 100
    })
    clients.push(await connected("api", urlOf("plain")))
    const error = await rejection(inspectDatabase(urlOf("narrow")))
    expect(isTooManyConnections(error)).toBe(true)
    expect(refusedLimit(error)).toBe("maxConnections")
    // The slots that are kept from ordinary roles are taken too: it is more than full.
    const more = await connections(2, "superuser", server.adminUrl("core"))
    expect(await inspectDatabase(clients[0] as pg.Client)).toMatchObject({ used: usable + 2, free: 0 })
    expect(await inspectDatabase(more[0] as pg.Client)).toMatchObject({ used: usable + 2, usable: MAX })
    await closeAll()
  })

  test("a role with one connection is not full because of the one that asks", async () => {
    await server.sql("ALTER ROLE narrow CONNECTION LIMIT 1")
    const report = await inspectDatabase(urlOf("narrow"))
    expect(report.limits.find(({ name }) => name === "role")).toMatchObject({ limit: 1, used: 0, free: 1 })
    await server.sql("ALTER ROLE narrow CONNECTION LIMIT 7")
  })

  test("which limit refused", async () => {
    await server.sql("ALTER DATABASE other CONNECTION LIMIT 1; ALTER ROLE narrow CONNECTION LIMIT 1")
    await connected("one", urlOf("narrow", "other"))
    expect(refusedLimit(await rejection(inspectDatabase(urlOf("plain", "other"))))).toBe("database")
    expect(refusedLimit(await rejection(inspectDatabase(urlOf("narrow", "core"))))).toBe("role")
    await server.sql("ALTER DATABASE other CONNECTION LIMIT 50; ALTER ROLE narrow CONNECTION LIMIT 7")
    await closeAll()
  })
})

describe("whatever is asked through", () => {
  test("a client, a pool and Prisma on the connection that they have, without one of its own", async () => {
    const client = await connected("mine", server.url())
    expect(await inspectDatabase(client)).toMatchObject({
      connections: 1,
      session: { behindPooler: false, isCounted: true },
    })
    const plain = new pg.Pool({ connectionString: server.url(), max: 1 })
    expect(await inspectDatabase(plain)).toMatchObject({ connections: 2, session: { behindPooler: false } })
    expect(plain.idleCount).toBe(1)
    const ours = createPool(server.url("core", { connection_limit: 1 }))
    expect(await inspectDatabase(ours)).toMatchObject({ connections: 3 })
    const prisma = createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: server.url(), PRISMA_POOL_SIZE_CORE: "1" },
    })
    for (const each of [prisma, prisma.$extends({})]) {
      expect(await inspectDatabase(each)).toMatchObject({
        connections: 4,
        session: { role: ROLE.user, behindPooler: undefined },
      })
    }
    await Promise.all([plain.end(), ours.end(), prisma.$disconnect()])
    await closeAll()
  })

  test("a URL's own application name stays", async () => {
    await inspectDatabase(server.url("core", { application_name: "on call" }))
    await eventually("the log names it", async () => /authorized: .*application_name=on call/.test(log))
  })

  test("one round trip, that a read-only transaction allows", async () => {
    const client = await connected("mine", server.url())
    await client.query("SET default_transaction_read_only = on")
    const sent = vi.spyOn(client.connection.stream, "write")
    await inspectDatabase(client)
    expect(sent).toHaveBeenCalledTimes(1)
    await closeAll()
  })
})

describe("bad input", () => {
  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a number", 5],
    ["an empty object", {}],
    ["an empty text", ""],
    ["no URL", "localhost"],
    ["another database's URL", "mysql://app:s3cret@h/d"],
    ["a wrong parameter", "postgresql://app:s3cret@h/d?connect_timeout=soon"],
  ])("%s", async (_, client) => {
    const error = await rejection(inspectDatabase(client as string))
    expect(error).toBeInstanceOf(PoolConfigError)
    expect(String(error)).not.toContain("s3cret")
  })

  test.each([
    ["no server", () => `postgresql://app:s3cret@127.0.0.1:1/core`, /ECONNREFUSED/],
    [
      "a wrong password",
      () => `postgresql://app:s3cret@127.0.0.1:${server.port}/core`,
      /password authentication failed for user "app"/,
    ],
    ["no such database", () => server.url("nowhere"), /database "nowhere" does not exist/],
    ["a host without addresses", () => "postgresql://app:s3cret@nowhere.invalid/core", /nowhere\.invalid/],
  ])("%s", async (_, url, text) => {
    const error = await rejection(inspectDatabase(url()))
    expect(error.message).toMatch(text)
    expect(`${error.message}${error.stack}`).not.toContain("s3cret")
  })

  test("a name with several addresses of which none answers", async () => {
    const error = await rejection(inspectDatabase("postgresql://app:s3cret@localhost:1/core"))
    expect(error.message).toMatch(/ECONNREFUSED/)
    expect(error["code"]).toBe("ECONNREFUSED")
  })

  test("no right to look", async () => {
    await server.sql("REVOKE SELECT ON pg_stat_activity FROM PUBLIC", [], "core")
    const error = await rejection(inspectDatabase(urlOf("plain")))
    expect(error.message).toMatch(/permission denied for view pg_stat_activity/)
    await server.sql("GRANT SELECT ON pg_stat_activity TO PUBLIC", [], "core")
  })
})

test("one look at the list of 500 connections, however much is said of them", async () => {
  const large = await startPostgres({ max_connections: 520 })
  try {
    await large.createDatabase("core")
    const clients: pg.Client[] = []
    for (let batch = 0; batch < 10; batch++) {
      clients.push(
        ...(await Promise.all(
          Array.from({ length: 50 }, async (_, index) => {
            const application = `app-${batch}-${index % 5}`
            const client = new pg.Client({ connectionString: large.url(), application_name: application })
            await client.connect()
            return client
          }),
        )),
      )
    }
    const admin = new pg.Client(large.adminUrl())
    await admin.connect()
    const { rows } = await admin.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${INSPECTION}`)
    // A millisecond each: the list is made anew for whoever asks, and everything else is made of what it was.
    const looks = JSON.stringify(rows).match(/"Function Name":\s*"pg_stat_get_activity"/g)
    expect(looks).toHaveLength(1)
    expect(await inspectDatabase(admin)).toMatchObject({ connections: 501 })
    await Promise.all([...clients, admin].map((client) => client.end()))
  } finally {
    await large.destroy()
  }
})
