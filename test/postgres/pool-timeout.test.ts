import { type AddressInfo, createServer } from "node:net"
import { beforeAll, describe, expect, test, vi } from "vitest"
import { Prisma, PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, isPoolTimeout, isTooManyConnections } from "../../src/index.ts"
import { holdTransactions } from "../support/held-transactions.ts"
import { despitePoolTimeout, freshDatabase, rejection, sharedPostgres, sleep } from "../support/helpers.ts"

const postgres = sharedPostgres()
let database: string
beforeAll(async () => {
  database = await freshDatabase()
})

/** Runs `during` while every connection of the pool is held. */
async function whileFull(
  poolTimeout: number,
  during: (client: PrismaClient, release: () => void, env: Record<string, string>) => Promise<unknown>,
): Promise<void> {
  const size = 2
  const env = {
    DATABASE_URL_CORE: postgres.url(database),
    PRISMA_POOL_SIZE_CORE: String(size),
    PRISMA_POOL_TIMEOUT: String(poolTimeout),
  }
  const client = createCoreClient(PrismaClient, { env })
  const release = await holdTransactions(client, size)
  try {
    await during(client, release, env)
  } finally {
    await release()
    await client.$disconnect()
  }
}

const calls: [string, (client: PrismaClient) => PromiseLike<unknown>][] = [
  ["a model query", (client) => client.mission.findMany()],
  ["a raw query", (client) => client.$queryRaw`SELECT 1`],
  ["a raw statement", (client) => client.$executeRaw`SELECT 1`],
  ["a batch transaction", (client) => client.$transaction([client.mission.count(), client.partner.count()])],
  [
    "an interactive transaction",
    (client) => client.$transaction((tx) => tx.mission.count(), { maxWait: 30_000 }),
  ],
]

describe("a full pool fails after pool_timeout, with Prisma's own P2024", () => {
  test.each(calls)("in %s", async (name, call) => {
    await whileFull(1, async (client) => {
      const start = performance.now()
      const error = await rejection(call(client))
      // Not before the timeout; how much later is the machine's business.
      expect(performance.now() - start).toBeGreaterThanOrEqual(990)
      expect(error).toBeInstanceOf(Prisma.PrismaClientKnownRequestError)
      expect(error).toMatchObject({ code: "P2024", meta: { connection_limit: 2, timeout: 1 } })
      expect(error.message).toContain(
        "Timed out fetching a new connection from the connection pool. More info: http://pris.ly/d/connection-pool (Current connection pool timeout: 1, connection limit: 2)",
      )
      if (name === "a model query") expect(error["meta"]).toMatchObject({ modelName: "Mission" })
      expect(isPoolTimeout(error)).toBe(true)
      expect(isTooManyConnections(error)).toBe(false)
    })
  })

  test("also where another copy of the module made the pool", async () => {
    await whileFull(1, async (_, __, env) => {
      vi.resetModules()
      const copy = await import("../../src/index.ts")
      const client = copy.createCoreClient(PrismaClient, { env })
      const error = await rejection(client.$transaction((tx) => tx.mission.count(), { maxWait: 30_000 }))
      expect(error).toBeInstanceOf(Prisma.PrismaClientKnownRequestError)
      expect(error).toMatchObject({ code: "P2024" })
      await client.$disconnect()
    })
  })

  test("an interactive transaction fails at Prisma's maxWait with P2028 where that is shorter", async () => {
    await whileFull(30, async (client) => {
      const error = await rejection(client.$transaction((tx) => tx.mission.count(), { maxWait: 300 }))
      expect(error).toMatchObject({ code: "P2028" })
      expect(isPoolTimeout(error)).toBe(true)
    })
  })

  test("those that wait are served in turn", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 1 }))
    const held = await pool.connect()
    const order: number[] = []
    const waiting = [1, 2, 3, 4].map((turn) => pool.query("SELECT 1").then(() => order.push(turn)))
    expect(pool.waitingCount).toBe(4)
    held.release()
    await Promise.all(waiting)
    expect(order).toEqual([1, 2, 3, 4])
    await pool.end()
  })

  test("a timeout of 0 waits forever", async () => {
    await whileFull(0, async (client, release) => {
      const waiting = client.mission.count()
      const first = await Promise.race([waiting.then(() => "answered"), sleep(1_500).then(() => "waiting")])
      expect(first).toBe("waiting")
      release()
      expect(await waiting).toBe(0)
    })
  })

  test("and in a pool of one's own, with the same code, text and meta", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 1, pool_timeout: 1 }))
    const held = await despitePoolTimeout(() => pool.connect())
    for (const call of [() => pool.query("SELECT 1"), () => pool.connect()]) {
      const start = performance.now()
      const error = await rejection(call())
      expect(performance.now() - start).toBeGreaterThanOrEqual(990)
      expect(error).toMatchObject({ code: "P2024", meta: { connection_limit: 1, timeout: 1 } })
      expect(isPoolTimeout(error)).toBe(true)
    }
    held.release()
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
    await pool.end()
  })

  test("it covers the opening of a connection too", async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
    const { port } = silent.address() as AddressInfo
    const pool = createPool(`postgresql://app:x@127.0.0.1:${port}/core?pool_timeout=1&connect_timeout=3`)
    const error = await rejection(pool.query("SELECT 1"))
    expect(error).toMatchObject({ code: "P2024", meta: { timeout: 1 } })
    await pool.end()
    silent.close()
  })
})
