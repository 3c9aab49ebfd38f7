import { execFile } from "node:child_process"
import { once } from "node:events"
import { type AddressInfo, connect, createServer } from "node:net"
import { promisify } from "node:util"
import pg from "pg"
import { beforeEach, describe, expect, onTestFinished, test } from "vitest"
import { createPool, poolConfigFromUrl } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import { LimitedPool } from "../../src/pool/limited-pool.ts"
import { acquireSharedPool } from "../../src/pool/shared-pool.ts"
import {
  countBackends,
  despitePoolTimeout,
  eventually,
  freshDatabase,
  nextUncaught,
  rejection,
  sharedPostgres,
  sleep,
  TEMPORARY_TABLE,
  times,
} from "../support/helpers.ts"
import { errorOf, LOGGED_IN, startHostileServer } from "../support/hostile-server.ts"
import { LOCKED, lock } from "../support/lock.ts"
import { ROLE } from "../support/server.ts"

const postgres = sharedPostgres()
let url: string
beforeEach(async () => {
  url = postgres.url(await freshDatabase(), { connection_limit: 1, pool_timeout: 60 })
})
const ONE = [{ one: 1 }]

describe("a place in the pool is free again", () => {
  const failures: [string, () => string | Promise<string>][] = [
    [
      "throws",
      () => {
        throw new Error("no token")
      },
    ],
    ["rejects", () => Promise.reject(new Error("no token"))],
    ["rejects with nothing", () => Promise.reject()],
    ["rejects with a text", () => Promise.reject("no token")],
    ["gives an empty one", () => ""],
    ["gives what is no text", () => 5 as unknown as string],
  ]
  test.each(failures)("at once after a login whose password function %s", async (_, fail) => {
    let asked = 0
    const password = () => (asked++ === 0 ? fail() : ROLE.password)
    const pool = new LimitedPool({ ...poolConfigFromUrl(url).pool, password })
    await rejection(pool.query("SELECT 1"))
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual(ONE)
    await pool.end()
  })

  test("after a wrong password, and an unknown database", async () => {
    for (const [wrong, code] of [
      [url.replace(encodeURIComponent(ROLE.password), "wrong"), "28P01"],
      [url.replace("/test_", "/none_"), "3D000"],
    ] as const) {
      const pool = createPool(wrong)
      for (let attempt = 0; attempt < 3; attempt++) {
        expect(await rejection(pool.query("SELECT 1"))).toMatchObject({ code })
      }
      await pool.end()
    }
  })

  test("when a refused statement is released inside its transaction", async () => {
    const pool = createPool(url)
    const client = await pool.connect()
    await client.query("BEGIN")
    const error = await rejection(client.query("SELECT 1/0"))
    await sleep(20)
    client.release(error)
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual(ONE)
    await pool.end()
  })

  test("when a callback throws", async () => {
    const pool = createPool(url.replace("/test_", "/none_"))
    const thrown = nextUncaught()
    pool.connect((error) => {
      throw error
    })
    expect(await thrown).toMatchObject({ code: "3D000" })
    expect(await rejection(pool.query("SELECT 1"))).toMatchObject({ code: "3D000" })
    await pool.end()
  })
})

describe("a callback that throws keeps no other caller from its answer", () => {
  const fail = (error: Error | undefined) => {
    throw error ?? new Error("of the caller")
  }

  test("where none can be served", async () => {
    const pool = createPool(url.replace("/test_", "/none_"))
    const thrown = nextUncaught()
    pool.connect(fail)
    expect(await rejection(pool.connect())).toMatchObject({ code: "3D000" })
    expect(await thrown).toMatchObject({ code: "3D000" })
    await pool.end()
  })

  test("where the pool has ended", async () => {
    const pool = createPool(url)
    const held = await pool.connect()
    const thrown = nextUncaught()
    pool.connect(fail)
    const next = rejection(pool.connect())
    const ended = pool.end()
    expect(await next).toMatchObject({ message: expect.stringContaining("after calling end") })
    await thrown
    held.release()
    await ended
  })

  test("where it was served by a connection that is kept ready, and those are opened from then on", async () => {
    const pool = createPool(url.replace("connection_limit=1", "connection_limit=2"), { minIdle: 1 })
    const first = await pool.connect()
    while (poolStats(pool).total < 2) await new Promise(setImmediate)
    expect(poolStats(pool).opened).toBe(1)
    const thrown = nextUncaught()
    pool.connect((error, _, done) => {
      done()
      fail(error)
    })
    await thrown
    first.release()
    await postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
      new URL(url).pathname.slice(1),
    ])
    await eventually("another is ready", () => poolStats(pool).opened > 2 && poolStats(pool).idle === 1)
    await pool.end()
  })
})

