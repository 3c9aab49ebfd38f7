import { createHash, createHmac, pbkdf2Sync, webcrypto } from "node:crypto"
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import pg, { type Pool } from "pg"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool } from "../../src/index.ts"
import { prismaError } from "../../src/prisma/prisma-error.ts"
import { eventually, freshDatabase, rejection, sharedPostgres, times } from "../support/helpers.ts"
import { mutateSession } from "../support/mutate-session.ts"
import { SEED, TIMES } from "../support/properties.ts"
import { Random } from "../support/random.ts"
import { startPostgres } from "../support/server.ts"
import { message, recordSession, replaySessions, type Session } from "../support/wire-session.ts"

const postgres = sharedPostgres()
const PASSWORD = "wire"

/** One round of hashing: thousands of sessions log in. */
function verifierOf(password: string): string {
  const salt = Buffer.alloc(16, 7)
  const salted = pbkdf2Sync(password, salt, 1, 32, "sha256")
  const keyOf = (name: string) => createHmac("sha256", salted).update(name).digest()
  const stored = createHash("sha256").update(keyOf("Client Key")).digest("base64")
  return `SCRAM-SHA-256$1:${salt.toString("base64")}$${stored}:${keyOf("Server Key").toString("base64")}`
}

const LIMIT = 1

const urlTo = (port: number) =>
  `postgresql://wire:${PASSWORD}@127.0.0.1:${port}/${database}?sslmode=disable&connection_limit=${LIMIT}&pool_timeout=30&connect_timeout=1&query_timeout=500`

/** The calls of a session: both protocols, rows of several packets, a statement that fails, a transaction. */
const CALLS: ((pool: Pool) => Promise<unknown>)[] = [
  (pool) => pool.query("SELECT id, name, now() FROM partner WHERE id > $1", [0]),
  (pool) =>
    pool.query({ name: "named", text: "SELECT 1 AS one, NULL AS two, $1::text AS three", values: ["x"] }),
  (pool) => pool.query("INSERT INTO partner (name) VALUES ($1)", ["first"]),
  (pool) => pool.query("DO $$ BEGIN RAISE NOTICE 'noted'; END $$"),
  (pool) => pool.query("SELECT repeat('x', 200) FROM generate_series(1, 30); SELECT 1"),
  async (pool) => {
    const client = await pool.connect()
    try {
      await client.query("BEGIN")
      await client.query("UPDATE partner SET name = name")
      await client.query("COMMIT")
    } finally {
      // The next session begins with the first call.
      client.release(true)
    }
  },
]

/** Makes the calls of one session, until its connection is lost. */
async function play(pool: Pool, port: number): Promise<unknown[]> {
  const errors: unknown[] = []
  for (const call of CALLS) {
    try {
      await call(pool)
    } catch (error) {
      errors.push(prismaError(error, { host: "127.0.0.1", port }))
      if (!(error instanceof pg.DatabaseError)) break
    }
  }
  return errors
}

const codesOf = (errors: readonly unknown[]) => errors.map((error) => (error as { code?: unknown }).code)

let database: string
let session: Session
beforeAll(async () => {
  // A login can be replayed when its client says the same each time.
  vi.spyOn(webcrypto, "getRandomValues").mockImplementation((array) => {
    if (array instanceof Uint8Array) array.fill(42)
    return array
  })
  database = await freshDatabase()
  await postgres.sql(`CREATE ROLE wire LOGIN PASSWORD '${verifierOf(PASSWORD)}'`)
  await postgres.sql("GRANT ALL ON ALL TABLES IN SCHEMA public TO wire", [], database)
  await postgres.sql("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO wire", [], database)
  await postgres.sql("INSERT INTO partner (name) VALUES ('first'), ('second')", [], database)
  session = await recordSession(postgres.port, async (port) => {
    const pool = createPool(urlTo(port))
    await play(pool, port)
    await pool.end()
  })
})
afterAll(async () => {
  vi.restoreAllMocks()
  await watchdog.terminate()
})

