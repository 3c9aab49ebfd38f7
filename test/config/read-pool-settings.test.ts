import { Console } from "node:console"
import { PassThrough } from "node:stream"
import { inspect } from "node:util"
import { afterEach, describe, expect, test, vi } from "vitest"
import {
  coreDatabaseUrl,
  type Environment,
  PoolConfigError,
  readPoolSettings,
} from "../../src/config/index.ts"
import { names, refusal } from "../support/bad-values.ts"

const CORE = "postgresql://app:s3cret@db:5432/core"
const withUrl = (query: string, variables: Environment = {}) =>
  readPoolSettings({ DATABASE_URL_CORE: `${CORE}${query}`, ...variables })
const settings = (variables: Environment) => withUrl("", variables)
const refused = (env: unknown) => refusal(() => readPoolSettings(env as Environment))
const FLEET = {
  PRISMA_MAX_CONNECTIONS: "100",
  PRISMA_API_INSTANCES: "3",
  PRISMA_CONCURRENT_JOBS: "3",
}

describe("the defaults", () => {
  test("are 15 connections, 20 s for a connection of the pool, 10 s to open one, 5 s without a server, and no name", () => {
    expect(settings({})).toEqual({
      url: CORE,
      connectionLimit: 15,
      poolTimeout: 20,
      connectTimeout: 10,
      reconnectTimeout: 5,
      minIdle: 0,
      maxWaiting: 0,
      leakThreshold: 0,
      applicationName: undefined,
      warnings: [],
    })
  })

  test("stay where every variable is empty, since an empty variable is unset", () => {
    const empty = Object.fromEntries(
      [
        "PRISMA_POOL_SIZE_CORE",
        "PRISMA_POOL_TIMEOUT",
        "PRISMA_CONNECT_TIMEOUT",
        "PRISMA_RECONNECT_TIMEOUT",
        "PRISMA_POOL_MIN_IDLE",
        "PRISMA_POOL_MAX_WAITING",
        "PRISMA_POOL_LEAK_THRESHOLD",
        "PRISMA_APPLICATION_NAME",
        "PRISMA_RESERVED_CONNECTIONS",
        ...Object.keys(FLEET),
      ].map((variable) => [variable, ""]),
    )
    expect(settings(empty)).toEqual(settings({}))
  })
})

describe("the pool size", () => {
  test.each([
    ["the variable, before all else", "?connection_limit=7", { PRISMA_POOL_SIZE_CORE: "5", ...FLEET }, 5],
    ["the URL's, where there is no variable", "?connection_limit=7", FLEET, 7],
    ["the URL's, where the variable is empty", "?connection_limit=7", { PRISMA_POOL_SIZE_CORE: "" }, 7],
    ["the formula's, where neither is there", "", FLEET, 15],
    ["15, where nothing is there", "", {}, 15],
    ["the last of two in the URL", "?connection_limit=7&connection_limit=8", {}, 8],
    ["at least 1", "", { PRISMA_POOL_SIZE_CORE: "1" }, 1],
    ["at most 10,000", "", { PRISMA_POOL_SIZE_CORE: "10000" }, 10_000],
  ])("is %s", (_, query, variables, size) => {
    expect(withUrl(query, variables).connectionLimit).toBe(size)
  })

  test("is never more than 10,000, even where the formula gives more", () => {
    const huge = {
      PRISMA_MAX_CONNECTIONS: "200000",
      PRISMA_API_INSTANCES: "1",
      PRISMA_CONCURRENT_JOBS: "0",
    }
    expect(settings(huge).connectionLimit).toBe(10_000)
  })
})

describe.each([
  ["poolTimeout", "PRISMA_POOL_TIMEOUT", "pool_timeout", 20],
  ["connectTimeout", "PRISMA_CONNECT_TIMEOUT", "connect_timeout", 10],
] as const)("%s", (setting, variable, parameter, byDefault) => {
  test.each([
    ["the variable, before the URL's", `?${parameter}=7`, { [variable]: "5" }, 5],
    ["the variable, even where it is 0", `?${parameter}=7`, { [variable]: "0" }, 0],
    ["the URL's, where there is no variable", `?${parameter}=7`, {}, 7],
    ["the URL's, even where it is 0", `?${parameter}=0`, {}, 0],
    ["the URL's, where the variable is empty", `?${parameter}=7`, { [variable]: "" }, 7],
    ["the default, where neither is there", "", {}, byDefault],
    ["at most what a timer can count", "", { [variable]: "2147483" }, 2_147_483],
  ])("is %s", (_, query, variables, value) => {
    expect(withUrl(query, variables)[setting]).toBe(value)
  })
})

