import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { installed } from "../support/client-tools.ts"
import { command, type Setting } from "../support/command.ts"
import { eventually, freshDatabase, sharedPostgres } from "../support/helpers.ts"
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts"
import { clientsOf, type PgBouncerClients } from "../support/pgbouncer-clients.ts"
import { ROLE } from "../support/server.ts"

const FLEET = {
  maxConnections: 200,
  reserved: { everything: 150 },
  consumers: {
    api: { instances: 2, poolSize: 4, surge: 2, pooler: "pgbouncer" },
    worker: { instances: 1, poolSize: 3 },
  },
  jobs: [
    { name: "etl", schedule: "0 3 * * *", timezone: "UTC", timeout: "1h", poolSize: 2, pooler: "pgbouncer" },
  ],
  poolers: { pgbouncer: { instances: 1, surge: 0, poolSize: 2, maxClientConnections: 40 } },
}

/** The same on a server of 100 slots. */
const SMALL = { ...FLEET, maxConnections: 100, reserved: {} }

let database: string
let bouncer: PgBouncer
let clients: PgBouncerClients

describe.skipIf(!installed("pgbouncer"))("prisma-pool inspect of a pooler", () => {
  beforeEach(async () => {
    database ??= await freshDatabase()
    bouncer = await startPgBouncer(sharedPostgres(), {
      poolSize: 2,
      settings: { stats_users: ROLE.user, max_client_conn: 40, query_wait_timeout: 60 },
    })
    clients = clientsOf(bouncer, database)
  })
  afterEach(async () => {
    await clients.end()
    await bouncer.destroy()
  })

  /** What the command says of the console alone, or beside the server. */
  const inspect = (args: readonly string[], setting: Setting = {}) =>
    command(["inspect", ...args], {
      ...setting,
      env: {
        DATABASE_URL_CORE: sharedPostgres().adminUrl(database),
        CONSOLE_URL: bouncer.url("pgbouncer"),
        THROUGH_URL: bouncer.url(database),
        ...setting.env,
      },
    })

  /** Two that hold the pool, and three behind them. */
  async function fillPool(): Promise<void> {
    await clients.hold("api@1.4.2", 2)
    await clients.connect("api@1.4.2", 1)
    await clients.wait("cron", 3)
    await eventually("three wait", async () => {
      const [pool] = await bouncer
        .console("SHOW POOLS")
        .then((pools) => pools.filter((each) => each["user"] === ROLE.user && each["database"] === database))
      return pool?.["cl_waiting"] === 3
    })
  }

  test("a console URL asks that alone: who is connected, who waits, and what is in use", async () => {
    await fillPool()
    const { code, out, err } = await inspect(["--connect", "CONSOLE_URL"])
    expect([code, err]).toEqual([1, ""])
    expect(out).toMatch(
      /^✗ pgbouncer: 6 of 40 clients, 3 wait, for up to \d+ s; 2 of 2 server connections in use$/m,
    )
    expect(out).toMatch(/^ {2}PgBouncer 1\.\d+\.\d+\. The fullest limit: pool size and reserve of /m)
    expect(out).toContain(` of ${database}, user app: 2 of 2 (100 %)`)
    expect(out).toMatch(/^ {2}clients of +\| clients \| active \| waiting \| longest wait \| of 40$/m)
    expect(out).toMatch(/^ {2}api@1\.4\.2 +\| +3 \| +2 \| +0 \| +\| ██$/m)
    expect(out).toMatch(/^ {2}cron +\| +3 \| +0 \| +3 \| +\d+ s \| ██$/m)
    expect(out).toMatch(new RegExp(`^ {2}${database}, app, transaction \\| +3 \\| +2 \\| +0 \\| +2 \\|`, "m"))
    expect(out).toContain(
      "What helps now (SQL is ready to paste, and not executed)\n  pgbouncer: 3 clients wait for server connections that are all in use, and are cut off after 60 s (query_wait_timeout)",
    )
    expect(out).not.toMatch(/prisma-pool-config|max_connections/)
  })

  test("one without anybody fits: 0", async () => {
    const { code, out } = await inspect(["--connect", "CONSOLE_URL"])
    expect(code).toBe(0)
    expect(out).toContain("✓ pgbouncer: 0 of 40 clients, none waits; 0 of 0 server connections in use\n")
    expect(out).not.toContain("What helps")
  })

  test("in JSON and markdown, and as a line of a watch", async () => {
    await fillPool()
    const json = await inspect(["--connect", "CONSOLE_URL", "--format", "json"])
    expect(JSON.parse(json.out)).toMatchObject({
      ...{ exitCode: 1, full: null, report: null },
      poolers: [
        { name: "pgbouncer", report: { clients: { used: 6, waiting: 3 }, servers: { used: 2, limit: 2 } } },
      ],
      remedies: [{ when: "now", why: expect.stringMatching(/^pgbouncer: 3 clients wait/) }],
    })
    const markdown = await inspect(["--connect", "CONSOLE_URL", "--format", "markdown"])
    expect(markdown.out).toMatch(/^### ✗ pgbouncer: 6 of 40 clients, 3 wait, for up to \d+ s; 2 of 2 /m)
    expect(markdown.out).toMatch(/^\| cron +\| +3 \| +0 \| +3 \|/m)
    let now = 0
    const watched = await inspect(["--connect", "CONSOLE_URL", "--watch", "1s", "--for", "2s"], {
      io: { now: () => (now += 500) },
    })
    expect(watched.code).toBe(1)
    expect(watched.out).toMatch(/^\S+Z pgbouncer: 6 of 40 clients, 3 wait, for up to \d+ s; 2 of 2 server/m)
    expect(watched.out).toMatch(/^✗ full in (\d) of \1 checks$/m)
    expect(watched.out).toMatch(/^ {2}peak of pgbouncer: 6 of 40 clients, 3 wait/m)
    expect(watched.out).toMatch(/^ {2}most at once: 3 clients of a pooler waited, for up to \d+ s$/m)
    expect(watched.out).not.toContain("peak: unknown")
  })

  test("a role that may not ask, another database, and a variable that is not set", async () => {
    const env = { CONSOLE_URL: `postgresql://stranger:x@127.0.0.1:${bouncer.port}/pgbouncer` }
    const stranger = await inspect(["--connect", "CONSOLE_URL"], { env })
    expect([stranger.code, stranger.out]).toEqual([2, ""])
    const wrong = await inspect(["--console", "THROUGH_URL", "--console", "MISSING"])
    expect([wrong.code, wrong.out]).toEqual([3, ""])
    expect(wrong.err).toContain(`THROUGH_URL: leads to the database ${database}, and PgBouncer's console`)
    expect(wrong.err).toContain("MISSING: is not set")
    const other = await inspect(["--console", "other=CONSOLE_URL"], { files: { "pool.config.json": FLEET } })
    expect(other.code).toBe(3)
    expect(other.err).toContain('--console: received "other", which is not under poolers.')
  })

  test("both tiers on one screen, and the declared clients beside those that are connected", async () => {
    await fillPool()
    const files = { "pool.config.json": FLEET }
    const { code, out } = await inspect(["--console", "CONSOLE_URL"], { files })
    expect(code).toBe(1)
    expect(out).toMatch(/^✓ \d+ of \d+ connections in use/m)
    expect(out).toMatch(/^✗ pgbouncer: 6 of 40 clients, 3 wait/m)
    expect(out).toContain(
      "Declared for pgbouncer: 10 clients, 18 during a deploy, of 32; 4 of the server's connections, 4 during a deploy",
    )
    expect(out).toMatch(/^ {2}declared clients +\| share \| in a deploy \| connected \|$/m)
    expect(out).toMatch(/^ {2}api +\| +8 \| +16 \| +3 \| ██░░$/m)
    expect(out).toMatch(/^ {2}jobs, at their peak +\| +2 \| +2 \| +0 \| ░$/m)
    expect(out).toContain("Clients that are not declared: cron 3")
    // The pooler's own share of the server's connections.
    expect(out).toMatch(/^ {2}pgbouncer, pooler +\| +4 \| +4 \| +2 \|/m)
    const without = await inspect([], { files })
    expect(without.code).toBe(0)
    expect(without.out).toContain("Declared, and not asked: pgbouncer. Give --console VARIABLE")
  })

  test("--strict: clients that nobody declared: 1", async () => {
    const files = {
      "pool.config.json": { ...FLEET, roles: { "*": "everything" }, reserved: { everything: 150 } },
    }
    await clients.connect("api", 2)
    const args = ["--console", "CONSOLE_URL", "--connect", "CONSOLE_URL", "--strict"]
    expect((await inspect(args, { files })).code).toBe(0)
    await clients.connect("ghost", 1)
    const { code, out } = await inspect(args, { files })
    expect(code).toBe(1)
    expect(out).toContain("Clients that are not declared: ghost 1")
  })

  test("max_client_conn is reached: 1; above --fail-above: 1", async () => {
    await clients.connect("api", 30)
    const console = ["--connect", "CONSOLE_URL"]
    expect((await inspect(console)).code).toBe(0)
    expect((await inspect([...console, "--fail-above", "70"])).code).toBe(1)
    await clients.connect("api", 10)
    const { code, out } = await inspect(console)
    expect(code).toBe(1)
    expect(out).toContain("✗ pgbouncer: 40 of 40 clients, none waits; ")
    expect(out).toContain("pgbouncer: no more clients are taken: stop instances")
  })

  test("a pooler that is gone leaves the server's page: 2", async () => {
    await bouncer.kill()
    const { code, out } = await inspect(["--console", "CONSOLE_URL"])
    expect(code).toBe(2)
    expect(out).toMatch(/^✓ \d+ of \d+ connections in use/m)
    expect(out).toMatch(/^\? pgbouncer: CONSOLE_URL: cannot be asked: .*ECONNREFUSED/m)
    expect(out).not.toContain(encodeURIComponent(ROLE.password))
  })

  test("a database of PostgreSQL that is called pgbouncer is one of a server", async () => {
    const server = sharedPostgres()
    await server.sql("CREATE DATABASE pgbouncer")
    try {
      const { code, out } = await inspect([], { env: { DATABASE_URL_CORE: server.adminUrl("pgbouncer") } })
      expect(code).toBe(0)
      expect(out).toMatch(/^✓ \d+ of \d+ connections in use/m)
    } finally {
      await server.sql("DROP DATABASE pgbouncer WITH (FORCE)")
    }
  })

  test("preflight: the clients of the pooler fit, do not, and are not known", async () => {
    const preflight = (fleet: object, env = {}) =>
      command(["preflight", "--console", "CONSOLE_URL"], {
        env: {
          DATABASE_URL_CORE: sharedPostgres().adminUrl(database),
          CONSOLE_URL: bouncer.url("pgbouncer"),
          ...env,
        },
        files: { "pool.config.json": { ...SMALL, ...fleet } },
      })
    await clients.connect("api", 3)
    await clients.connect("ghost", 4)
    const fits = await preflight({})
    expect(fits.out).toContain(
      "✓ the clients of pgbouncer fit: 10 (the larger of declared and connected) + 4 undeclared + 8 for new instances = 22 of 32",
    )
    expect(fits.code).toBe(0)
    await clients.connect("ghost", 11)
    const over = await preflight({})
    expect(over.out).toContain(
      "✗ the clients of pgbouncer do not fit: 10 (the larger of declared and connected) + 15 undeclared + 8 for new instances = 33, but only 32 (80 % of max_client_conn) are to be used",
    )
    expect(over.code).toBe(1)
    const larger = await preflight({ poolers: { pgbouncer: { ...SMALL.poolers.pgbouncer, poolSize: 1 } } })
    expect(larger.out).toContain(
      `✗ pgbouncer: its pool may open 2 connections to the server from one process, and 1 are declared: ${database}, app 2`,
    )
    await bouncer.kill()
    const unknown = await preflight({})
    expect(unknown.code).toBe(2)
    expect(unknown.out).toMatch(/^\? pgbouncer: CONSOLE_URL: cannot be asked/m)
  })
})
