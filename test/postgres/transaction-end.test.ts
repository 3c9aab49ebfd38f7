import { beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type Prisma, PrismaClient } from "../../prisma/core/generated/client.ts"
import { coreAdapter, createCoreClient } from "../../src/index.ts"
import { PATIENT } from "../support/held-transactions.ts"
import { freshDatabase, rejection, sharedPostgres, sleep } from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()
let database: string
beforeAll(async () => {
  database = await freshDatabase()
  // Checked at COMMIT.
  await postgres.sql(
    `CREATE TABLE pair (id int PRIMARY KEY, twin int, UNIQUE (twin) DEFERRABLE INITIALLY DEFERRED);
     ALTER TABLE partner DROP CONSTRAINT partner_name_key, ADD UNIQUE (name) DEFERRABLE INITIALLY DEFERRED;
     ALTER TABLE mission ALTER CONSTRAINT mission_partner_id_fkey DEFERRABLE INITIALLY DEFERRED;
     CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(20); RETURN NULL; END';
     CREATE TABLE slow (id int);
     CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();
     ALTER TABLE pair OWNER TO app; ALTER TABLE slow OWNER TO app`,
    [],
    database,
  )
})
beforeEach(() => postgres.sql("TRUNCATE pair, slow", [], database))

const env = (size = 3) => ({ DATABASE_URL_CORE: postgres.url(database), PRISMA_POOL_SIZE_CORE: String(size) })
const statement = (sql: string) => ({ sql, args: [], argTypes: [] })
const pairs = async () =>
  (await postgres.sql<{ id: number }>("SELECT id FROM pair ORDER BY id", [], database)).map(({ id }) => id)

describe("after a transaction is over nothing more of it reaches the server:", () => {
  const ends = [
    ["COMMIT", "commit"],
    ["ROLLBACK", "rollback"],
  ] as const

  test.each(ends)("a statement after %s does not commit by itself", async (sql, how) => {
    const adapter = await coreAdapter({ env: env() }).connect()
    const transaction = await adapter.startTransaction()
    await transaction.executeRaw(statement("INSERT INTO pair VALUES (1, 1)"))
    await transaction.executeRaw(statement(sql))
    for (const late of [
      transaction.executeRaw(statement("INSERT INTO pair VALUES (2, 2)")),
      transaction.queryRaw(statement("INSERT INTO pair VALUES (3, 3) RETURNING id")),
    ]) {
      expect(await rejection(late)).toMatchObject({ code: "P2028" })
    }
    await transaction[how]()
    expect(await pairs()).toEqual(sql === "COMMIT" ? [1] : [])
    await adapter.dispose()
  })

  test.each(ends)(
    "nor is it part of the transaction of the connection's next caller, after %s",
    async (sql, how) => {
      const adapter = await coreAdapter({ env: env(1) }).connect()
      const first = await adapter.startTransaction()
      await first.executeRaw(statement(sql))
      await first[how]()
      const next = await adapter.startTransaction()
      expect(await rejection(first.executeRaw(statement("INSERT INTO pair VALUES (9, 9)")))).toMatchObject({
        code: "P2028",
      })
      await next.executeRaw(statement("INSERT INTO pair VALUES (1, 1)"))
      await next.executeRaw(statement("COMMIT"))
      await next.commit()
      expect(await pairs()).toEqual([1])
      await adapter.dispose()
    },
  )

  test("a second end takes no connection away from its next caller", async () => {
    const adapter = await coreAdapter({ env: env(1) }).connect()
    const first = await adapter.startTransaction()
    await first.executeRaw(statement("COMMIT"))
    await first.commit()
    const next = await adapter.startTransaction()
    await first.commit()
    await first.rollback()
    await next.executeRaw(statement("INSERT INTO pair VALUES (1, 1)"))
    await next.executeRaw(statement("COMMIT"))
    await next.commit()
    expect(await pairs()).toEqual([1])
    await adapter.dispose()
  })

  test("a statement in flight when the time limit ends fails with P2028, and leaves nothing", async () => {
    const client = createCoreClient(PrismaClient, { env: env() })
    let inFlight: Promise<unknown> | undefined
    // On a busy machine the time limit may end before the second statement begins.
    while (inFlight === undefined) {
      const transaction = client.$transaction(
        async (tx) => {
          await tx.$executeRaw`INSERT INTO pair VALUES (1, 1)`
          inFlight = rejection(tx.$executeRaw`INSERT INTO pair SELECT 2, 2 FROM pg_sleep(20)`)
          await inFlight
        },
        { timeout: 300, maxWait: 60_000 },
      )
      expect(await rejection(transaction)).toMatchObject({ code: "P2028" })
    }
    expect(await inFlight).toMatchObject({ code: "P2028" })
    expect(await pairs()).toEqual([])
    expect(await client.mission.count()).toBe(0)
    await client.$disconnect()
  })
})

