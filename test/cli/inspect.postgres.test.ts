import fs, { rm, writeFile } from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"
import { basename, dirname, join } from "node:path"
import pg from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { production } from "../deployments/production.ts"
import { command, directoryWith, type Setting, words } from "../support/command.ts"
import { eventually, times } from "../support/helpers.ts"
import { type PostgresServer, ROLE, startPostgres } from "../support/server.ts"

let server: PostgresServer
let clients: pg.Client[] = []
beforeAll(async () => {
  server = await startPostgres({ max_connections: 20 })
  await server.createDatabase("core")
})
afterAll(() => server.destroy())
afterEach(async () => {
  await Promise.all(clients.map((client) => client.end()))
  clients = []
  await eventually("every connection is closed", async () => {
    const [row] = await server.sql<{ count: number }>(
      "SELECT count(*)::int AS count FROM pg_stat_activity WHERE backend_type = 'client backend'",
    )
    return row?.count === 1
  })
})

/** Connections of the ordinary role, under a name. */
async function hold(application: string, count: number): Promise<pg.Client[]> {
  const held = Array.from({ length: count }, () => {
    const client = new pg.Client(server.url("core", { application_name: application }))
    return client.on("error", () => {})
  })
  await Promise.all(held.map((client) => client.connect()))
  clients.push(...held)
  return held
}

const asAdmin = (setting: Setting = {}): Setting => ({
  ...setting,
  env: { DATABASE_URL_CORE: server.adminUrl("core"), ...setting.env },
})
const asRole = (setting: Setting = {}): Setting => ({
  ...setting,
  env: { DATABASE_URL_CORE: server.url("core", { application_name: "api" }), ...setting.env },
})

const FLEET = words("--max-connections 20 --consumer api=2x4 --reserved metabase=2")

