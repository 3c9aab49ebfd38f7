import { spawnSync } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type LimitedRole, limitsSql } from "../../src/cli/output/limits-sql.ts"
import { installed, PATH } from "../support/client-tools.ts"
import { directoryWith } from "../support/command.ts"
import { eventually, rejection } from "../support/helpers.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

const VERSION = Number(/^\d+/.exec(process.env["POSTGRES_VERSION"] ?? "18")?.[0])

/** Names that SQL, psql and a shell take for something else. */
const API = `api "x" :role_api \\! '$1' é`
const WORKER = "worker"

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ max_connections: 40 })
  await server.sql(`CREATE ROLE ${quoted(API)} LOGIN PASSWORD 'x';
    CREATE ROLE ${WORKER} LOGIN PASSWORD 'x';
    CREATE ROLE owner LOGIN PASSWORD 'x';
    CREATE ROLE creator LOGIN PASSWORD 'x' CREATEROLE;
    CREATE ROLE member LOGIN PASSWORD 'x' CREATEROLE IN ROLE ${WORKER};
    CREATE ROLE administrator LOGIN PASSWORD 'x' CREATEROLE;
    GRANT ${quoted(API)}, ${WORKER} TO administrator WITH ADMIN OPTION`)
  await server.sql("CREATE DATABASE core OWNER owner")
})
afterAll(() => server.destroy())

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

const limited = (fields: Partial<LimitedRole> & { readonly name: string }): LimitedRole => ({
  kind: "consumer",
  limit: 4,
  reason: "its budget",
  isAuto: true,
  roles: [],
  ...fields,
})

const DECLARED = [
  limited({ name: "api", limit: 3, roles: [API] }),
  limited({ name: "worker", isAuto: false, reason: "2 instances", roles: [WORKER] }),
]
const ROOM = { usable: 37, reserved: 5, others: 0 }

/** The statements that it would run, and those that a person has to decide on. */
function statementsOf(sql: string) {
  const lines = sql.split("\n")
  const run = lines.filter((line) => line.startsWith("ALTER"))
  const off = lines.filter((line) => line.startsWith("-- ALTER")).map((line) => line.slice(3))
  return { run, off: off.map((statement) => statement.replace(':"database"', '"core"')) }
}

const { run, off } = statementsOf(limitsSql(DECLARED, ROOM))
const LIMITS = run.filter((statement) => statement.includes("CONNECTION LIMIT"))
const SETTINGS = [...run, ...off].filter((statement) => statement.includes(" SET "))
const DATABASE = off.filter((statement) => statement.startsWith("ALTER DATABASE"))

async function connect(role: string, database = "core"): Promise<pg.Client> {
  const password = role === "postgres" ? "admin" : "x"
  const client = new pg.Client({ host: "127.0.0.1", port: server.port, user: role, password, database })
  client.on("error", () => {})
  await client.connect()
  return client
}

/** What a role is told for each statement: its error, or ok. What it changes is taken back. */
async function answers(role: string, statements: readonly string[]): Promise<string[]> {
  const client = await connect(role)
  const all: string[] = []
  for (const statement of statements) {
    await client.query("BEGIN")
    all.push(
      await client.query(statement).then(
        () => "ok",
        ({ message }: Error) => message,
      ),
    )
    await client.query("ROLLBACK")
  }
  await client.end()
  return all
}

const ok = (statements: readonly string[]) => statements.map(() => "ok")
const REFUSED = /^(permission denied|must be owner)/

/** The settings that PostgreSQL 13 does not know are errors there, whoever asks. */
const settingsOf = (statements: readonly string[]) =>
  statements.map((statement) =>
    VERSION < 14 && !statement.includes("tcp_keepalives_idle")
      ? expect.stringContaining("unrecognized configuration parameter")
      : "ok",
  )

