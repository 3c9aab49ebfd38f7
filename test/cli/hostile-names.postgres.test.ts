import { spawnSync } from "node:child_process"
import { readdir } from "node:fs/promises"
import fc from "fast-check"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { limitsSql } from "../../src/cli/output/limits-sql.ts"
import { identifier } from "../../src/cli/output/sql-identifier.ts"
import { label } from "../../src/error.ts"
import { installed, PATH } from "../support/client-tools.ts"
import { command, directoryWith, words } from "../support/command.ts"
import { eventually } from "../support/helpers.ts"
import { expectHarmless, expectTold, hostile, type Language, ORDERS } from "../support/hostile-text.ts"
import { runs } from "../support/properties.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ max_connections: 20 })
})
afterAll(() => server.destroy())

/** The longest text that a server takes as a name, with an end that makes it its own. */
function nameOf(text: string, end: string): string {
  let name = ""
  for (const character of text.replace(/^pg_|[\0\p{Cs}]/gu, "")) {
    if (Buffer.byteLength(name + character + end) > 63) break
    name += character
  }
  return name + end
}

/** What psql does with a script: nothing but SQL, and all of it. */
async function paste(script: string, ...flags: string[]): Promise<void> {
  const directory = await directoryWith({})
  const run = spawnSync("psql", ["-Xqt", ...flags, server.adminUrl()], {
    cwd: directory,
    input: script,
    env: { PATH, PGCLIENTENCODING: "UTF8" },
    encoding: "utf8",
  })
  expect([run.status, run.stderr]).toEqual([0, ""])
  expect(await readdir(directory)).toEqual([])
}

/** Whatever a statement could change of roles and settings. */
async function stateOf() {
  const roles = await server.sql<{ rolname: string; rolconnlimit: number; config: string[] | null }>(
    "SELECT rolname, rolconnlimit, rolconfig AS config, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles ORDER BY 1",
  )
  const members = await server.sql<{ member: string; role: string }>(
    "SELECT m.rolname AS member, r.rolname AS role FROM pg_auth_members JOIN pg_roles m ON m.oid = member JOIN pg_roles r ON r.oid = roleid WHERE member > 16383 ORDER BY 1, 2",
  )
  const [tables] = await server.sql("SELECT count(*) FROM pg_class WHERE oid > 16383")
  return { roles, members, tables }
}

const create = (role: string) => server.sql(`CREATE ROLE ${pg.escapeIdentifier(role)} LOGIN PASSWORD 'x'`)

const NAMES = fc
  .array(hostile, { minLength: 10, maxLength: 10 })
  .map((all) => all.map((text, index) => nameOf(text, `n${index}`)))

describe.runIf(installed("psql"))("a name in SQL, pasted into psql,", () => {
  const alter = async (names: readonly string[]) => {
    for (const name of names) await create(name)
    const before = await stateOf()
    const lines = names.map(
      (name, index) =>
        `ALTER ROLE ${identifier(name)} CONNECTION LIMIT ${index};  -- so that ${label(name)} stops`,
    )
    expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u)
    await paste(`${lines.join("\n")}\n`)
    const limits = new Map(names.map((name, index) => [name, index]))
    expect(await stateOf()).toEqual({
      ...before,
      roles: before.roles.map((role) => ({ ...role, rolconnlimit: limits.get(role.rolname) ?? -1 })),
    })
    for (const name of names) await server.sql(`DROP ROLE ${pg.escapeIdentifier(name)}`)
  }

  test("is that name and no other: each order alone", () =>
    alter(ORDERS.map((order, index) => nameOf(order, `n${index}`))))

  test("is that name and no other: several orders", async () => {
    await fc.assert(fc.asyncProperty(NAMES, alter), runs(10))
  })
})

test.runIf(installed("psql"))(
  "what plan prints for roles of any name is about these roles alone",
  async () => {
    await create("last")
    const limit = async (names: readonly string[]) => {
      for (const name of names) await create(name)
      const before = await stateOf()
      const owner = { kind: "consumer", reason: "its budget", isAuto: true } as const
      const sql = limitsSql(
        [
          ...names.map((name, index) => ({ ...owner, name, limit: index + 1, roles: [name] })),
          { ...owner, name: "last", limit: 99, roles: [] },
        ],
        { usable: 1, reserved: 0, others: 0 },
      )
      expectHarmless(sql)
      await paste(sql, "-v", "ON_ERROR_STOP=1", "-v", "role_last=last")
      const limits = new Map(
        [...names, "last"].map((name, index) => [name, name === "last" ? 99 : index + 1]),
      )
      const config = ["tcp_keepalives_idle=60", "client_connection_check_interval=1s"]
      expect(await stateOf()).toEqual({
        ...before,
        roles: before.roles.map((role) =>
          limits.has(role.rolname) ? { ...role, rolconnlimit: limits.get(role.rolname), config } : role,
        ),
      })
      for (const name of names) await server.sql(`DROP ROLE ${pg.escapeIdentifier(name)}`)
      await server.sql("ALTER ROLE last RESET ALL")
    }
    await limit(
      ORDERS.map((order, index) => nameOf(order, `n${index}`)).filter((name) => !name.endsWith("*")),
    )
    await fc.assert(fc.asyncProperty(NAMES, limit), runs(10))
    await server.sql("DROP ROLE last")
  },
)