describe("prisma-pool inspect", () => {
  test("shows how much is used of what, by whom, and under a name of its own", async () => {
    await hold("api", 4)
    await hold("", 1)
    const { code, out, err } = await command(["inspect"], asAdmin())
    expect([code, err]).toEqual([0, ""])
    expect(out).toContain("✓ 5 of 20 connections in use (25 %)")
    expect(out).toContain("Role postgres may use 20 of max_connections 20: 3 are kept for superusers")
    expect(out).toContain("(count(*) / max_connections, as most dashboards show it: 30.00 %)")
    expect(out).toContain("By database: core 5. By user: app 5. By client: 127.0.0.1 5")
    expect(out).toMatch(/^ {2}api +\| +4 \| +0 \| +4 \| +0 \| +0 \| +\d+ s \| ████$/m)
    expect(out).toMatch(/^ {2}\(no name\) app 1 +\| +1 \|/m)
    expect(out).toContain("This command's own connection is not counted: it is closed by now")
    expect(out).not.toMatch(/^ {2}prisma-pool-config/m)
  })

  test("says nothing of who holds connections where nobody does", async () => {
    const { out } = await command(["inspect"], asAdmin())
    expect(out).toContain("✓ 0 of 20 connections in use (0 %)")
    expect(out).not.toContain("By database")
  })

  test("shows a service whose size is auto as one, with its pools and the limit that they share", async () => {
    await hold("api@1.4.2#k3f9ab", 3)
    await hold("api@1.4.2#000zzz", 1)
    await hold("job#42", 1)
    const asked = () => command(["inspect", ...FLEET], asAdmin())
    const without = await asked()
    expect(without.out).toMatch(/^ {2}api@1\.4\.2 +\| +4 \|/m)
    expect(without.out).toMatch(/^ {2}job#42 +\| +1 \|/m)
    expect(without.out).toMatch(/^ {2}api +\| +8 \| +16 \| +4 \|/m)
    expect(without.out).toContain(
      "Sizes that follow the instances (auto)\n  api: 2 pools with 4 connections. Neither role app nor its database has a CONNECTION LIMIT: nothing but the pools keeps their sum\n",
    )
    await server.sql("ALTER ROLE app CONNECTION LIMIT 12; ALTER DATABASE core CONNECTION LIMIT 9")
    onTestFinished(async () => {
      await server.sql("ALTER ROLE app CONNECTION LIMIT -1; ALTER DATABASE core CONNECTION LIMIT -1")
    })
    expect((await asked()).out).toContain(
      "api: 2 pools with 4 connections. CONNECTION LIMIT of the database core: 5 of 9, CONNECTION LIMIT of the role app: 5 of 12",
    )
  })

  test("counts the role that looks by its own name, whatever the URL is called", async () => {
    const { out } = await command(["inspect"], asRole())
    expect(out).not.toMatch(/^ {2}api /m)
    expect(out).toContain("at most 0 of 17 connections in use")
    expect(out).toContain("app cannot see other roles' sessions, so the count may be too high")
    expect(out).toContain('GRANT pg_monitor TO "app";')
  })

  test.each(['plain "quoted" é', '\u001b]52;c;x\u0007 \\ "\n::error::x', "##[error]\u202e👩‍💻 é"])(
    "prints SQL that can be pasted for a role called %j",
    async (role) => {
      const identifier = `"${role.replaceAll('"', '""')}"`
      await server.sql(`CREATE ROLE ${identifier} LOGIN PASSWORD 'x'`)
      try {
        const url = new URL(server.url("core"))
        url.username = encodeURIComponent(role)
        url.password = "x"
        const { code, out } = await command(["inspect"], { env: { DATABASE_URL_CORE: url.href } })
        expect(code).toBe(0)
        expect(out.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]|##\[/u)
        const [, grant = ""] = /^ {2}(GRANT pg_monitor TO .*;) {2}-- /m.exec(out) ?? []
        await server.sql(grant)
        const [row] = await server.sql<{ member: string }>(
          "SELECT member::regrole::oid::text AS member FROM pg_auth_members WHERE roleid = 'pg_monitor'::regrole",
        )
        const [own] = await server.sql<{ oid: string }>(
          `SELECT oid::text FROM pg_roles WHERE encode(convert_to(rolname, 'UTF8'), 'hex') = '${Buffer.from(role).toString("hex")}'`,
        )
        expect(row?.member).toBe(own?.oid)
      } finally {
        await server.sql(`DROP ROLE ${identifier}`)
      }
    },
  )

  test("fails above a percentage, and not at it", async () => {
    await hold("api", 10)
    const run = async (percent: string) =>
      (await command(["inspect", "--fail-above", percent], asAdmin())).code
    expect(await run("50")).toBe(0)
    expect(await run("49.99")).toBe(1)
  })

  test("shows who blocks whom, and what would help, and does nothing itself", async () => {
    const [blocker, waiting] = (await hold("api", 2)) as [pg.Client, pg.Client]
    await blocker.query("BEGIN; LOCK TABLE mission")
    const blocked = waiting.query("SELECT count(*) FROM mission")
    await eventually("it waits", async () => {
      const rows = await server.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
      return rows.length === 1
    })
    const [{ pid = 0 } = {}] = (await blocker.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows
    const { out } = await command(["inspect"], asAdmin())
    expect(out).toContain(
      "1 session waits for a lock; 1 waits for its application, in an open transaction or statement",
    )
    const who = `pid \\d+ \\(api, user ${ROLE.user}\\)`
    expect(out).toMatch(
      new RegExp(
        `Blocked\\n {2}${who} has been idle in a transaction for \\d+ s and blocks 1 session: ending it frees 1 session\\n {2}${who} has waited \\d+ s for pid ${pid}\\n`,
      ),
    )
    expect(out).toMatch(
      new RegExp(
        `SELECT pg_terminate_backend\\(pid\\) FROM pg_stat_activity WHERE pid = ${pid} AND backend_start = '[^']+';  -- api keeps 1 session waiting: end it\\. Its transaction rolls back`,
      ),
    )
    await blocker.query("COMMIT")
    await blocked
  })

  test("shows the root of a chain, how it leads there, and how many sessions its end frees", async () => {
    const chain = (await hold("api", 5)) as [pg.Client, pg.Client, pg.Client, pg.Client, pg.Client]
    const [root, middle, other, ...ends] = chain
    const [{ pid = 0 } = {}] = (await root.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows
    const waiting = (count: number) =>
      eventually(`${count} wait`, async () => {
        const rows = await server.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return rows.length === count
      })
    // Two wait for the root, one through another; one waits for the root and somebody else.
    await root.query("BEGIN; SELECT pg_advisory_xact_lock(1)")
    await middle.query("BEGIN; SELECT pg_advisory_xact_lock(2)")
    await other.query("BEGIN; SELECT pg_advisory_xact_lock_shared(3)")
    await root.query("SELECT pg_advisory_xact_lock_shared(3)")
    const blocked = [middle.query("SELECT pg_advisory_xact_lock(1)")]
    await waiting(1)
    blocked.push((ends[0] as pg.Client).query("SELECT pg_advisory_xact_lock(2)"))
    await waiting(2)
    blocked.push((ends[1] as pg.Client).query("SELECT pg_advisory_xact_lock(3)"))
    await waiting(3)
    const { out } = await command(["inspect"], asAdmin())
    const who = `pid \\d+ \\(api, user ${ROLE.user}\\)`
    expect(out).toMatch(
      new RegExp(
        `Blocked\\n {2}pid ${pid} \\(api, user ${ROLE.user}\\) has been idle in a transaction for \\d+ s and blocks 2 sessions: ending it frees 2 sessions\\n {2}${who} has been idle in a transaction for \\d+ s and blocks 1 session\\n`,
      ),
    )
    expect(out).toMatch(new RegExp(`${who} has waited \\d+ s for pid \\d+, which waits for pid ${pid}\\n`))
    const [statement = ""] = new RegExp(`SELECT pg_terminate_backend.* pid = ${pid} AND .*;`).exec(out) ?? []
    expect(out).toContain("-- api keeps 2 sessions waiting: end it")
    await server.sql(statement)
    await blocked[0]
    await waiting(2)
    await middle.query("COMMIT")
    await blocked[1]
    await waiting(1)
    await other.query("COMMIT")
    await blocked[2]
  })

  test("shows two generations of one application: a deploy in progress", async () => {
    await hold("api@1.4.1", 3)
    await hold("api@1.4.2", 2)
    const { out } = await command(["inspect"], asAdmin())
    expect(out).toMatch(/Deploy in progress\n {2}api: 3 of api@1\.4\.1, .*; 2 of api@1\.4\.2, /)
  })

  test("takes a server that refuses us for the finding: 1, which limit, and a way in", async () => {
    await hold("api", 17)
    const { code, out, err } = await command(["inspect"], asRole())
    expect([code, err]).toEqual([1, ""])
    expect(out).toContain(
      "✗ full: every slot that max_connections leaves to this role is taken (SQLSTATE 53300:",
    )
    expect(out).toContain("slots are kept for superusers: run this again with a superuser's URL")
    const json = await command(words("inspect --format json"), asRole())
    const { remedies, ...full } = JSON.parse(json.out)
    expect([json.code, full]).toMatchObject([1, { exitCode: 1, full: true, limit: "maxConnections" }])
    expect(remedies[0]).toEqual({
      when: "now",
      why: "slots are kept for superusers: run this again with a superuser's URL",
    })
    expect(json.out).not.toContain("secret")
  })

  test("names the limit of a role or of a database that is full", async () => {
    await server.sql("ALTER ROLE app CONNECTION LIMIT 2")
    try {
      await hold("api", 1)
      const looked = await command(["inspect"], asRole())
      expect(looked.out).toContain(
        "✓ 1 of 2 connections in use (50 %), by the CONNECTION LIMIT of the role app",
      )
      await hold("api", 1)
      const { code, out } = await command(["inspect"], asRole())
      expect([code, out.split("\n")[0]]).toEqual([
        1,
        expect.stringContaining("the CONNECTION LIMIT of the role is reached"),
      ])
    } finally {
      await server.sql("ALTER ROLE app CONNECTION LIMIT -1")
    }
  })

  test("prints JSON with the whole report", async () => {
    await hold("api", 2)
    const { out } = await command([...words("inspect --format json"), ...FLEET], asAdmin())
    const { report, attribution, full } = JSON.parse(out)
    expect(full).toBe(false)
    expect(report).toMatchObject({ used: 2, usable: 20, binding: "maxConnections" })
    expect(attribution.allocations).toMatchObject([
      { name: "metabase", kind: "reserved", declared: 2, seen: 0 },
      { name: "api", kind: "consumer", declared: 8, declaredInDeploy: 16, seen: 2 },
    ])
  })

  test("suggests in JSON what it suggests in text: by the threshold that was given", async () => {
    await hold("api", 11)
    for (const [threshold, isAlert] of [
      ["50", true],
      ["60", false],
    ] as const) {
      const flags = ["--fail-above", threshold]
      const text = await command(["inspect", ...flags], asAdmin())
      const json = await command(["inspect", ...flags, ...words("--format json")], asAdmin())
      const watched = await command(
        ["inspect", ...flags, ...words("--format json --watch --for 1s")],
        asAdmin(),
      )
      const [line = ""] = watched.out.split("\n")
      const { exitCode, remedies } = JSON.parse(json.out)
      expect([text.code, json.code, exitCode, watched.code]).toEqual(Array(4).fill(isAlert ? 1 : 0))
      expect(text.out.includes("CONNECTION LIMIT 14")).toBe(isAlert)
      expect(JSON.stringify(remedies).includes("CONNECTION LIMIT 14")).toBe(isAlert)
      expect(JSON.parse(line).remedies).toEqual(remedies)
    }
  })

  test("prints markdown that shows names as they are, with statements to copy", async () => {
    const [blocker, waiting] = (await hold("api_*v2*|<b>", 2)) as [pg.Client, pg.Client]
    await blocker.query("BEGIN; LOCK TABLE mission")
    const blocked = waiting.query("SELECT count(*) FROM mission")
    await eventually("it waits", async () => {
      const rows = await server.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
      return rows.length === 1
    })
    const { code, out } = await command(words("inspect --format markdown --fail-above 5"), asAdmin())
    expect(code).toBe(1)
    expect(out).toMatch(/^### ✗ 2 of 20 connections in use \(10 %\)/)
    expect(out).toMatch(/^\| api\\_\\\*v2\\\*\\\|\\<b\\> +\| +2 \|/m)
    const [, statement = ""] = /\n```sql\n(SELECT pg_terminate_backend.*?;) {2}-- .*\n```\n/.exec(out) ?? []
    await server.sql(statement)
    await blocked
    await hold("api", 16)
    const refused = await command(words("inspect --format markdown"), asRole())
    expect([refused.code, refused.out]).toEqual([1, expect.stringMatching(/^### ✗ full: every slot/)])
    const watched = await command(words("inspect --format markdown --watch"), asAdmin())
    expect([watched.code, watched.out]).toEqual([3, ""])
    expect(watched.err).toContain("--format markdown: is given with --watch")
  })

  test("has the columns that a narrow terminal has room for", async () => {
    await hold("api", 2)
    const wide = await command(["inspect"], asAdmin({ columns: 120 }))
    const narrow = await command(["inspect"], asAdmin({ columns: 60 }))
    expect(wide.out).toMatch(
      /held by +\| connections \| active \| idle \| idle in transaction \| other \| oldest \| of 20/,
    )
    expect(narrow.out).toMatch(/held by +\| connections \| idle in tx \| oldest \|\n/)
  })
})

describe("against a declared fleet", () => {
  test("shows each share, and everybody whom nobody declared", async () => {
    await hold("api", 3)
    await hold("Metabase", 1)
    await hold("psql", 2)
    const { code, out } = await command(["inspect", ...FLEET], asAdmin())
    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}metabase, reserved \| +2 \| +2 \| +1 \|/m)
    expect(out).toMatch(/^ {2}api +\| +8 \| +16 \| +3 \|/m)
    expect(out).toContain("Not declared\n  psql: 2\n")
    expect((await command(["inspect", "--strict", ...FLEET], asAdmin())).code).toBe(1)
  })

  test("says who has more than its share, and whose ceiling is another one", async () => {
    await hold("metabase", 3)
    const line = "inspect --strict --max-connections 100 --consumer api=2x4 --reserved metabase=2"
    const { code, out } = await command(words(line), asAdmin())
    expect(code).toBe(1)
    expect(out).toContain("metabase: 1 more than its 2")
    expect(out.split("\n")[1]).toBe(
      "✗ max_connections is 20, but 100 is declared: set maxConnections to 20, then run check again",
    )
  })

  test("says that the server keeps more than is declared, as Azure does, at the top", async () => {
    await server.stop()
    await server.start({ superuser_reserved_connections: 10 })
    try {
      const fleet = "--max-connections 20 --consumer api=1x4"
      const { code, out } = await command(words(`inspect --strict ${fleet}`), asAdmin())
      expect(code).toBe(1)
      expect(out.split("\n")[1]).toBe(
        "✗ 10 of max_connections 20 are usable, but the declaration counts on 17: set superuserReserved to 10, reservedConnections to 0, providerReserved to 0, then run check again",
      )
      for (const kept of ["--superuser-reserved 10", "--provider-reserved 7"]) {
        const agreed = await command(words(`inspect --strict ${fleet} ${kept}`), asAdmin())
        expect([agreed.code, agreed.out.split("\n")[1]]).toEqual([0, ""])
      }
    } finally {
      await server.stop()
      await server.start()
    }
  })

  test("folds many undeclared names with a count, and has all of them in JSON", async () => {
    await Promise.all([...times(9, (index) => hold(`stray-${index}`, 1)), hold("psql", 2)])
    const { out } = await command(["inspect", ...FLEET], asAdmin())
    expect(out).toMatch(
      /Not declared\n {2}psql: 2\n(?: {2}stray-\d: 1\n){4} {2}and 5 more names: 5 \(--format json lists all\)\n/,
    )
    const json = await command([...words("inspect --format json"), ...FLEET], asAdmin())
    expect(JSON.parse(json.out).attribution.undeclared).toHaveLength(10)
  })

  test("groups connections without a name by role, and knows a provider's roles where they are declared", async () => {
    await server.sql("CREATE ROLE supabase_admin SUPERUSER LOGIN PASSWORD 'x'")
    await server.sql("CREATE ROLE supabase_auth LOGIN PASSWORD 'x'")
    const as = async (role: string, application: string) => {
      const url = server.url("core", { application_name: application }).replace(/\/\/[^@]*@/, `//${role}:x@`)
      const client = new pg.Client(url)
      await client.connect()
      clients.push(client)
    }
    try {
      await Promise.all([
        as("supabase_admin", ""),
        as("supabase_admin", ""),
        as("supabase_admin", "postgres_exporter"),
        as("supabase_auth", ""),
        as("supabase_admin", "api"),
      ])
      await hold("", 1)
      const { code, out } = await command(["inspect", "--strict", ...FLEET], asAdmin())
      expect(code).toBe(1)
      expect(out).toMatch(/^ {2}\(no name\) supabase_admin 2, app 1, supabase_auth 1 +\| +4 \|/m)
      expect(out).toContain("Not declared\n  (no name), role supabase_admin: 2\n")
      for (const line of [
        "(no name), role app: 1",
        "(no name), role supabase_auth: 1",
        "postgres_exporter: 1",
      ])
        expect(out).toContain(`\n  ${line}\n`)
      expect(out).toContain("Declare what has no name by its role: under roles")
      const declared = (supabase: number) => ({
        files: {
          "pool.config.json": {
            maxConnections: 20,
            reserved: { supabase },
            consumers: { api: { instances: 2, poolSize: 2 } },
            roles: { "supabase_*": "supabase", app: "api" },
          },
        },
      })
      const strict = await command(words("inspect --strict"), asAdmin(declared(4)))
      expect(strict.code, strict.out).toBe(0)
      expect(strict.out).toMatch(/^ {2}supabase, reserved \| +4 \| +4 \| +4 \|/m)
      // The name that leads to an owner comes first: a role says less than an application.
      expect(strict.out).toMatch(/^ {2}api +\| +4 \| +8 \| +2 \|/m)
      const tooMany = await command(words("inspect --strict"), asAdmin(declared(3)))
      expect(tooMany.code).toBe(1)
      expect(tooMany.out).toContain("supabase: 1 more than its 3")
      const checked = await command(["check"], declared(4))
      expect(checked.out).toMatch(/^ {2}supabase +\| +reserved \| +\| +4 \|/m)
    } finally {
      await Promise.all(clients.splice(0).map((client) => client.end()))
      await server.sql("DROP ROLE supabase_admin, supabase_auth")
    }
  })

  test("passes --strict when everything is accounted for", async () => {
    await hold("api", 3)
    expect((await command(["inspect", "--strict", ...FLEET], asAdmin())).code).toBe(0)
  })

  test("knows applications by other names where the declaration says so", async () => {
    await hold("api-production", 2)
    await hold("job-import", 1)
    const config = {
      maxConnections: 20,
      consumers: { api: { instances: 1, poolSize: 5 } },
      jobs: [{ name: "import", concurrent: 1, poolSize: 2 }],
      applications: { "api-production": "api", "job-*": "import" },
    }
    const { code, out } = await command(
      words("inspect --strict"),
      asAdmin({ files: { "pool.config.json": config } }),
    )
    expect(out).toMatch(/^ {2}api +\| +5 \| +10 \| +2 \|/m)
    expect(out).toMatch(/^ {2}jobs, at their peak +\| +2 \| +2 \| +1 \|/m)
    expect(code).toBe(0)
  })
})

test("an application that is said to belong to nobody is refused, as observeDatabase refuses it", async () => {
  const config = {
    maxConnections: 20,
    consumers: { api: { instances: 1, poolSize: 5 } },
    applications: { "api-production": "apo" },
  }
  for (const line of ["inspect", "preflight"]) {
    const { code, out, err } = await command([line], asAdmin({ files: { "pool.config.json": config } }))
    expect([code, out]).toEqual([3, ""])
    expect(err).toContain("applications.api-production: has an owner that is not in the fleet")
  }
})

describe("prisma-pool preflight", () => {
  test("adds what is declared or in use, what nobody declared, and what the deploy adds", async () => {
    await hold("api", 3)
    await hold("psql", 2)
    const { code, out } = await command(["preflight", ...FLEET], asRole())
    // 2 + 8 declared, 2 of psql, 8 more of the API.
    expect(code).toBe(1)
    expect(out).toContain(
      "✗ the deploy does not fit: 10 (the larger of declared and in use) + 2 undeclared + 8 for new instances = 20, but only 17 are usable",
    )
    const smaller = words("preflight --max-connections 20 --consumer api=2x3 --reserved metabase=2")
    const fits = await command(smaller, asRole())
    expect(fits.code).toBe(0)
    expect(fits.out).toContain(
      "✓ the deploy fits: 8 (the larger of declared and in use) + 2 undeclared + 6 for new instances = 16 of 17 usable",
    )
  })

  test("counts what is in use where that is more than what is declared", async () => {
    await hold("api", 9)
    const line = words("preflight --max-connections 20 --consumer api=2x3 --format json")
    const { code, out } = await command(line, asRole())
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      fits: true,
      held: 9,
      undeclared: 0,
      surge: 6,
      total: 15,
      usable: 17,
    })
  })

  test("is 1 on a server that is full, and 3 without a fleet", async () => {
    await hold("api", 17)
    const full = await command(["preflight", ...FLEET], asRole())
    expect(full.code).toBe(1)
    expect(full.out).toContain("slots are kept for superusers: run this again with a superuser's URL")
    const { code, out, err } = await command(["preflight"], asRole())
    expect([code, out]).toEqual([3, ""])
    expect(err).toContain("fleet: is not declared, so it is not known what the deploy adds")
  })
})

/** Counts what is read of files from now on: their names in a directory, each as often as it was read. */
function countReads(): (directory: string) => string[] {
  const { readFile } = fs
  const paths: string[] = []
  fs.readFile = (async (...args: Parameters<typeof readFile>) => {
    paths.push(String(args[0]))
    return readFile(...args)
  }) as typeof readFile
  syncBuiltinESMExports()
  onTestFinished(() => {
    fs.readFile = readFile
    syncBuiltinESMExports()
  })
  return (directory) =>
    paths
      .filter((path) => dirname(path) === directory)
      .map((path) => basename(path))
      .sort()
}

describe("--watch", () => {
  /** A clock that goes on while somebody sleeps, and something that happens at each check. */
  function world(during: readonly (() => Promise<unknown>)[], setting: Setting = {}): Setting {
    let now = Date.UTC(2026, 0, 1)
    let checks = 0
    return asAdmin({
      ...setting,
      io: {
        now: () => now,
        sleep: async (millis) => {
          now += millis
          await during[checks++]?.()
        },
        ...setting.io,
      },
    })
  }

  test("in a pipe is a line for each check, and ends with the peak, the waits, the refusals and a verdict", async () => {
    const { code, out } = await command(
      words("inspect --watch 30s --for 2m"),
      world([() => hold("api", 11), () => hold("api", 1)]),
    )
    const lines = out.trimEnd().split("\n")
    expect(lines.slice(0, 2)).toEqual([
      "2026-01-01T00:00:00.000Z 0 of 20 connections in use (0 %); 0 wait for a lock, 0 for their application",
      "2026-01-01T00:00:30.000Z 11 of 20 connections in use (55 %); 0 wait for a lock, 0 for their application",
    ])
    expect(lines.slice(5)).toEqual([
      "✓ stayed within 80 % in all 5 checks",
      "  peak: 12 of 20 connections in use (60 %)",
      "  most at once: 0 waited for a lock, 0 for their application",
      "  refused as full: 0 of 5 checks",
    ])
    expect(code).toBe(0)
  })

  test.each([
    ["ahead", 86_400_000],
    ["back", -86_400_000],
  ])(
    "lasts as long as --for says, though the clock of the machine is set %s meanwhile",
    async (_, millis) => {
      let [now, passed, checks] = [Date.UTC(2026, 0, 2), 0, 0]
      const interrupted = new AbortController()
      const { code, out } = await command(
        words("inspect --watch 30s --for 2m"),
        asAdmin({
          io: {
            now: () => now,
            monotonic: () => passed,
            interruption: () => interrupted.signal,
            sleep: async (slept) => {
              passed += slept
              now += slept + (passed === slept ? millis : 0)
              checks += 1
              if (checks > 10) interrupted.abort()
            },
          },
        }),
      )
      expect(out).toContain("in all 5 checks")
      expect(code).toBe(0)
    },
  )

  test("ends with 1 when the peak was too high, however short", async () => {
    const { code, out } = await command(
      words("inspect --watch 10s --for 30s"),
      world([() => hold("api", 17), () => Promise.all(clients.splice(0).map((client) => client.end()))]),
    )
    expect(out).toContain("✗ above 80 % in 1 of 4 checks\n  peak: 17 of 20")
    expect(code).toBe(1)
  })

  test("counts refusals, and goes on", async () => {
    const setting = world([() => hold("api", 17)])
    const { code, out } = await command(words("inspect --watch 10s --for 20s"), {
      ...setting,
      env: { DATABASE_URL_CORE: server.url("core") },
    })
    expect(out).toContain("2026-01-01T00:00:10.000Z full: every slot")
    expect(out).toContain("✗ full in 2 of 3 checks\n")
    expect(out).toContain("  refused as full: 2 of 3 checks")
    expect(code).toBe(1)
  })

  test("ends when it is interrupted, with the same", async () => {
    const interrupted = new AbortController()
    const setting = world([], { io: { interruption: () => interrupted.signal } })
    const { sleep } = setting.io as { sleep: (millis: number) => Promise<void> }
    const checks = { left: 3 }
    const { code, out } = await command(words("inspect --watch"), {
      ...setting,
      io: {
        ...setting.io,
        sleep: async (millis) => {
          await sleep(millis)
          checks.left -= 1
          if (checks.left === 0) interrupted.abort()
        },
      },
    })
    expect(out).toContain("✓ stayed within 80 % in all 3 checks")
    expect(code).toBe(0)
  })

  describe("checks that the server does not answer", () => {
    const lockOut = () => server.sql("ALTER ROLE mon PASSWORD 'other'")
    const letIn = () => server.sql("ALTER ROLE mon PASSWORD 'mon'")
    const watched = async (flags: string) => {
      await server.sql("DROP ROLE IF EXISTS mon")
      await server.sql("CREATE ROLE mon LOGIN PASSWORD 'mon'")
      const setting = world([lockOut, async () => {}, letIn])
      const env = { DATABASE_URL_CORE: server.url("core").replace(/\/\/[^@]*@/, "//mon:mon@") }
      return command(words(`inspect --watch 10s --for 40s ${flags}`), { ...setting, env })
    }

    test("make the verdict unknown: 2", async () => {
      const { code, out } = await watched("")
      expect(out).toContain("? unknown: stayed within 80 % in 3 of 5 checks, 2 got no answer")
      expect(out).toContain("  no answer from the server: 2 of 5 checks; --tolerate allows 0")
      expect(code).toBe(2)
    })

    test("may be as many as --tolerate says", async () => {
      expect((await watched("--tolerate 1")).code).toBe(2)
      const { code, out } = await watched("--tolerate 2")
      expect(out).toContain("✓ stayed within 80 % in 3 of 5 checks")
      expect(out).toContain("  no answer from the server: 2 of 5 checks; --tolerate allows 2")
      expect(code).toBe(0)
    })

    test("end the watch where the first is one, unless --tolerate allows for it", async () => {
      const watchedFromStart = async (flags: string) => {
        await server.sql("DROP ROLE IF EXISTS mon")
        const appear = () => server.sql("CREATE ROLE mon LOGIN PASSWORD 'mon'")
        const env = { DATABASE_URL_CORE: server.url("core").replace(/\/\/[^@]*@/, "//mon:mon@") }
        return command(words(`inspect --watch 10s --for 40s ${flags}`), { ...world([appear]), env })
      }
      const { code, out } = await watchedFromStart("")
      expect([code, out]).toEqual([2, ""])
      const tolerant = await watchedFromStart("--tolerate 1")
      expect(tolerant.out).toMatch(/^\S+Z DATABASE_URL_CORE: cannot be asked: /)
      expect(tolerant.out).toContain("✓ stayed within 80 % in 4 of 5 checks")
      expect(tolerant.code).toBe(0)
    })
  })

  test("is 130 when it is interrupted before its time is over, and 1 when it has failed by then", async () => {
    const interruptedAfter = async (hold: () => Promise<unknown>) => {
      const interrupted = new AbortController()
      const during = async () => {
        await hold()
        interrupted.abort()
      }
      const setting = world([async () => {}, during], { io: { interruption: () => interrupted.signal } })
      return command(words("inspect --watch 10s --for 1h"), setting)
    }
    const { code, out } = await interruptedAfter(async () => {})
    expect(out).toContain("? interrupted before --for was over: stayed within 80 % in all 2 checks so far")
    expect(code).toBe(130)
  })

  test("fails with --strict for what is seen in any check and was not declared", async () => {
    const files = {
      "pool.config.json": { maxConnections: 20, consumers: { api: { instances: 1, poolSize: 1 } } },
    }
    const { code, out } = await command(words("inspect --watch 10s --for 20s --strict"), {
      ...world([() => hold("stray", 1), () => Promise.all(clients.splice(0).map((client) => client.end()))]),
      files,
    })
    expect(out).toContain("✗ not as declared in 1 of 3 checks")
    expect(code).toBe(1)
  })

  test("reads every file once, before the first check, and then only asks the server", async () => {
    await hold("web", 2)
    const files = {
      ".env": `MONITORING_URL=${server.adminUrl("core")}\n`,
      "pool.config.json": { reserved: { metabase: 2 }, applications: { web: "scaleway_container.api" } },
      "plan.json": production({ maxConnections: 20, poolSize: 3 }),
      "pool.baseline.json": { acknowledged: [], counted: [] },
    }
    const cwd = await directoryWith(files)
    const readsOf = countReads()
    const line = words("--connect MONITORING_URL --env-file .env --terraform plan.json --format json")
    const spoil = async () => {
      for (const name of Object.keys(files)) await writeFile(join(cwd, name), "{")
    }
    const remove = async () => {
      for (const name of Object.keys(files)) await rm(join(cwd, name))
    }
    const { code, out, err } = await command(["inspect", ...words("--watch 10s --for 20s"), ...line], {
      ...world([spoil, remove]),
      cwd,
      env: {},
    })
    expect(code, err).toBe(0)
    const samples = out
      .trimEnd()
      .split("\n")
      .slice(0, 3)
      .map((each) => JSON.parse(each))
    for (const { attribution } of samples) {
      expect(attribution.allocations).toMatchObject([
        { name: "metabase", declared: 2, seen: 0 },
        { name: "scaleway_container.api", declared: 3, seen: 2 },
        { name: "jobs" },
      ])
    }
    expect(readsOf(cwd)).toEqual(Object.keys(files).sort())
    expect(err.match(/Using /g)).toHaveLength(2)
  })

  test("prints JSON lines", async () => {
    const { out } = await command(words("inspect --watch 10s --for 10s --format json"), world([]))
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatchObject({ at: "2026-01-01T00:00:00.000Z", full: false, report: { used: 0 } })
    expect(lines[2]).toMatchObject({ checks: 2, refusals: 0, exitCode: 0 })
  })
})

test("a full server is 1, with a threshold or without; one where inspect itself takes the last slot is not full", async () => {
  await hold("api", 16)
  const looked = async (flags: string) => command(words(`inspect ${flags}`), asRole())
  for (const [flags, exitCode] of [
    ["", 0],
    ["--fail-above 95", 0],
    ["--fail-above 94", 1],
    ["--fail-above 80 --watch --for 1s", 1],
  ] as const) {
    const { code, out } = await looked(flags)
    expect(out).toContain("at most 16 of 17 connections in use (94.12 %)")
    expect(code).toBe(exitCode)
  }
  await hold("api", 1)
  for (const flags of ["", "--fail-above 100"]) expect((await looked(flags)).code).toBe(1)
})

test.each(["--for 10s", "--tolerate 2", "--for 10s --tolerate 2"])(
  "%s without --watch is bad input, since nothing is watched",
  async (flags) => {
    const { code, out, err } = await command(words(`inspect ${flags}`), asAdmin())
    expect([code, out]).toEqual([3, ""])
    for (const flag of flags.match(/--\w+/g) ?? []) expect(err).toContain(`${flag}: is given without --watch`)
  },
)

describe("a server that cannot be asked is 2, and a URL that is wrong 3, with a clear message and no secret", () => {
  const url = (text: string) => ({ env: { DATABASE_URL_CORE: text } })
  test.each([
    [
      "nobody there",
      () => url("postgresql://app:s3cr3t@127.0.0.1:1/core"),
      "ECONNREFUSED 127.0.0.1:1. Check host and port: nothing listens there, or a firewall refuses.",
      2,
    ],
    [
      "an unknown host",
      () => url("postgresql://app:s3cr3t@nowhere.invalid/core"),
      "ENOTFOUND nowhere.invalid. Check the host's name, and whether this machine can resolve it.",
      2,
    ],
    [
      "a wrong password",
      () => url(server.adminUrl().replace("admin@", "s3cr3t@")),
      'password authentication failed for user "postgres". Check the user and the password.',
      2,
    ],
    [
      "no password",
      () => url(server.url("core").replace(/:[^/@]*@/, "@")),
      "DATABASE_URL_CORE: has no password, and the server asks for one. Add it to the URL, after the user and a colon.",
      2,
    ],
    [
      "no such database",
      () => url(server.adminUrl("nowhere")),
      `database "nowhere" does not exist. Check the database's name, the last part of the URL's path.`,
      2,
    ],
    [
      "no TLS",
      () => url(`${server.adminUrl("core")}?sslmode=require`),
      "does not support SSL connections. Set sslmode=prefer to take plain text where the server has no TLS.\n",
      2,
    ],
    ["no URL", () => url(""), "DATABASE_URL_CORE: is not set", 3],
    ["no URL of PostgreSQL", () => url("mysql://root:s3cr3t@db/core"), "is not a PostgreSQL URL", 3],
    ["a wrong parameter", () => url(`${server.adminUrl()}?connect_timeout=s3cr3t`), "connect_timeout", 3],
  ])("%s", async (_, setting, text, exitCode) => {
    for (const line of ["inspect", "inspect --watch", "preflight --max-connections 20 --consumer api=1x1"]) {
      const { code, out, err } = await command(words(line), setting())
      expect([code, out]).toEqual([exitCode, ""])
      expect(err).toContain(text)
      if (text !== "connect_timeout") expect(err).not.toContain("s3cr3t")
      expect(err).not.toContain("    at ")
    }
  })

  test("reads another variable, and a .env", async () => {
    const files = { ".env": `MONITORING_URL=${server.adminUrl("core")}\n` }
    const { code } = await command(words("inspect --connect MONITORING_URL --env-file .env"), { files })
    expect(code).toBe(0)
  })
})