describe("each statement on a server", () => {
  test("there are limits, settings, and one of a database", () => {
    expect([LIMITS, SETTINGS, DATABASE].map(({ length }) => length)).toEqual([2, 2 * 2 + 1, 1])
    expect(DATABASE).toEqual(['ALTER DATABASE "core" CONNECTION LIMIT 15;'])
    expect(LIMITS).toEqual([
      `ALTER ROLE ${quoted(API)} CONNECTION LIMIT 3;`,
      'ALTER ROLE "worker" CONNECTION LIMIT 4;',
    ])
  })

  test("runs as a superuser, and as CREATEROLE with ADMIN OPTION, who may not set the limit of a database", async () => {
    for (const role of ["postgres", "administrator"]) {
      expect(await answers(role, LIMITS)).toEqual(ok(LIMITS))
      expect(await answers(role, SETTINGS)).toEqual(settingsOf(SETTINGS))
    }
    expect(await answers("postgres", DATABASE)).toEqual(["ok"])
    expect(await answers("administrator", DATABASE)).toEqual([expect.stringMatching(REFUSED)])
  })

  test("runs as CREATEROLE without ADMIN OPTION before PostgreSQL 16, and is refused from then on", async () => {
    for (const role of ["creator", "member"]) {
      expect(await answers(role, LIMITS)).toEqual(
        LIMITS.map(() => (VERSION < 16 ? "ok" : expect.stringMatching(REFUSED))),
      )
    }
  })

  test("is refused to a role for its own limit, and runs for its own settings", async () => {
    const own = (statements: readonly string[]) => statements.filter((each) => each.includes('"worker"'))
    expect(own(SETTINGS)).toHaveLength(2)
    expect(await answers(WORKER, LIMITS)).toEqual(LIMITS.map(() => expect.stringMatching(REFUSED)))
    expect(await answers(WORKER, own(SETTINGS))).toEqual(settingsOf(own(SETTINGS)))
    expect(await answers(API, SETTINGS.slice(0, 1))).toEqual(["ok"])
  })

  test("of the database runs as its owner, who is refused at that limit", async () => {
    expect(await answers("owner", DATABASE)).toEqual(["ok"])
    const client = await connect("owner")
    await client.query('ALTER DATABASE "core" CONNECTION LIMIT 1')
    expect(await rejection(connect("owner"))).toMatchObject({ code: "53300" })
    await client.query('ALTER DATABASE "core" CONNECTION LIMIT -1')
    await client.end()
  })
})

test.runIf(VERSION >= 14)(
  "new sessions have the settings, and no more of them get in than the limit",
  async () => {
    await server.sql([...LIMITS, ...SETTINGS].join("\n"))
    const clients = [await connect(API), await connect(API), await connect(API)]
    expect(await rejection(connect(API))).toMatchObject({ code: "53300" })
    const { rows } = await (clients[0] as pg.Client).query(
      `SELECT name, setting FROM pg_settings
     WHERE name IN ('tcp_keepalives_idle', 'client_connection_check_interval', 'idle_session_timeout') ORDER BY name`,
    )
    expect(rows).toEqual([
      { name: "client_connection_check_interval", setting: "1000" },
      { name: "idle_session_timeout", setting: "600000" },
      { name: "tcp_keepalives_idle", setting: "60" },
    ])
    await Promise.all(clients.map((client) => client.end()))
    const worker = await connect(WORKER)
    expect((await worker.query("SHOW idle_session_timeout")).rows).toEqual([{ idle_session_timeout: "0" }])
    await worker.end()
    await server.sql(`ALTER ROLE ${quoted(API)} RESET ALL; ALTER ROLE ${quoted(API)} CONNECTION LIMIT -1;
    ALTER ROLE ${WORKER} RESET ALL; ALTER ROLE ${WORKER} CONNECTION LIMIT -1`)
  },
)

test.runIf(VERSION >= 14)(
  "a session that listens is ended by idle_session_timeout, hence the dashes",
  async () => {
    const listening = await connect(WORKER)
    let ended = false
    listening.on("end", () => {
      ended = true
    })
    await listening.query("LISTEN news; SET idle_session_timeout = '100ms'")
    await eventually("it has ended", async () => ended)
    expect(run.some((statement) => statement.includes("idle_session_timeout"))).toBe(false)
  },
)

