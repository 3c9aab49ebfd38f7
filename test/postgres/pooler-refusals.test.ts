import { describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, isPoolTimeout, isTooManyConnections } from "../../src/index.ts"
import { type LimitName, poolStats, refusedLimit } from "../../src/monitor/index.ts"
import { freshDatabase, rejection, sharedPostgres } from "../support/helpers.ts"
import { type Answers, message, replaySessions } from "../support/wire-session.ts"

interface Refusal {
  readonly pooler: string
  readonly code: string
  readonly sqlState: string
  readonly text: string
  /** The limit that is full, where it is not the pooler's own. */
  readonly limit?: LimitName
}

const refusals = (pooler: string, rows: (readonly [string, string, string, LimitName?])[]): Refusal[] =>
  rows.map(([code, sqlState, text, limit]) => ({ pooler, code, sqlState, text, ...(limit && { limit }) }))

const cached = (reason: string) =>
  `server login has been failing, cached error: ${reason} (server_login_retry)`

/** As their sources have them. Those that an installed PgBouncer says are in pgbouncer-errors.test.ts too. */
const AT_LOGIN = [
  ...refusals("PgBouncer", [
    ["P2037", "08P01", "no more connections allowed (max_client_conn)"],
    ["P2037", "08P01", "client connections exceeded (max_db_client_connections)"],
    ["P2037", "08P01", "client connections exceeded (max_user_client_connections)"],
    ["P2037", "08P01", "sorry, too many clients already", "maxConnections"],
    ["P2037", "08P01", 'too many connections for role "app"', "role"],
    ["P2037", "53300", 'too many connections for database "core"', "database"],
    ["P2024", "08P01", "query_wait_timeout"],
    ["P1000", "08P01", "SASL authentication failed"],
    ["P1000", "08P01", "password authentication failed"],
    ["P1000", "08P01", "LDAP authentication failed"],
    ["P1000", "08P01", '"trust" authentication failed'],
    ["P1000", "08P01", "certificate authentication failed"],
    ["P1000", "08P01", "no such user: app"],
    ["P1003", "08P01", 'database "core" does not exist'],
    ["P1003", "3D000", 'database "core" does not exist'],
    ["P1003", "08P01", "no such database: core"],
    ["P1001", "08P01", 'database "core" is disabled'],
    ["P1001", "08P01", "client_login_timeout"],
    ["P1001", "08P01", "client_login_timeout (server down)"],
    ["P1001", "08P01", "pooler is shutting down"],
    ["P1001", "08P01", "the database system is starting up"],
    ["P1001", "08P01", "the database system is shutting down"],
  ]),
  ...refusals("Supavisor", [
    ["P2037", "XX000", "(EMAXCONN) max client connections reached, limit: 200"],
    [
      "P2037",
      "XX000",
      "(EMAXCONNSESSION) max clients reached in session mode - max clients are limited to pool_size: 15",
    ],
    ["P2037", "XX000", "(EMAXCLIENTCONN) max client connections reached, limit: 200"],
    [
      "P2037",
      "XX000",
      "(EMAXCLIENTSESSION) max clients reached in session mode - max clients are limited to pool_size: 15",
    ],
    ["P2037", "XX000", "(EMAXPROXYCONN) max proxy connections reached, limit: 100"],
    [
      "P2037",
      "XX000",
      "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size",
    ],
    ["P2037", "XX000", "Max client connections reached"],
    ["P1000", "XX000", "Tenant or user not found"],
    ["P1000", "XX000", "(ENOTFOUND) tenant/user app.abcd not found"],
    ["P1000", "28P01", 'password authentication failed for user "app"'],
  ]),
  ...refusals("Odyssey", [
    ["P2037", "53300", "too many active clients for user (pool_size for user core.app reached 5)"],
    ["P2037", "53300", "too many tcp connections (global client_max 100)"],
    ["P2037", "53300", "too many client tcp connections (client_max for user app 10)"],
  ]),
  ...refusals("PgDog", [
    ["P1001", "58000", 'connection pool for user "app" and database "core" is down'],
    [
      "P1000",
      "28000",
      'password for user "app" and database "core" is wrong, or the database does not exist',
    ],
  ]),
]

