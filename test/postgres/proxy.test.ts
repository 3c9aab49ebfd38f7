import { once } from "node:events"
import { type AddressInfo, connect, createServer } from "node:net"
import pg from "pg"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import {
  countBackends,
  eventually,
  freshDatabase,
  rejection,
  sharedPostgres,
  sleep,
} from "../support/helpers.ts"
import { LOCKED, lock, waitingForLock } from "../support/lock.ts"
import { startProxy, type TcpProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()
const ONE = [{ one: 1 }]
let database: string
let proxy: TcpProxy
let clients: pg.Client[]

beforeEach(async () => {
  database = await freshDatabase()
  proxy = await startProxy(postgres.port)
  clients = []
})
afterEach(async () => {
  await proxy.close()
  await Promise.allSettled(clients.map((client) => client.end()))
})

/** A plain client, and what its connection reports of its end. */
function newClient() {
  const client = new pg.Client(proxy.url(postgres.url(database)))
  const errors: Error[] = []
  client.on("error", (error) => errors.push(error))
  clients.push(client)
  return { client, errors }
}

async function connected() {
  const { client, errors } = newClient()
  await client.connect()
  return { client, errors }
}

/** A query that the server is running, and answers when it is told to. */
async function waitingQuery(client: pg.Client) {
  const unlock = await lock(database)
  const query = client.query(LOCKED)
  query.catch(() => {})
  await eventually("it waits", async () => (await waitingForLock(database)) === 1)
  return { query, unlock }
}

const one = async (client: pg.Client) => (await client.query("SELECT 1 AS one")).rows

/** The state of a promise after a while in which everything else continues. */
async function stateAfter(millis: number, promise: Promise<unknown>): Promise<string> {
  const settled = promise.then(
    () => "answered",
    () => "failed",
  )
  return Promise.race([settled, sleep(millis).then(() => "pending")])
}

describe("without a fault", () => {
  test("everything passes, in both directions and in order", async () => {
    const { client } = await connected()
    const text = "0123456789".repeat(500_000)
    const { rows } = await client.query("SELECT $1::text AS text", [text])
    expect(rows[0].text === text).toBe(true)
  })

  test("the end of a connection passes, and is forgotten", async () => {
    const { client } = await connected()
    expect(proxy.connections).toBe(1)
    await client.end()
    await eventually("forgotten", async () => proxy.connections === 0)
    expect(await countBackends(postgres, database)).toBe(0)
  })

  test("so does a connection that the client resets, and one that the server ends", async () => {
    const resetting = await connected()
    const { stream } = (
      resetting.client as unknown as { connection: { stream: { resetAndDestroy(): void } } }
    ).connection
    stream.resetAndDestroy()
    await eventually("ended", async () => (await countBackends(postgres, database)) === 0)

    const terminated = await connected()
    await postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
      database,
    ])
    await eventually("told", async () => terminated.errors.length > 0)
    expect(terminated.errors[0]).toMatchObject({ code: "57P01" })
    await eventually("forgotten", async () => proxy.connections === 0)
  })
})

describe("freeze()", () => {
  test("passes nothing on and closes nothing, until thaw() passes on what was sent meanwhile", async () => {
    const { client, errors } = await connected()
    await proxy.freeze()
    const query = one(client)
    expect(await stateAfter(500, query)).toBe("pending")
    expect(await countBackends(postgres, database)).toBe(1)
    expect(errors).toEqual([])
    await proxy.thaw()
    expect(await query).toEqual(ONE)
  })

  test("holds back what the server sends, too", async () => {
    const { client } = await connected()
    const { query, unlock } = await waitingQuery(client)
    await proxy.freeze()
    await unlock()
    expect(await stateAfter(600, query)).toBe("pending")
    await proxy.thaw()
    expect((await query).rows).toEqual(ONE)
  })

  test("hides the end of either side from the other", async () => {
    const [leaving, terminated] = [await connected(), await connected()]
    await proxy.freeze()
    const left = leaving.client.end()
    await postgres.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid = $2",
      [database, (terminated.client as unknown as { processID: number }).processID],
    )
    await eventually("one is left", async () => (await countBackends(postgres, database)) === 1)
    expect(await stateAfter(300, left)).toBe("pending")
    expect(terminated.errors).toEqual([])
    await proxy.thaw()
    await left
    await eventually("told", async () => terminated.errors.length > 0)
    expect(await countBackends(postgres, database)).toBe(0)
  })

  test("ignores new connections, which thaw() lets through", async () => {
    await proxy.freeze()
    const { client } = newClient()
    const connecting = client.connect()
    expect(await stateAfter(300, connecting)).toBe("pending")
    await proxy.thaw()
    await connecting
    expect(await one(client)).toEqual(ONE)
  })

  test("lets them pass where it is told so, and the old ones stay frozen, however often it is called", async () => {
    const { client: old } = await connected()
    await proxy.freeze()
    const query = one(old)
    await proxy.freeze({ newConnections: "pass" })
    const { client } = await connected()
    expect(await one(client)).toEqual(ONE)
    expect(await stateAfter(300, query)).toBe("pending")
    await proxy.thaw()
    expect(await query).toEqual(ONE)
  })

  test("freezes so many of the oldest as it is told, and says by which port the server knows them", async () => {
    const { client: oldest } = await connected()
    const { client: other } = await connected()
    const {
      rows: [known],
    } = await oldest.query<{ port: number }>("SELECT inet_client_port() AS port")
    expect(await proxy.freeze({ newConnections: "pass", count: 1 })).toEqual([known?.port])
    const query = one(oldest)
    expect(await one(other)).toEqual(ONE)
    expect(await stateAfter(300, query)).toBe("pending")
    await proxy.thaw()
    expect(await query).toEqual(ONE)
  })
})

