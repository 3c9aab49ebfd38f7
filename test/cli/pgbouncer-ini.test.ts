import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { readPgBouncerVersion } from "../../src/deployments/pgbouncer/versions.ts"
import { command, words } from "../support/command.ts"
import { runs } from "../support/properties.ts"
import { markedLines, type ReadIni, readIni } from "../support/read-ini.ts"

const CONSUMERS = {
  api: { instances: 10, pooler: "pgbouncer" },
  migrate: { instances: 0, surge: 1, poolSize: 2 },
}
const fleet = (pooler: object, rest: object = {}) => ({
  maxConnections: 200,
  consumers: CONSUMERS,
  poolers: { pgbouncer: { instances: 1, ...pooler } },
  ...rest,
})
const run = (line: string, config: object) =>
  command(words(`plan ${line}`), { files: { "pool.config.json": config } })
const planned = async (config: object, line = "") => {
  const { code, out, err } = await run(`--format pgbouncer ${line}`, config)
  expect([code, err]).toEqual([0, "Using pool.config.json\n"])
  return { out, ini: readIni(out) }
}
const VERSIONS = Array.from({ length: 11 }, (_, index) => 16 + index)

/** What each release has brought, of all that a plan may want to say. An older one does not start with it. */
const SINCE: Readonly<Record<number, Partial<Record<keyof ReadIni, readonly string[]>>>> = {
  19: { pgbouncer: ["auth_dbname", "cancel_wait_timeout", "peer_id"], databases: ["auth_dbname"] },
  20: { pgbouncer: ["track_extra_parameters"] },
  21: { pgbouncer: ["max_prepared_statements"] },
  22: { databases: ["auth_query"] },
  23: { pgbouncer: ["auth_ident_file"], databases: ["server_lifetime"], users: ["pool_size"] },
  24: {
    pgbouncer: ["max_db_client_connections", "max_user_client_connections"],
    databases: ["reserve_pool_size", "load_balance_hosts", "max_db_client_connections"],
    users: ["reserve_pool_size", "max_user_client_connections", "query_timeout", "client_idle_timeout"],
  },
  25: {
    pgbouncer: ["query_wait_notify", "transaction_timeout", "scram_iterations"],
    users: ["transaction_timeout"],
  },
}

/** The names of these that a release does not know. */
function tooNew(ini: ReadIni, version: number): string[] {
  const used: Record<"pgbouncer" | "databases" | "users", string[]> = {
    pgbouncer: [...ini.pgbouncer.keys()],
    databases: [...ini.databases.values()].flatMap((entry) => [...entry.keys()]),
    users: [...ini.users.values()].flatMap((entry) => [...entry.keys()]),
  }
  return Object.entries(SINCE).flatMap(([since, sections]) =>
    Number(since) <= version
      ? []
      : (["pgbouncer", "databases", "users"] as const).flatMap((section) =>
          (sections[section] ?? []).filter((name) => used[section].includes(name)),
        ),
  )
}

/** What PgBouncer gives a pool: a user's own value before the entry's, and that before the usual one. */
function sizeOf({ pgbouncer, databases, users }: ReadIni, database: string, user: string) {
  const [entry, own] = [databases.get(database), users.get(user)]
  const pick = (byUser: string, byEntry: readonly string[], usual: string) =>
    Number(
      own?.get(byUser) ?? byEntry.flatMap((name) => entry?.get(name) ?? [])[0] ?? pgbouncer.get(usual) ?? 0,
    )
  return {
    poolSize: pick("pool_size", ["pool_size"], "default_pool_size"),
    reservePoolSize: pick("reserve_pool_size", ["reserve_pool_size", "reserve_pool"], "reserve_pool_size"),
  }
}