/** Every command that asks a server: another output is another line. */
const TABLE: readonly (readonly [line: string, language: Language])[] = [
  ["inspect", "text"],
  ["inspect --format json", "json"],
  ["inspect --format markdown", "markdown"],
  ["inspect --watch --for 1s", "text"],
  ["preflight --max-connections 20 --consumer api=1x1", "text"],
  ["preflight --max-connections 20 --consumer api=1x1 --format json", "json"],
]

/** A database with a role that holds most slots, and another one that looks: what each command tells of them. */
async function toldOf([holder = "", viewer = "", database = "", application = ""]: readonly string[]) {
  await create(holder)
  await create(viewer)
  await server.sql(`ALTER ROLE ${pg.escapeIdentifier(viewer)} CONNECTION LIMIT 9`)
  await server.sql(`CREATE DATABASE ${pg.escapeIdentifier(database)}`)
  const options = { host: "127.0.0.1", port: server.port, user: holder, password: "x", database }
  const held = Array.from({ length: 14 }, () => new pg.Client({ ...options, application_name: application }))
  try {
    await Promise.all(held.map((client) => client.connect()))
    const [user, path] = [viewer, database].map(encodeURIComponent)
    const env = { DATABASE_URL_CORE: `postgresql://${user}:x@127.0.0.1:${server.port}/${path}` }
    const told = []
    for (const [line, language] of TABLE)
      told.push({ line, language, ...(await command(words(line), { env })) })
    return told
  } finally {
    await Promise.all(held.map((client) => client.end()))
  }
}

async function drop([holder = "", viewer = "", database = ""]: readonly string[]) {
  await server.sql("ALTER SYSTEM RESET ALL")
  await eventually("the database is not in use", async () => {
    const rows = await server.sql("SELECT 1 FROM pg_stat_activity WHERE datname = $1", [database])
    return rows.length === 0
  })
  await server.sql(`DROP DATABASE ${pg.escapeIdentifier(database)}`)
  for (const role of [holder, viewer]) await server.sql(`DROP ROLE ${pg.escapeIdentifier(role)}`)
}

const PLAIN = ["holder", "viewer", "database", "application"]

test("roles, databases and applications of any name order nobody about, and the SQL is about them", async () => {
  const plain = await toldOf(PLAIN)
  await drop(PLAIN)
  const names = fc
    .array(hostile, { minLength: PLAIN.length, maxLength: PLAIN.length })
    .map((all) => all.map((text, index) => nameOf(text, `n${index}`)))
  await fc.assert(
    fc.asyncProperty(names, async (all) => {
      const [holder = "", viewer = "", database = ""] = all
      const before = await stateOf()
      const told = await toldOf(all)
      for (const [index, { line, language, ...ran }] of told.entries()) {
        const usual = plain[index] ?? expect.unreachable(line)
        expect(ran.code).toBe(usual.code)
        await expectTold(language, ran, usual)
      }
      const { report, remedies } = JSON.parse(told[1]?.out ?? "")
      expect(report.users[0].name).toBe(holder)
      expect(report.databases[0].name).toBe(database)
      expect(report.session).toMatchObject({ role: viewer, database })

      const lines = (told[0]?.out ?? "")
        .split("\n")
        .filter((line) => /^ {2}(?:GRANT|ALTER|SELECT) /.test(line))
      const statements = remedies.flatMap(({ sql }: { sql?: string }) => sql ?? [])
      expect(statements).toHaveLength(4)
      expect(lines.map((line) => line.trim().split(";  -- ")[0])).toEqual(
        statements.map((statement: string) => statement.slice(0, -1)),
      )
      if (installed("psql")) await paste(`${lines.join("\n")}\n`)
      else for (const line of lines) await server.sql(line)
      const after = await stateOf()
      expect(after.roles.filter(({ rolconnlimit }) => rolconnlimit !== -1)).toMatchObject(
        [
          { rolname: holder, rolconnlimit: 14, config: null },
          { rolname: viewer, rolconnlimit: 9, config: null },
        ].sort((one, other) => Buffer.compare(Buffer.from(one.rolname), Buffer.from(other.rolname))),
      )
      expect(after.roles).toHaveLength(before.roles.length + 2)
      expect(after.members).toEqual([
        { member: viewer, role: "pg_monitor" },
        { member: viewer, role: "pg_use_reserved_connections" },
      ])
      expect(after.tables).toEqual(before.tables)
      await drop(all)
    }),
    runs(4),
  )
})
