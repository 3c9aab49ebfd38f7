import { execFile } from "node:child_process"
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { inspect, promisify, types } from "node:util"
import { beforeAll, describe, expect, test } from "vitest"
import { PrismaClient as AnalyticsClient } from "../../prisma/analytics/generated/client.ts"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import {
  coreAdapter,
  createAnalyticsClient,
  createCoreClient,
  createPool,
  poolConfigFromUrl,
} from "../../src/index.ts"
import { eventually, freshDatabase, rejection, sharedPostgres } from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"
import { ROLE } from "../support/server.ts"

const postgres = sharedPostgres()
const SECRETS = [ROLE.password, encodeURIComponent(ROLE.password)]
let url: string
beforeAll(async () => {
  url = postgres.url(await freshDatabase())
})

function expectNoSecret(text: string) {
  expect(text.length).toBeGreaterThan(0)
  for (const secret of SECRETS) expect(text).not.toContain(secret)
}

/**
 * As much as a logger could ever print of a value: every text that can be reached from it. `inspect` of a whole client
 * shows an object once for each way to it, and gives up after 128 MB: here each is seen once, however deep it is.
 */
function everythingOf(value: unknown): string {
  const texts: string[] = [inspect(value, { showHidden: true, depth: 4, getters: true })]
  const seen = new Set<unknown>()
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === "string") texts.push(next)
    if ((typeof next !== "object" && typeof next !== "function") || next === null || seen.has(next)) continue
    seen.add(next)
    if (types.isMap(next)) left.push(...next.keys(), ...next.values())
    if (types.isSet(next)) left.push(...next)
    if (ArrayBuffer.isView(next)) {
      texts.push(Buffer.from(next.buffer, next.byteOffset, next.byteLength).toString("utf8"))
      continue
    }
    for (const key of Reflect.ownKeys(next)) {
      texts.push(String(key))
      left.push(propertyOf(next, key))
    }
    left.push(Object.getPrototypeOf(next))
  }
  return texts.join("\n")
}

/** A getter may refuse. */
function propertyOf(object: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(object, key)
  } catch (error) {
    return error
  }
}

test("a password that is deep in an object, hidden or by a getter, would be found", () => {
  const deep = Array.from({ length: 100 }).reduce<object>((inner) => ({ inner }), {
    get secret() {
      return ROLE.password
    },
  })
  const hidden = Object.defineProperty({}, Symbol("hidden"), {
    value: new Map([[1, Buffer.from(ROLE.password)]]),
  })
  for (const value of [deep, hidden]) expect(() => expectNoSecret(everythingOf(value))).toThrow()
})

