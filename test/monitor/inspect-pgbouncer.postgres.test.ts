import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { inspectPgBouncer, type PgBouncerReport } from "../../src/monitor/index.ts"
import { installed } from "../support/client-tools.ts"
import { eventually, freshDatabase, rejection, sharedPostgres, times } from "../support/helpers.ts"
import { type PgBouncer, type PgBouncerOptions, startPgBouncer } from "../support/pgbouncer.ts"
import { clientsOf } from "../support/pgbouncer-clients.ts"
import { freePort, ROLE } from "../support/server.ts"

// Each figure is what the test made happen: clients that hold a server connection in an open transaction, and others behind them.

let database: string

/** The console's URL, as the role that applications have. */
const consoleUrl = (bouncer: PgBouncer) => bouncer.url("pgbouncer")

async function start({ settings, ...options }: PgBouncerOptions = {}) {
  const bouncer = await startPgBouncer(sharedPostgres(), {
    ...options,
    settings: { stats_users: ROLE.user, ...settings },
  })
  const clients = clientsOf(bouncer, database)
  onTestFinished(async () => {
    await clients.end()
    await bouncer.destroy()
  })
  return { bouncer, ...clients }
}

async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client(url)
  client.on("error", () => {})
  onTestFinished(() => client.end().catch(() => {}))
  await client.connect()
  return client
}

/** The first report that is as expected. */
async function reportWhen(
  bouncer: PgBouncer,
  isExpected: (report: PgBouncerReport) => boolean,
): Promise<PgBouncerReport> {
  let report = await inspectPgBouncer(consoleUrl(bouncer))
  await eventually("the console says so", async () => {
    report = await inspectPgBouncer(consoleUrl(bouncer))
    return isExpected(report)
  })
  return report
}

describe.skipIf(!installed("pgbouncer"))("inspectPgBouncer", () => {
  beforeAll(async () => {
    database = await freshDatabase()
  })

  test("says who is connected, who waits and for how long, and that the server side is full", async () => {
    const { bouncer, hold, connect, wait } = await start({ poolSize: 2 })
    const holders = await hold("api@1.4.2#k3f9ab", 2)
    await connect("api@1.4.2#000zzz")
    const waiting = await wait("etl", 3)
    const report = await reportWhen(bouncer, ({ clients }) => clients.waiting === 3)
    expect(report.clients).toMatchObject({
      used: 6,
      limit: 200,
      free: 194,
      active: 2,
      waiting: 3,
      consoles: 0,
    })
    expect(report.servers).toEqual({ used: 2, idle: 0, limit: 2 })
    expect(report.applications).toMatchObject([
      { name: "api@1.4.2", clients: 3, active: 2, waiting: 0, longestWaitSeconds: 0 },
      { name: "etl", clients: 3, active: 0, waiting: 3 },
    ])
    expect(report.pools).toMatchObject([
      { database, user: ROLE.user, mode: "transaction", clients: 6, waiting: 3 },
    ])
    expect(report.limits[0]).toMatchObject({ name: "poolSize", database, used: 2, limit: 2, percent: 100 })
    // Seconds, of the one who has waited longest.
    const later = await reportWhen(bouncer, ({ clients }) => clients.longestWaitSeconds > 1.5)
    expect(later.applications.find(({ name }) => name === "etl")?.longestWaitSeconds).toBeGreaterThan(1.5)
    expect(later.clients.longestWaitSeconds).toBeLessThan(60)
    await Promise.all(holders.map((client) => client.query("COMMIT")))
    await Promise.all(waiting)
    const after = await reportWhen(bouncer, ({ servers }) => servers.used === 0)
    expect(after.clients).toMatchObject({ used: 6, active: 0, waiting: 0, longestWaitSeconds: 0 })
    expect(after.servers).toEqual({ used: 0, idle: 2, limit: 2 })
  })

  test("a pool may have its reserve too, and no more than its entry", async () => {
    const { bouncer, hold } = await start({
      poolSize: 4,
      settings: { reserve_pool_size: 3, reserve_pool_timeout: 1, max_db_connections: 6 },
    })
    await hold("api", 3)
    const report = await inspectPgBouncer(consoleUrl(bouncer))
    expect(report.servers).toEqual({ used: 3, idle: 0, limit: 6 })
    expect(report.limits.slice(0, 2)).toMatchObject([
      { name: "maxDbConnections", database, used: 3, limit: 6, free: 3, percent: 50 },
      { name: "poolSize", used: 3, limit: 7 },
    ])
  })

  test("max_client_conn is reached, and the console can still be asked", async () => {
    const { bouncer, connect } = await start({ settings: { max_client_conn: 3 } })
    await connect("api", 3)
    const refused = await rejection(connect("api"))
    expect(refused.message).toContain("no more connections allowed")
    const report = await reportWhen(bouncer, ({ clients }) => clients.used === 3)
    expect(report.clients).toMatchObject({ used: 3, limit: 3, free: 0, waiting: 0 })
    expect(report.limits[0]).toMatchObject({ name: "maxClientConnections", percent: 100 })
  })

  test("asks on a client or a pool, whose console then counts", async () => {
    const { bouncer, hold } = await start()
    await hold("api", 1)
    const client = await connectTo(consoleUrl(bouncer))
    const byClient = await inspectPgBouncer(client)
    expect(byClient.clients).toMatchObject({ used: 2, consoles: 1, active: 1 })
    const pool = new pg.Pool({ connectionString: consoleUrl(bouncer), max: 2 })
    onTestFinished(() => pool.end())
    expect((await inspectPgBouncer(pool)).clients).toMatchObject({ used: 3, consoles: 2 })
    expect(pool.idleCount).toBe(1)
    // An inspection's own is in neither figure, and gone.
    expect((await inspectPgBouncer(consoleUrl(bouncer))).clients).toMatchObject({ used: 3, consoles: 2 })
    await eventually("only those that are held are open", async () => {
      const clients = await bouncer.console("SHOW CLIENTS")
      return clients.filter((each) => each["database"] === "pgbouncer").length === 3
    })
  })

  test("processes that share a port: one console is one process, and each is counted once", async () => {
    const port = await freePort()
    const directories = await Promise.all(times(2, () => mkdtemp(join(tmpdir(), "sockets-"))))
    const bouncers: PgBouncer[] = []
    for (const directory of directories) {
      // As root it runs as another user, who makes its socket there.
      await chmod(directory, 0o777)
      onTestFinished(() => rm(directory, { recursive: true, force: true }))
      bouncers.push(
        (await start({ port, settings: { so_reuseport: 1, unix_socket_dir: directory } })).bouncer,
      )
    }
    const socketUrls = directories.map(
      (directory) =>
        `postgresql://${ROLE.user}:${encodeURIComponent(ROLE.password)}@localhost:${port}/pgbouncer?host=${directory}`,
    )
    const [first] = bouncers as [PgBouncer]
    await clientsOf(first, database).connect("api", 8)
    const [one, other] = await Promise.all(socketUrls.map((url) => inspectPgBouncer(url)))
    expect((one?.clients.used ?? 0) + (other?.clients.used ?? 0)).toBe(8)
    expect(one).toMatchObject({ mayHaveMore: true, processes: [{ sharesPort: true }] })

    const both = await inspectPgBouncer(socketUrls)
    expect(both).toMatchObject({ mayHaveMore: false, clients: { used: 8, limit: 400 } })
    expect(both.applications).toMatchObject([{ name: "api", clients: 8 }])
    expect(both.processes.map(({ clients }) => clients.used)).toEqual([
      one?.clients.used,
      other?.clients.used,
    ])

    // However many URLs lead to them, there are two.
    const many = await inspectPgBouncer([...socketUrls, ...times(6, () => consoleUrl(first)), ...socketUrls])
    expect(many.processes).toHaveLength(2)
    expect(many).toMatchObject({ clients: { used: 8, consoles: 0 } })
  })
})

