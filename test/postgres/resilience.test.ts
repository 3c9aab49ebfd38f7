import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool } from "../../src/index.ts"
import { countBackends, eventually, rejection, sampleBackends, sleep } from "../support/helpers.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

const LIMIT = 4
const TERMINATE_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'core'"

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ max_connections: 30 })
  await server.createDatabase("core")
})
afterAll(() => server.destroy())

function core(parameters: Record<string, string | number> = {}) {
  return createCoreClient(PrismaClient, {
    env: {
      DATABASE_URL_CORE: server.url("core", { connection_limit: LIMIT, pool_timeout: 30, ...parameters }),
    },
  })
}

/** Callers that continue even if their queries fail, and the outcomes of those. */
function load(client: PrismaClient) {
  let over = false
  let served = 0
  let failed = 0
  async function caller(kind: number) {
    while (!over) {
      const call =
        kind % 3 === 0
          ? client.mission.count()
          : kind % 3 === 1
            ? client.$executeRaw`CREATE TEMP TABLE IF NOT EXISTS held AS SELECT 1 FROM pg_sleep(0.01)`
            : client.$transaction((tx) => tx.mission.findMany(), { maxWait: 30_000 })
      await Promise.resolve(call).then(
        () => served++,
        () => failed++,
      )
      await sleep(1)
    }
  }
  const callers = Array.from({ length: LIMIT * 3 }, (_, kind) => caller(kind))
  return {
    served: () => served,
    failed: () => failed,
    async stop() {
      over = true
      await Promise.all(callers)
    },
  }
}

describe("under load, the process lives, recovers and never exceeds its limit", () => {
  test("when all backends are terminated, again and again", async () => {
    const client = core()
    const callers = load(client)
    const { peak } = await sampleBackends(server, "core", async () => {
      for (let round = 0; round < 10; round++) {
        await sleep(150)
        await server.sql(TERMINATE_ALL)
      }
      const before = callers.served()
      await eventually("served again", async () => callers.served() > before + 50)
      await callers.stop()
      await client.$disconnect()
    })
    expect(callers.failed()).toBeGreaterThan(0)
    expect(peak).toBeLessThanOrEqual(LIMIT)
    expect(peak).toBeGreaterThan(1)
  })

  test("when the server restarts", async () => {
    const client = core()
    const callers = load(client)
    await eventually("served", async () => callers.served() > 50)
    await server.stop()
    await eventually("failing", async () => callers.failed() > 10)
    await server.start()
    const { peak } = await sampleBackends(server, "core", async () => {
      const before = callers.served()
      await eventually("served again", async () => callers.served() > before + 100)
      await callers.stop()
      await client.$disconnect()
    })
    expect(peak).toBeLessThanOrEqual(LIMIT)
  })

  test("when idle connections are terminated: the next query has a new one", async () => {
    const client = core()
    await Promise.all(Array.from({ length: LIMIT }, () => client.$queryRaw`SELECT 1 FROM pg_sleep(0.1)`))
    // One that is free before another is open serves the next caller; the other is kept all the same.
    await eventually("all are open", async () => (await countBackends(server, "core")) === LIMIT)
    await server.sql(TERMINATE_ALL)
    await eventually("noticed", async () => (await countBackends(server, "core")) === 0)
    await sleep(50)
    expect(await client.mission.count()).toBe(0)
    await client.$disconnect()
  })

  test("a query whose backend is terminated fails with P1017 in every kind of call", async () => {
    const client = core()
    const suicide = "SELECT 1 FROM pg_terminate_backend(pg_backend_pid())"
    const calls: (() => PromiseLike<unknown>)[] = [
      () => client.$queryRawUnsafe(suicide),
      () => client.$executeRawUnsafe(suicide),
      () => client.$transaction([client.mission.count(), client.$queryRawUnsafe(suicide)]),
      () => client.$transaction((tx) => tx.$queryRawUnsafe(suicide)),
    ]
    for (const call of calls) {
      expect(await rejection(call())).toMatchObject({
        code: "P1017",
        message: expect.stringContaining("Server has closed the connection."),
      })
    }
    await client.$disconnect()
  })

  test("when a connection is terminated in a caller's hands, who neither listens nor releases it", async () => {
    const pool = createPool(server.url("core", { connection_limit: 1, pool_timeout: 5 }))
    const held = await pool.connect()
    await server.sql(TERMINATE_ALL)
    // The place of the dead connection is free at once, though its holder never gives it back.
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
    held.release()
    await pool.end()
  })
})