describe("no password", () => {
  test("in a Core client, before and after it connects, even with showHidden", async () => {
    const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
    expectNoSecret(everythingOf(client))
    await client.mission.count()
    expectNoSecret(everythingOf(client))
    expectNoSecret(everythingOf(coreAdapter({ env: { DATABASE_URL_CORE: url } })))
    await client.$disconnect()
  })

  test("in an Analytics client", async () => {
    const analytics = postgres.url(await freshDatabase("analytics"))
    const client = createAnalyticsClient(AnalyticsClient, { env: { DATABASE_URL_ANALYTICS: analytics } })
    expectNoSecret(everythingOf(client))
    await client.statEvent.count()
    expectNoSecret(everythingOf(client))
    await client.$disconnect()
  })

  test("in a pool of one's own, its configuration, or its connections", async () => {
    const pool = createPool(url)
    const client = await pool.connect()
    expectNoSecret(inspect(poolConfigFromUrl(url), { depth: 10 }))
    expectNoSecret(JSON.stringify(poolConfigFromUrl(url)))
    expectNoSecret(inspect(pool, { depth: 10 }))
    expectNoSecret(inspect(client, { depth: 10 }))
    client.release()
    await pool.end()
  })

  test("in a pool of one's own whose login is under way, and after it, even with showHidden", async () => {
    const proxy = await startProxy(postgres.port)
    await proxy.newConnections("ignore")
    const pool = createPool(proxy.url(url))
    const connecting = pool.connect()
    await eventually("a connection is being opened", async () => proxy.connections === 1)
    expectNoSecret(everythingOf(pool))
    await proxy.thaw()
    const client = await connecting
    expectNoSecret(everythingOf(pool))
    expectNoSecret(everythingOf(client))
    client.release()
    await pool.end()
    await proxy.close()
  })

  test("in the pools that the process shares", async () => {
    const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
    await client.mission.count()
    for (const symbol of Object.getOwnPropertySymbols(globalThis)) {
      expectNoSecret(everythingOf((globalThis as Record<symbol, unknown>)[symbol]))
    }
    await client.$disconnect()
  })

  test("in the errors of a wrong password, a server that is away and a full pool", async () => {
    const wrong = url.replace(encodeURIComponent(ROLE.password), `${encodeURIComponent(ROLE.password)}x`)
    for (const bad of [wrong, url.replace(String(postgres.port), "1")]) {
      const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: bad } })
      for (const call of [client.$connect(), client.mission.count(), client.$queryRaw`SELECT 1`]) {
        const error = await rejection(call)
        expectNoSecret(everythingOf(error))
        expectNoSecret(error.stack ?? "")
      }
      await client.$disconnect()
    }
  })

  test("in the messages of the tracing channels, of connections and of errors", async () => {
    const messages: object[] = []
    const listen = (message: unknown) => void messages.push(message as object)
    const events = ["acquire", "connect"].flatMap((what) =>
      ["start", "end", "asyncStart", "asyncEnd", "error"].map(
        (event) => `tracing:prisma-pool-config:${what}:${event}`,
      ),
    )
    for (const name of events) subscribe(name, listen)
    const wrong = url.replace(encodeURIComponent(ROLE.password), `${encodeURIComponent(ROLE.password)}x`)
    for (const each of [url, wrong]) {
      const pool = createPool(each)
      await pool.query("SELECT 1").catch(() => {})
      await pool.end()
    }
    for (const name of events) unsubscribe(name, listen)
    // All but the errors of the first one.
    expect(messages).toHaveLength(2 * 4 + 2 * 5)
    for (const message of messages) expectNoSecret(everythingOf(message))
  })

  test("in what DEBUG=* and NODE_DEBUG print", async () => {
    const source = `
      import { PrismaClient } from "./prisma/core/generated/client.ts"
      import { createCoreClient } from "./src/index.ts"
      const prisma = createCoreClient(PrismaClient, { log: ["query", "info", "warn", "error"] })
      await prisma.mission.count()
      await prisma.$queryRaw\`SELECT 1/0\`.catch(() => {})
      await prisma.$disconnect()`
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", source],
      { env: { ...process.env, DATABASE_URL_CORE: url, DEBUG: "*" } },
    )
    expect(stderr).toContain("prisma:")
    expectNoSecret(stdout + stderr)
  })
})

test("the library prints nothing to stdout", async () => {
  const source = `
    import { PrismaClient } from "./prisma/core/generated/client.ts"
    import { createCoreClient } from "./src/index.ts"
    const fleet = { PRISMA_MAX_CONNECTIONS: "10", PRISMA_API_INSTANCES: "5", PRISMA_CONCURRENT_JOBS: "0" }
    const prisma = createCoreClient(PrismaClient, { env: { ...process.env, ...fleet, PRISMA_POOL_SIZE_CORE: "3" } })
    await prisma.mission.count()
    await prisma.$disconnect()`
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", source],
    { env: { ...process.env, DATABASE_URL_CORE: url } },
  )
  expect(stdout).toBe("")
  // The client starts all the same, and one warning shows the sum.
  expect(stderr.match(/PoolConfigWarning/g)).toHaveLength(1)
  expect(stderr).toContain("3 × 5 API instances + 10 reserved = 25 connections, more than the server's 10")
})
