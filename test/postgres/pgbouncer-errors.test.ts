import pg from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, isPoolTimeout, isTooManyConnections } from "../../src/index.ts"
import { poolStats, refusedLimit } from "../../src/monitor/index.ts"
import { installed } from "../support/client-tools.ts"
import { eventually, rejection } from "../support/helpers.ts"
import {
  type PgBouncer,
  type PgBouncerOptions,
  pgBouncerMinor,
  startPgBouncer,
} from "../support/pgbouncer.ts"
import { type PostgresServer, ROLE, startPostgres } from "../support/server.ts"

let server: PostgresServer
beforeAll(async () => {
  if (!installed("pgbouncer")) return
  server = await startPostgres({ max_connections: 40 })
  await server.createDatabase("core")
})
afterAll(() => server?.destroy())

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function bouncerWith(options: PgBouncerOptions): Promise<PgBouncer> {
  const bouncer = await startPgBouncer(server, options)
  ends.push(() => bouncer.destroy())
  return bouncer
}

function core(url: string) {
  const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url }, transactionOptions: LONG })
  ends.push(() => client.$disconnect())
  return client
}

const CALLS: ((client: PrismaClient) => PromiseLike<unknown>)[] = [
  (client) => client.$connect(),
  (client) => client.mission.count(),
  (client) => client.$queryRaw`SELECT 1`,
  (client) => client.$transaction((tx) => tx.mission.count()),
  (client) => client.$transaction([client.mission.count(), client.partner.count()]),
]

/** The codes of each kind of call, each on a client that has not connected yet. */
const codesOf = (url: string) =>
  Promise.all(CALLS.map(async (call) => (await rejection(call(core(url))))["code"]))

/** The codes of each kind of call on a client that is connected. */
async function codesOfWarm(client: PrismaClient): Promise<unknown[]> {
  const codes: unknown[] = []
  for (const call of CALLS.slice(1)) codes.push((await rejection(call(client)))["code"])
  return codes
}

/** A client that keeps what it gets. */
async function hold(bouncer: PgBouncer, ...statements: string[]): Promise<pg.Client> {
  const holder = new pg.Client(bouncer.url("core"))
  holder.on("error", () => {})
  ends.push(() => holder.end())
  await holder.connect()
  for (const statement of statements) await holder.query(statement)
  return holder
}

async function poolError(url: string): Promise<Error & Record<string, unknown>> {
  const pool = createPool(url)
  ends.push(() => pool.end())
  return await rejection(pool.query("SELECT 1"))
}

const all = (code: string) => Array(CALLS.length).fill(code)
const QUERY = { pgbouncer: "true", connect_timeout: 8, pool_timeout: 9 }
/** Of a pool that the others have nothing to do with. */
const COLD = { ...QUERY, application_name: "cold" }
/** A full pooler is waited for. */
const IMPATIENT = { pgbouncer: "true", connect_timeout: 4, pool_timeout: 5 }
const PATIENT = { pgbouncer: "true", pool_timeout: 100 }

const minor = installed("pgbouncer") ? pgBouncerMinor() : 0
/** The settings that make it full for a second client, in the versions that have them. */
const FULL = [
  "max_client_conn",
  ...(minor >= 24 ? ["max_db_client_connections", "max_user_client_connections"] : []),
]

const LONG = { timeout: 60_000, maxWait: 60_000 }

const isWaiting = ({ cl_waiting }: Record<string, unknown>) => Number(cl_waiting) > 0

const clientsOf = async (bouncer: PgBouncer) =>
  (await bouncer.console("SHOW CLIENTS")).filter(({ database }) => database === "core").length

const backends = (state: string) =>
  server.sql("SELECT FROM pg_stat_activity WHERE datname = 'core' AND state LIKE $1", [state])

const endBackends = () =>
  server.sql("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = 'core'")

