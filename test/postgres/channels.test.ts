import { AsyncLocalStorage } from "node:async_hooks"
import { type TracingChannel, tracingChannel } from "node:diagnostics_channel"
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { createPool } from "../../src/index.ts"
import { type PoolTraceMessage, poolStats } from "../../src/monitor/index.ts"
import {
  despitePoolTimeout,
  freshDatabase,
  nextUncaught,
  rejection,
  sharedPostgres,
} from "../support/helpers.ts"

const postgres = sharedPostgres()
let database: string
beforeAll(async () => {
  database = await freshDatabase()
})

const EVENTS = ["start", "end", "asyncStart", "asyncEnd", "error"] as const

const channelOf = (what: "acquire" | "connect") =>
  tracingChannel<unknown, PoolTraceMessage>(`prisma-pool-config:${what}`)
const [acquire, connect] = [channelOf("acquire"), channelOf("connect")]

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
  vi.restoreAllMocks()
})

/** Calls `listen` at every event of a channel, until the test is over. */
function listenTo(
  channel: TracingChannel<unknown, PoolTraceMessage>,
  listen: (event: (typeof EVENTS)[number], message: PoolTraceMessage) => void,
) {
  for (const event of EVENTS) {
    const listener = (message: unknown) => listen(event, message as PoolTraceMessage)
    channel[event].subscribe(listener)
    stops.push(() => channel[event].unsubscribe(listener))
  }
}

const pool = (limit: number, timeout = 20) =>
  createPool(postgres.url(database, { connection_limit: limit, connect_timeout: 0, pool_timeout: timeout }))

describe("the events", () => {
  test("of an acquire and of the connection that is opened for it, in their order", async () => {
    const own = pool(1)
    const seen: string[] = []
    listenTo(acquire, (event) => seen.push(`acquire ${event}`))
    listenTo(connect, (event) => seen.push(`connect ${event}`))
    await new Promise<void>((resolve) => {
      own.connect((_, __, done) => {
        seen.push("callback")
        done()
        resolve()
      })
      seen.push("called")
    })
    expect(seen).toEqual([
      ...["acquire start", "connect start", "connect end", "acquire end", "called"],
      ...["connect asyncStart", "acquire asyncStart", "callback", "acquire asyncEnd", "connect asyncEnd"],
    ])
    await own.end()
  })

  test("have one message: whose pool it is, who was waiting, and no connection", async () => {
    const own = pool(1)
    const held = await own.connect()
    const waiting = own.query("SELECT 1")
    const messages: PoolTraceMessage[] = []
    listenTo(acquire, (_, message) => messages.push(message))
    const second = own.query("SELECT 1")
    held.release()
    await Promise.all([waiting, second])
    expect(new Set(messages).size).toBe(1)
    const [message] = messages
    expect(message).toMatchObject({
      pool: `127.0.0.1:${postgres.port}/${database}`,
      host: "127.0.0.1",
      port: postgres.port,
      database,
      waiting: 1,
    })
    // Node sets the last one, to what it was given.
    expect({ ...message }).toEqual({
      ...{ pool: message?.pool, host: "127.0.0.1", port: postgres.port, database, waiting: 1 },
      result: undefined,
    })
    expect(poolStats(message as object)).toEqual({ ...poolStats(own), peakUsed: expect.any(Number) })
    await own.end()
  })

  test("of a failure have its error, before the caller has it", async () => {
    const own = pool(1, 1)
    const held = await despitePoolTimeout(() => own.connect())
    const seen: [string, unknown][] = []
    listenTo(acquire, (event, { error }) => seen.push([event, error]))
    const error = await rejection(own.connect())
    expect(error).toMatchObject({ code: "P2024" })
    expect(seen).toEqual([
      ["start", undefined],
      ["end", undefined],
      ["error", error],
      ["asyncStart", error],
      ["asyncEnd", error],
    ])
    held.release()
    await own.end()
  })

  test("are those of callers alone: what a pool asks on its own is no acquire", async () => {
    await postgres.sql("CREATE ROLE asked LOGIN PASSWORD 'x' CONNECTION LIMIT 9")
    const url = `postgresql://asked:x@127.0.0.1:${postgres.port}/${database}`
    const own = createPool(url, { poolSize: "auto" })
    const seen = { acquire: 0, connect: 0 }
    listenTo(acquire, (event) => event === "start" && seen.acquire++)
    listenTo(connect, (event) => event === "start" && seen.connect++)
    await own.query("SELECT 1")
    expect(poolStats(own).auto).toMatchObject({ instances: 1 })
    expect(seen).toEqual({ acquire: 1, connect: 1 })
    await own.end()
    await postgres.sql("DROP ROLE asked")
  })
})

