import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { metabaseQuestions } from "../../src/dashboards/metabase.ts"
import { inspectDatabase } from "../../src/monitor/index.ts"
import { eventually, rejection } from "../support/helpers.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

const VERSION = Number(/^\d+/.exec(process.env["POSTGRES_VERSION"] ?? "18")?.[0])
const MAX = 40
const RESERVED = VERSION >= 16 ? 2 : 0
const USABLE = MAX - 3 - RESERVED

/** The statements, by the title above each. */
const questions = new Map(
  metabaseQuestions()
    .split(";\n")
    .flatMap((block) => {
      const lines = block.split("\n")
      const first = lines.findIndex((line) => line.startsWith("WITH "))
      const title = lines
        .slice(0, first)
        .findLast((line, index) => lines[index - 1] === "" && line.startsWith("-- "))
      return first < 0 ? [] : [[title?.slice(3) ?? "", lines.slice(first).join("\n")] as const]
    }),
)

let server: PostgresServer
const open: pg.Client[] = []
beforeAll(async () => {
  server = await startPostgres({
    max_connections: MAX,
    wal_level: "logical",
    autovacuum: "off",
    ...(RESERVED > 0 ? { reserved_connections: RESERVED } : {}),
  })
  await server.createDatabase("core")
  await server.createDatabase("other")
  await server.sql(`CREATE ROLE metabase LOGIN PASSWORD 'x' IN ROLE pg_monitor;
    CREATE ROLE plain LOGIN PASSWORD 'x';
    CREATE ROLE narrow LOGIN PASSWORD 'x' CONNECTION LIMIT 2;
    ALTER DATABASE other CONNECTION LIMIT 10`)
  await connections(2, "api@1", server.url())
  await connections(3, "api@2", server.url())
  await connections(2, "worker#k3f9ab", server.url("other"))
  await connections(1, "worker#000zzz", server.url("other"))
  await connections(1, "worker", server.url("other"))
  await connections(2, "narrow one", urlOf("narrow"))
  const [blocker] = (await connections(1, "job", server.url())) as [pg.Client]
  const [waiting] = (await connections(1, "", server.url())) as [pg.Client]
  await blocker.query("BEGIN; LOCK TABLE partner")
  waiting.query("SELECT * FROM partner").catch(() => {})
  // It takes no slot of max_connections.
  await connections(1, "standby", server.adminUrl("core"), { replication: "database" } as pg.ClientConfig)
  await eventually("it waits", async () => {
    const rows = await server.sql("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    return rows.length === 1
  })
})
afterAll(async () => {
  await server.sql(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('core', 'other')",
  )
  await Promise.all(open.map((client) => client.end().catch(() => {})))
  await server.destroy()
})

const urlOf = (role: string) => `postgresql://${role}:x@127.0.0.1:${server.port}/core`

async function connections(count: number, application: string, url: string, options: pg.ClientConfig = {}) {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const client = new pg.Client({ connectionString: url, application_name: application, ...options })
      client.on("error", () => {})
      await client.connect()
      open.push(client)
      return client
    }),
  )
}

/** 13 of the applications, and the one that asks. */
const USED = 14

async function ask(title: string, role = "metabase") {
  const client = new pg.Client({ connectionString: urlOf(role), application_name: "Metabase" })
  await client.connect()
  try {
    const sql = questions.get(title)
    if (sql === undefined) throw new Error(`no question ${title}: ${[...questions.keys()].join(", ")}`)
    const { rows } = await client.query<Record<string, unknown>>(sql)
    // Counts are bigint and numeric, which node-postgres leaves as text.
    return rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value,
        ]),
      ),
    )
  } finally {
    await client.end()
    await eventually("it has closed its connection", async () => {
      const rows = await server.sql("SELECT FROM pg_stat_activity WHERE application_name = 'Metabase'")
      return rows.length === 0
    })
  }
}

