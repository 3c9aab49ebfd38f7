import { beforeAll, describe, expect, test } from "vitest"
import { Prisma, PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, isPoolTimeout } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import { holdTransactions, PATIENT } from "../support/held-transactions.ts"
import {
  despitePoolTimeout,
  eventually,
  freshDatabase,
  rejection,
  sharedPostgres,
  times,
} from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()
let database: string
beforeAll(async () => {
  database = await freshDatabase("core")
})

const ADVICE = "All 2 are held by open transactions that are sending nothing: use `tx` inside `$transaction`."

/** Prisma's own text, to the byte. */
const text = (timeout: number, limit: number) =>
  `Timed out fetching a new connection from the connection pool. More info: http://pris.ly/d/connection-pool (Current connection pool timeout: ${timeout}, connection limit: ${limit})`

const core = () =>
  createCoreClient(PrismaClient, {
    env: {
      DATABASE_URL_CORE: postgres.url(database, { connect_timeout: 0 }),
      PRISMA_POOL_SIZE_CORE: "2",
      PRISMA_POOL_TIMEOUT: "1",
    },
    transactionOptions: PATIENT,
  })

/** Runs `during` while both connections are held by transactions in which `hold` was sent. */
async function whileHeld(
  client: PrismaClient,
  hold: Parameters<typeof holdTransactions>[2],
  during: () => Promise<unknown>,
): Promise<void> {
  const release = await holdTransactions(client, 2, hold)
  try {
    await during()
  } finally {
    await release()
  }
}

const idle = async () => {}

describe("P2024 says who holds the pool", () => {
  test.each<[string, (client: PrismaClient) => PromiseLike<unknown>]>([
    ["a model query", (client) => client.mission.findMany()],
    ["a raw query", (client) => client.$queryRaw`SELECT 1`],
    ["an interactive transaction", (client) => client.$transaction((tx) => tx.mission.count())],
  ])("in %s beside open transactions that send nothing", async (_, call) => {
    const client = core()
    await whileHeld(client, idle, async () => {
      const error = await rejection(call(client))
      expect(error).toBeInstanceOf(Prisma.PrismaClientKnownRequestError)
      expect(error.message).toContain(`${text(1, 2)}. 2 connections are held, the oldest for `)
      expect(error.message).toMatch(/the oldest for [\d.]+ s, and no other caller waits\. /)
      expect(error.message).toContain(ADVICE)
      expect(error).toMatchObject({
        code: "P2024",
        meta: { connection_limit: 2, timeout: 1, held: 2, idle_in_transaction: 2, waiting: 0 },
      })
      // They were held for as long as this one has waited, at least.
      expect((error["meta"] as { oldest_hold: number }).oldest_hold).toBeGreaterThanOrEqual(0.99)
      expect(isPoolTimeout(error)).toBe(true)
    })
    await client.$disconnect()
  })

  test("with no advice where one of them is running a statement", async () => {
    const client = core()
    const locks = createPool(postgres.url(database))
    const lock = await locks.connect()
    await lock.query("BEGIN; LOCK TABLE mission")
    let first = true
    const oneWaits = async (tx: Prisma.TransactionClient) => {
      if (!first) return
      first = false
      await tx.mission.count()
    }
    await whileHeld(client, oneWaits, async () => {
      const error = await rejection(client.$queryRaw`SELECT 1`)
      expect(error).toMatchObject({ code: "P2024", meta: { held: 2, idle_in_transaction: 1 } })
      expect(error.message).not.toContain("use `tx`")
      await lock.query("COMMIT")
    })
    lock.release()
    await locks.end()
    await client.$disconnect()
  })

  test("a transaction that waits for a query beside it hears of it", async () => {
    const client = core()
    // Both connections are open then, and a transaction begins at once.
    await whileHeld(client, idle, async () => {})
    const ends = await Promise.allSettled(
      times(2, () =>
        client.$transaction(async (tx) => {
          await tx.$queryRaw`SELECT 1`
          await eventually("both", async () => poolStats(client).used === 2)
          // Through the client, where `tx` would be right.
          await client.mission.count()
        }),
      ),
    )
    // The first to give up frees its connection: the other one may be served then.
    const errors = ends.flatMap((end) => (end.status === "rejected" ? [String(end.reason)] : []))
    expect(errors.join()).toContain(ADVICE)
    await client.$disconnect()
  })

  test("how many others wait, and that nothing is idle, in a pool of one's own", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 1, pool_timeout: 2 }))
    const held = await despitePoolTimeout(() => pool.connect())
    const errors = await Promise.all(times(3, () => rejection(pool.query("SELECT 1"))))
    expect(errors.map(({ meta }) => meta)).toEqual(
      [2, 1, 0].map((waiting) => ({
        connection_limit: 1,
        timeout: 2,
        held: 1,
        oldest_hold: expect.any(Number),
        idle_in_transaction: 0,
        waiting,
      })),
    )
    expect(errors.map(({ message }) => message.replace(/[\d.]+ s,/, "N s,"))).toEqual([
      `${text(2, 1)}. 1 connection is held, for N s, and 2 other callers wait.`,
      `${text(2, 1)}. 1 connection is held, for N s, and 1 other caller waits.`,
      `${text(2, 1)}. 1 connection is held, for N s, and no other caller waits.`,
    ])
    await held.query("BEGIN")
    expect(await rejection(pool.connect())).toMatchObject({
      message: expect.stringMatching(/It is held by an open transaction that is sending nothing: use `tx`/),
      meta: { idle_in_transaction: 1 },
    })
    // A failed transaction is open as well.
    await rejection(held.query("SELECT 1/0"))
    expect(await rejection(pool.connect())).toMatchObject({ meta: { idle_in_transaction: 1 } })
    held.release()
    await pool.end()
  })

  test("with no advice where the server refuses the connections that nobody holds", async () => {
    const proxy = await startProxy(postgres.port)
    const url = postgres.url(database, { connection_limit: 2, pool_timeout: 1 })
    const pool = createPool(proxy.url(url))
    const held = await despitePoolTimeout(() => pool.connect())
    await held.query("BEGIN")
    await proxy.newConnections("full")
    const error = await rejection(pool.query("SELECT 1"))
    expect(error).toMatchObject({ code: "P2024", meta: { held: 1, idle_in_transaction: 1 } })
    expect(error.message).not.toContain("use `tx`")
    held.release()
    await pool.end()
    await proxy.close()
  })

  test("that no connection is held, where the server answers none", async () => {
    const proxy = await startProxy(postgres.port)
    await proxy.newConnections("ignore")
    const url = postgres.url(database, { connection_limit: 2, pool_timeout: 1, connect_timeout: 0 })
    const pool = createPool(proxy.url(url))
    const errors = await Promise.all(times(2, () => rejection(pool.query("SELECT 1"))))
    expect(errors.map(({ message }) => message)).toEqual([
      `${text(1, 2)}. No connection is held, and 1 other caller waits.`,
      `${text(1, 2)}. No connection is held, and no other caller waits.`,
    ])
    expect(errors[0]).toMatchObject({ meta: { held: 0, oldest_hold: 0, idle_in_transaction: 0, waiting: 1 } })
    await proxy.thaw()
    await pool.end()
    await proxy.close()
  })
})