describe.each([
  ["reconnectTimeout", "PRISMA_RECONNECT_TIMEOUT", "reconnect_timeout", 5, 2_147_483],
  ["minIdle", "PRISMA_POOL_MIN_IDLE", "min_idle", 0, 15],
  ["maxWaiting", "PRISMA_POOL_MAX_WAITING", "max_waiting", 0, 1_000_000],
  ["leakThreshold", "PRISMA_POOL_LEAK_THRESHOLD", "leak_threshold", 0, 2_147_483],
] as const)("%s", (setting, variable, parameter, byDefault, most) => {
  test.each([
    ["the variable", "7", 7],
    ["the variable, even where it is 0", "0", 0],
    ["the default, where the variable is empty", "", byDefault],
    ["at most so much", String(most), most],
  ])("is %s", (_, text, value) => {
    expect(settings({ [variable]: text })[setting]).toBe(value)
  })

  test("is no parameter of the URL, and is not written into one", () => {
    expect(withUrl(`?${parameter}=6`)[setting]).toBe(byDefault)
    const env = { DATABASE_URL_CORE: CORE, [variable]: "6" }
    expect(coreDatabaseUrl(env)).toBe(coreDatabaseUrl({ DATABASE_URL_CORE: CORE }))
  })
})

describe("minIdle above the size is refused, whatever the size comes from", () => {
  test.each([
    ["PRISMA_POOL_MIN_IDLE", 15, "", { PRISMA_POOL_MIN_IDLE: "16" }],
    ["PRISMA_POOL_MIN_IDLE", 7, "?connection_limit=7", { PRISMA_POOL_MIN_IDLE: "16" }],
    ["PRISMA_POOL_MIN_IDLE_CORE", 3, "", { PRISMA_POOL_MIN_IDLE_CORE: "16", PRISMA_POOL_SIZE_CORE: "3" }],
    ["PRISMA_POOL_MIN_IDLE", 12, "", { PRISMA_POOL_MIN_IDLE: "16", ...FLEET, PRISMA_MAX_CONNECTIONS: "82" }],
    [
      "PRISMA_POOL_MIN_IDLE",
      4,
      "",
      { PRISMA_POOL_MIN_IDLE: "16", PRISMA_POOL_SIZE_CORE: "auto", PRISMA_POOL_MAX_SIZE_CORE: "4" },
    ],
  ])("%s: 16 of %i", (variable, size, query, variables) => {
    const error = refusal(() => withUrl(query, variables))
    expect(error.message).toContain(
      `${variable}: received 16, more than the pool size of ${size}. Use at most ${size}, or raise the size.`,
    )
  })
})

describe("applicationName", () => {
  test.each([
    ["the variable, before the URL's", "?application_name=url", { PRISMA_APPLICATION_NAME: "api" }, "api"],
    ["the URL's, where there is no variable", "?application_name=url", {}, "url"],
    ["the URL's, decoded", "?application_name=my%20job+2", {}, "my job 2"],
    ["undefined, where the URL's is empty", "?application_name=", {}, undefined],
    ["undefined, where neither is there", "", {}, undefined],
  ])("is %s", (_, query, variables, name) => {
    expect(withUrl(query, variables).applicationName).toBe(name)
  })
})

