import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import type { Readable } from "node:stream"
import pg from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient } from "../../src/index.ts"
import {
  type ConnectionEvent,
  type ConnectionWatch,
  type WatchOptions,
  watchConnections,
} from "../../src/monitor/index.ts"
import { collectWarnings, eventually, sleep } from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"
import { refusedNames } from "../support/refused-names.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

/** Of 13 slots three are the superuser's: one connection is ten percent. */
const USABLE = 10

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ max_connections: USABLE + 3, max_wal_senders: 0, autovacuum: "off" })
  await server.createDatabase("core")
})
afterAll(() => server.destroy())

let events: ConnectionEvent[] = []
let looks = 0
let watch: ConnectionWatch | undefined
const held: pg.Client[] = []
afterEach(async () => {
  await watch?.stop()
  watch = undefined
  events = []
  await hold(0)
})

/** Takes or gives back connections until there are as many. */
async function hold(count: number): Promise<void> {
  while (held.length < count) {
    const client = new pg.Client({ connectionString: server.url(), application_name: "api" })
    client.on("error", () => {})
    try {
      await client.connect()
      held.push(client)
    } catch (error) {
      // The one that looks has the last slot for a moment.
      if ((error as { code?: string }).code !== "53300") throw error
    }
  }
  await Promise.all(held.splice(count).map((client) => client.end().catch(() => {})))
}

/** A connection that stays, so that looking needs no slot and each look can be counted. */
async function counting() {
  const client = new pg.Client(server.url())
  client.on("error", () => {})
  await client.connect()
  let most = 0
  let now = 0
  return {
    get mostAtOnce() {
      return most
    },
    async query(text: string) {
      most = Math.max(most, ++now)
      try {
        return await client.query(text)
      } finally {
        now -= 1
        looks += 1
      }
    },
    end: () => client.end(),
  }
}

function start(options: Omit<WatchOptions, "onEvent">): void {
  watch = watchConnections({ interval: 0.1, onEvent: (event) => events.push(event), ...options })
}

const kinds = () => events.map((event) => (event.kind === "alert" ? `alert: ${event.reason}` : event.kind))

const seen = (...expected: string[]) =>
  eventually(`${expected} rather than ${kinds()}`, async () => kinds().join() === expected.join())

/** Lets it look three times more. */
async function looksOn(): Promise<void> {
  const before = looks
  await eventually("it looks three times", async () => looks >= before + 3)
}

describe("above the threshold and clear again", () => {
  test("each once, with no flapping in between", async () => {
    const client = await counting()
    start({ client })
    // With the one that looks: 80 % is not above 80 %.
    await hold(7)
    await looksOn()
    expect(events).toEqual([])

    await hold(8)
    await seen("alert: threshold")
    await hold(7)
    await looksOn()
    await hold(8)
    await looksOn()
    await hold(7)
    await looksOn()
    expect(kinds()).toEqual(["alert: threshold"])

    // 70 % is less than nine tenths of 80 %.
    await hold(6)
    await seen("alert: threshold", "clear")
    await looksOn()
    await hold(9)
    await seen("alert: threshold", "clear", "alert: threshold")

    const [alert, clear] = events as [ConnectionEvent, ConnectionEvent]
    expect(alert).toMatchObject({
      report: { used: 9, usable: USABLE, percent: 90, binding: "maxConnections" },
    })
    expect(alert.message).toBe(
      "PostgreSQL (core): at most 9 of 10 connections in use, 90 %, above 80 %. Most are held by api 8, (no name) 1",
    )
    expect(clear.message).toBe(
      "PostgreSQL (core): at most 7 of 10 connections in use, 70 %, below 72 % again",
    )
    await watch?.stop()
    await client.end()
  })

  test("thresholds of one's own", async () => {
    const client = await counting()
    start({ client, threshold: 30, clearBelow: 15 })
    await hold(3)
    await seen("alert: threshold")
    await hold(1)
    await looksOn()
    await hold(0)
    await seen("alert: threshold", "clear")
    await watch?.stop()
    await client.end()
  })

  test("through a Prisma client, on its own connection", async () => {
    const prisma = createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: server.url(), PRISMA_POOL_SIZE_CORE: "1", PRISMA_APPLICATION_NAME: "api" },
    })
    await hold(9)
    start({ client: prisma })
    await seen("alert: threshold")
    expect(events[0]).toMatchObject({
      report: { percent: 100, applications: [{ name: "api", connections: 10 }] },
    })
    await watch?.stop()
    await prisma.$disconnect()
  })
})