describe("a pgbouncer.ini", () => {
  test("has the plan's sizes, its timeouts, and TLS to the server", async () => {
    const { ini } = await planned(fleet({ poolSize: 30, reservePoolSize: 4, maxDbConnections: 33 }))
    expect(Object.fromEntries(ini.pgbouncer)).toEqual({
      listen_addr: "*",
      listen_port: "6432",
      auth_type: "scram-sha-256",
      auth_file: "/etc/pgbouncer/userlist.txt",
      admin_users: "pgbouncer_admin",
      stats_users: "pgbouncer_stats",
      pool_mode: "transaction",
      default_pool_size: "30",
      reserve_pool_size: "4",
      max_db_connections: "33",
      max_client_conn: "375",
      query_wait_timeout: "20",
      server_login_retry: "1",
      server_tls_sslmode: "verify-full",
      server_tls_ca_file: "/etc/pgbouncer/server-ca.pem",
    })
    expect([...ini.databases].map(([name, entry]) => [name, Object.fromEntries(entry)])).toEqual([
      ["DATABASE", { host: "DATABASE_HOST", port: "5432", dbname: "DATABASE", pool_size: "30" }],
    ])
  })

  test("says who goes straight to the server, and gives the others a URL of the pooler without a password", async () => {
    const { out } = await planned(fleet({ poolSize: 30, pools: [{ database: "core", user: "app" }] }))
    expect(out).toContain("; Straight to the server, with the URL that they have: migrate.")
    expect(markedLines(out, ";env")).toBe(
      [
        "# api",
        'DATABASE_URL_CORE="postgresql://app:PASSWORD@PGBOUNCER_HOST:6432/core?pgbouncer=true&connection_limit=15&pool_timeout=20"',
        "PRISMA_POOL_SIZE_CORE=15",
      ].join("\n"),
    )
  })

  test("has the server's host where one is declared, also one of several servers", async () => {
    const hosts = ["db.internal", "10.0.0.5"]
    const one = await planned(fleet({}, { deployments: { hosts } }))
    expect(one.ini.databases.get("DATABASE")?.get("host")).toBe("db.internal")
    const replica = { maxConnections: 50, consumers: { api: { instances: 1, poolSize: 5 } } }
    const several = await planned({ servers: { primary: { ...fleet({}), hosts }, replica } })
    expect(several.ini.databases.get("DATABASE")?.get("host")).toBe("db.internal")
    const odd = await planned(fleet({}, { deployments: { hosts: ["dé'internal"] } }))
    expect(odd.ini.databases.get("DATABASE")?.get("host")).toBe("DATABASE_HOST")
  })

  test("has the users' role in its SQL, with room for orphans, and never idle_session_timeout", async () => {
    const { out } = await planned(
      fleet({ poolSize: 30, reservePoolSize: 2, surge: 1, pools: [{ database: "core", user: "app" }] }),
    )
    const sql = markedLines(out, ";sql")
    expect(sql).toContain(`ALTER ROLE "app" CONNECTION LIMIT ${2 * (30 + 2) + 15};`)
    expect(sql).toContain(`ALTER ROLE "app" SET client_connection_check_interval = '1s';`)
    expect(sql).not.toContain("idle_session_timeout")
    expect(sql).not.toContain("migrate")
  })

  test("gives each user that is listed a limit of its own", async () => {
    const pools = [
      { database: "core", user: "app", poolSize: 20 },
      { database: "core", user: "jobs", poolSize: 5, reservePoolSize: 1 },
    ]
    const { out, ini } = await planned(fleet({ poolSize: 30, pools, orphans: 8 }), "--pgbouncer-version 1.24")
    const limits = markedLines(out, ";sql")
      .split("\n")
      .filter((line) => /^ALTER ROLE .* LIMIT/.test(line))
    expect(limits).toEqual([
      `ALTER ROLE "app" CONNECTION LIMIT ${2 * 20 + 8};`,
      `ALTER ROLE "jobs" CONNECTION LIMIT ${2 * 6 + 8};`,
    ])
    expect(ini.users.get("jobs")).toEqual(
      new Map([
        ["pool_size", "5"],
        ["reserve_pool_size", "1"],
      ]),
    )
  })

  test("has auth_user, and auth_dbname from 1.19 on", async () => {
    const config = fleet({ authUser: "lookup", authDbname: "auth" })
    const { ini } = await planned(config, "--pgbouncer-version 1.19.1")
    expect([ini.pgbouncer.get("auth_user"), ini.pgbouncer.get("auth_dbname")]).toEqual(["lookup", "auth"])
    const { code, err } = await run("--format pgbouncer", config)
    expect(code).toBe(3)
    expect(err).toContain("poolers.pgbouncer.authDbname: is not known to PgBouncer 1.18")
  })
})

const names = fc.constantFrom("core", "billing", "audit-log", "a.b")
const users = fc.constantFrom("app", "jobs", "metrics_1")
const size = (max: number) => fc.option(fc.integer({ min: 1, max }), { nil: undefined })
const pools = fc.uniqueArray(
  fc.record({ database: names, user: users, poolSize: size(4), reservePoolSize: size(2) }),
  { minLength: 1, maxLength: 5, selector: ({ database, user }) => `${database} ${user}` },
)
const poolers = fc.record(
  {
    poolSize: size(5),
    reservePoolSize: fc.integer({ min: 0, max: 2 }),
    pools: fc.oneof(pools, fc.integer({ min: 1, max: 4 })),
    authUser: fc.constantFrom("lookup", "app"),
  },
  { requiredKeys: ["pools"] },
)