describe("the fleet", () => {
  test("gives the document's (100 - 20) / 3 / 2 = 13", () => {
    expect(settings({ ...FLEET, PRISMA_RESERVED_CONNECTIONS: "20" })).toMatchObject({
      connectionLimit: 13,
      warnings: [],
    })
  })

  test("reserves 10 by default, and nothing for 0", () => {
    expect(settings(FLEET).connectionLimit).toBe((100 - 10) / 6)
    expect(settings({ ...FLEET, PRISMA_RESERVED_CONNECTIONS: "0" }).connectionLimit).toBe(16)
  })

  test("may have no job", () => {
    expect(settings({ ...FLEET, PRISMA_CONCURRENT_JOBS: "0" }).connectionLimit).toBe(30)
  })

  test.each([
    [["PRISMA_MAX_CONNECTIONS"], ["PRISMA_API_INSTANCES", "PRISMA_CONCURRENT_JOBS"]],
    [["PRISMA_API_INSTANCES"], ["PRISMA_MAX_CONNECTIONS", "PRISMA_CONCURRENT_JOBS"]],
    [["PRISMA_CONCURRENT_JOBS"], ["PRISMA_MAX_CONNECTIONS", "PRISMA_API_INSTANCES"]],
    [["PRISMA_API_INSTANCES", "PRISMA_CONCURRENT_JOBS"], ["PRISMA_MAX_CONNECTIONS"]],
    [["PRISMA_MAX_CONNECTIONS", "PRISMA_CONCURRENT_JOBS"], ["PRISMA_API_INSTANCES"]],
    [["PRISMA_MAX_CONNECTIONS", "PRISMA_API_INSTANCES"], ["PRISMA_CONCURRENT_JOBS"]],
  ])("is refused without %j, naming each", (missing, given) => {
    for (const nothing of [undefined, ""]) {
      const without = Object.fromEntries(missing.map((variable) => [variable, nothing]))
      const error = refused({ DATABASE_URL_CORE: CORE, ...FLEET, ...without })
      expect(names(error)).toEqual(missing)
      for (const issue of error.issues)
        expect(issue.problem).toBe(`is not set, but ${given.join(" and ")} is`)
    }
  })

  test("is refused in part even where the pool size is given", () => {
    expect(
      names(refused({ DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "5", PRISMA_API_INSTANCES: "3" })),
    ).toEqual(["PRISMA_MAX_CONNECTIONS", "PRISMA_CONCURRENT_JOBS"])
  })

  test("counts as given where it is given wrongly", () => {
    expect(
      names(
        refused({ DATABASE_URL_CORE: CORE, PRISMA_MAX_CONNECTIONS: "many", PRISMA_CONCURRENT_JOBS: "1" }),
      ),
    ).toEqual(["PRISMA_MAX_CONNECTIONS", "PRISMA_API_INSTANCES"])
  })

  test("needs nothing else for PRISMA_RESERVED_CONNECTIONS alone, which then changes nothing", () => {
    expect(settings({ PRISMA_RESERVED_CONNECTIONS: "50" })).toEqual(settings({}))
  })
})

describe("a fleet that does not fit its server still starts, with one warning that shows the sum", () => {
  const small = { PRISMA_MAX_CONNECTIONS: "10", PRISMA_API_INSTANCES: "6", PRISMA_CONCURRENT_JOBS: "2" }

  test("where the given size is too large", () => {
    const { connectionLimit, warnings } = settings({ ...FLEET, PRISMA_POOL_SIZE_CORE: "35" })
    expect(connectionLimit).toBe(35)
    expect(warnings).toMatchInlineSnapshot(`
      [
        "35 × 3 API instances + 10 reserved = 115 connections, more than the server's 100: it will refuse connections ("remaining connection slots are reserved"). Lower PRISMA_POOL_SIZE_CORE to 15, or run fewer instances.",
      ]
    `)
  })

  test("where the size in the URL is too large", () => {
    expect(withUrl("?connection_limit=35", FLEET).warnings).toEqual([
      expect.stringContaining("35 × 3 API instances + 10 reserved = 115 connections"),
    ])
  })

  test("where the formula gives less than 1: then 1", () => {
    const { connectionLimit, warnings } = settings({ ...small, PRISMA_RESERVED_CONNECTIONS: "5" })
    expect(connectionLimit).toBe(1)
    expect(warnings).toMatchInlineSnapshot(`
      [
        "1 × (6 API instances + 2 jobs) + 5 reserved = 13 connections, more than the server's 10: it will refuse connections ("remaining connection slots are reserved"). Run fewer instances, raise max_connections, or put PgBouncer in between.",
      ]
    `)
  })

  test("where as much is reserved as there is, or more: then 1", () => {
    for (const [reserved, sum] of [
      ["100", "1 × (3 API instances + 3 jobs) + 100 reserved = 106 connections"],
      ["120", "1 × (3 API instances + 3 jobs) + 120 reserved = 126 connections"],
    ] as const) {
      const { connectionLimit, warnings } = settings({ ...FLEET, PRISMA_RESERVED_CONNECTIONS: reserved })
      expect(connectionLimit).toBe(1)
      expect(warnings).toEqual([expect.stringContaining(`${sum}, more than the server's 100`)])
    }
  })

  test("and does not advise a size that would not help", () => {
    const { warnings } = settings({
      ...small,
      PRISMA_RESERVED_CONNECTIONS: "5",
      PRISMA_POOL_SIZE_CORE: "1",
    })
    expect(warnings).toEqual([expect.stringContaining("1 × 6 API instances + 5 reserved = 11 connections")])
    expect(warnings[0]).not.toContain("Lower")
  })

  test("but with none where the sum is exactly the ceiling", () => {
    expect(settings({ ...FLEET, PRISMA_POOL_SIZE_CORE: "30" }).warnings).toEqual([])
    expect(settings({ ...FLEET, PRISMA_POOL_SIZE_CORE: "31" }).warnings).toHaveLength(1)
  })

  test("and warns of nothing without a fleet", () => {
    expect(settings({ PRISMA_POOL_SIZE_CORE: "10000" }).warnings).toEqual([])
  })
})

