import dns from "node:dns"
import { Socket } from "node:net"
import { afterEach, describe, expect, test, vi } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool } from "../../src/index.ts"
import { freshDatabase, rejection, sharedPostgres } from "../support/helpers.ts"
import { freePort } from "../support/server.ts"

afterEach(() => vi.restoreAllMocks())

type Answer = (error: Error | null, addresses: dns.LookupAddress[]) => void

/** The addresses that a name resolves to, on any machine. */
const addresses = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
]

describe("a host with several addresses", () => {
  test("that all refuse fails with a message that says so for each", async () => {
    const port = await freePort()
    vi.spyOn(dns, "lookup").mockImplementation(((_host: string, _options: object, answer: Answer) =>
      answer(null, addresses)) as typeof dns.lookup)
    const url = `postgresql://app:x@two.example:${port}/core`
    const pool = createPool(url)
    const error = await rejection(pool.query("SELECT 1"))
    for (const { address } of addresses) expect(error.message).toContain(`${address}:${port}`)
    await pool.end()
    const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
    for (const call of [
      () => client.$connect(),
      () => client.mission.count(),
      () => client.$queryRaw`SELECT 1`,
    ]) {
      const refused = await rejection(call())
      expect(refused).toMatchObject({ code: "P1001" })
      for (const { address } of addresses) expect(refused.message).toContain(`${address}:${port}`)
    }
    await client.$disconnect()
  })

  test.each([
    [10, 5_000],
    [1, 500],
    [0, 10_000],
  ])("gives each its share of a connect_timeout of %s s, and not Node's 250 ms", async (seconds, millis) => {
    const connect = vi.spyOn(Socket.prototype, "connect")
    const database = await freshDatabase()
    const parameters = { connect_timeout: seconds, pool_timeout: 60 }
    connect.mockClear()
    const pool = createPool(sharedPostgres().url(database, parameters))
    await pool.query("SELECT 1")
    await pool.end()
    expect(connect.mock.calls.flat()).toContainEqual(
      expect.objectContaining({ autoSelectFamilyAttemptTimeout: millis, host: "127.0.0.1" }),
    )
  })
})

test("a process that is busy for longer than connect_timeout while it connects is not a slow server", async () => {
  const database = await freshDatabase()
  for (let round = 0; round < 6; round++) {
    const pool = createPool(sharedPostgres().url(database, { connect_timeout: 1, pool_timeout: 30 }))
    const query = pool.query("SELECT 1 AS one")
    // Somewhere between the first packet and the last of the login.
    for (let turn = 0; turn < round; turn++) await new Promise((resolve) => setImmediate(resolve))
    const end = Date.now() + 1_500
    while (Date.now() < end);
    expect((await query).rows).toEqual([{ one: 1 }])
    await pool.end()
  }
})
