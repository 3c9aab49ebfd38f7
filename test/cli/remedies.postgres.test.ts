import pg from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import type { Remedy } from "../../src/cli/output/remedies.ts"
import { wayIn } from "../../src/cli/output/way-in.ts"
import { command } from "../support/command.ts"
import { eventually, rejection } from "../support/helpers.ts"
import { type PostgresServer, ROLE, startPostgres } from "../support/server.ts"

let server: PostgresServer
const clients: pg.Client[] = []
beforeAll(async () => {
  server = await startPostgres({ max_connections: 20 })
  await server.createDatabase("core")
  await server.sql("CREATE ROLE mon LOGIN PASSWORD 'mon'")
  await server.sql("GRANT pg_monitor TO mon")
})
afterAll(() => server.destroy())
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end().catch(() => {})))
  await server.sql("ALTER ROLE app CONNECTION LIMIT -1")
  await server.sql("ALTER ROLE app RESET ALL")
  await server.sql("ALTER SYSTEM RESET ALL")
  await eventually("every connection is closed", async () => {
    const rows = await server.sql("SELECT 1 FROM pg_stat_activity WHERE usename IN ('app', 'mon')")
    return rows.length === 0
  })
})

async function hold(
  count: number,
  url = server.url("core", { application_name: "api" }),
): Promise<pg.Client[]> {
  const held = Array.from({ length: count }, () => new pg.Client(url).on("error", () => {}))
  await Promise.all(held.map((client) => client.connect()))
  clients.push(...held)
  return held
}

const asMonitor = () => server.url("core").replace(/\/\/[^@]*@/, "//mon:mon@")

async function inspected(url: string, ...flags: readonly string[]) {
  const { out, code } = await command(["inspect", "--format", "json", ...flags], {
    env: { DATABASE_URL_CORE: url },
  })
  const { remedies } = JSON.parse(out) as { remedies: readonly Remedy[] }
  const of = (when: Remedy["when"]) => remedies.filter((remedy) => remedy.when === when)
  return { code, remedies, now: of("now"), later: of("later"), sql: remedies.flatMap(({ sql }) => sql ?? []) }
}

const letsIn = async (url: string) => {
  const client = new pg.Client(url)
  await client.connect()
  await client.end()
}

describe("near its end", () => {
  test("a server's first remedy is who to shrink, and no statement takes a slot from anybody", async () => {
    await hold(15)
    const { code, now, later, sql } = await inspected(asMonitor())
    expect(code).toBe(0)
    expect(now.map(({ why }) => why)).toEqual([
      "api holds 15 of 17: stop one of its instances, or lower its pool size. To end its idle sessions frees nothing, its pools open them again",
    ])
    // 15 are above the 14 that would leave slots to others: a limit would refuse what is there.
    expect(sql.join()).not.toContain("CONNECTION LIMIT")
    expect(later.map(({ why }) => why)).toEqual([
      "to keep two slots for monitoring, after a restart; all others then have two fewer",
      "so that this role gets them",
    ])
    for (const statement of sql) await server.sql(statement)
    await letsIn(asMonitor())
    await letsIn(server.url("core"))
    await letsIn(server.adminUrl("core"))
    expect(
      await server.sql("SELECT 1 FROM pg_stat_activity WHERE usename = 'app' AND pid <> pg_backend_pid()"),
    ).toHaveLength(15)
  })

  test("a limit of the largest role is above what it holds, and keeps slots for others when it is pasted", async () => {
    await hold(14)
    const { sql } = await inspected(asMonitor())
    const limit = sql.find((statement) => statement.includes("CONNECTION LIMIT")) ?? ""
    expect(limit).toBe(`ALTER ROLE "${ROLE.user}" CONNECTION LIMIT 14;`)
    await server.sql(limit)
    expect((await rejection(hold(1))).message).toContain("too many connections for role")
    await hold(2, asMonitor())
    await letsIn(server.adminUrl("core"))
  })

  test("a consumer that holds more than it declared says so", async () => {
    await hold(15)
    const { now } = await inspected(asMonitor(), "--max-connections", "20", "--consumer", "api=2x5+0")
    expect(now[0]?.why).toContain("api holds 15 of 17, 5 more than declared: stop one")
  })

  test("below its threshold nothing is suggested", async () => {
    await hold(3)
    expect((await inspected(asMonitor())).remedies).toEqual([])
  })
})