describe("the error", () => {
  test("has every problem at once, in the order of the settings, each with its name", () => {
    const error = refused({
      DATABASE_URL_CORE: `${CORE}?connection_limit=0&pool_timeout=soon&connect_timeout=-1`,
      PRISMA_POOL_SIZE_CORE: "15abc",
      PRISMA_POOL_TIMEOUT: "1.5",
      PRISMA_CONNECT_TIMEOUT: "1e3",
      PRISMA_RECONNECT_TIMEOUT: "never",
      PRISMA_APPLICATION_NAME: " ",
      PRISMA_MAX_CONNECTIONS: "0",
      PRISMA_API_INSTANCES: "-1",
      PRISMA_RESERVED_CONNECTIONS: "some",
    })
    expect(names(error)).toEqual([
      "connection_limit in DATABASE_URL_CORE",
      "PRISMA_POOL_SIZE_CORE",
      "pool_timeout in DATABASE_URL_CORE",
      "PRISMA_POOL_TIMEOUT",
      "connect_timeout in DATABASE_URL_CORE",
      "PRISMA_CONNECT_TIMEOUT",
      "PRISMA_RECONNECT_TIMEOUT",
      "PRISMA_APPLICATION_NAME",
      "PRISMA_MAX_CONNECTIONS",
      "PRISMA_API_INSTANCES",
      "PRISMA_RESERVED_CONNECTIONS",
      "PRISMA_CONCURRENT_JOBS",
    ])
    expect(error.message.split("\n")).toHaveLength(12)
    expect(error.code).toBe("POOL_CONFIG")
  })

  test("has what is wrong beside a URL that is missing", () => {
    expect(names(refused({ PRISMA_POOL_SIZE_CORE: "0" }))).toEqual([
      "DATABASE_URL_CORE",
      "PRISMA_POOL_SIZE_CORE",
    ])
  })

  test("reads as a sentence with its remedy", () => {
    const message = (env: Environment) => refused({ DATABASE_URL_CORE: CORE, ...env }).message
    expect(message({ DATABASE_URL_CORE: "" })).toMatchInlineSnapshot(
      `"DATABASE_URL_CORE: is not set. Set it to postgresql://USER:PASSWORD@HOST:5432/DATABASE; with a .env file, import "dotenv/config" first."`,
    )
    expect(message({ PRISMA_POOL_SIZE_CORE: "15abc" })).toMatchInlineSnapshot(
      `"PRISMA_POOL_SIZE_CORE: received "15abc". Use a whole number of connections from 1 to 10000, or auto, or leave it out for 15."`,
    )
    expect(message({ PRISMA_POOL_SIZE_CORE: "0" })).toMatchInlineSnapshot(
      `"PRISMA_POOL_SIZE_CORE: received "0". 0 (unlimited in Prisma 6) is refused: an unlimited pool is what exhausts the server. Use a whole number of connections from 1 to 10000, or auto, or leave it out for 15."`,
    )
    expect(message({ DATABASE_URL_CORE: `${CORE}?connection_limit=0` })).toMatchInlineSnapshot(
      `"connection_limit in DATABASE_URL_CORE: received "0". 0 (unlimited in Prisma 6) is refused: an unlimited pool is what exhausts the server. Use a whole number of connections from 1 to 10000, or leave it out for 15."`,
    )
    expect(message({ PRISMA_POOL_TIMEOUT: "9999999" })).toMatchInlineSnapshot(
      `"PRISMA_POOL_TIMEOUT: received "9999999". Use a whole number of seconds from 0 to 2147483, or leave it out for 20."`,
    )
    expect(message({ PRISMA_APPLICATION_NAME: "x".repeat(64) })).toMatchInlineSnapshot(
      `"PRISMA_APPLICATION_NAME: received "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…". Use at most 63 bytes of visible text."`,
    )
    expect(message({ PRISMA_API_INSTANCES: "3" })).toMatchInlineSnapshot(`
      "PRISMA_MAX_CONNECTIONS: is not set, but PRISMA_API_INSTANCES is. Set all of PRISMA_MAX_CONNECTIONS, PRISMA_API_INSTANCES, PRISMA_CONCURRENT_JOBS, or none.
      PRISMA_CONCURRENT_JOBS: is not set, but PRISMA_API_INSTANCES is. Set all of PRISMA_MAX_CONNECTIONS, PRISMA_API_INSTANCES, PRISMA_CONCURRENT_JOBS, or none."
    `)
  })

  test.each([null, "postgresql://app:s3cret@db/core", 15, true, () => ({})])("refuses %o as env", (env) => {
    const error = refused(env)
    expect(error.issues).toEqual([
      {
        name: "env",
        problem: "is not an object",
        remedy: "Pass process.env or an object of the same shape",
      },
    ])
  })
})