describe.skipIf(!installed("pgbouncer"))("a console that cannot be asked", () => {
  test("by a role that is not in stats_users", async () => {
    const { bouncer } = await start({ settings: { stats_users: "" } })
    const error = await rejection(inspectPgBouncer(consoleUrl(bouncer)))
    expect(error.message).toBe(
      "role app may not ask PgBouncer's console (not allowed). Add it to stats_users in pgbouncer.ini, and RELOAD.",
    )
    // The others of several are not waited for, and the reason is that of the one which failed.
    const several = await rejection(
      inspectPgBouncer([
        consoleUrl(bouncer),
        `postgresql://postgres:admin@127.0.0.1:${bouncer.port}/pgbouncer`,
      ]),
    )
    expect(several.message).toBe(error.message)
  })

  test("a PostgreSQL with a database of that name", async () => {
    const error = await rejection(inspectPgBouncer(await connectTo(sharedPostgres().url(database))))
    expect(error.message).toContain("does not answer as PgBouncer's console")
  })

  test("a wrong password, and nothing that listens: neither the URL nor the password is said", async () => {
    const { bouncer } = await start()
    const url = `postgresql://app:s3cret@127.0.0.1:${bouncer.port}/pgbouncer`
    const wrong = await rejection(inspectPgBouncer(url))
    const nothing = await rejection(inspectPgBouncer(`postgresql://app:s3cret@127.0.0.1:1/pgbouncer`))
    for (const { message, stack = "", ...others } of [wrong, nothing]) {
      expect(`${message}${stack}${JSON.stringify(others)}`).not.toMatch(/s3cret|postgresql:\/\//)
    }
    expect(wrong.message).toContain("authentication failed")
  })
})

test("what is no console is refused before anything is asked", async () => {
  const error = await rejection(
    inspectPgBouncer([
      "postgresql://app:s3cret@db/core",
      "mysql://x:s3cret@db",
      // @ts-expect-error JavaScript callers may give anything
      { $queryRawUnsafe: async () => [] },
      // @ts-expect-error
      5,
    ]),
  )
  expect(error.message).not.toContain("s3cret")
  expect(error).toMatchObject({
    issues: [
      {
        name: "console[0]",
        problem: "leads to the database core, and the console is the database pgbouncer",
      },
      { name: "console[1], url" },
      { name: "console[2]", problem: "is a Prisma client" },
      { name: "console[3]", problem: "received 5" },
    ],
  })
  await expect(inspectPgBouncer([])).rejects.toThrow("console: received an empty array")
})
