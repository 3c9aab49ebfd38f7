import { readFile } from "node:fs/promises"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, isPoolTimeout } from "../../src/index.ts"
import { installed } from "../support/client-tools.ts"
import { despitePoolTimeout, eventually, rejection, sampleBackends } from "../support/helpers.ts"
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts"
import { type PostgresServer, ROLE, startPostgres } from "../support/server.ts"

const POOL_SIZE = 2
const PATIENT = { maxWait: 30_000, timeout: 30_000 }
const TENANTS = ["alpha", "beta"] as const

let server: PostgresServer
let bouncer: PgBouncer
let log = ""

beforeAll(async () => {
  if (!installed("pgbouncer")) return
  server = await startPostgres({ max_connections: 40, log_statement: "all" }, (text) => {
    log += text
  })
  await server.createDatabase("core")
  for (const tenant of TENANTS) await createTenant("core", tenant)
  bouncer = await startPgBouncer(server, { poolSize: POOL_SIZE })
})
afterAll(async () => {
  await bouncer?.destroy()
  await server?.destroy()
})

/** The tables in a schema of their own; those of the schema public stay empty. */
async function createTenant(database: string, schema: string): Promise<void> {
  const tables = await readFile(new URL("../../prisma/core/tables.sql", import.meta.url), "utf8")
  await server.sql(
    `CREATE SCHEMA ${schema} AUTHORIZATION ${ROLE.user}; SET ROLE ${ROLE.user}; SET search_path = ${schema}; ${tables};
     INSERT INTO partner (name) VALUES ('${schema}'); INSERT INTO mission (title, partner_id) VALUES ('${schema}', 1)`,
    [],
    database,
  )
}

function core(parameters: Record<string, string | number>, database = "core") {
  return createCoreClient(PrismaClient, {
    env: { DATABASE_URL_CORE: bouncer.url(database, { pgbouncer: "true", ...parameters }) },
  })
}

/** Runs `during`, and returns what the server was told meanwhile. */
async function statementsOf(during: () => Promise<unknown>): Promise<string> {
  const from = log.length
  await during()
  const mark = `logged until ${performance.now()}`
  await server.sql(`SELECT '${mark}'`)
  await eventually("logged", async () => log.includes(mark, from))
  return log.slice(from)
}

/** The search_path of every connection that PgBouncer has to the server, each with its backend's process. */
async function searchPaths(): Promise<Map<number, string>> {
  const paths = new Map<number, string>()
  const clients = Array.from({ length: POOL_SIZE }, () => new pg.Client(bouncer.url("core")))
  for (const client of clients) {
    await client.connect()
    // An open transaction keeps the connection, so that the next client gets another.
    await client.query("BEGIN")
    const { rows } = await client.query<{ pid: number; path: string }>(
      "SELECT pg_backend_pid() AS pid, current_setting('search_path') AS path",
    )
    for (const { pid, path } of rows) paths.set(pid, path)
  }
  for (const client of clients) {
    // A connection whose client left in a transaction would be closed.
    await client.query("COMMIT")
    await client.end()
  }
  return paths
}