describe("a connection goes back to the pool only with nothing in flight and no transaction open", () => {
  const url = () => server.url("core", { connection_limit: 1, pool_timeout: 10 })
  const pid = "SELECT pg_backend_pid() AS pid"

  test("one that is clean goes back", async () => {
    const pool = createPool(url())
    const [one, two] = [await pool.query(pid), await pool.query(pid)]
    expect(two.rows).toEqual(one.rows)
    await pool.end()
  })

  test("so does one whose statement the server refused: an error costs no new connection", async () => {
    const pool = createPool(url())
    const before = await pool.query(pid)
    for (let error = 0; error < 5; error++)
      expect(await rejection(pool.query("SELECT 1/0"))).toMatchObject({ code: "22012" })
    expect((await pool.query(pid)).rows).toEqual(before.rows)
    await pool.end()

    const client = core({ connection_limit: 1 })
    const [row] = await client.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
    await client.partner.create({ data: { name: "once" } })
    for (let error = 0; error < 5; error++) {
      expect(await rejection(client.partner.create({ data: { name: "once" } }))).toMatchObject({
        code: "P2002",
      })
    }
    expect(await client.$queryRaw`SELECT pg_backend_pid() AS pid`).toEqual([row])
    await client.partner.deleteMany()
    await client.$disconnect()
  })

  test("one whose plan a migration made stale is replaced, in interactive transactions too", async () => {
    const client = core({ connection_limit: 1, statement_cache_size: 10 })
    await client.$executeRaw`CREATE TABLE stale (a int)`
    const read = () => client.$transaction((tx) => tx.$queryRaw`SELECT * FROM stale`)
    await read()
    await client.$executeRaw`ALTER TABLE stale ADD COLUMN b int`
    await rejection(read())
    expect(await read()).toEqual([])
    await client.$disconnect()
  })

  test.each(["BEGIN", "BEGIN; SELECT 1/0"])("one left after %j is closed", async (statement) => {
    const pool = createPool(url())
    const client = await pool.connect()
    const before = await client.query(pid)
    await client.query(statement).catch(() => {})
    client.release()
    const after = await pool.query(pid)
    expect(after.rows).not.toEqual(before.rows)
    await pool.end()
  })

  test("one released with a query in flight is closed, its query cancelled, and its slot waited for", async () => {
    const pool = createPool(url())
    const { peak } = await sampleBackends(server, "core", async () => {
      const client = await pool.connect()
      const query = rejection(client.query("SELECT pg_sleep(60)"))
      // One that the server has yet to read cannot be cancelled.
      await eventually("it runs", async () => {
        const sleeping =
          "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(60)'"
        return (await server.sql(sleeping)).length === 1
      })
      client.release()
      // Within pool_timeout: the query would take longer.
      await pool.query("SELECT 1")
      await query
    })
    expect(peak).toBe(1)
    await pool.end()
  })

  test("a write acknowledged after a transaction that timed out is not lost", async () => {
    const client = core({ connection_limit: 1 })
    await rejection(
      client.$transaction(
        async (tx) => {
          await tx.partner.create({ data: { name: "rolled back" } })
          await tx.$queryRaw`SELECT 1 FROM pg_sleep(60)`
        },
        { timeout: 200 },
      ),
    )
    await client.partner.create({ data: { name: "kept" } })
    await client.$disconnect()
    const names = await server.sql("SELECT name FROM partner", [], "core")
    expect(names).toEqual([{ name: "kept" }])
  })
})
