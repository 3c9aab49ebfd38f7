import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import type pg from "pg"
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import { PATIENT } from "../support/held-transactions.ts"
import { eventually, freshDatabase, sharedPostgres, sleep } from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()
let database: string
beforeAll(async () => {
  database = await freshDatabase("core")
})

/** What this process has been told, as it comes. */
const warnings: string[] = []
const listener = (warning: Error) => {
  if (warning.name === "PoolConfigWarning") warnings.push(warning.message)
}
process.on("warning", listener)
// As in an application: the frames of the tests are far beyond.
Error.stackTraceLimit = 10
afterEach(() => {
  warnings.length = 0
})

const warned = (text: string | RegExp) => {
  const fits = (message: string) => (typeof text === "string" ? message.includes(text) : text.test(message))
  return eventually(`a warning with ${text}`, async () => warnings.some(fits))
}

const core = (threshold: number) =>
  createCoreClient(PrismaClient, {
    env: {
      DATABASE_URL_CORE: postgres.url(database),
      PRISMA_POOL_SIZE_CORE: "2",
      PRISMA_POOL_LEAK_THRESHOLD: String(threshold),
    },
    transactionOptions: PATIENT,
  })

const pool = (leakThreshold: number) =>
  createPool(postgres.url(database, { connection_limit: 2 }), { leakThreshold })

/** Runs a call until it has been reported and has come back. */
async function reported(call: () => PromiseLike<unknown>): Promise<readonly string[]> {
  await call()
  await warned("no longer held")
  expect(warnings).toHaveLength(2)
  return warnings
}

/** Waits until the lock is free that {@link whileLocked} holds. */
const SLOW = "SELECT pg_advisory_xact_lock(4711)::text"

/** Runs a call that waits for a lock, which it gets once it has been reported. */
async function whileLocked(call: () => PromiseLike<unknown>): Promise<void> {
  const locks = createPool(postgres.url(database))
  const lock = await locks.connect()
  await lock.query("BEGIN; LOCK TABLE mission; SELECT pg_advisory_xact_lock(4711)")
  const unlock = warned("longer than the leak threshold").then(() => lock.query("COMMIT"))
  await Promise.all([call(), unlock])
  lock.release()
  await locks.end()
}

