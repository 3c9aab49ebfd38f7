import { type AddressInfo, createServer, type Server } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Prisma, PrismaClient } from "../../prisma/core/generated/client.ts"
import {
  createCoreClient,
  createPool,
  isPoolTimeout,
  isTooManyConnections,
  type Pool,
  PoolConfigError,
} from "../../src/index.ts"
import { countBackends, eventually, freshDatabase, rejection, sharedPostgres } from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"
import { type PostgresServer, ROLE, startPostgres } from "../support/server.ts"

const postgres = sharedPostgres()

const calls: [string, (client: PrismaClient) => PromiseLike<unknown>][] = [
  ["$connect()", (client) => client.$connect()],
  ["a model query", (client) => client.mission.findMany()],
  ["a raw query", (client) => client.$queryRaw`SELECT 1`],
  ["a batch transaction", (client) => client.$transaction([client.mission.count(), client.partner.count()])],
  [
    "an interactive transaction",
    (client) => client.$transaction((tx) => tx.mission.count(), { maxWait: 30_000 }),
  ],
]

describe("a server that accepts and says nothing fails after connect_timeout, with P1001", () => {
  let silent: Server
  let port: number
  beforeAll(async () => {
    silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
    port = (silent.address() as AddressInfo).port
  })
  afterAll(() => void silent.close())

  test.each(calls)("in %s", async (_, call) => {
    const client = createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: `postgresql://app:x@127.0.0.1:${port}/core`, PRISMA_CONNECT_TIMEOUT: "1" },
    })
    const start = performance.now()
    const error = await rejection(call(client))
    expect(performance.now() - start).toBeGreaterThanOrEqual(990)
    expect(error).toBeInstanceOf(Prisma.PrismaClientKnownRequestError)
    expect(error).toMatchObject({ code: "P1001" })
    expect(error.message).toContain(`Can't reach database server at \`127.0.0.1:${port}\``)
    expect(isPoolTimeout(error)).toBe(false)
    await client.$disconnect()
  })

  test.each(calls)("in %s, where pool_timeout is no longer than that", async (_, call) => {
    const env = {
      DATABASE_URL_CORE: `postgresql://app:x@127.0.0.1:${port}/core?pool_timeout=1&connect_timeout=1`,
    }
    const client = createCoreClient(PrismaClient, { env })
    expect(await rejection(call(client))).toMatchObject({ code: "P1001" })
    await client.$disconnect()
  })

  test("and in a pool of one's own", async () => {
    const pool = createPool(`postgresql://app:x@127.0.0.1:${port}/core?connect_timeout=1&connection_limit=1`)
    const start = performance.now()
    const error = await rejection(pool.query("SELECT 1"))
    expect(performance.now() - start).toBeGreaterThanOrEqual(990)
    expect(error).toMatchObject({ code: "ETIMEDOUT" })
    expect(isPoolTimeout(error)).toBe(false)
    await pool.end()
  })
})

describe("a database that wakes late", () => {
  async function wakesAfter(millis: number, parameters: Record<string, number>): Promise<void> {
    const proxy = await startProxy(postgres.port)
    await proxy.newConnections("ignore")
    const client = createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: proxy.url(postgres.url(await freshDatabase(), parameters)) },
    })
    const timer = setTimeout(() => void proxy.thaw(), millis)
    expect(await client.mission.count()).toBe(0)
    clearTimeout(timer)
    await client.$disconnect()
    await proxy.close()
  }

  test("is reached within both limits, which may be equal", async () => {
    await wakesAfter(3_000, { connect_timeout: 12, pool_timeout: 12 })
  })

  test("is reached after the usual pool_timeout, which gives way to a longer connect_timeout", async () => {
    await wakesAfter(20_500, { connect_timeout: 60 })
  }, 90_000)
})

describe("$connect()", () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
    await server.createDatabase("core")
  })
  afterAll(() => server.destroy())

  test("rejects with P1001 while the database is down, and again after $disconnect()", async () => {
    const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: server.url() } })
    await server.stop()
    expect(await rejection(client.$connect())).toMatchObject({ code: "P1001" })
    await server.start()
    await client.$connect()
    expect(await client.mission.count()).toBe(0)
    await client.$disconnect()
    await server.stop()
    expect(await rejection(client.$connect())).toMatchObject({ code: "P1001" })
    await server.start()
    // A client that is used again after $disconnect() connects again.
    expect(await client.mission.count()).toBe(0)
    await client.$disconnect()
  })

  test("opens one connection, and none when the shared pool has one", async () => {
    const env = { DATABASE_URL_CORE: server.url() }
    const [one, two] = [createCoreClient(PrismaClient, { env }), createCoreClient(PrismaClient, { env })]
    await one.$connect()
    expect(await countBackends(server, "core")).toBe(1)
    const held = one.$queryRaw`SELECT 1 FROM pg_sleep(0.5)`.then((rows) => rows)
    await two.$connect()
    expect(await countBackends(server, "core")).toBe(1)
    await held
    await Promise.all([one.$disconnect(), two.$disconnect()])
  })

  test("rejects with P2037 when the server's slots are taken", async () => {
    const small = await startPostgres({ max_connections: 5, superuser_reserved_connections: 1 })
    await small.createDatabase("core")
    const pool = createPool(small.url("core", { connection_limit: 4 }))
    const clients = await Promise.all(Array.from({ length: 4 }, () => pool.connect()))
    const prisma = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: small.url() } })
    const other = createPool(small.url("core", { connection_limit: 1 }))
    // Each waits for a slot for 20 s: all of them at once.
    const refused = calls.map(([, call]) => rejection(call(prisma)))
    const raw = await rejection(other.query("SELECT 1"))
    for (const error of await Promise.all(refused)) {
      expect(error).toMatchObject({ code: "P2037" })
      expect(isTooManyConnections(error)).toBe(true)
      expect(isPoolTimeout(error)).toBe(false)
    }
    expect(raw).toMatchObject({ code: "53300" })
    expect(isTooManyConnections(raw)).toBe(true)
    for (const client of clients) client.release()
    await Promise.all([pool.end(), other.end(), prisma.$disconnect()])
    await small.destroy()
  })
})

