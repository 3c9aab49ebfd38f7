import { describe, expect, test } from "vitest"
import { databaseUrl, PoolConfigError, readPoolSettings } from "../../src/config/index.ts"
import { names, refusal } from "../support/bad-values.ts"

const URL = "postgresql://app@db/shop"
const BILLING = { database: "BILLING" }

describe("the variables of a database", () => {
  test("have no suffix where it has no name", () => {
    const env = { DATABASE_URL: URL, PRISMA_POOL_SIZE: "7", PRISMA_POOL_TIMEOUT: "9" }
    expect(readPoolSettings(env)).toMatchObject({
      url: URL,
      connectionLimit: 7,
      poolTimeout: 9,
      warnings: [],
    })
    expect(databaseUrl(env)).toBe(`${URL}?connection_limit=7&pool_timeout=9&connect_timeout=8`)
  })

  test("end in its name where it has one", () => {
    const env = {
      DATABASE_URL: "postgresql://app@other/other",
      PRISMA_POOL_SIZE: "3",
      DATABASE_URL_BILLING: URL,
      PRISMA_POOL_SIZE_BILLING: "7",
      PRISMA_POOL_TIMEOUT_BILLING: "9",
      PRISMA_CONNECT_TIMEOUT_BILLING: "4",
      PRISMA_RECONNECT_TIMEOUT: "30",
      PRISMA_RECONNECT_TIMEOUT_BILLING: "2",
      PRISMA_POOL_MIN_IDLE: "30",
      PRISMA_POOL_MIN_IDLE_BILLING: "3",
      PRISMA_POOL_MAX_WAITING_BILLING: "50",
      PRISMA_POOL_LEAK_THRESHOLD_BILLING: "60",
      PRISMA_APPLICATION_NAME_BILLING: "invoices",
    }
    expect(readPoolSettings(env, BILLING)).toEqual({
      url: URL,
      connectionLimit: 7,
      poolTimeout: 9,
      connectTimeout: 4,
      reconnectTimeout: 2,
      minIdle: 3,
      maxWaiting: 50,
      leakThreshold: 60,
      applicationName: "invoices",
      warnings: [],
    })
    expect(databaseUrl(env, BILLING)).toContain("connection_limit=7")
  })

  test("fall back to those without it, but for URL and size", () => {
    const env = {
      DATABASE_URL_BILLING: URL,
      PRISMA_POOL_TIMEOUT: "9",
      PRISMA_POOL_TIMEOUT_BILLING: "",
      PRISMA_RECONNECT_TIMEOUT: "0",
      PRISMA_POOL_MIN_IDLE: "4",
      PRISMA_POOL_MAX_WAITING: "51",
      PRISMA_POOL_LEAK_THRESHOLD: "61",
      PRISMA_APPLICATION_NAME: "shop",
      PRISMA_POOL_SIZE: "99",
      DATABASE_URL: "postgresql://app@other/other",
    }
    expect(readPoolSettings(env, BILLING)).toEqual({
      url: URL,
      connectionLimit: 15,
      poolTimeout: 9,
      connectTimeout: 8,
      reconnectTimeout: 0,
      minIdle: 4,
      maxWaiting: 51,
      leakThreshold: 61,
      applicationName: "shop",
      warnings: [],
    })
  })

  test("have the formula's too, which needs all three by either name", () => {
    const fleet = {
      PRISMA_MAX_CONNECTIONS_BILLING: "50",
      PRISMA_API_INSTANCES: "2",
      PRISMA_CONCURRENT_JOBS: "0",
    }
    const env = { DATABASE_URL_BILLING: URL, PRISMA_MAX_CONNECTIONS: "1000", ...fleet }
    expect(readPoolSettings(env, BILLING).connectionLimit).toBe(20)
    const { PRISMA_API_INSTANCES: _, ...half } = env
    const error = refusal(() => readPoolSettings(half, BILLING))
    expect(names(error)).toEqual(["PRISMA_API_INSTANCES"])
    expect(error.message).toContain("PRISMA_MAX_CONNECTIONS_BILLING and PRISMA_CONCURRENT_JOBS is")
  })

  test("are named in what is refused of them", () => {
    const env = {
      DATABASE_URL_BILLING: "no",
      PRISMA_POOL_SIZE_BILLING: "0",
      PRISMA_POOL_TIMEOUT_BILLING: "x",
    }
    expect(names(refusal(() => readPoolSettings(env, BILLING)))).toEqual([
      "DATABASE_URL_BILLING",
      "PRISMA_POOL_SIZE_BILLING",
      "PRISMA_POOL_TIMEOUT_BILLING",
    ])
  })
})