describe("a connection that is released before the server has ended its refusal", () => {
  /** A pool whose server says that it is ready after a refusal only when it is told to. */
  async function refusing() {
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const relay = createServer((socket) => {
      const server = connect(postgres.port, "127.0.0.1")
      let written = Promise.resolve()
      server.on("data", (chunk: Buffer) => {
        const isError = chunk[0] === "E".charCodeAt(0)
        const length = isError ? 1 + chunk.readInt32BE(1) : chunk.length
        written = written.then(async () => {
          socket.write(chunk.subarray(0, length))
          if (!isError) return
          await ended
          socket.write(chunk.subarray(length))
        })
      })
      socket.pipe(server)
      for (const [one, other] of [
        [socket, server],
        [server, socket],
      ] as const) {
        one.on("error", () => {}).on("close", () => other.destroy())
      }
    }).listen(0, "127.0.0.1")
    await once(relay, "listening")
    const { port } = relay.address() as AddressInfo
    onTestFinished(() => void relay.close())
    const through = new URL(url)
    through.port = String(port)
    through.searchParams.set("connection_limit", "1")
    return { pool: createPool(through.href), end }
  }

  test.each<[string, (error: Error) => Error | undefined]>([
    ["with the error", (error) => error],
    ["without it, in `finally`", () => undefined],
  ])("%s, serves the next caller after it", async (_, given) => {
    const { pool, end } = await refusing()
    const client = await pool.connect()
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid")
    const error = await rejection(client.query("SELECT 1/0"))
    client.release(given(error))
    const next = pool.query("SELECT pg_backend_pid() AS pid")
    end()
    expect((await next).rows).toEqual(rows)
    await pool.end()
  })

  test("leaves nothing behind, however many refusals there are in an answer", async () => {
    const [ready] = LOGGED_IN.slice(-1) as [Buffer]
    const refusals = times(20, () => errorOf("22012", "division by zero"))
    const hostile = await startHostileServer({ onQuery: () => [...refusals, ready] })
    const pool = createPool(hostile("x"))
    const warnings: string[] = []
    const listener = ({ name }: Error) => warnings.push(name)
    process.on("warning", listener)
    onTestFinished(() => void process.off("warning", listener))
    expect(await rejection(pool.query("SELECT 1/0"))).toMatchObject({ code: "22012" })
    await pool.end()
    // A warning is emitted on the next tick.
    await new Promise(setImmediate)
    expect(warnings).not.toContain("MaxListenersExceededWarning")
  })

  test("is closed where another statement is under way", async () => {
    const { pool, end } = await refusing()
    const client = await pool.connect()
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")
    const refused = rejection(client.query("SELECT 1/0"))
    const running = client.query("SELECT pg_sleep(60)").catch(() => {})
    await refused
    end()
    const sleeping = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND query ~ 'sleep'"
    await eventually("it runs", async () => (await postgres.sql(sleeping, [rows[0]?.pid])).length === 1)
    client.release()
    expect((await pool.query("SELECT pg_backend_pid() AS pid")).rows).not.toEqual(rows)
    await running
    await pool.end()
  })
})