describe("a server that is full is an alert, one that is down is not", () => {
  test("it refuses us: an alert, once, until there is room again", async () => {
    await hold(10)
    start({ client: server.url() })
    await seen("alert: full")
    await sleep(500)
    expect(kinds()).toEqual(["alert: full"])
    expect(events[0]).toMatchObject({ limit: "maxConnections", error: { code: "53300" } })
    expect(events[0]?.message).toMatch(
      /^PostgreSQL refuses connections \(maxConnections\): remaining connection slots are reserved/,
    )
    await hold(5)
    await seen("alert: full", "clear")
  })

  test("above the threshold it gets worse: a second alert, and one that clears both", async () => {
    await hold(9)
    start({ client: server.url() })
    await seen("alert: threshold")
    await hold(10)
    await seen("alert: threshold", "alert: full")
    await hold(9)
    await sleep(500)
    await hold(2)
    await seen("alert: threshold", "alert: full", "clear")
  })

  test("down is said once, up once, and an alert outlives it", async () => {
    await hold(9)
    start({ client: server.url() })
    await seen("alert: threshold")
    await server.stop()
    await seen("alert: threshold", "down")
    await sleep(500)
    expect(kinds()).toEqual(["alert: threshold", "down"])
    expect(events[1]?.message).toMatch(
      // Refused, cut, or told that it shuts down: whichever the next look meets.
      /^PostgreSQL cannot be asked for its connections: \S/,
    )
    held.length = 0
    await server.start()
    await seen("alert: threshold", "down", "up", "clear")
  })
})

test("one that is stopped in its callback calls no more, though the answer says more", async () => {
  const proxy = await startProxy(server.port)
  await proxy.newConnections("refuse")
  watch = watchConnections({
    client: proxy.url(server.url()),
    interval: 0.1,
    onEvent(event) {
      events.push(event)
      if (event.kind === "up") void watch?.stop()
    },
  })
  await seen("down")
  await hold(9)
  await proxy.newConnections("pass")
  await eventually("it is up", async () => events.length > 1)
  await watch.stop()
  expect(kinds()).toEqual(["down", "up"])
  await proxy.close()
})

describe("looks that are slow", () => {
  test("do not overlap, and one without an answer in time counts as down", async () => {
    const client = await counting()
    const admin = new pg.Client(server.adminUrl())
    await admin.connect()
    await admin.query("BEGIN; LOCK TABLE pg_authid IN ACCESS EXCLUSIVE MODE")
    // The first look hangs already: one before might be late on a busy machine.
    start({ client, timeout: 0.3 })
    await seen("down")
    expect(events[0]?.message).toBe("PostgreSQL cannot be asked for its connections: no answer in 0.3 s")
    await sleep(500)
    await admin.query("ROLLBACK")
    await seen("down", "up")
    expect(client.mostAtOnce).toBe(1)
    await watch?.stop()
    await Promise.all([client.end(), admin.end()])
  })

  test("are not heard any more once it is stopped, and stop waits for the one under way", async () => {
    const client = await counting()
    const admin = new pg.Client(server.adminUrl())
    await admin.connect()
    await hold(8)
    await admin.query("BEGIN; LOCK TABLE pg_authid IN ACCESS EXCLUSIVE MODE")
    start({ client })
    const before = looks
    let isStopped = false
    const stopped = watch?.stop().then(() => {
      isStopped = true
    })
    await sleep(200)
    expect(isStopped).toBe(false)
    await admin.query("ROLLBACK")
    await stopped
    await sleep(300)
    expect(looks).toBe(before + 1)
    expect(events).toEqual([])
    await Promise.all([client.end(), admin.end()])
  })
})