test("a size without a suffix beside a database with a name is a warning, unless a database reads it", () => {
  const env = { DATABASE_URL_BILLING: URL, PRISMA_POOL_SIZE: "30" }
  expect(readPoolSettings(env, BILLING)).toMatchObject({
    connectionLimit: 15,
    warnings: [
      "PRISMA_POOL_SIZE is set, and is not read for DATABASE_URL_BILLING. Set PRISMA_POOL_SIZE_BILLING.",
    ],
  })
  for (const more of [{ PRISMA_POOL_SIZE_BILLING: "5" }, { DATABASE_URL: URL }, { PRISMA_POOL_SIZE: "" }]) {
    expect(readPoolSettings({ ...env, ...more }, BILLING).warnings).toEqual([])
  }
})

describe("without a name readPoolSettings reads", () => {
  test.each([
    ["Core, where its URL is set", { DATABASE_URL_CORE: URL, DATABASE_URL: "postgresql://a@b/c" }, URL],
    ["the database without a suffix, where Core's is not", { DATABASE_URL: URL }, URL],
    ["that, where Core's is empty", { DATABASE_URL: URL, DATABASE_URL_CORE: "" }, URL],
  ])("%s", (_, env, url) => {
    expect(readPoolSettings(env).url).toBe(url)
  })
})

describe("a missing URL", () => {
  const messageOf = (env: Record<string, string>, database?: string) =>
    refusal(() => databaseUrl(env, { database })).message

  test.each([
    [
      {},
      undefined,
      'DATABASE_URL: is not set. Set it to postgresql://USER:PASSWORD@HOST:5432/DATABASE; with a .env file, import "dotenv/config" first.',
    ],
    [
      { DATABASE_URL: URL },
      "CORE",
      "DATABASE_URL_CORE: is not set, and DATABASE_URL is. Use createPrismaClient for it, or rename it.",
    ],
    [
      { DATABASE_URL_CORE: URL },
      undefined,
      "DATABASE_URL: is not set, and DATABASE_URL_CORE is. Use createCoreClient for it, or rename it.",
    ],
    [
      { DATABASE_URL_BILING: URL },
      "BILLING",
      'DATABASE_URL_BILLING: is not set, and DATABASE_URL_BILING is. Use createPrismaClient with database: "BILING" for it, or rename it.',
    ],
    [{ DATABASE_URL: "", MY_DATABASE_URL: URL }, "CORE", /^DATABASE_URL_CORE: is not set\. Set it to/],
  ])("of %j for %s names what is near", (env, database, message) => {
    if (typeof message === "string") expect(messageOf(env, database)).toBe(message)
    else expect(messageOf(env, database)).toMatch(message)
  })
})

test.each([
  "",
  "core",
  "1A",
  "A-B",
  "REPLICA",
  "CORE_REPLICA",
  "A ",
  "Ä",
  "__proto__",
  5,
  null,
  {},
  ["CORE"],
])("%j is refused as the name of a database", (database) => {
  const error = refusal(() => readPoolSettings({ DATABASE_URL: URL }, { database } as never))
  expect(error).toBeInstanceOf(PoolConfigError)
  expect(names(error)).toEqual(["database"])
})
