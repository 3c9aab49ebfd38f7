import { readFile } from "node:fs/promises"
import { beforeAll, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, poolConfigFromUrl } from "../../src/index.ts"
import {
  collectWarnings,
  countBackends,
  eventually,
  freshDatabase,
  sharedPostgres,
  sleep,
} from "../support/helpers.ts"
import { refusedNames } from "../support/refused-names.ts"

const postgres = sharedPostgres()
let database: string
beforeAll(async () => {
  database = await freshDatabase()
})

async function show(setting: string, parameters: Record<string, string | number>): Promise<string> {
  const pool = createPool(postgres.url(database, parameters))
  const { rows } = await pool.query<Record<string, string>>(`SHOW ${setting}`)
  await pool.end()
  return rows[0]?.[setting] ?? ""
}

describe("schema", () => {
  const names = [
    "tenant",
    "Tenant two",
    "back\\slash",
    "three   spaces",
    "été",
    "semi;colon--",
    "a,b",
    "it's",
  ]
  test.each(names)("%j holds for generated and for raw SQL", async (name) => {
    const identifier = `"${name.replaceAll('"', '""')}"`
    await postgres.sql(
      `CREATE SCHEMA ${identifier} AUTHORIZATION app; CREATE TABLE ${identifier}.mission (LIKE mission INCLUDING ALL);
       ALTER TABLE ${identifier}.mission OWNER TO app;
       INSERT INTO ${identifier}.mission (id, title, partner_id) VALUES (1, 'here', 1)`,
      [],
      database,
    )
    const client = createCoreClient(PrismaClient, {
      env: {
        DATABASE_URL_CORE: postgres.url(database, { schema: name, options: "-c statement_timeout=4321" }),
      },
    })
    expect(await client.mission.findMany({ select: { title: true } })).toEqual([{ title: "here" }])
    expect(await client.$queryRaw`SELECT title FROM mission`).toEqual([{ title: "here" }])
    // The URL's own start-up options are kept beside it.
    expect(await client.$queryRaw`SELECT current_setting('statement_timeout') AS value`).toEqual([
      { value: "4321ms" },
    ])
    await client.$disconnect()
  })

  test("a quote in its name is escaped for raw SQL; Prisma's generated SQL cannot have one", async () => {
    await postgres.sql('CREATE SCHEMA "quo""ted" AUTHORIZATION app', [], database)
    expect(await show("search_path", { schema: 'quo"ted' })).toBe('"quo""ted"')
  })

  test("absent or empty leaves the role's own search_path", async () => {
    expect(await show("search_path", {})).toBe('"$user", public')
    expect(await show("search_path", { schema: "" })).toBe('"$user", public')
  })

  const WIDER = [
    ["-c search_path=app,extensions", "app,extensions"],
    ["--search-path=extensions,\\ app -c work_mem=5MB", "extensions, app"],
    ['-c search_path="app" -c search_path=APP,extensions', "APP,extensions"],
  ] as const
  test.each(WIDER)("options=%s is wider, and counts for raw SQL", async (options, searchPath) => {
    const own = await freshDatabase()
    await postgres.sql(
      `CREATE SCHEMA app AUTHORIZATION app; CREATE TABLE app.mission (LIKE mission INCLUDING ALL);
       ALTER TABLE app.mission OWNER TO app; INSERT INTO app.mission (id, title, partner_id) VALUES (1, 'here', 1);
       CREATE SCHEMA extensions; GRANT USAGE ON SCHEMA extensions TO app; CREATE TYPE extensions.mood AS ENUM ('fine')`,
      [],
      own,
    )
    const url = postgres.url(own, { schema: "app", options })
    expect(() => poolConfigFromUrl(url, { strict: true })).not.toThrow()
    const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
    expect(await client.$queryRaw`SELECT title, 'fine'::mood::text AS mood FROM mission`).toEqual([
      { title: "here", mood: "fine" },
    ])
    expect(await client.mission.findMany({ select: { title: true } })).toEqual([{ title: "here" }])
    expect(await client.$queryRaw`SELECT current_setting('search_path') AS value`).toEqual([
      { value: searchPath },
    ])
    await client.$disconnect()
  })

  test("a search_path without it does not count, and is a warning", async () => {
    const parameters = { schema: "app", options: "-c search_path=elsewhere,extensions" }
    const warnings = await collectWarnings(async () => {
      expect(await show("search_path", parameters)).toBe('"app"')
    })
    expect(warnings).toEqual([
      expect.stringContaining("options in the URL sets a search_path without schema"),
    ])
  })

  test("sends nothing at start-up with pgbouncer=true, which PgBouncer would refuse", () => {
    const { pool, adapter } = poolConfigFromUrl(
      postgres.url(database, { schema: "tenant", pgbouncer: "true" }),
    )
    expect(pool.options).toBeUndefined()
    expect(adapter).toEqual({ schema: "tenant" })
  })
})