/** What a client that is logged in gets for a statement, with which most poolers end its connection. */
const AT_STATEMENT = [
  ...refusals("PgBouncer", [
    ["P2024", "08P01", "query_wait_timeout"],
    ["P2024", "08P01", "query_timeout"],
    ["P2037", "08P01", cached("sorry, too many clients already"), "maxConnections"],
    [
      "P2037",
      "08P01",
      cached("remaining connection slots are reserved for roles with the SUPERUSER attribute"),
      "maxConnections",
    ],
    ["P2037", "08P01", cached('too many connections for role "app"'), "role"],
    ["P2037", "08P01", cached("no more connections allowed (max_client_conn)")],
    ["P1001", "08P01", cached("connect failed")],
    ["P1001", "08P01", cached('password authentication failed for user "app"')],
    ["P1001", "08P01", cached("the database system is starting up")],
    ["P1001", "08P01", "server login has been failing, try again later (server_login_retry)"],
    ["P1001", "08P01", "server shutting down"],
    ["P1008", "08P01", "query timeout"],
    ["P1008", "08P01", "transaction timeout"],
    ["P1017", "08P01", "idle transaction timeout"],
    ["P1017", "08P01", "server conn crashed?"],
    ["P1017", "08P01", "database removed"],
    ["P1017", "08P01", "client_idle_timeout"],
    ["P1017", "08P01", "admin forced disconnect"],
  ]),
  ...refusals("Supavisor", [
    [
      "P2024",
      "XX000",
      "(ECHECKOUTTIMEOUT) unable to check out connection from the pool after 15000ms in Transaction mode",
    ],
    [
      "P2024",
      "XX000",
      "(ECHECKOUTTIMEOUT) Pool checkout timeout. Request was dropped after 15000ms in Transaction mode.",
    ],
    ["P2024", "XX000", "Unable to check out process from the pool due to timeout"],
    ["P1017", "XX000", "DbHandler exited"],
    ["P1017", "XX000", "(EDBHANDLEREXITED) connection to database closed. Check logs for more information"],
  ]),
  ...refusals("Odyssey", [["P1001", "08006", "failed to get remote server connection"]]),
  ...refusals("PgCat", [["P2024", "58000", "could not get connection from the pool - AllServersDown"]]),
  ...refusals("PgDog", [["P2024", "58000", "checkout timeout"]]),
]

const CALLS: [string, (client: PrismaClient) => PromiseLike<unknown>][] = [
  ["$connect()", (client) => client.$connect()],
  ["a model query", (client) => client.mission.count()],
  ["a raw query", (client) => client.$queryRaw`SELECT 1`],
  ["a batch transaction", (client) => client.$transaction([client.mission.count()])],
  ["an interactive transaction", (client) => client.$transaction((tx) => tx.mission.count())],
]

/** Every kind of call, and a pool, at a server that says nothing else. */
async function expectCode(answers: Answers, { code, limit }: Refusal): Promise<void> {
  const server = await replaySessions(() => answers)
  const url = `postgresql://app:secret@127.0.0.1:${server.port}/core?sslmode=disable&pool_timeout=2&connect_timeout=1`
  const env = { DATABASE_URL_CORE: url, PRISMA_RECONNECT_TIMEOUT: "0" }
  // Each of its own: a full pooler is waited for, and the clients share a pool.
  const clients = CALLS.map(() =>
    createCoreClient(PrismaClient, { env, transactionOptions: { maxWait: 9_000 } }),
  )
  const is = { full: code === "P2037", timeout: code === "P2024" }
  const errors = CALLS.map(([, call], index) => rejection(call(clients[index] as PrismaClient)))
  for (const [index, [name]] of CALLS.entries()) {
    const error = await errors[index]
    expect(error, name).toMatchObject({ code })
    expect({ full: isTooManyConnections(error), timeout: isPoolTimeout(error) }, name).toEqual(is)
  }
  await Promise.all(clients.map((client) => client.$disconnect()))
  const pool = createPool(url, { reconnectTimeout: 0 })
  const error = await rejection(pool.query("SELECT 1"))
  expect({ full: isTooManyConnections(error), timeout: isPoolTimeout(error) }).toEqual(is)
  expect(refusedLimit(error)).toBe(is.full ? (limit ?? "pooler") : undefined)
  const { connectionErrors, refusals: counted } = poolStats(pool)
  const atLogin = answers.length === 1
  expect(counted).toBe(atLogin && is.full ? connectionErrors : 0)
  if (atLogin) expect(connectionErrors).toBeGreaterThanOrEqual(1)
  await pool.end()
  await server.close()
}