describe.runIf(installed("pgbouncer"))("two schemas behind one PgBouncer in transaction mode", () => {
  type Tenant = (typeof TENANTS)[number]
  const title = { select: { title: true } } as const

  /** The work of both tenants, interleaved: each kind of query and of transaction, with what it must see. */
  const kinds: ((client: PrismaClient, tenant: Tenant, id: number) => Promise<unknown>)[] = [
    async (client) => (await client.mission.findMany(title)).map((row) => row.title),
    async (client) => {
      const rows = await client.partner.findMany({ include: { missions: true } })
      return rows.flatMap(({ name, missions }) => [name, ...missions.map((row) => row.title)])
    },
    async (client) => {
      const [missions, partners] = await client.$transaction([
        client.mission.findMany(title),
        client.partner.findMany(),
      ])
      return [...missions.map((row) => row.title), ...partners.map(({ name }) => name)]
    },
    (client, tenant, id) =>
      client.$transaction(async (tx) => {
        await tx.mission.create({ data: { id, title: tenant, partnerId: 1 } })
        const rows = await tx.mission.findMany(title)
        await tx.mission.delete({ where: { id } })
        return rows.map((row) => row.title)
      }, PATIENT),
    (client, tenant) =>
      client.$transaction(async (tx) => {
        await tx.$executeRawUnsafe(`SET LOCAL search_path = ${tenant}`)
        const rows = await tx.$queryRaw<{ title: string }[]>`SELECT title FROM mission`
        return [...rows, ...(await tx.mission.findMany(title))].map((row) => row.title)
      }, PATIENT),
    async (client, tenant) => {
      const [, rows] = await client.$transaction([
        client.$executeRawUnsafe(`SET LOCAL search_path = ${tenant}`),
        client.$queryRaw<{ title: string }[]>`SELECT title FROM mission`,
      ])
      return rows.map((row) => row.title)
    },
  ]

  test("never show one tenant the other's rows, and no connection keeps a search_path", async () => {
    const clients = TENANTS.map((tenant) => ({
      tenant,
      client: core({ schema: tenant, connection_limit: 6 }),
    }))
    let seen = 0
    const statements = await statementsOf(async () => {
      const callers = clients.flatMap(({ tenant, client }) =>
        kinds.map(async (call, kind) => {
          for (let round = 0; round < 50; round++) {
            const found = await call(client, tenant, 1_000 + kind)
            expect(new Set(found as string[])).toEqual(new Set([tenant]))
            seen += 1
          }
        }),
      )
      await Promise.all(callers)
      expect(seen).toBe(TENANTS.length * kinds.length * 50)
      // Raw SQL without a transaction has the role's own search_path, for both.
      for (const { client } of clients) expect(await client.$queryRaw`SELECT title FROM mission`).toEqual([])
    })
    const paths = await searchPaths()
    expect([...paths.values()]).toEqual(Array.from({ length: POOL_SIZE }, () => '"$user", public'))
    expect(await bouncer.console("SHOW SERVERS")).toHaveLength(POOL_SIZE)

    expect(statements).toMatch(/SET LOCAL search_path/)
    expect(statements).not.toMatch(/\bSET\s+(SESSION\s+)?search_path|set_config\('search_path/i)
    for (const { client } of clients) await client.$disconnect()
  })

  test("raw SQL has what ALTER ROLE … IN DATABASE … SET search_path gives the role", async () => {
    for (const tenant of TENANTS) {
      const database = `${tenant}_only`
      await server.createDatabase(database)
      await createTenant(database, tenant)
      await server.sql(`ALTER ROLE ${ROLE.user} IN DATABASE ${database} SET search_path = ${tenant}`)
    }
    const clients = TENANTS.map((tenant) => ({ tenant, client: core({ schema: tenant }, `${tenant}_only`) }))
    for (let round = 0; round < 5; round++) {
      for (const { tenant, client } of clients) {
        expect(await client.$queryRaw`SELECT title FROM mission`).toEqual([{ title: tenant }])
        expect(await client.mission.findMany(title)).toEqual([{ title: tenant }])
      }
    }
    for (const { client } of clients) await client.$disconnect()
  })
})

describe.runIf(installed("pgbouncer"))("prepared statements", () => {
  test.each([0, 100])("are sent without a name, statement_cache_size=%s", async (statement_cache_size) => {
    const client = core({ schema: "alpha", connection_limit: 6, statement_cache_size })
    const statements = await statementsOf(async () => {
      const queries = Array.from({ length: 100 }, async (_, index) => {
        const named = await client.partner.findMany({ where: { name: "alpha", id: { lt: 1_000 + index } } })
        expect(named).toHaveLength(1)
      })
      await Promise.all(queries)
    })
    expect(statements).toContain("execute <unnamed>: SELECT")
    expect(statements).not.toMatch(/execute (?!<unnamed>)/)
    await client.$disconnect()
  })
})

describe.runIf(installed("pgbouncer"))("limits hold through PgBouncer", () => {
  const CALLERS = 12
  const sleeping =
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1"

  const running = async (query: string) =>
    (await server.sql<{ count: number }>(sleeping, [`${query}%`]))[0]?.count

  test("connection_limit", async () => {
    const wide = await startPgBouncer(server, { poolSize: CALLERS })
    const pool = createPool(wide.url("limited", { pgbouncer: "true", connection_limit: 3 }))
    await server.createDatabase("limited")
    const { peak } = await sampleBackends(server, "limited", async (sampled) => {
      await Promise.all(Array.from({ length: CALLERS }, () => pool.query("SELECT pg_sleep(0.1)")))
      await sampled()
    })
    expect(peak).toBe(3)
    const clients = await wide.console("SHOW CLIENTS")
    expect(clients.filter(({ database }) => database === "limited")).toHaveLength(3)
    await pool.end()
    await wide.destroy()
  })

  test("pool_timeout", async () => {
    const pool = createPool(bouncer.url("core", { pgbouncer: "true", connection_limit: 1, pool_timeout: 1 }))
    const held = await despitePoolTimeout(() => pool.connect())
    const error = await rejection(pool.query("SELECT 1"))
    expect(error).toMatchObject({ code: "P2024" })
    expect(isPoolTimeout(error)).toBe(true)
    held.release()
    await pool.end()
  })

  test("socket_timeout ends the query on the server", async () => {
    const client = core({ connection_limit: 1, socket_timeout: 1 })
    const error = await rejection(client.$queryRaw`SELECT 'too long' FROM pg_sleep(300)`)
    expect(error).toMatchObject({ code: "P1008" })
    await eventually("ended", async () => (await running("SELECT 'too long'")) === 0)
    expect(await client.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }])
    await client.$disconnect()
  })

  test("a query in flight when its connection is released is ended on the server", async () => {
    const pool = createPool(bouncer.url("core", { pgbouncer: "true", connection_limit: 1 }))
    for (let round = 0; round < 5; round++) {
      const client = await pool.connect()
      const query = rejection(client.query("SELECT 'forgotten' FROM pg_sleep(300)"))
      await eventually("running", async () => (await running("SELECT 'forgotten'")) === 1)
      client.release()
      await query
      await eventually("ended", async () => (await running("SELECT 'forgotten'")) === 0)
      expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
    }
    await pool.end()
  })
})

test.runIf(installed("pgbouncer"))("a client recovers when PgBouncer dies and comes back", async () => {
  const own = await startPgBouncer(server)
  const client = createCoreClient(PrismaClient, {
    env: { DATABASE_URL_CORE: own.url("core", { pgbouncer: "true", schema: "alpha", connection_limit: 4 }) },
  })
  let [over, served] = [false, 0]
  const codes = new Set<unknown>()
  const callers = Array.from({ length: 8 }, async (_, caller) => {
    while (!over) {
      const call =
        caller % 2 ? client.mission.count() : client.$transaction((tx) => tx.mission.count(), PATIENT)
      await call.then(
        () => served++,
        (error) => codes.add(error.code),
      )
    }
  })
  await eventually("served", async () => served > 50)
  await own.kill()
  await eventually("failing", async () => codes.has("P1001"))
  await own.start()
  const before = served
  await eventually("served again", async () => served > before + 100)
  over = true
  await Promise.all(callers)
  expect([...codes].filter((code) => code !== "P1001" && code !== "P1017")).toEqual([])
  await client.$disconnect()
  await own.destroy()
})