describe("what the server is told", () => {
  const told: [string, string | number, string, string][] = [
    ["application_name", "api core é", "application_name", "api core"],
    ["statement_timeout", 1234, "statement_timeout", "1234ms"],
    ["lock_timeout", 2345, "lock_timeout", "2345ms"],
    ["idle_in_transaction_session_timeout", 3456, "idle_in_transaction_session_timeout", "3456ms"],
    ["options", "-c work_mem=5MB", "work_mem", "5MB"],
  ]
  test.each(told)("%s=%s", async (parameter, value, setting, expected) => {
    expect(await show(setting, { [parameter]: value })).toContain(expected)
  })

  test("PRISMA_APPLICATION_NAME is who holds the connection in pg_stat_activity", async () => {
    const client = createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: postgres.url(database), PRISMA_APPLICATION_NAME: "api-production" },
    })
    await client.mission.count()
    const names = await postgres.sql("SELECT application_name FROM pg_stat_activity WHERE datname = $1", [
      database,
    ])
    expect(names).toEqual([{ application_name: "api-production" }])
    await client.$disconnect()
  })
})

describe("statement_cache_size", () => {
  async function prepared(parameters: Record<string, string | number>): Promise<number> {
    const url = postgres.url(database, { connection_limit: 1, ...parameters })
    const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
    for (let round = 0; round < 2; round++) {
      await client.mission.count()
      await client.partner.count()
      await client.mission.findMany({ take: 1 })
      await client.partner.findMany({ take: 1 })
    }
    const [row] = await client.$queryRaw<
      { count: number }[]
    >`SELECT count(*)::int FROM pg_prepared_statements WHERE name <> ''`
    await client.$disconnect()
    return row?.count ?? -1
  }

  test("prepares the first statements by name, and no more than it says", async () => {
    expect(await prepared({ statement_cache_size: 100 })).toBeGreaterThan(3)
    expect(await prepared({ statement_cache_size: 2 })).toBe(2)
  })

  test("0 and none prepare nothing by name", async () => {
    expect(await prepared({ statement_cache_size: 0 })).toBe(0)
    expect(await prepared({})).toBe(0)
  })
})

describe("the lifetime of connections", () => {
  const pid = "SELECT pg_backend_pid() AS pid"

  test("max_idle_connection_lifetime closes idle connections", async () => {
    const own = await freshDatabase()
    const pool = createPool(postgres.url(own, { max_idle_connection_lifetime: 1 }))
    const client = await pool.connect()
    expect(await countBackends(postgres, own)).toBe(1)
    client.release()
    await eventually("closed", async () => (await countBackends(postgres, own)) === 0)
    await pool.end()
  })

  test("max_connection_lifetime replaces what is old", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 1, max_connection_lifetime: 1 }))
    const pidNow = async () => (await pool.query<{ pid: number }>(pid)).rows[0]?.pid
    let before = await pidNow()
    // A busy machine may take a second between two queries, but not for ever.
    await eventually("it is used again", async () => {
      const last = before
      before = await pidNow()
      return before === last
    })
    await sleep(1_300)
    expect(await pidNow()).not.toBe(before)
    await pool.end()
  })

  test("single_use_connections uses each once", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 1, single_use_connections: "true" }))
    const before = await pool.query(pid)
    expect((await pool.query(pid)).rows).not.toEqual(before.rows)
    await pool.end()
  })
})

