import dns from "node:dns"
import pg from "pg"
import { describe, expect, test, vi } from "vitest"
import { Prisma, PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool } from "../../src/index.ts"
import { PATIENT } from "../support/held-transactions.ts"
import {
  countBackends,
  eventually,
  freshDatabase,
  rejection,
  sampleBackends,
  sharedPostgres,
  sleep,
} from "../support/helpers.ts"
import { waitingForLock } from "../support/lock.ts"
import { startProxy, type TcpProxy } from "../support/proxy.ts"
import { freePort } from "../support/server.ts"

const postgres = sharedPostgres()
const LIMIT = 3

type Call = [name: string, call: (client: PrismaClient) => PromiseLike<unknown>]

const queries: Call[] = [
  ["a model query", (client) => client.mission.findMany()],
  ["a raw query", (client) => client.$queryRaw`SELECT id FROM mission`],
  ["a raw statement", (client) => client.$executeRaw`UPDATE mission SET title = ''`],
  ["a batch transaction", (client) => client.$transaction([client.mission.count(), client.partner.count()])],
  ["an interactive transaction", (client) => client.$transaction((tx) => tx.mission.count(), PATIENT)],
]
const calls: Call[] = [["$connect()", (client) => client.$connect()], ...queries]

interface Scene {
  readonly proxy: TcpProxy
  readonly database: string
  /** The URL through the proxy. */
  readonly url: string
  readonly client: PrismaClient
}

/** A client behind a proxy, which never has more backends than its limit and leaves none over. */
async function scene(
  play: (scene: Scene) => Promise<unknown>,
  { parameters = {}, others = 0 }: { parameters?: Record<string, number>; others?: number } = {},
): Promise<void> {
  const database = await freshDatabase()
  const proxy = await startProxy(postgres.port)
  const url = proxy.url(postgres.url(database, { connection_limit: LIMIT, pool_timeout: 30, ...parameters }))
  const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
  try {
    const { peak } = await sampleBackends(postgres, database, async () => {
      await play({ proxy, database, url, client })
      await client.$disconnect()
    })
    expect(peak).toBeLessThanOrEqual(LIMIT + others)
    await eventually("nothing is left over", async () => (await countBackends(postgres, database)) === 0)
  } finally {
    await proxy.close()
  }
}

/** Opens every connection that the client may have. */
async function fill(client: PrismaClient, database: string): Promise<void> {
  // One that is free before another is open serves the next caller, so that it takes more than one round.
  await eventually("every connection is open", async () => {
    await Promise.all(Array.from({ length: LIMIT }, () => client.$queryRaw`SELECT 1 FROM pg_sleep(0.2)`))
    return (await countBackends(postgres, database)) === LIMIT
  })
}

interface LockedScene extends Scene {
  /** The number of queries that wait for the lock. */
  waiting(): Promise<number>
  unlock(): Promise<void>
}

/** A scene in which queries of the table "mission" wait for a lock: they run for as long as the test likes. */
function lockedScene(play: (scene: LockedScene) => Promise<unknown>): Promise<void> {
  const locked = async (scene: Scene) => {
    const holder = new pg.Client(postgres.adminUrl(scene.database))
    await holder.connect()
    await holder.query("BEGIN; LOCK TABLE mission")
    const waiting = () => waitingForLock(scene.database)
    try {
      await play({ ...scene, waiting, unlock: () => holder.query("ROLLBACK").then(() => {}) })
    } finally {
      await holder.end()
    }
  }
  return scene(locked, { others: 1 })
}

function expectUnreachable(error: unknown, address: string): void {
  expect(error).toBeInstanceOf(Prisma.PrismaClientKnownRequestError)
  expect(error).toMatchObject({
    code: "P1001",
    message: expect.stringContaining(`Can't reach database server at \`${address}\``),
  })
}

function expectClosed(error: unknown): void {
  expect(error).toBeInstanceOf(Prisma.PrismaClientKnownRequestError)
  expect(error).toMatchObject({
    code: "P1017",
    message: expect.stringContaining("Server has closed the connection."),
  })
}

describe("a server that refuses connections fails with P1001, and is used again when it admits them", () => {
  test.each(calls)("in %s", async (_, call) => {
    await scene(async ({ proxy, client }) => {
      await proxy.newConnections("refuse")
      expectUnreachable(await rejection(call(client)), `127.0.0.1:${proxy.port}`)
      await proxy.newConnections("pass")
      await call(client)
    })
  })

  test("and in a pool of one's own", async () => {
    await scene(async ({ proxy, url }) => {
      const pool = createPool(url)
      await proxy.newConnections("refuse")
      expect(await rejection(pool.query("SELECT 1"))).toMatchObject({ code: "ECONNREFUSED" })
      await proxy.newConnections("pass")
      expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
      await pool.end()
    })
  })
})

describe("a server that accepts and never answers fails after connect_timeout, with P1001", () => {
  test.each(calls)("in %s", async (_, call) => {
    const play = async ({ proxy, client }: Scene) => {
      await proxy.newConnections("ignore")
      const start = performance.now()
      expectUnreachable(await rejection(call(client)), `127.0.0.1:${proxy.port}`)
      expect(performance.now() - start).toBeGreaterThanOrEqual(990)
      await proxy.newConnections("pass")
      await call(client)
    }
    await scene(play, { parameters: { connect_timeout: 1 } })
  })
})