test("a connection whose plan or prepared statement is stale is replaced", async () => {
  const pool = createPool(url)
  const select = { name: "all", text: "SELECT * FROM partner" }
  await pool.query(select)
  await pool.query("ALTER TABLE partner ALTER COLUMN name TYPE varchar(40)")
  expect(await rejection(pool.query(select))).toMatchObject({ code: "0A000" })
  expect((await pool.query(select)).rows).toEqual([])
  await pool.query("DEALLOCATE ALL")
  expect(await rejection(pool.query(select))).toMatchObject({ code: "26000" })
  expect((await pool.query(select)).rows).toEqual([])
  await pool.end()
})

test("releasing a connection twice throws, as pg-pool does", async () => {
  const pool = createPool(url)
  const client = await pool.connect()
  const { release } = client
  release()
  expect(() => release()).toThrow("already been released")
  const again = await pool.connect()
  expect(() => release(new Error("late"))).toThrow("already been released")
  again.release()
  await pool.end()
})

test("end() serves a query of the same tick, and refuses the next", async () => {
  const pool = createPool(url.replace("connection_limit=1", "connection_limit=2"))
  await pool.query("SELECT 1")
  const query = pool.query("SELECT 1 AS one")
  const ended = pool.end()
  const late = rejection(pool.query("SELECT 1"))
  expect((await query).rows).toEqual(ONE)
  await ended
  expect((await late).message).toContain("after calling end on the pool")
})

test("end() refuses those who wait", async () => {
  const pool = createPool(url)
  const held = await pool.connect()
  const waiting = rejection(pool.query("SELECT 1"))
  const ended = pool.end()
  expect((await waiting).message).toContain("after calling end on the pool")
  held.release()
  await ended
})

test("pool_timeout holds for the second of two queries in one tick", async () => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
  const unlock = await lock(new URL(url).pathname.slice(1))
  const { pool: config } = poolConfigFromUrl(url.replace("pool_timeout=60", "pool_timeout=1"))
  const pool = new LimitedPool({ ...config, max: 2, connectTimeoutMillis: 2_000 })
  await despitePoolTimeout(() => pool.query("SELECT 1"))
  // From here on, new connections get no answer.
  pool.options.port = (silent.address() as AddressInfo).port
  // The one connection is in use until the second has waited.
  const [first, second] = [pool.query(LOCKED), rejection(pool.query("SELECT 1"))]
  expect(await second).toMatchObject({ code: "P2024" })
  await unlock()
  expect((await first).rows).toEqual(ONE)
  await pool.end()
  silent.close()
})

test("the process keeps nothing of clients that have left, whether or not they ever connected", async () => {
  const pools = () => {
    const registry = (globalThis as Record<symbol, WeakMap<object, Map<string, unknown>>>)[
      Symbol.for("prisma-pool-config.pools.v4")
    ]
    return registry?.get(pg.Pool)?.size ?? Number.NaN
  }
  const before = pools() || 0
  const { pool: config } = poolConfigFromUrl(url)
  for (let client = 0; client < 10; client++) {
    const lease = acquireSharedPool({ ...config, password: () => "wrong" }, `credential ${client}`)
    await rejection(lease.pool.query("SELECT 1"))
    await lease.release()
  }
  await eventually("nothing is kept", async () => pools() === before)
})

test("end() resolves when the server has closed every connection, those that end slowly included", async () => {
  const database = await freshDatabase()
  const pool = createPool(postgres.url(database, { connection_limit: 4 }))
  const held = await Promise.all(times(4, () => pool.connect()))
  await Promise.all(held.map((client) => client.query(TEMPORARY_TABLE)))
  for (const client of held) client.release()
  expect(await countBackends(postgres, database)).toBe(4)
  await pool.end()
  expect(await countBackends(postgres, database)).toBe(0)
})

test("end() is waited for by a script that has nothing else to do", async () => {
  const source = `
    import { createPool } from "./src/index.ts"
    const pool = createPool(process.env.URL)
    await pool.query("SELECT 1")
    await pool.end()
    console.log("ended")`
  const args = ["--import", "tsx", "--input-type=module", "--eval", source]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, URL: url } })
  expect(stdout).toBe("ended\n")
})