describe("a subscriber that freezes the message", () => {
  test.each(["acquire", "connect"] as const)("of %s keeps no caller from its connection", async (what) => {
    const own = pool(1)
    const channel = what === "acquire" ? acquire : connect
    const freeze = (message: unknown) => void Object.freeze(message)
    channel.start.subscribe(freeze)
    stops.push(() => channel.start.unsubscribe(freeze))
    const thrown = nextUncaught()
    expect((await own.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
    expect(await thrown).toBeInstanceOf(TypeError)
    channel.start.unsubscribe(freeze)
    await own.query("SELECT 1")
    await own.end()
  })
})

describe("contexts", () => {
  const caller = new AsyncLocalStorage<string>()

  test("every event and the callback have the caller's, whoever gives the connection back", async () => {
    const own = pool(1)
    const held = await own.connect()
    const seen = new Set<unknown>()
    listenTo(acquire, (event) => seen.add(`${event}: ${caller.getStore()}`))
    const answered = new Promise<void>((resolve) => {
      caller.run("asking", () =>
        own.connect((_, __, done) => {
          seen.add(`callback: ${caller.getStore()}`)
          done()
          resolve()
        }),
      )
    })
    caller.run("returning", () => held.release())
    await answered
    expect([...seen]).toEqual(
      ["start", "end", "asyncStart", "callback", "asyncEnd"].map((event) => `${event}: asking`),
    )
    await own.end()
  })

  test("a store that is bound to asyncStart is the callback's, and one that is bound to start is not", async () => {
    const own = pool(1)
    const [atStart, atAnswer] = [new AsyncLocalStorage(), new AsyncLocalStorage()]
    acquire.start.bindStore(atStart, () => "start")
    acquire.asyncStart.bindStore(atAnswer, () => "answer")
    stops.push(
      () => acquire.start.unbindStore(atStart),
      () => acquire.asyncStart.unbindStore(atAnswer),
    )
    const stores = await new Promise((resolve) => {
      own.connect((_, __, done) => {
        done()
        resolve([atStart.getStore(), atAnswer.getStore()])
      })
    })
    expect(stores).toEqual([undefined, "answer"])
    await own.end()
  })
})

test("without a subscriber nothing is made, and with one that has gone neither", async () => {
  const own = pool(2)
  const made = [
    vi.spyOn(AsyncLocalStorage, "snapshot"),
    vi.spyOn(Object.getPrototypeOf(acquire), "traceCallback"),
  ]
  const calls = () => made.map(({ mock }) => mock.calls.length)
  await own.query("SELECT 1")
  expect(calls()).toEqual([0, 0])
  const listen = () => {}
  // Of the five events any is enough.
  for (const event of EVENTS) {
    acquire[event].subscribe(listen)
    await own.query("SELECT 1")
    acquire[event].unsubscribe(listen)
  }
  expect(calls()).toEqual([5, 5])
  await Promise.all([own.query("SELECT 1"), own.query("SELECT 1")])
  expect(calls()).toEqual([5, 5])
  await own.end()
})