describe.runIf(installed("pgbouncer"))("a refusal of PgBouncer has its code in every call:", () => {
  test("query_wait_timeout is P2024", async () => {
    const bouncer = await bouncerWith({ poolSize: 1, settings: { query_wait_timeout: 1 } })
    const holder = await hold(bouncer, "BEGIN")
    const url = bouncer.url("core", QUERY)
    expect(await codesOf(url)).toEqual(all("P2024"))
    expect(isPoolTimeout(await poolError(url))).toBe(true)
    // A connection that the client has already.
    await holder.query("COMMIT")
    const warm = core(url)
    await warm.mission.count()
    await holder.query("BEGIN")
    for (const call of [
      () => warm.mission.count(),
      () => warm.$queryRaw`SELECT 1`,
      () => warm.$transaction((tx) => tx.mission.count()),
    ]) {
      expect(await rejection(call())).toMatchObject({ code: "P2024" })
    }
  })

  test("query_wait_timeout of a login, while it is paused, is P2024", async () => {
    const bouncer = await bouncerWith({ settings: { query_wait_timeout: 1 } })
    await bouncer.console("PAUSE")
    const url = bouncer.url("core", QUERY)
    expect(await codesOf(url)).toEqual(all("P2024"))
    expect(isPoolTimeout(await poolError(url))).toBe(true)
  })

  test("query_timeout of a query in the queue, which was not sent, is P2024", async () => {
    const bouncer = await bouncerWith({ poolSize: 1, settings: { query_timeout: 1 } })
    const client = core(bouncer.url("core", QUERY))
    await client.mission.count()
    await hold(bouncer, "BEGIN")
    const error = await rejection(client.mission.count())
    expect(error).toMatchObject({ code: "P2024" })
    expect(isPoolTimeout(error)).toBe(true)
  })

  test.each(FULL)("%s is P2037, and is waited for", async (setting) => {
    const bouncer = await bouncerWith({ settings: { [setting]: 1 } })
    const holder = await hold(bouncer)
    const url = bouncer.url("core", IMPATIENT)
    const [codes, error] = await Promise.all([codesOf(url), poolError(url)])
    expect(codes).toEqual(all("P2037"))
    expect({ full: isTooManyConnections(error), limit: refusedLimit(error) }).toEqual({
      full: true,
      limit: "pooler",
    })
    const client = core(bouncer.url("core", PATIENT))
    // Prisma sends nothing before somebody waits for it.
    const counting = client.mission.count().then((count) => count)
    await eventually("refused", () => poolStats(client).refusals > 0)
    await holder.end()
    expect(await counting).toBe(0)
  })

  test.each([
    ["a wrong password", (url: string) => url.replace(encodeURIComponent(ROLE.password), "wrong"), "P1000"],
    ["an unknown user", (url: string) => url.replace(`//${ROLE.user}:`, "//nobody:"), "P1000"],
    ["a database that the server has not", (url: string) => url.replace("/core?", "/nowhere?"), "P1003"],
  ])("%s", async (_, urlOf, code) => {
    const bouncer = await bouncerWith({ settings: { server_login_retry: 0 } })
    expect(await codesOf(urlOf(bouncer.url("core", QUERY)))).toEqual(all(code))
    // No wait changes it.
    const pool = createPool(urlOf(bouncer.url("core", PATIENT)), { reconnectTimeout: 100 })
    ends.push(() => pool.end())
    await rejection(pool.query("SELECT 1"))
    expect(poolStats(pool)).toMatchObject({ connectionErrors: 1, refusals: 0 })
  })

  test("a database that PgBouncer has not is P1003", async () => {
    const bouncer = await bouncerWith({ database: "other" })
    expect(await codesOf(bouncer.url("core", QUERY))).toEqual(all("P1003"))
  })

  test("a database that is disabled is P1001", async () => {
    const bouncer = await bouncerWith({ database: "core" })
    await bouncer.console("DISABLE core")
    expect(await codesOf(bouncer.url("core", QUERY))).toEqual(all("P1001"))
  })

  test("a limit of the role, which PgBouncer passes on as an error of its own, is P2037", async () => {
    const bouncer = await bouncerWith({ settings: { server_login_retry: 0 } })
    await server.sql(`ALTER ROLE ${ROLE.user} CONNECTION LIMIT 0`)
    ends.push(() => server.sql(`ALTER ROLE ${ROLE.user} CONNECTION LIMIT -1`))
    const url = bouncer.url("core", IMPATIENT)
    const [codes, error] = await Promise.all([codesOf(url), poolError(url)])
    expect(codes).toEqual(all("P2037"))
    expect({ full: isTooManyConnections(error), limit: refusedLimit(error) }).toEqual({
      full: true,
      limit: "role",
    })
  })

  /** Until PgBouncer has seen a login fail, which it does not try again, and refuses the queries of those who are in. */
  async function untilLoginsFail(bouncer: PgBouncer): Promise<void> {
    const impatient = core(bouncer.url("core", { pgbouncer: "true", socket_timeout: 1 }))
    await eventually("the login fails", async () => {
      const { message } = await rejection(impatient.mission.count())
      return message.includes("server login has been failing")
    })
  }

  // 1.24 and newer remember the reason.
  const full = minor >= 24
  test(`server_login_retry is ${full ? "P2037, by its reason" : "P1001"}, where a role is at its limit`, async () => {
    const bouncer = await bouncerWith({ settings: { server_login_retry: 600 } })
    const client = core(bouncer.url("core", QUERY))
    await client.mission.count()
    await server.sql(`ALTER ROLE ${ROLE.user} CONNECTION LIMIT 0`)
    ends.push(() => server.sql(`ALTER ROLE ${ROLE.user} CONNECTION LIMIT -1`))
    await endBackends()
    await untilLoginsFail(bouncer)
    const url = bouncer.url("core", COLD)
    const code = full ? "P2037" : "P1001"
    expect(await codesOf(url)).toEqual(all(code))
    expect(await codesOfWarm(client)).toEqual(all(code).slice(1))
    const error = await poolError(url)
    expect({ full: isTooManyConnections(error), limit: refusedLimit(error) }).toEqual({
      full,
      limit: full ? "role" : undefined,
    })
  })

  describe("where the server is away", () => {
    beforeAll(() => server?.stop())
    afterAll(() => server?.start())

    test("client_login_timeout is P1001", async () => {
      const bouncer = await bouncerWith({ settings: { client_login_timeout: 1 } })
      expect(await codesOf(bouncer.url("core", QUERY))).toEqual(all("P1001"))
    })

    test("server_login_retry is P1001", async () => {
      const bouncer = await bouncerWith({ settings: { server_login_retry: 600 } })
      await server.start()
      const client = core(bouncer.url("core", QUERY))
      await client.mission.count()
      await server.stop()
      await untilLoginsFail(bouncer)
      expect(await codesOf(bouncer.url("core", COLD))).toEqual(all("P1001"))
      expect(await codesOfWarm(client)).toEqual(all("P1001").slice(1))
    })
  })

  test("query_timeout is P1008, and the connection is replaced", async () => {
    const bouncer = await bouncerWith({ settings: { query_timeout: 1 } })
    const client = core(bouncer.url("core", QUERY))
    expect(await rejection(client.$queryRaw`SELECT 1 FROM pg_sleep(20)`)).toMatchObject({ code: "P1008" })
    expect(await client.mission.count()).toBe(0)
  })

  if (minor >= 25) {
    test("transaction_timeout is P1008, and the connection is replaced", async () => {
      const bouncer = await bouncerWith({ settings: { transaction_timeout: 1 } })
      const client = core(bouncer.url("core", QUERY))
      const transaction = client.$transaction((tx) => tx.$queryRaw`SELECT 1 FROM pg_sleep(20)`, LONG)
      expect(await rejection(transaction)).toMatchObject({ code: "P1008" })
      expect(await client.mission.count()).toBe(0)
    })
  }

  test("idle_transaction_timeout is P1017, and the connection is replaced", async () => {
    const bouncer = await bouncerWith({ settings: { idle_transaction_timeout: 1 } })
    const client = core(bouncer.url("core", QUERY))
    const transaction = client.$transaction(async (tx) => {
      await tx.mission.count()
      await eventually("cut", async () => (await clientsOf(bouncer)) === 0)
      return await tx.mission.count()
    }, LONG)
    expect(await rejection(transaction)).toMatchObject({ code: "P1017" })
    expect(await client.mission.count()).toBe(0)
  })

  test("client_idle_timeout goes unnoticed", async () => {
    const bouncer = await bouncerWith({ settings: { client_idle_timeout: 1 } })
    const client = core(bouncer.url("core", QUERY))
    await client.mission.count()
    await eventually("cut", async () => (await clientsOf(bouncer)) === 0)
    expect(await client.mission.count()).toBe(0)
  })

  test.each<[string, (bouncer: PgBouncer) => Promise<unknown>]>([
    ["its database is removed", (bouncer) => bouncer.console("KILL core")],
    ["its server's connection is ended", () => endBackends()],
  ])("a query that runs while %s is P1017", async (_, cut) => {
    // Those that an earlier PgBouncer left behind.
    await endBackends()
    const bouncer = await bouncerWith({ database: "core" })
    const client = core(bouncer.url("core", QUERY))
    const error = rejection(client.$queryRaw`SELECT 1 FROM pg_sleep(60)`)
    await eventually("it runs", async () => (await backends("active")).length === 1)
    await cut(bouncer)
    expect(await error).toMatchObject({ code: "P1017" })
  })

  if (minor >= 23) {
    test("what waits when it ends is P1001", async () => {
      const bouncer = await bouncerWith({ poolSize: 1 })
      const client = core(bouncer.url("core", QUERY))
      await client.mission.count()
      await hold(bouncer, "BEGIN")
      const error = rejection(client.mission.count())
      await eventually("it waits", async () => (await bouncer.console("SHOW POOLS")).some(isWaiting))
      bouncer.signal("SIGINT")
      expect(await error).toMatchObject({ code: "P1001" })
    })
  }

  test("what removes an idle client's database costs no more than that query", async () => {
    const bouncer = await bouncerWith({ database: "core" })
    const client = core(bouncer.url("core", QUERY))
    await client.mission.count()
    await bouncer.console("KILL core")
    await bouncer.console("RESUME core")
    await eventually("it is served again", async () =>
      client.mission.count().then(
        () => true,
        (error: { code?: unknown }) => {
          expect(error.code).toBe("P1017")
          return false
        },
      ),
    )
  })
})