// Prisma 6.16 and 7.0 handle no error of the ROLLBACK at a time limit, and 6.16 keeps the connection after one.
describe("a ROLLBACK that cannot reach the server does not fail: closing the connection rolls back", () => {
  test("where the server has ended the session", async () => {
    const adapter = await coreAdapter({ env: env() }).connect()
    const transaction = await adapter.startTransaction()
    await transaction.executeRaw(statement("INSERT INTO pair VALUES (1, 1)"))
    const { rows } = await transaction.queryRaw(statement("SELECT pg_backend_pid()"))
    await postgres.sql("SELECT pg_terminate_backend($1)", [rows[0]?.[0]])
    await transaction.executeRaw(statement("ROLLBACK"))
    await transaction.rollback()
    expect(await pairs()).toEqual([])
    await adapter.dispose()
  })

  test("where nothing comes back within socket_timeout", async () => {
    const proxy = await startProxy(postgres.port)
    const url = proxy.url(postgres.url(database, { socket_timeout: 1 }))
    const adapter = await coreAdapter({ env: { DATABASE_URL_CORE: url } }).connect()
    const transaction = await adapter.startTransaction()
    await transaction.executeRaw(statement("INSERT INTO pair VALUES (1, 1)"))
    await proxy.freeze({ newConnections: "pass" })
    await transaction.executeRaw(statement("ROLLBACK"))
    await transaction.rollback()
    await proxy.thaw()
    await adapter.dispose()
    await proxy.close()
    expect(await pairs()).toEqual([])
  })
})

describe("an error of COMMIT has the code that it has in a batch:", () => {
  const twice = (tx: Prisma.TransactionClient) =>
    ["same", "same"].map((name) => tx.partner.create({ data: { name } }))
  const orphan = (tx: Prisma.TransactionClient) => [
    tx.mission.create({ data: { title: "orphan", partnerId: 404 } }),
    tx.mission.create({ data: { title: "orphan, too", partnerId: 405 } }),
  ]

  type Operations = (tx: Prisma.TransactionClient) => Prisma.PrismaPromise<unknown>[]

  test.each<[string, Operations, string]>([
    ["a deferred unique constraint", twice, "P2002"],
    ["a deferred foreign key", orphan, "P2003"],
  ])("%s", async (_, operations, code) => {
    const client = createCoreClient(PrismaClient, { env: env() })
    const interactive = await rejection(
      client.$transaction(async (tx) => {
        for (const operation of operations(tx)) await operation
      }),
    )
    const batch = await rejection(client.$transaction(operations(client)))
    expect(interactive["code"]).toBe(code)
    const last = ({ message }: Error) => message.trim().split("\n").at(-1)
    expect([interactive["code"], last(interactive)]).toEqual([batch["code"], last(batch)])
    expect((await client.partner.count()) + (await client.mission.count())).toBe(0)
    await client.$disconnect()
  })

  test("a COMMIT that is cancelled", async () => {
    const client = createCoreClient(PrismaClient, { env: env() })
    const transaction = rejection(
      client.$transaction((tx) => tx.$executeRaw`INSERT INTO slow VALUES (1)`, PATIENT),
    )
    for (let cancelled = false; !cancelled; await sleep(20)) {
      const rows = await postgres.sql(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND query = 'COMMIT' AND state = 'active'",
        [database],
      )
      cancelled = rows.length > 0
    }
    expect(await transaction).toMatchObject({ code: "P2039" })
    expect(await client.mission.count()).toBe(0)
    await client.$disconnect()
  })
})

describe("a COMMIT that the server answers with ROLLBACK", () => {
  test("rejects with P2028, and has the error that was caught in its meta", async () => {
    const client = createCoreClient(PrismaClient, { env: env() })
    const transaction = client.$transaction(async (tx) => {
      await tx.$executeRaw`INSERT INTO pair VALUES (1, 1)`
      await tx.$executeRaw`INSERT INTO pair VALUES (1, 2)`.catch(() => {})
    })
    const error = await rejection(transaction)
    expect(error).toMatchObject({
      code: "P2028",
      meta: { cause: { cause: { kind: "UniqueConstraintViolation" } } },
    })
    expect(error.message).toContain("The server rolled this transaction back: a statement in it had failed")
    expect(await pairs()).toEqual([])
    await client.$disconnect()
  })

  test("is none where the error was undone to a savepoint", async () => {
    const adapter = await coreAdapter({ env: env() }).connect()
    const transaction = await adapter.startTransaction()
    await transaction.executeRaw(statement("INSERT INTO pair VALUES (1, 1)"))
    await transaction.createSavepoint?.("before")
    await rejection(transaction.executeRaw(statement("INSERT INTO pair VALUES (1, 1)")))
    await transaction.rollbackToSavepoint?.("before")
    await transaction.executeRaw(statement("COMMIT"))
    await transaction.commit()
    expect(await pairs()).toEqual([1])
    await adapter.dispose()
  })
})

test("an error that a callback throws comes back as it is", async () => {
  const client = createCoreClient(PrismaClient, { env: env() })
  const own = new TypeError("the callback's own")
  expect(await rejection(client.$transaction(() => Promise.reject(own)))).toBe(own)
  await client.$disconnect()
})