describe("what is printed", () => {
  test("no idle_session_timeout for a fixed size, and no limit for what has no connections", () => {
    const sql = limitsSql(
      [limited({ name: "a", isAuto: false }), limited({ name: "gone\n;DROP", limit: 0 })],
      ROOM,
    )
    expect(sql).not.toContain("idle_session_timeout")
    expect(sql).toContain("-- gone\\u000a;DROP has no connections here")
    expect(statementsOf(sql).run.filter((each) => each.includes("LIMIT"))).toEqual([
      'ALTER ROLE :"role_a" CONNECTION LIMIT 4;',
    ])
  })

  test("no limit of a database without room for its owner, monitoring and a migration", () => {
    const fleet = [limited({ name: "api", limit: 20 })]
    expect(limitsSql(fleet, { usable: 33, reserved: 10, others: 0 })).toContain(
      "20 of these roles + 10 reserved + 3 for its owner, monitoring and a migration.",
    )
    expect(limitsSql(fleet, { usable: 32, reserved: 10, others: 0 })).not.toContain("ALTER DATABASE")
    expect(limitsSql([], { usable: 32, reserved: 10, others: 0 })).not.toMatch(/^(-- )?(ALTER|BEGIN)/m)
  })

  test("the check for one role given twice only where one can be given beside another", () => {
    const open = (name: string) => limited({ name })
    const isGuarded = (roles: readonly LimitedRole[]) => limitsSql(roles, ROOM).includes("SELECT CASE")
    expect([[open("a")], DECLARED, [open("a"), ...DECLARED], [open("a"), open("b")]].map(isGuarded)).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  test("what a frozen process can do to others, only with auto", () => {
    const [api, worker] = DECLARED.map((role) =>
      limitsSql([role], ROOM).includes("a frozen process can hold"),
    )
    expect([api, worker]).toEqual([true, false])
  })

  test("a variable that is no longer than a line takes", () => {
    const sql = limitsSql([limited({ name: `${"a".repeat(50)}_${"b".repeat(39)}` })], ROOM)
    expect(sql).toContain(`ALTER ROLE :"role_${"b".repeat(39)}" CONNECTION LIMIT 4;`)
  })

  test("a variable for a role that is not known, of a name that no other has", () => {
    const of = (roles: readonly string[]) => limitsSql([limited({ name: "A.b", roles })], ROOM)
    expect(of([])).toContain('role_a_b: the role of A.b, which "roles" of the declaration does not name')
    expect(of(["x*"])).toContain("has only the beginning of its name")
    expect(of(["x", "y"])).toContain("has 2, and the limit of each would allow that much again")
    expect(of(["x".repeat(64)])).toContain("cannot be a name in SQL")
    expect(of(["x"])).not.toContain("role_a_b")
    // PostgreSQL cuts names by bytes: two of these would be one role.
    expect(of([`x${"é".repeat(31)}`])).toContain(`ALTER ROLE "x${"é".repeat(31)}" CONNECTION LIMIT 4;`)
    expect(of(["é".repeat(32)])).toContain("cannot be a name in SQL")
    const many = limitsSql(
      [..."é🐘"].map((name) => limited({ name })),
      ROOM,
    )
    expect(many).toContain("-v role_of=NAME -v role_of_2=NAME")
  })
})

describe.runIf(installed("psql"))("with psql", () => {
  const OPEN = limitsSql([limited({ name: "api", roles: [API] }), limited({ name: "worker" })], ROOM)
  const sinceFourteen = OPEN.replaceAll(VERSION < 14 ? /^ALTER .* SET client_.*\n/gm : /$^/g, "")

  async function psql(...flags: string[]) {
    const directory = await directoryWith({})
    const file = join(directory, "limits.sql")
    await writeFile(file, sinceFourteen)
    const { status, stderr } = spawnSync("psql", ["-XAtq", ...flags, "-f", file, server.adminUrl("core")], {
      encoding: "utf8",
      env: { PATH },
    })
    const rows = await server.sql<{ rolname: string; rolconnlimit: number; settings: number }>(
      `SELECT rolname, rolconnlimit, coalesce(cardinality(setconfig), 0) AS settings
       FROM pg_roles LEFT JOIN pg_db_role_setting ON setrole = pg_roles.oid
       WHERE rolname NOT LIKE 'pg\\_%' AND (rolconnlimit >= 0 OR setconfig IS NOT NULL) ORDER BY 1`,
    )
    return { status, stderr, rows }
  }

  test.each([["-v", "ON_ERROR_STOP=1"], []])(
    "a role without a name changes nothing, and says so (%s)",
    async (...flags) => {
      const { status, stderr, rows } = await psql(...flags)
      expect({ status, rows }).toEqual({ status: flags.length > 0 ? 3 : 0, rows: [] })
      expect(stderr).toContain('syntax error at or near ":"')
    },
  )

  test("one role for two changes nothing: the second limit would replace the first", async () => {
    const { status, stderr, rows } = await psql("-v", "ON_ERROR_STOP=1", "-v", `role_worker=${API}`)
    expect({ status, rows }).toEqual({ status: 3, rows: [] })
    expect(stderr).toContain("one role is given twice")
  })

  test("a name that no role has changes nothing", async () => {
    const { status, stderr, rows } = await psql("-v", "ON_ERROR_STOP=1", "-v", "role_worker=nobody")
    expect({ status, rows }).toEqual({ status: 3, rows: [] })
    expect(stderr).toContain('role "nobody" does not exist')
  })

  test("with a name for each, all of it runs, and what is behind dashes does not", async () => {
    const { status, stderr, rows } = await psql("-v", "ON_ERROR_STOP=1", "-v", `role_worker=${WORKER}`)
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
    const settings = VERSION < 14 ? 1 : 2
    expect(rows).toEqual([
      { rolname: API, rolconnlimit: 4, settings },
      { rolname: WORKER, rolconnlimit: 4, settings },
    ])
    expect(await server.sql("SELECT datconnlimit FROM pg_database WHERE datname = 'core'")).toEqual([
      { datconnlimit: -1 },
    ])
    for (const name of [quoted(API), WORKER]) {
      await server.sql(`ALTER ROLE ${name} RESET ALL; ALTER ROLE ${name} CONNECTION LIMIT -1`)
    }
  })
})