describe("the process", () => {
  const source = (more: string) => `
    import { watchConnections } from "./src/monitor/index.ts"
    watchConnections({ client: process.env.URL, interval: 0.1, onEvent: console.log${more} })`
  let child: ChildProcess
  const run = (more: string, stdout: "inherit" | "pipe" = "inherit") => {
    child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", source(more)], {
      env: { ...process.env, URL: server.url() },
      stdio: ["ignore", stdout, "inherit"],
    })
    return child
  }
  // Whatever the test has found.
  afterEach(() => void child.kill("SIGKILL"))

  test("ends by itself where nothing else keeps it", async () => {
    const [code] = await once(run(""), "exit")
    expect(code).toBe(0)
  })

  test("goes on where it is told to", async () => {
    run(", keepProcessAlive: true")
    await eventually("it looks", async () => {
      const rows = await server.sql(
        "SELECT FROM pg_stat_activity WHERE application_name = 'prisma-pool-config'",
      )
      return rows.length > 0
    })
    await sleep(1_000)
    expect(child.exitCode).toBeNull()
  })

  test("goes on where the client never answers, and says that it is down", async () => {
    const more = `, client: { query: () => new Promise(() => {}) }, timeout: 0.1, keepProcessAlive: true`
    const { stdout } = run(more, "pipe")
    const [said] = await once(stdout as Readable, "data")
    expect(String(said)).toContain("no answer in 0.1 s")
    await sleep(500)
    expect(child.exitCode).toBeNull()
  })
})

test("a callback that fails is a warning, which does not show why, and the watch goes on", async () => {
  const client = await counting()
  await hold(8)
  const calls: string[] = []
  const warnings = await collectWarnings(async () => {
    watch = watchConnections({
      client,
      interval: 0.1,
      async onEvent({ kind }) {
        calls.push(kind)
        throw new TypeError("https://hooks.slack.com/services/s3cret")
      },
    })
    await eventually("it is told of the alert", async () => calls.length === 1)
    await hold(0)
    await eventually("it is told that it is over", async () => calls.length === 2)
  })
  expect(calls).toEqual(["alert", "clear"])
  expect(warnings).toEqual([
    "onEvent of watchConnections failed (TypeError), so an event (alert) may have been missed.",
    "onEvent of watchConnections failed (TypeError), so an event (clear) may have been missed.",
  ])
  await watch?.stop()
  await client.end()
})

describe("bad input", () => {
  const good = { client: "postgresql://app:s3cret@127.0.0.1:1/core", onEvent: () => {} }

  test.each<[string, unknown, string[]]>([
    ["nothing", undefined, ["options"]],
    ["a URL in place of the options", good.client, ["options"]],
    ["no client and no callback", {}, ["client", "onEvent"]],
    ["a wrong URL", { ...good, client: "mysql://app:s3cret@h/d" }, ["url"]],
    ["a URL as the callback", { ...good, onEvent: good.client }, ["onEvent"]],
    ["an interval of zero", { ...good, interval: 0 }, ["interval"]],
    ["an interval that no timer has", { ...good, interval: 1e9 }, ["interval"]],
    ["an interval as a text", { ...good, interval: "30" }, ["interval"]],
    ["a threshold above everything", { ...good, threshold: 101 }, ["threshold"]],
    ["a threshold that is none", { ...good, threshold: Number.NaN }, ["threshold"]],
    ["a negative threshold", { ...good, threshold: -1 }, ["threshold"]],
    ["an end above the threshold", { ...good, threshold: 50, clearBelow: 51 }, ["clearBelow"]],
    ["a misspelt option", { ...good, treshold: 90 }, ["treshold"]],
    [
      "all at once",
      { ...good, interval: "", threshold: Number.POSITIVE_INFINITY, timeout: -1, keepProcessAlive: 1 },
      ["keepProcessAlive", "interval", "timeout", "threshold"],
    ],
  ])("%s", (_, options, names) => {
    expect(refusedNames(() => watchConnections(options as WatchOptions))).toEqual(names)
  })
})