// The kernel tells which timer runs for a connection; elsewhere it has to be asked in other ways.
test.runIf(process.platform === "linux")(
  "an idle connection is kept alive by TCP, as on Prisma 6",
  async () => {
    const pool = createPool(postgres.url(database))
    const { rows } = await pool.query<{ port: number }>("SELECT inet_client_port() AS port")
    const local = `:${rows[0]?.port.toString(16).toUpperCase().padStart(4, "0")}`
    const timer = async () => {
      const lines = (await readFile("/proc/net/tcp", "utf8"))
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
      // 01 is an established connection; one that was closed may have had the same port.
      return lines.find(([, address, , state]) => address?.endsWith(local) && state === "01")?.[5]
    }
    // 02 is the keepalive timer: https://docs.kernel.org/networking/proc_net_tcp.html
    await eventually("kept alive", async () => (await timer())?.startsWith("02:") === true)
    await pool.end()
  },
)

describe("a password function", () => {
  test("is asked at each new connection", async () => {
    const env = {
      DATABASE_URL_CORE: postgres.url(database, { single_use_connections: "true" }).replace(/:[^:@]*@/, "@"),
    }
    let asked = 0
    const { ROLE } = await import("../support/server.ts")
    const client = createCoreClient(PrismaClient, {
      env,
      password: async () => {
        asked += 1
        return ROLE.password
      },
    })
    await client.mission.count()
    const before = asked
    expect(before).toBeGreaterThan(0)
    await client.mission.count()
    expect(asked).toBeGreaterThan(before)
    await client.$disconnect()
  })
})

describe("poolConfigFromUrl", () => {
  test("names every parameter that is wrong, all at once", () => {
    const url =
      "postgresql://app@db/core?connection_limit=0&pool_timeout=1.5&connect_timeout=x&pgbouncer=maybe&max_connection_lifetime=-1"
    expect(refusedNames(() => poolConfigFromUrl(url)).toSorted()).toEqual([
      "connect_timeout",
      "connection_limit",
      "max_connection_lifetime",
      "pgbouncer",
      "pool_timeout",
    ])
  })

  test("warns of a parameter that nothing knows, and refuses it when strict", async () => {
    const url = "postgresql://app@db/core?connection_timeout=5"
    expect(await collectWarnings(async () => poolConfigFromUrl(url))).toEqual([
      expect.stringContaining("connection_timeout"),
    ])
    expect(() => poolConfigFromUrl(url, { strict: true })).toThrow(/connection_timeout/)
    expect(() =>
      poolConfigFromUrl("postgresql://app@db/core?sslmode=disable&host=/sock", { strict: true }),
    ).not.toThrow()
  })

  test("has this package's defaults, and never one from the CPU count", () => {
    const { pool } = poolConfigFromUrl("postgresql://app@db")
    expect(pool).toMatchObject({
      host: "db",
      port: 5432,
      database: "postgres",
      user: "app",
      max: 15,
      connectionTimeoutMillis: 20_000,
      connectTimeoutMillis: 10_000,
      reconnectTimeoutMillis: 5_000,
      idleTimeoutMillis: 300_000,
      maxLifetimeSeconds: 0,
      keepAlive: true,
      allowExitOnIdle: true,
    })
  })

  test("refuses pg-native, whose connections it cannot limit", () => {
    process.env["NODE_PG_FORCE_NATIVE"] = "1"
    try {
      expect(() => poolConfigFromUrl("postgresql://app@db/core")).toThrow(/NODE_PG_FORCE_NATIVE/)
    } finally {
      delete process.env["NODE_PG_FORCE_NATIVE"]
    }
  })

  test("takes the host of a socket from its parameter, and an IPv6 address without its brackets", () => {
    expect(poolConfigFromUrl("postgresql://app@localhost/core?host=/var/run/postgresql").pool.host).toBe(
      "/var/run/postgresql",
    )
    expect(poolConfigFromUrl("postgresql://app@[::1]:5433/core").pool).toMatchObject({
      host: "::1",
      port: 5433,
    })
  })

  test("a missing certificate names the parameter and no path's content", () => {
    expect(() =>
      poolConfigFromUrl("postgresql://app@db/core?sslmode=require&sslrootcert=/no/such.pem"),
    ).toThrow(/sslrootcert: names "\/no\/such.pem".*ENOENT/)
  })
})