describe("what the server refuses at the door has Prisma's own code in every call", () => {
  const wrong: [string, string, (url: string) => string][] = [
    ["a wrong password", "P1000", (url) => url.replace(encodeURIComponent(ROLE.password), "wrong")],
    ["an unknown database", "P1003", (url) => url.replace(/\/test_\w+/, "/none")],
    ["TLS where the server has none", "P1011", (url) => `${url}?sslmode=require`],
  ]
  test.each(wrong)("%s: %s", async (_, code, change) => {
    const env = { DATABASE_URL_CORE: change(postgres.url(await freshDatabase())) }
    for (const [, call] of calls) {
      const client = createCoreClient(PrismaClient, { env })
      const error = await rejection(call(client))
      expect(error).toBeInstanceOf(Prisma.PrismaClientKnownRequestError)
      expect(error).toMatchObject({ code })
      await client.$disconnect()
    }
  })
})

test.each<[string, unknown, RegExp]>([
  ["an Error whose cause is null", new Error("no token", { cause: null }), /^no token$/],
  ["null", null, /^The password function failed/],
])("a password function that rejects with %s fails $connect() with that", async (_, thrown, message) => {
  const client = createCoreClient(PrismaClient, {
    env: { DATABASE_URL_CORE: postgres.url(await freshDatabase()) },
    password: () => Promise.reject(thrown),
  })
  expect((await rejection(client.$connect())).message).toMatch(message)
  await client.$disconnect()
})

test("a $connect() that rejects leaves nothing on the pool that another client has", async () => {
  const proxy = await startProxy(postgres.port)
  const env = {
    DATABASE_URL_CORE: proxy.url(postgres.url(await freshDatabase())),
    PRISMA_RECONNECT_TIMEOUT: "0",
  }
  const pools: Pool[] = []
  const client = createCoreClient(PrismaClient, { env, onPool: (pool) => pools.push(pool) })
  await client.$connect()
  const [pool] = pools as [Pool]
  const listeners = pool.listenerCount("error")
  await proxy.newConnections("refuse")
  proxy.cut()
  await eventually("it has no connection", () => pool.totalCount === 0)
  const other = createCoreClient(PrismaClient, { env, onPool: (its) => pools.push(its) })
  for (let attempt = 0; attempt < 3; attempt++) {
    expect(await rejection(other.$connect())).toMatchObject({ code: "P1001" })
  }
  expect(pools).toEqual([pool, pool])
  expect(pool.listenerCount("error")).toBe(listeners)
  await client.$disconnect()
  await proxy.close()
})

describe("a DATABASE_URL_CORE that is missing", () => {
  test.each(calls)(
    "rejects %s with the PoolConfigError, and is read again the next time",
    async (_, call) => {
      const env: Record<string, string> = { PRISMA_POOL_SIZE_CORE: "2" }
      const client = createCoreClient(PrismaClient, { env })
      const error = await rejection(call(client))
      expect(error).toBeInstanceOf(PoolConfigError)
      expect(error).toMatchObject({ code: "POOL_CONFIG", issues: [{ name: "DATABASE_URL_CORE" }] })
      // An error handler that looks for Prisma's meta finds none, rather than the error again.
      expect(error["meta"]).toBeUndefined()
      env["DATABASE_URL_CORE"] = postgres.url(await freshDatabase())
      await call(client)
      await client.$disconnect()
    },
  )

  test("does not throw at the call, while a value that is present and wrong does", () => {
    expect(() => createCoreClient(PrismaClient, { env: {} })).not.toThrow()
    expect(() => createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: "mysql://db" } })).toThrow(
      PoolConfigError,
    )
    expect(() => createCoreClient(PrismaClient, { env: { PRISMA_POOL_TIMEOUT: "-1" } })).toThrow(
      /PRISMA_POOL_TIMEOUT/,
    )
  })
})