/** Ends a process that does nothing else any more: no timeout of its own can. */
const WATCHDOG = `
const { workerData } = require("node:worker_threads")
let last = -1
setInterval(() => {
  const beat = Atomics.load(workerData, 0)
  if (beat === last) process.kill(process.pid, "SIGKILL")
  last = beat
}, 60_000)`
const beats = new Int32Array(new SharedArrayBuffer(4))
const watchdog = new Worker(WATCHDOG, { eval: true, workerData: beats })
setInterval(() => Atomics.add(beats, 0, 1), 1_000).unref()

test("what was recorded can be replayed", async () => {
  const server = await replaySessions(() => session)
  const pool = createPool(urlTo(server.port))
  for (const round of [1, 2]) {
    expect(codesOf(await play(pool, server.port))).toEqual(["23505"])
    expect(server.sessions).toBe(round)
  }
  await pool.end()
  await server.close()
})

const POOLS = 50

// An uncaught error fails the run, and an endless loop ends it.
test("with any bytes from a server, each call ends with an answer or a code, and the next session is served", async () => {
  const random = new Random(SEED)
  let ended = 0
  async function work(seeds: readonly number[]): Promise<void> {
    const server = await replaySessions((number) => {
      const seed = seeds[number]
      return seed === undefined ? session : mutateSession(session, new Random(seed))
    })
    const pool = createPool(urlTo(server.port))
    while (server.sessions < seeds.length) {
      const errors = await play(pool, server.port)
      const of = `mutateSession(session, new Random(${seeds[server.sessions - 1]}))`
      for (const error of errors) expect(error, of).toMatchObject({ code: expect.any(String) })
    }
    await eventually(
      "a sound server is served as ever",
      async () => codesOf(await play(pool, server.port)).join() === "23505",
    )
    expect(server.peak).toBe(LIMIT)
    ended += seeds.length
    await pool.end()
    await server.close()
  }
  const each = (5_000 * TIMES) / POOLS
  await Promise.all(times(POOLS, () => work(times(each, () => random.between(0, 2 ** 32 - 1)))))
  expect(ended).toBe(5_000 * TIMES)
})

const int16 = (value: number) => Buffer.from([value >> 8, value])
const int32 = (value: number) => Buffer.from([value >> 24, value >> 16, value >> 8, value])
const COLUMN = Buffer.concat([Buffer.from("one\0"), Buffer.alloc(18)])