describe("a size that is auto, which no parameter sets, reaches the pool", () => {
  const optionsOf = (pool: object) => (pool as { readonly options: object }).options
  const auto = { poolSize: "auto" } as const

  test.each([
    ["", auto, { max: 15, auto: { cap: 15, fixed: 15, reserved: 10 } }],
    ["connection_limit=7", auto, { max: 7, auto: { cap: 7, fixed: 7, reserved: 10 } }],
    [
      "connection_limit=7",
      { ...auto, maxSize: 30, budget: 60, reserved: 0 },
      { max: 30, auto: { cap: 30, fixed: 7, budget: 60, reserved: 0 } },
    ],
    ["", { ...auto, maxSize: 4 }, { max: 4, auto: { cap: 4, fixed: 4, reserved: 10 } }],
  ])("as options of createPool beside ?%s: %j", (query, options, expected) => {
    const given = optionsOf(createPool(`postgresql://app@db/core?${query}`, options))
    expect(given).toMatchObject(expected)
    expect((given as { auto: object }).auto).toEqual(expected.auto)
  })

  test("as a client's variables, and not at all where the size is a number", async () => {
    const optionsWith = async (variables: Record<string, string>) => {
      const pools: { readonly auto?: object; readonly max?: number }[] = []
      const client = createCoreClient(PrismaClient, {
        env: { DATABASE_URL_CORE: `${postgres.url(database)}?connection_limit=2`, ...variables },
        onPool: (pool) => void pools.push(optionsOf(pool)),
      })
      await client.$connect()
      await client.$disconnect()
      return pools.map(({ auto, max }) => ({ auto, max }))
    }
    const size = { PRISMA_POOL_SIZE_CORE: "auto", PRISMA_POOL_MAX_SIZE_CORE: "3" }
    const bounds = { cap: 3, fixed: 2, reserved: 10 }
    expect(await optionsWith(size)).toEqual([{ auto: bounds, max: 3 }])
    expect(await optionsWith({ ...size, PRISMA_POOL_BUDGET_CORE: "9" })).toEqual([
      { auto: { ...bounds, budget: 9 }, max: 3 },
    ])
    expect(await optionsWith({})).toEqual([{ auto: undefined, max: 2 }])
  })
})

describe.each([
  ["reconnectTimeout", "PRISMA_RECONNECT_TIMEOUT", "reconnectTimeoutMillis", 1_000, 5_000],
  ["minIdle", "PRISMA_POOL_MIN_IDLE", "minIdle", 1, 0],
  ["maxWaiting", "PRISMA_POOL_MAX_WAITING", "maxWaiting", 1, 0],
  ["leakThreshold", "PRISMA_POOL_LEAK_THRESHOLD", "leakThresholdMillis", 1_000, 0],
] as const)("%s, which no parameter sets, reaches the pool", (name, variable, option, unit, byDefault) => {
  const optionsOf = (pool: object) => (pool as { readonly options: object }).options

  test.each([0, 2])("as an option of createPool: %i", (value) => {
    const pool = createPool(postgres.url(database), { [name]: value })
    expect(optionsOf(pool)).toMatchObject({ [option]: value * unit })
  })

  test.each([undefined, {}, { [name]: undefined }])("by default, given %j", (options) => {
    const pool = createPool(postgres.url(database), options)
    expect(optionsOf(pool)).toMatchObject({ [option]: byDefault })
  })

  test.each([
    ["0", 0],
    ["2", 2 * unit],
    [undefined, byDefault],
  ])("as a client's variable: %s", async (value, expected) => {
    const pools: object[] = []
    const client = createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: postgres.url(database), [variable]: value },
      onPool: (pool) => void pools.push(optionsOf(pool)),
    })
    await client.$connect()
    await client.$disconnect()
    expect(pools).toMatchObject([{ [option]: expected }])
  })
})