describe("names the code that took the connection", () => {
  const calls: Record<string, (client: PrismaClient) => () => Promise<unknown>> = {
    readModels: (client) =>
      async function readModels() {
        return await client.mission.findMany()
      },
    readBoth: (client) =>
      async function readBoth() {
        return await Promise.all([client.mission.count()])
      },
    readRaw: (client) =>
      async function readRaw() {
        return await client.$queryRawUnsafe(SLOW)
      },
    transact: (client) =>
      async function transact() {
        return await client.$transaction(async (tx) => {
          await tx.$queryRaw`SELECT 1`
          await tx.mission.count()
          await tx.$queryRaw`SELECT 2`
        })
      },
  }

  test.each(Object.entries(calls))("%s of a client", async (name, make) => {
    const client = core(1)
    await client.$connect()
    // One line for a hold, and one for its end, however many statements there were.
    for (const message of await reported(() => whileLocked(make(client)))) {
      expect(message).toContain(`${name} (`)
      expect(message).toContain(fileURLToPath(import.meta.url))
      expect(message).not.toMatch(/node_modules|src\/(pool|prisma)/)
      expect(message).toContain(`127.0.0.1:${postgres.port}/${database}`)
      expect(message).toMatch(/ \(pid \d+\) /)
    }
    await client.$disconnect()
  })

  test("connect of a pool", async () => {
    const own = pool(1)
    async function takeAndKeep() {
      const client = await own.connect()
      await warned("longer than the leak threshold of 1 s")
      client.release()
    }
    const [held, returned] = await reported(takeAndKeep)
    expect(held).toMatch(/held for \d+\.\d s, .*taken by takeAndKeep \(.*No statement was sent over it/)
    expect(returned).toMatch(/no longer held, after \d+\.\d s in all\. .*takeAndKeep \(/)
    await own.end()
  })

  test("query of a pool", async () => {
    const own = pool(1)
    async function askSlowly() {
      await own.query(SLOW)
    }
    const [held] = await reported(() => whileLocked(askSlowly))
    expect(held).toMatch(/taken by askSlowly \(.*It is running: SELECT pg_advisory_xact_lock\(\?\)::text$/)
    await own.end()
  })

  test("a batch has none left on the stack: its statement is named alone", async () => {
    const client = core(1)
    await client.$connect()
    async function batch() {
      await client.$transaction([client.$queryRawUnsafe(SLOW), client.mission.count()])
    }
    const [held] = await reported(() => whileLocked(batch))
    expect(held).toMatch(/No frame of the application is on the stack .*It is running: SELECT pg_advisory/)
    await client.$disconnect()
  })
})

describe("says what it does, without values", () => {
  async function stateAfter(use: (client: pg.PoolClient) => Promise<unknown>): Promise<string> {
    const own = pool(1)
    const client = await own.connect()
    await use(client)
    await warned("longer than the leak threshold")
    client.release()
    await own.end()
    return String(warnings[0])
  }

  test("an open transaction that sends nothing", async () => {
    const message = await stateAfter(async (client) => {
      await client.query("BEGIN")
      await client.query("SELECT $1::text, 'a secret', 4711", ["another secret"])
    })
    expect(message).toMatch(
      /Its transaction is open and sends nothing: end it\. Its last statement: SELECT \$1::text, \?, \?$/,
    )
  })

  test("the first 60 characters of a long statement", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `1 AS a${index}`).join(", ")
    const message = await stateAfter((client) => client.query(`SELECT ${names}`))
    const [, excerpt = ""] = message.split("Its last statement: ")
    expect(excerpt).toMatch(/^SELECT \? AS a0, \? AS a1, .*…$/)
    expect(excerpt).toHaveLength(60)
  })

  test("a connection that is not used any more", async () => {
    const message = await stateAfter((client) => client.query({ text: "SELECT 1 AS one" }))
    expect(message).toMatch(/It sends nothing: release it\. Its last statement: SELECT \? AS one$/)
  })
})

test("what the pool itself asks before it is no statement of its caller", async () => {
  const own = pool(1)
  await own.query("SELECT 1")
  // After this the pool asks whether the connection works.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 20_000 })
  try {
    const client = await own.connect()
    await warned("No statement was sent over it")
    client.release()
  } finally {
    vi.useRealTimers()
  }
  await own.end()
})

test("each hold is reported, also on one connection and by one line of code", async () => {
  const own = pool(1)
  for (let turn = 1; turn <= 2; turn += 1) {
    const client = await own.connect()
    await eventually("a report", async () => warnings.length === 2 * turn - 1)
    client.release()
    await eventually("its end", async () => warnings.length === 2 * turn)
  }
  await own.end()
})

test("a connection that dies in its holder's hands is held no more", async () => {
  const own = pool(1)
  const client = await own.connect()
  client.on("error", () => {})
  await warned("longer than the leak threshold")
  await postgres.sql("SELECT pg_terminate_backend($1)", [
    (client as unknown as { processID: number }).processID,
  ])
  await warned("no longer held")
  client.release()
  expect(warnings).toHaveLength(2)
  await own.end()
})

test("nothing is said of a connection that came back in time", async () => {
  const own = pool(1)
  // In one turn of the event loop.
  for (let turn = 0; turn < 5; turn += 1) (await own.connect()).release()
  await sleep(1_500)
  await own.end()
  expect(warnings).toEqual([])
})

test("nor of the check of $connect(), of which no code of the application knows", async () => {
  const proxy = await startProxy(postgres.port)
  let freeze: Promise<unknown> = Promise.resolve()
  const client = createCoreClient(PrismaClient, {
    env: { DATABASE_URL_CORE: proxy.url(postgres.url(database)), PRISMA_POOL_LEAK_THRESHOLD: "1" },
    onPool: (own) =>
      own.once("connect", () => {
        freeze = proxy.freeze()
      }),
  })
  const connecting = client.$connect()
  await eventually("a long check", async () => poolStats(client).oldestHoldSeconds > 1.3)
  await freeze
  await proxy.thaw()
  await connecting
  expect(warnings).toEqual([])
  await client.$disconnect()
  await proxy.close()
})

describe("Error.stackTraceLimit", () => {
  test("is as it was while the application runs", async () => {
    const own = pool(60)
    const before = Error.stackTraceLimit
    Error.stackTraceLimit = 7
    try {
      const connected = own.connect()
      expect(Error.stackTraceLimit).toBe(7)
      const client = await connected
      expect(Error.stackTraceLimit).toBe(7)
      client.release()
    } finally {
      Error.stackTraceLimit = before
    }
    await own.end()
  })

  test("is not touched where it cannot be written", () => {
    const code = `
      import { createPool } from "./src/index.ts"
      Object.defineProperty(Error, "stackTraceLimit", { value: 5, writable: false, configurable: false })
      const own = createPool(process.env.URL_OF_POOL, { leakThreshold: 1 })
      const client = await own.connect()
      await new Promise((resolve) => process.once("warning", resolve))
      client.release()
      await own.end()
      console.log("limit", Error.stackTraceLimit)`
    expect(run(code)).toBe("limit 5\n")
  })

  test("of 0 hides no call, and shows none of this package", () => {
    expect(run(holding("Error.stackTraceLimit = 0"))).toMatch(/ It was taken by hold \(/)
  })
})

test("an Error.prepareStackTrace that throws costs the call alone", () => {
  const replaced = 'Error.prepareStackTrace = () => { throw new Error("of the application") }'
  expect(run(holding(replaced))).toMatch(
    / No frame of the application is on the stack of the call that took it\. /,
  )
})

/** Code that does this, holds a connection for too long, and prints the first warning. */
const holding = (before: string) => `
  import { createPool } from "./src/index.ts"
  ${before}
  const own = createPool(process.env.URL_OF_POOL, { leakThreshold: 1 })
  async function hold() {
    const client = await own.connect()
    console.log((await new Promise((resolve) => process.once("warning", resolve))).message)
    client.release()
  }
  await hold().then(() => own.end())`

test("the timer does not keep a process alive", () => {
  const code = `
    import { createPool } from "./src/index.ts"
    const own = createPool(process.env.URL_OF_POOL, { leakThreshold: 3_600 })
    const client = await own.connect()
    client.release(true)
    const held = await own.connect()
    held.connection.stream.unref()
    console.log("done")`
  expect(run(code)).toBe("done\n")
})

test("without a threshold no stack is taken", async () => {
  const own = createPool(postgres.url(database))
  const capture = Error.captureStackTrace
  let taken = 0
  Error.captureStackTrace = (...parameters) => {
    taken += 1
    capture(...parameters)
  }
  try {
    const client = await own.connect()
    client.release()
  } finally {
    Error.captureStackTrace = capture
  }
  expect(taken).toBe(0)
  await own.end()
})

/** What a process prints that runs this code from the root of the repository. */
function run(code: string): string {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", code],
    {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      env: { ...process.env, URL_OF_POOL: postgres.url(database) },
      encoding: "utf8",
      timeout: 60_000,
    },
  )
  if (status !== 0) throw new Error(stderr)
  return stdout
}