const fatal = ({ sqlState, text }: Refusal) => message("E", `SFATAL\0VFATAL\0C${sqlState}\0M${text}\0\0`)

const named = (refusals: readonly Refusal[]) =>
  refusals.map((refusal) => [`${refusal.code} for ${refusal.pooler}'s ${refusal.text}`, refusal] as const)

describe("a login that a pooler refuses has its code in every call, and is counted", () => {
  test.concurrent.each(named(AT_LOGIN))("%s", async (_, refusal) => {
    await expectCode([[fatal(refusal), null]], refusal)
  })
})

const READY = message("Z", "I")
const LOGGED_IN = [message("R", Buffer.alloc(4)), READY]

describe("a statement that a pooler refuses has its code in every call", () => {
  test.concurrent.each(named(AT_STATEMENT))("%s", async (_, refusal) => {
    await expectCode([LOGGED_IN, [fatal(refusal), null]], refusal)
  })

  test.concurrent.each(
    named(
      [...AT_LOGIN, ...AT_STATEMENT].filter(
        ({ sqlState, pooler }) => sqlState === "58000" && pooler === "PgDog",
      ),
    ),
  )("%s, as an ERROR", async (_, { sqlState, text, ...refusal }) => {
    const error = message("E", `SERROR\0VERROR\0C${sqlState}\0M${text}\0\0`)
    // The client stays logged in.
    await expectCode([LOGGED_IN, ...Array(20).fill([error, READY])], { ...refusal, sqlState, text })
  })
})

describe("a login that PgBouncer refuses, by a pool that has had no connection yet,", () => {
  const DONE = [message("C", "SELECT 0\0"), READY]

  /** A pool at a pooler that refuses two logins, and takes those that follow. */
  async function refusedTwice(text: string) {
    const refusal = fatal({ pooler: "PgBouncer", code: "", sqlState: "08P01", text })
    const server = await replaySessions((number) => (number < 2 ? [[refusal, null]] : [LOGGED_IN, DONE]))
    const url = `postgresql://app:secret@127.0.0.1:${server.port}/core?sslmode=disable&connection_limit=1`
    return { server, pool: createPool(url, { reconnectTimeout: 60 }) }
  }

  test.each([
    "no more connections allowed (max_client_conn)",
    "client connections exceeded (max_db_client_connections)",
    "sorry, too many clients already",
    "pooler is shutting down",
    "the database system is starting up",
    cached("the database system is starting up"),
    cached("too many connections for role"),
  ])("is waited for: %s", async (text) => {
    const { server, pool } = await refusedTwice(text)
    expect((await pool.query("SELECT 1")).rowCount).toBe(0)
    expect(server.sessions).toBe(3)
    await pool.end()
    await server.close()
  })

  test.each([
    "SASL authentication failed",
    'database "core" does not exist',
    'database "core" is disabled',
    "client_login_timeout (server down)",
    "query_wait_timeout",
  ])("is not waited for: %s", async (text) => {
    const { server, pool } = await refusedTwice(text)
    await rejection(pool.query("SELECT 1"))
    expect(server.sessions).toBe(1)
    await pool.end()
    await server.close()
  })
})

describe("the same words in a statement's own error are no refusal", () => {
  /** These have codes of their own, or may be no FATAL. */
  const OWN = /^(53300|08006|28000|28P01|3D000)$/
  const ambiguous = ({ pooler, sqlState }: Refusal) => OWN.test(sqlState) || pooler === "PgDog"

  test("by any of their codes", async () => {
    const url = sharedPostgres().url(await freshDatabase())
    const pool = createPool(url)
    const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
    const rows = [...AT_LOGIN, ...AT_STATEMENT].filter((refusal) => !ambiguous(refusal))
    expect(rows.length).toBeGreaterThan(40)
    for (const { sqlState, text } of rows) {
      const statement = `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${sqlState}', MESSAGE = '${text}'; END $$`
      for (const error of [
        await rejection(pool.query(statement)),
        await rejection(client.$executeRawUnsafe(statement)),
      ]) {
        expect({ full: isTooManyConnections(error), timeout: isPoolTimeout(error) }, text).toEqual({
          full: false,
          timeout: false,
        })
        expect(String(error["code"]), text).not.toMatch(/^P(2037|2024|100[0138]|1017)$/)
      }
    }
    await pool.end()
    await client.$disconnect()
  })
})