describe("a session that blocks others", () => {
  const blocking = async () => {
    const [blocker, waiting] = (await hold(2)) as [pg.Client, pg.Client]
    await blocker.query("BEGIN; LOCK TABLE mission")
    const blocked = waiting.query("SELECT count(*) FROM mission").then(() => "went on")
    await eventually("it waits", async () => {
      const rows = await server.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
      return rows.length === 1
    })
    return { blocker, blocked }
  }

  test("is ended by the statement, and the others go on", async () => {
    const { blocked } = await blocking()
    const { now } = await inspected(server.adminUrl("core"))
    expect(now).toHaveLength(1)
    expect(now[0]?.why).toBe(
      "api keeps 1 session waiting: end it. Its transaction rolls back, and its application gets an error",
    )
    const ended = await server.sql<{ pg_terminate_backend: boolean }>(now[0]?.sql ?? "")
    expect(ended).toEqual([{ pg_terminate_backend: true }])
    expect(await blocked).toBe("went on")
  })

  test.each(["ISO", "German", "SQL, DMY", "Postgres"])(
    "is ended by the statement, though the role that looked has times of the style %s",
    async (style) => {
      const { blocked } = await blocking()
      await server.sql(
        `ALTER ROLE postgres SET DateStyle = '${style}'; ALTER ROLE postgres SET TimeZone = 'Asia/Kolkata'`,
      )
      const { now } = await inspected(server.adminUrl("core"))
      await server.sql("ALTER ROLE postgres RESET ALL")
      const ended = await server.sql<{ pg_terminate_backend: boolean }>(now[0]?.sql ?? "")
      expect(ended).toEqual([{ pg_terminate_backend: true }])
      expect(await blocked).toBe("went on")
    },
  )

  test("is not ended where its process has become another's by the time of the paste", async () => {
    const { blocker, blocked } = await blocking()
    const { now } = await inspected(server.adminUrl("core"))
    const later =
      now[0]?.sql?.replace(/backend_start = '[^']+'/, "backend_start = '2020-01-01 00:00:00+00'") ?? ""
    expect(later).not.toBe(now[0]?.sql)
    expect(await server.sql(later)).toEqual([])
    await blocker.query("COMMIT")
    expect(await blocked).toBe("went on")
  })

  test("is named without a statement to a role that may not end it, and with one to a role that may", async () => {
    const { blocker, blocked } = await blocking()
    const [remedy] = (await inspected(asMonitor())).now
    expect(remedy?.why).toMatch(
      /^api keeps 1 session waiting: role app or a member of pg_signal_backend can end pid \d+$/,
    )
    expect(remedy).not.toHaveProperty("sql")
    await server.sql("GRANT pg_signal_backend TO mon")
    const [allowed] = (await inspected(asMonitor())).now
    await server.sql("REVOKE pg_signal_backend FROM mon")
    expect(allowed?.sql).toMatch(/^SELECT pg_terminate_backend/)
    await blocker.query("COMMIT")
    await blocked
  })
})

describe("a server without a slot is answered with a way in:", () => {
  test("a superuser's URL, which gets in", async () => {
    await hold(17)
    const { code, now } = await inspected(server.url("core"))
    expect(code).toBe(1)
    expect(now[0]?.why).toBe("slots are kept for superusers: run this again with a superuser's URL")
    const { now: seen } = await inspected(server.adminUrl("core"))
    expect(seen[0]?.why).toContain("api holds 17 of 20")
  })

  test("by the role's limit, another role's URL, which gets in", async () => {
    await server.sql("ALTER ROLE app CONNECTION LIMIT 2")
    await hold(2)
    const { now } = await inspected(server.url("core"))
    expect(now[0]?.why).toBe(
      "run this again with the URL of another role than app: the limit is that role's own",
    )
    expect((await inspected(asMonitor())).code).toBe(0)
  })

  test("by the database's limit, another database of the server, which gets in", async () => {
    await server.sql("ALTER DATABASE core CONNECTION LIMIT 2")
    try {
      await hold(2)
      const { now } = await inspected(server.url("core"))
      expect(now[0]?.why).toContain("another database in the URL's path, such as postgres")
      expect((await inspected(server.url("postgres"))).code).toBe(0)
    } finally {
      await server.sql("ALTER DATABASE core CONNECTION LIMIT -1")
    }
  })

  test.each([
    ["core.abc.eu-west-3.rds.amazonaws.com", /master user's URL/],
    ["shop.postgres.database.azure.com", /^free one slot first/],
    ["rw-1.rdb.fr-par.scw.cloud", /^free one slot first/],
    ["/cloudsql/p:r:i", /^free one slot first/],
    ["db.example.org", /superuser's URL/],
  ])("on %s what its provider lets one do", (host, first) => {
    const [remedy] = wayIn("maxConnections", { host, user: "app", database: "core" })
    expect(remedy?.why).toMatch(first)
  })

  test("behind a pooler, the server itself", () => {
    const [remedy] = wayIn("pooler", { host: "db", user: "app", database: "core" })
    expect(remedy?.why).toContain("past the pooler")
  })
})