test("has no parameter that its version does not know, and gives every pool the size of the plan", async () => {
  const seen = { printed: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(poolers, fc.constantFrom(...VERSIONS), async (pooler, version) => {
      const config = fleet(JSON.parse(JSON.stringify(pooler)))
      const { code, out, err } = await run(`--format pgbouncer --pgbouncer-version 1.${version}`, config)
      if (code === 3) {
        expect(err).toContain("cannot tell apart")
        seen.refused += 1
        return
      }
      seen.printed += 1
      const ini = readIni(out)
      expect(tooNew(ini, version)).toEqual([])
      const [{ poolers: solved, check }] = JSON.parse((await run("--format json", config)).out).servers
      const { poolSize } = solved.pgbouncer
      expect(ini.pgbouncer.get("default_pool_size")).toBe(`${poolSize}`)
      const entries = [...ini.databases.keys()]
      const { reservePoolSize = 0, authUser } = pooler
      const listed = Array.isArray(pooler.pools)
        ? pooler.pools
        : entries.map((database) => ({ database, user: "any" }))
      const looked = authUser === undefined ? [] : entries.map((database) => ({ database, user: authUser }))
      const all = [
        ...listed,
        ...looked.filter(
          (own) => !listed.some((each) => each.database === own.database && each.user === own.user),
        ),
      ]
      for (const pool of all)
        expect(sizeOf(ini, pool.database, pool.user)).toEqual({
          poolSize: ("poolSize" in pool ? pool.poolSize : undefined) ?? poolSize,
          reservePoolSize: ("reservePoolSize" in pool ? pool.reservePoolSize : undefined) ?? reservePoolSize,
        })
      const opened = all.reduce((sum, { database, user }) => {
        const own = sizeOf(ini, database, user)
        return sum + own.poolSize + own.reservePoolSize
      }, 0)
      const { total, orphans } = check.poolers.pgbouncer
      expect(total - orphans).toBe(opened)
    }),
    runs(120),
  )
  expect(Math.min(seen.printed, seen.refused)).toBeGreaterThan(5)
})

describe("what is refused", () => {
  test("a fleet without a pooler, with what to declare", async () => {
    const { code, err } = await run("--format pgbouncer", {
      maxConnections: 100,
      consumers: { api: { instances: 2 } },
    })
    expect(code).toBe(3)
    expect(err).toContain("poolers: has no pooler, and --format is pgbouncer. Declare one")
    expect(err).toContain('"poolers": { "pgbouncer": { "instances": 1 } }')
  })

  test("several poolers without a choice; by its name, or by what is behind it, one is printed", async () => {
    const consumers = { api: { instances: 2, pooler: "one" }, web: { instances: 2, pooler: "two" } }
    const config = {
      maxConnections: 100,
      consumers,
      poolers: { one: { instances: 1 }, two: { instances: 2 } },
    }
    const { code, err } = await run("--format pgbouncer", config)
    expect([code, err]).toEqual([3, expect.stringContaining("there are 2. Give --for with one of one, two.")])
    for (const name of ["two", "web"])
      expect((await planned(config, `--for ${name}`)).out).toMatch(/^; two, planned by/)
    const unknown = await run("--format pgbouncer --for three", config)
    expect([unknown.code, unknown.err]).toEqual([3, expect.stringContaining('--for: received "three"')])
    const twice = { servers: { a: fleet({}), b: fleet({}) } }
    expect((await run("--format pgbouncer", twice)).err).toContain(
      "Give the declaration of one server, with --config",
    )
  })

  test.each([
    ["a b", "no name in pgbouncer.ini"],
    ['q"', "no name in pgbouncer.ini"],
    ["é", "no name in pgbouncer.ini"],
    ["x\n[pgbouncer]\nauth_type = any", "no name in pgbouncer.ini"],
    ["*", "a pool of every database"],
    ["pgbouncer", "PgBouncer's own console"],
  ])("the entry %j", async (database, why) => {
    const { code, out, err } = await run("--format pgbouncer", fleet({ pools: [{ database, user: "app" }] }))
    expect([code, out]).toEqual([3, ""])
    expect(err).toContain(why)
  })

  test("an auth_user that would be more than a line", async () => {
    const { code, err } = await run("--format pgbouncer", fleet({ authUser: "x\nauth_type = any" }))
    expect(code).toBe(3)
    expect(err).toContain("poolers.pgbouncer.authUser: received")
  })

  test("more entries than anybody would name", async () => {
    const { code, err } = await run("--format pgbouncer", fleet({ poolSize: 1, pools: 101, orphans: 0 }))
    expect([code, err]).toEqual([3, expect.stringContaining("has 101 entries of [databases]")])
  })

  test("a version that is not known, and one beside another format", async () => {
    for (const version of ["1.15", "1.27", "1.9", "2.0", "18", "1.18beta"]) {
      const { code, err } = await run(`--format pgbouncer --pgbouncer-version ${version}`, fleet({}))
      expect([code, err]).toEqual([3, expect.stringContaining("1.16 to 1.26")])
    }
    const { code, err } = await run("--pgbouncer-version 1.18", fleet({}))
    expect([code, err]).toEqual([3, expect.stringContaining("--pgbouncer-version: is given without a file")])
    expect([readPgBouncerVersion("1.18.0"), readPgBouncerVersion("1.25")]).toEqual([18, 25])
  })
})

test("a plan that does not fit is printed with its smallest sizes, says so, and exits with 1", async () => {
  const config = { ...fleet({ instances: 60 }), maxConnections: 100 }
  const { code, out, err } = await run("--format pgbouncer", config)
  expect(code).toBe(1)
  expect(readIni(out).pgbouncer.get("default_pool_size")).toBe("1")
  expect(err).toContain("It does not fit: ")
})