const MALFORMED: [string, Buffer][] = [
  ["an error whose text has no end", message("E", "M")],
  ["an error without a code", message("E", "SERROR\0Mtext\0\0")],
  ["a notice whose text has no end", message("N", "M")],
  ["an unknown authentication", message("R", int32(99))],
  ["half an authentication", message("R", "\0")],
  ["a message of an unknown type", message("~")],
  ["a length of nothing", Buffer.from("5a00000000", "hex")],
  ["a length without end", Buffer.from("53ffffffff", "hex")],
  ["another protocol", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
]
const MALFORMED_ANSWERS: [string, Buffer][] = [
  ["more columns than there are", message("T", Buffer.concat([int16(99), COLUMN]))],
  ["fewer than no columns", message("T", int16(-1))],
  [
    "more values than there are",
    Buffer.concat([message("T", Buffer.concat([int16(1), COLUMN])), message("D", int16(9))]),
  ],
  [
    "a value that is longer than its row",
    Buffer.concat([
      message("T", Buffer.concat([int16(1), COLUMN])),
      message("D", Buffer.concat([int16(1), int32(999)])),
    ]),
  ],
  ["a row of nothing that was described", message("D", int16(0))],
  ["a second login", message("R", int32(3))],
]

const ways: [string, (url: string) => Promise<unknown>][] = [
  [
    "createPool",
    async (url) => {
      const pool = createPool(url)
      const result = await pool.query("SELECT 1").catch((error: unknown) => error)
      await pool.end()
      return result
    },
  ],
  [
    "a client",
    async (url) => {
      const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
      const result = await client.$queryRaw`SELECT 1`.catch((error: unknown) => error)
      await client.$disconnect()
      return result
    },
  ],
]

describe.each(ways)("%s fails with a code, at once, on", (_, first) => {
  test.each(MALFORMED)("%s before the login: P1001", async (_, sent) => {
    const server = await replaySessions(() => [[sent]])
    // Had it waited for its timeout, the text would be another.
    expect(await first(urlTo(server.port))).toMatchObject({
      code: "P1001",
      message: expect.stringMatching(
        /Can't reach database server[\s\S]*It sent something PostgreSQL does not send: /,
      ),
    })
    await server.close()
  })

  test.each([...MALFORMED, ...MALFORMED_ANSWERS])("%s after it: P1017", async (_, sent) => {
    const server = await replaySessions(() => [...session.slice(0, 3), [sent], [sent]])
    expect(await first(urlTo(server.port))).toMatchObject({
      code: "P1017",
      message: expect.stringMatching(
        /Server has closed the connection. It sent something PostgreSQL does not send: a message/,
      ),
    })
    await server.close()
  })
})

test.each([...MALFORMED, ...MALFORMED_ANSWERS])(
  "an idle connection that gets %s is replaced",
  async (_, sent) => {
    const idle = [...session.slice(0, 3), [...(session[3] ?? []), sent]]
    const server = await replaySessions((number) => (number === 0 ? idle : session))
    const pool = createPool(urlTo(server.port))
    expect((await pool.query("SELECT 1")).rows).toHaveLength(2)
    await eventually("it is closed", async () => pool.totalCount === 0)
    expect((await pool.query("SELECT 1")).rows).toHaveLength(2)
    expect(server.sessions).toBe(2)
    await pool.end()
    await server.close()
  },
)

test("a session that was answered with an error, and with nothing more, is given up", async () => {
  const error = message("E", "SERROR\0C42P01\0Mno such table\0\0")
  const silent = [...session.slice(0, 3), [error]]
  const server = await replaySessions((number) => (number === 0 ? silent : session))
  const pool = createPool(urlTo(server.port))
  expect(await rejection(pool.query("SELECT 1"))).toMatchObject({ code: "42P01" })
  expect((await pool.query("SELECT 1")).rows).toHaveLength(2)
  await pool.end()
  await server.close()
})

test("a listener's error is its own: no other query fails", async () => {
  const notification = message("A", Buffer.concat([int32(7), Buffer.from("channel\0payload\0")]))
  const [rows = []] = session.slice(3)
  const server = await replaySessions(() => [...session.slice(0, 3), [notification, ...rows], rows])
  const pool = createPool(urlTo(server.port))
  const client = await pool.connect()
  client.on("notification", () => {
    throw new Error("of the listener")
  })
  const listeners = process.rawListeners("uncaughtException")
  process.removeAllListeners("uncaughtException")
  try {
    const uncaught = once(process, "uncaughtException")
    expect((await client.query("SELECT 1")).rows).toHaveLength(2)
    expect(await uncaught).toMatchObject([{ message: "of the listener" }, "uncaughtException"])
    expect((await client.query("SELECT 1")).rows).toHaveLength(2)
  } finally {
    for (const listener of listeners) process.on("uncaughtException", listener as () => void)
  }
  client.release()
  await pool.end()
  await server.close()
})

test("a notification during the login, and a setting that is long, are the server's to send", async () => {
  const server = await startPostgres()
  await server.sql(`
    CREATE FUNCTION greet() RETURNS event_trigger LANGUAGE plpgsql AS
      $$ BEGIN EXECUTE 'LISTEN hello'; PERFORM pg_notify('hello', 'hi'); END $$;
    CREATE EVENT TRIGGER greet ON login EXECUTE FUNCTION greet();
    ALTER EVENT TRIGGER greet ENABLE ALWAYS`)
  const names = times(500, (index) => `${"s".repeat(58)}${index}`)
  await server.sql(`ALTER ROLE app SET search_path TO ${names.join(", ")}`)
  const pool = createPool(server.url("postgres"))
  expect((await pool.query("SELECT length(current_setting('search_path')) > 30000 AS long")).rows).toEqual([
    { long: true },
  ])
  await pool.end()
  await server.destroy()
})