describe("cut()", () => {
  test("resets every connection, and lets new ones pass", async () => {
    const [idle, busy] = [await connected(), await connected()]
    const { query, unlock } = await waitingQuery(busy.client)
    proxy.cut()
    expect(await rejection(query)).toMatchObject({ code: "ECONNRESET" })
    await unlock()
    await eventually("told", async () => idle.errors.length > 0)
    expect(idle.errors[0]).toMatchObject({ code: "ECONNRESET" })
    await eventually("forgotten", async () => proxy.connections === 0)
    const { client } = await connected()
    expect(await one(client)).toEqual(ONE)
    await eventually(
      "the server has closed them",
      async () => (await countBackends(postgres, database)) === 1,
    )
  })

  test("ends them in an orderly way where it is told so", async () => {
    const { client, errors } = await connected()
    proxy.cut("close")
    await eventually("told", async () => errors.length > 0)
    expect(errors[0]?.message).toBe("Connection terminated unexpectedly")
    expect(await rejection(client.query("SELECT 1"))).toBeInstanceOf(Error)
    await eventually("the server has closed it", async () => (await countBackends(postgres, database)) === 0)
  })

  test("ends frozen ones as well", async () => {
    const { client } = await connected()
    await proxy.freeze()
    const query = rejection(client.query("SELECT 1"))
    proxy.cut()
    expect(await query).toMatchObject({ code: "ECONNRESET" })
  })
})

describe("delay()", () => {
  test("makes every byte later, in each direction, and loses none", async () => {
    const { client } = await connected()
    proxy.delay(200)
    const start = performance.now()
    expect(await one(client)).toEqual(ONE)
    // There and back.
    expect(performance.now() - start).toBeGreaterThanOrEqual(390)
    const text = "0123456789".repeat(200_000)
    const { rows } = await client.query("SELECT $1::text AS text", [text])
    expect(rows[0].text === text).toBe(true)
  })

  test("keeps the order when it becomes shorter", async () => {
    const echo = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1")
    await once(echo, "listening")
    const toEcho = await startProxy((echo.address() as AddressInfo).port)
    const socket = connect(toEcho.port, "127.0.0.1").setEncoding("utf8")
    await once(socket, "connect")
    toEcho.delay(300)
    socket.write("first ")
    await sleep(100)
    toEcho.delay(0)
    socket.end("second")
    let received = ""
    for await (const text of socket) received += text
    expect(received).toBe("first second")
    await toEcho.close()
    echo.close()
  })

  test("holds while it is frozen, too", async () => {
    const { client } = await connected()
    proxy.delay(200)
    const query = one(client)
    await proxy.freeze()
    expect(await stateAfter(800, query)).toBe("pending")
    await proxy.thaw()
    expect(await query).toEqual(ONE)
  })
})

describe("newConnections()", () => {
  const failing = async () => rejection(newClient().client.connect())

  test("refuses, while the old ones go on, and admits again on the same port", async () => {
    const { client: old } = await connected()
    await proxy.newConnections("refuse")
    expect(await failing()).toMatchObject({ code: "ECONNREFUSED", port: proxy.port })
    expect(await one(old)).toEqual(ONE)
    await proxy.newConnections("refuse")
    await proxy.newConnections("pass")
    expect(await one((await connected()).client)).toEqual(ONE)
  })

  test("accepts and resets", async () => {
    const { client: old } = await connected()
    await proxy.newConnections("reset")
    expect(await failing()).toMatchObject({ code: "ECONNRESET" })
    expect(await one(old)).toEqual(ONE)
  })

  test("accepts and never answers", async () => {
    const { client: old } = await connected()
    await proxy.newConnections("ignore")
    expect(await stateAfter(500, newClient().client.connect())).toBe("pending")
    expect(await one(old)).toEqual(ONE)
  })

  test("a server that is down resets them", async () => {
    const nobody = await startProxy(1)
    const client = new pg.Client(`postgresql://app:x@127.0.0.1:${nobody.port}/core`)
    expect(await rejection(client.connect())).toMatchObject({ code: "ECONNRESET" })
    await nobody.close()
  })
})