describe("env", () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  test("is process.env by default, as it is at the call", () => {
    for (const variable of Object.keys(FLEET)) vi.stubEnv(variable, undefined)
    vi.stubEnv("DATABASE_URL_CORE", "")
    expect(() => readPoolSettings()).toThrow(PoolConfigError)
    vi.stubEnv("DATABASE_URL_CORE", CORE)
    vi.stubEnv("PRISMA_POOL_SIZE_CORE", "3")
    expect(readPoolSettings()).toMatchObject({ url: CORE, connectionLimit: 3 })
    expect(readPoolSettings(undefined).connectionLimit).toBe(3)
  })

  test("may be frozen, and is left as it was", () => {
    const env = { DATABASE_URL_CORE: `${CORE}?pool_timeout=7`, PRISMA_POOL_SIZE_CORE: "3", ...FLEET }
    const before = structuredClone(env)
    expect(readPoolSettings(Object.freeze(env)).connectionLimit).toBe(3)
    expect(env).toEqual(before)
  })

  test("may have numbers, which are read by their digits", () => {
    const env = {
      PRISMA_POOL_SIZE_CORE: 3,
      PRISMA_POOL_TIMEOUT: 7n,
      PRISMA_CONNECT_TIMEOUT: 0,
      PRISMA_APPLICATION_NAME: 42,
    }
    expect(settings(env as unknown as Environment)).toMatchObject({
      connectionLimit: 3,
      poolTimeout: 7,
      connectTimeout: 0,
      applicationName: "42",
    })
  })

  test("may have numbers with leading zeros", () => {
    expect(settings({ PRISMA_POOL_SIZE_CORE: "007" }).connectionLimit).toBe(7)
  })
})

describe("the settings in a log", () => {
  const read = withUrl("?schema=core")

  test("are without the password, alone or inside another object", () => {
    const stdout = new PassThrough()
    const logger = new Console({ stdout })
    logger.log(read)
    logger.log("%o %O %s", read, read, read)
    logger.log({ deep: [read] })
    const text = String(stdout.read())
    expect(text.match(/postgresql:\/\/app:\*\*\*@db:5432\/core\?schema=core/g)?.length).toBeGreaterThan(3)
    expect(text).not.toContain("s3cret")
  })

  test("are without the password even in console.dir, which shows objects as they are", () => {
    const stdout = new PassThrough()
    new Console({ stdout }).dir(read, { showHidden: true })
    const text = String(stdout.read())
    expect(text).toContain("connectionLimit: 15")
    expect(text).not.toContain("s3cret")
  })

  test("show everything else", () => {
    expect(inspect(read)).toContain("connectionLimit: 15")
    expect(inspect(read)).toContain("warnings: []")
  })

  test("keep the true URL for programs: the property, a copy, JSON", () => {
    const url = `${CORE}?schema=core`
    expect(read.url).toBe(url)
    expect({ ...read }.url).toBe(url)
    expect(JSON.parse(JSON.stringify(read)).url).toBe(url)
    expect(Object.keys(read)).toEqual([
      "url",
      "connectionLimit",
      "poolTimeout",
      "connectTimeout",
      "reconnectTimeout",
      "minIdle",
      "maxWaiting",
      "leakThreshold",
      "applicationName",
      "auto",
      "warnings",
    ])
  })
})