describe("a server that resets connections while they are opened fails with P1017", () => {
  test.each(calls)("in %s", async (_, call) => {
    await scene(async ({ proxy, client }) => {
      await proxy.newConnections("reset")
      expectClosed(await rejection(call(client)))
      await proxy.newConnections("pass")
      await call(client)
    })
  })
})

describe.each(["reset", "close"] as const)("connections that are cut (%s)", (how) => {
  test("while idle are replaced: the next query works", async () => {
    await scene(async ({ proxy, client, database }) => {
      await fill(client, database)
      proxy.cut(how)
      await eventually(
        "the server has closed them",
        async () => (await countBackends(postgres, database)) === 0,
      )
      for (const [, query] of queries) await query(client)
    })
  })

  test.each(queries)("while %s runs fail it with P1017, and the next one works", async (_, query) => {
    await lockedScene(async ({ proxy, client, waiting, unlock }) => {
      const running = rejection(query(client))
      await eventually("running", async () => (await waiting()) === 1)
      proxy.cut(how)
      expectClosed(await running)
      expect(await client.partner.count()).toBe(0)
      await unlock()
      await query(client)
    })
  })

  test("while they all run leave none of their queries on the server", async () => {
    await lockedScene(async ({ proxy, client, waiting }) => {
      const running = Array.from({ length: LIMIT }, () => rejection(client.mission.count()))
      await eventually("running", async () => (await waiting()) === LIMIT)
      proxy.cut(how)
      for (const error of await Promise.all(running)) expectClosed(error)
      await eventually("cancelled", async () => (await waiting()) === 0)
      await Promise.all(Array.from({ length: LIMIT }, () => client.partner.count()))
    })
  })

  test("between the queries of an interactive transaction fail the next one with P1017", async () => {
    await scene(async ({ proxy, client }) => {
      const errors: Error[] = []
      const transaction = client.$transaction(async (tx) => {
        await tx.partner.create({ data: { name: "rolled back" } })
        proxy.cut(how)
        await sleep(100)
        errors.push(await rejection(tx.partner.count()), await rejection(tx.$queryRaw`SELECT 1`))
        const nested = (tx as unknown as PrismaClient).$transaction((inner) => inner.partner.count())
        errors.push(await rejection(nested))
      }, PATIENT)
      errors.push(await rejection(transaction))
      for (const error of errors) expectClosed(error)
      expect(await client.partner.count()).toBe(0)
    })
  })

  test("in a pool of one's own are replaced too", async () => {
    await lockedScene(async ({ proxy, url, waiting }) => {
      const pool = createPool(url)
      const running = rejection(pool.query("SELECT id FROM mission"))
      await eventually("running", async () => (await waiting()) === 1)
      proxy.cut(how)
      expect(await running).toBeInstanceOf(Error)
      expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])
      await pool.end()
    })
  })
})

test("a network that freezes what is idle and lets new connections pass does not hold up $disconnect()", async () => {
  await scene(async ({ proxy, client, database }) => {
    await fill(client, database)
    await proxy.freeze({ newConnections: "pass" })
    await client.$disconnect()
    await proxy.thaw()
  })
})

test("a slow network makes everything slower, and nothing else", async () => {
  await scene(async ({ proxy, client, database }) => {
    proxy.delay(50)
    for (const [, call] of calls) {
      const start = performance.now()
      await call(client)
      expect(performance.now() - start).toBeGreaterThanOrEqual(90)
    }
    await fill(client, database)
  })
})

describe("a host that cannot be reached by its name fails with P1001", () => {
  async function expectUnreachableHost(host: string, port: number, call: Call[1]) {
    const env = { DATABASE_URL_CORE: `postgresql://app:x@${host}:${port}/core` }
    const client = createCoreClient(PrismaClient, { env })
    expectUnreachable(await rejection(call(client)), `${host}:${port}`)
    await client.$disconnect()
  }

  test.each(calls)("that does not exist, in %s", async (_, call) => {
    await expectUnreachableHost("no-such-host.invalid", await freePort(), call)
  })

  test.each(calls)("that nothing listens on, in %s", async (_, call) => {
    await expectUnreachableHost("localhost", await freePort(), call)
  })

  test.each(calls)(
    "that has an address of each family and nothing listens on either, in %s",
    async (_, call) => {
      const port = await freePort()
      const both = [
        { address: "::1", family: 6 },
        { address: "127.0.0.1", family: 4 },
      ]
      // "localhost" has both on most machines, but not on all.
      const lookup = vi
        .spyOn(dns, "lookup")
        .mockImplementation(((
          _host: string,
          _options: dns.LookupAllOptions,
          callback: (error: null, addresses: dns.LookupAddress[]) => void,
        ) => callback(null, both)) as unknown as typeof dns.lookup)
      try {
        await expectUnreachableHost("localhost", port, call)
        expect(lookup).toHaveBeenCalled()
      } finally {
        lookup.mockRestore()
      }
    },
  )
})