describe("each figure is what the test created", () => {
  test("the percentage, corrected, and beside it the document's", async () => {
    const [first, ...rest] = await ask("Used of usable, in percent: alert above 80")
    expect(first).toEqual({
      limit: "role",
      name: "narrow",
      used: 2,
      usable: 2,
      percent_used: 100,
      naive_percent: null,
    })
    expect(rest).toEqual([
      { limit: "database", name: "other", used: 4, usable: 10, percent_used: 40, naive_percent: null },
      {
        limit: "max_connections",
        name: "",
        used: USED,
        usable: USABLE,
        percent_used: Math.round((10_000 * USED) / USABLE) / 100,
        // Without the four of the other database, and with a walsender.
        naive_percent: Math.round((10_000 * (USED - 4 + 1)) / MAX) / 100,
      },
    ])
  })

  test("as inspectDatabase has it", async () => {
    const rows = await ask("Used of usable, in percent: alert above 80")
    const { used, usable, naivePercent } = await inspectDatabase(urlOf("metabase"))
    expect(rows.find(({ limit }) => limit === "max_connections")).toMatchObject({
      // The connection that asks is one of Metabase's pool. That of inspectDatabase is gone once it has answered.
      used: used + 1,
      usable,
      percent_used: Math.round((10_000 * (used + 1)) / usable) / 100,
      naive_percent: naivePercent,
    })
  })

  test("active connections by service", async () => {
    const row = (service: string, counts: Record<string, number>, pools = 0) => ({
      service,
      active: 0,
      idle_in_transaction: 0,
      idle: 0,
      ...counts,
      connections: Object.values(counts).reduce((sum, count) => sum + count, 0),
      auto_pools: pools,
    })
    expect(await ask("Active connections by service")).toEqual(
      [
        row("api", { idle: 5 }),
        row("worker", { idle: 4 }, 2),
        row("narrow one", { idle: 2 }),
        row("(no name)", { active: 1 }),
        row("Metabase", { active: 1 }),
        row("job", { idle_in_transaction: 1 }),
      ].sort((one, other) => other.connections - one.connections || (one.service < other.service ? -1 : 1)),
    )
  })

  test("idle against active, and what a role may not see", async () => {
    expect(await ask("Idle against active")).toEqual([
      { state: "idle", connections: 11 },
      { state: "active", connections: 2 },
      { state: "idle in transaction", connections: 1 },
    ])
    expect(await ask("Idle against active", "plain")).toEqual([
      // The walsender may be a client to this one.
      { state: "unknown", connections: USED - 1 + 1 },
      { state: "active", connections: 1 },
    ])
  })

  test("who waits", async () => {
    const [row] = await ask("Waiting")
    expect(row).toMatchObject({ waiting_on_locks: 1, idle_in_transaction: 1 })
    expect(row?.["longest_wait_seconds"]).toBeGreaterThan(0)
    expect(row?.["longest_idle_in_transaction_seconds"]).toBeGreaterThanOrEqual(
      Number(row?.["longest_wait_seconds"]),
    )
  })

  test("who will be refused next, and is", async () => {
    const refusals = () => ask("Refusals, as far as SQL can know")
    expect(await refusals()).toEqual([
      { limit: "role", name: "narrow", free: 0, refuses: true },
      { limit: "database", name: "other", free: 6, refuses: false },
      { limit: "max_connections", name: "", free: USABLE - USED, refuses: false },
    ])
    const more = new pg.Client(urlOf("narrow"))
    expect(await rejection(more.connect())).toMatchObject({ code: "53300" })
  })

  test.each(["plain", "postgres"])("every question has an answer for %s", async (role) => {
    const url = role === "postgres" ? server.adminUrl("core") : urlOf(role)
    const client = new pg.Client(url)
    await client.connect()
    // As psql sends the file.
    const results = (await client.query(metabaseQuestions())) as unknown as pg.QueryResult[]
    await client.end()
    expect(results).toHaveLength(questions.size)
    for (const { rows } of results) expect(rows.length).toBeGreaterThan(0)
  })
})

test("one to each of the document's four, and its alert", () => {
  expect([...questions.keys()]).toEqual([
    "Used of usable, in percent: alert above 80",
    "Active connections by service",
    "Idle against active",
    "Waiting",
    "Refusals, as far as SQL can know",
  ])
})
