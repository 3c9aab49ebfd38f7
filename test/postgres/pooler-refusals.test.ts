import { describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, isPoolTimeout, isTooManyConnections } from "../../src/index.ts"
import { poolStats, refusedLimit } from "../../src/monitor/index.ts"
import { freshDatabase, rejection, sharedPostgres } from "../support/helpers.ts"
import { message, replaySessions } from "../support/wire-session.ts"

/** As their sources have them. PgBouncer's are in pgbouncer-errors.test.ts, from PgBouncer itself. */
const REFUSALS: [code: string, sqlState: string, text: string][] = [
  ["P2037", "XX000", "(EMAXCONN) max client connections reached, limit: 200"],
  [
    "P2037",
    "XX000",
    "(EMAXCONNSESSION) max clients reached in session mode - max clients are limited to pool_size: 15",
  ],
  [
    "P2037",
    "XX000",
    "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size",
  ],
  ["P2037", "XX000", "Max client connections reached"],
  [
    "P2024",
    "XX000",
    "(ECHECKOUTTIMEOUT) unable to check out connection from the pool after 15000ms in Transaction mode",
  ],
  ["P2037", "53300", "too many active clients for user (pool_size for user core.app reached 5)"],
  ["P2037", "53300", "too many tcp connections (global client_max 100)"],
  ["P2037", "53300", "too many client tcp connections (client_max for user app 10)"],
  ["P1001", "08006", "failed to get remote server connection"],
  ["P2024", "58000", "could not get connection from the pool - AllServersDown"],
  ["P2024", "58000", "checkout timeout"],
  ["P1001", "58000", "connection pool for user app is down"],
  ["P2037", "08P01", "no more connections allowed (max_client_conn)"],
]

const CALLS: [string, (client: PrismaClient) => PromiseLike<unknown>][] = [
  ["$connect()", (client) => client.$connect()],
  ["a model query", (client) => client.mission.count()],
  ["a raw query", (client) => client.$queryRaw`SELECT 1`],
  ["a batch transaction", (client) => client.$transaction([client.mission.count()])],
  ["an interactive transaction", (client) => client.$transaction((tx) => tx.mission.count())],
]

test.each(REFUSALS)("%s for a pooler's %s %s, in every call, and counted", async (code, sqlState, text) => {
  const refusal = message("E", `SFATAL\0VFATAL\0C${sqlState}\0M${text}\0\0`)
  const server = await replaySessions(() => [[refusal, null]])
  const url = `postgresql://app:secret@127.0.0.1:${server.port}/core?sslmode=disable&pool_timeout=2&connect_timeout=1`
  const env = { DATABASE_URL_CORE: url, PRISMA_RECONNECT_TIMEOUT: "0" }
  // Each of its own: a full pooler is waited for, and the clients share a pool.
  const clients = CALLS.map(() =>
    createCoreClient(PrismaClient, { env, transactionOptions: { maxWait: 9_000 } }),
  )
  const errors = CALLS.map(([, call], index) => rejection(call(clients[index] as PrismaClient)))
  for (const [index, [name]] of CALLS.entries()) {
    const error = await errors[index]
    expect(error, name).toMatchObject({ code })
    expect({ is: isTooManyConnections(error), timeout: isPoolTimeout(error) }, name).toEqual({
      is: code === "P2037",
      timeout: code === "P2024",
    })
  }
  await Promise.all(clients.map((client) => client.$disconnect()))
  const pool = createPool(url)
  const error = await rejection(pool.query("SELECT 1"))
  expect({
    is: isTooManyConnections(error),
    limit: refusedLimit(error),
    timeout: isPoolTimeout(error),
  }).toEqual({
    is: code === "P2037",
    limit: code === "P2037" ? "pooler" : undefined,
    timeout: code === "P2024",
  })
  const { connectionErrors, refusals } = poolStats(pool)
  expect(refusals).toBe(code === "P2037" ? connectionErrors : 0)
  expect(connectionErrors).toBeGreaterThanOrEqual(1)
  await pool.end()
  await server.close()
})

describe("the same words in a statement's own error are no refusal", () => {
  test.each(REFUSALS.filter(([, sqlState]) => sqlState !== "53300" && sqlState !== "08006"))(
    "%s %s %s",
    async (_, sqlState, text) => {
      const url = sharedPostgres().url(await freshDatabase())
      const statement = `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${sqlState}', MESSAGE = '${text}'; END $$`
      const pool = createPool(url)
      const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
      for (const error of [
        await rejection(pool.query(statement)),
        await rejection(client.$executeRawUnsafe(statement)),
      ]) {
        expect({ is: isTooManyConnections(error), timeout: isPoolTimeout(error) }).toEqual({
          is: false,
          timeout: false,
        })
        expect(String(error["code"])).not.toMatch(/^P(2037|2024|1001)$/)
      }
      await pool.end()
      await client.$disconnect()
    },
  )
})
