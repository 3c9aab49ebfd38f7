import pg from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, isPoolTimeout, isTooManyConnections } from "../../src/index.ts"
import { installed } from "../support/client-tools.ts"
import { eventually, rejection } from "../support/helpers.ts"
import { type PgBouncer, type PgBouncerOptions, startPgBouncer } from "../support/pgbouncer.ts"
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
  const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
  ends.push(() => client.$disconnect())
  return client
}

/** The codes of each kind of call, each on a client that has not connected yet. */
async function codesOf(url: string): Promise<unknown[]> {
  const calls: ((client: PrismaClient) => PromiseLike<unknown>)[] = [
    (client) => client.$connect(),
    (client) => client.mission.count(),
    (client) => client.$queryRaw`SELECT 1`,
    (client) => client.$transaction((tx) => tx.mission.count()),
    (client) => client.$transaction([client.mission.count(), client.partner.count()]),
  ]
  const codes: unknown[] = []
  for (const call of calls) codes.push((await rejection(call(core(url))))["code"])
  return codes
}

const all = (code: string) => Array(5).fill(code)
const QUERY = { pgbouncer: "true", connect_timeout: 8, pool_timeout: 9 }

describe.runIf(installed("pgbouncer"))("a refusal of PgBouncer has its code in every call:", () => {
  test("query_wait_timeout is P2024", async () => {
    const bouncer = await bouncerWith({ poolSize: 1, settings: { query_wait_timeout: 1 } })
    const holder = new pg.Client(bouncer.url("core"))
    await holder.connect()
    await holder.query("BEGIN")
    ends.push(() => holder.end())
    const url = bouncer.url("core", QUERY)
    expect(await codesOf(url)).toEqual(all("P2024"))
    expect(isPoolTimeout(await rejection(core(url).mission.count()))).toBe(true)
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

  test("max_client_conn is P2037", async () => {
    const bouncer = await bouncerWith({ settings: { max_client_conn: 1 } })
    const holder = new pg.Client(bouncer.url("core"))
    await holder.connect()
    ends.push(() => holder.end())
    expect(await codesOf(bouncer.url("core", QUERY))).toEqual(all("P2037"))
  })

  test.each([
    ["a wrong password", (url: string) => url.replace(encodeURIComponent(ROLE.password), "wrong"), "P1000"],
    ["an unknown user", (url: string) => url.replace(`//${ROLE.user}:`, "//nobody:"), "P1000"],
    ["a database that the server has not", (url: string) => url.replace("/core?", "/nowhere?"), "P1003"],
  ])("%s", async (_, urlOf, code) => {
    const bouncer = await bouncerWith({ settings: { server_login_retry: 0 } })
    expect(await codesOf(urlOf(bouncer.url("core", QUERY)))).toEqual(all(code))
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
    const url = bouncer.url("core", QUERY)
    expect(await codesOf(url)).toEqual(all("P2037"))
    expect(isTooManyConnections(await rejection(core(url).$connect()))).toBe(true)
  })

  test("query_timeout is P1008, and the connection is replaced", async () => {
    const bouncer = await bouncerWith({ settings: { query_timeout: 1 } })
    const client = core(bouncer.url("core", QUERY))
    expect(await rejection(client.$queryRaw`SELECT 1 FROM pg_sleep(20)`)).toMatchObject({ code: "P1008" })
    expect(await client.mission.count()).toBe(0)
  })

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
