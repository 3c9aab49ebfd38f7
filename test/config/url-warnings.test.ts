import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { UNSUPPORTED_PARAMETERS } from "../../src/config/url-options.ts"
import { URL_PARAMETERS } from "../../src/config/url-values.ts"
import { closestParameter } from "../../src/config/url-warnings.ts"
import {
  coreAdapter,
  createCoreClient,
  createPool,
  createPrismaClient,
  createReplicaClient,
  PoolConfigError,
  poolConfigFromUrl,
  prismaAdapter,
  readPoolSettings,
  withCoreClient,
  withPrismaClient,
} from "../../src/index.ts"
import { collectWarnings } from "../support/helpers.ts"

/** The issues that `strict` finds in a URL. */
function problems(query: string): string[] {
  try {
    poolConfigFromUrl(`postgresql://app@db/core?${query}`, { strict: true })
    return []
  } catch (error) {
    if (!(error instanceof PoolConfigError)) throw error
    return error.issues.map(({ name, problem, remedy }) => `${name} ${problem}. ${remedy}.`)
  }
}

describe("a parameter that is misspelt", () => {
  test.each([
    ["connection_timeout", "connect_timeout"],
    ["connectTimeout", "connect_timeout"],
    ["connection_limits", "connection_limit"],
    ["connectionLimit", "connection_limit"],
    ["Pool_Timeout", "pool_timeout"],
    ["pool-timeout", "pool_timeout"],
    ["max", "connection_limit"],
    ["poolSize", "connection_limit"],
    ["idleTimeoutMillis", "max_idle_connection_lifetime"],
    ["connectionTimeoutMillis", "pool_timeout"],
    ["ssl_mode", "sslmode"],
    ["application", "application_name"],
    ["ApplicationName", "application_name"],
    ["currentSchema", "schema"],
    ["search_path", "schema"],
    ["pgBouncer", "pgbouncer"],
    ["socket_timout", "socket_timeout"],
    ["unix_socket", "host"],
  ])("%s: did you mean %s?", (written, meant) => {
    expect(problems(`${written}=1`)).toEqual([
      `${written} is not a known parameter. Did you mean ${meant}? If not, remove it.`,
    ])
  })

  test.each(["foo", "api_key", "x", "zzzzzzzzzzzz"])("%s is near none", (written) => {
    expect(closestParameter(written)).toBeUndefined()
    expect(problems(`${written}=1`)).toEqual([`${written} is not a known parameter. Remove it.`])
  })

  test("is a warning at run time, once", async () => {
    const url = "postgresql://app@db/core?conection_limit=5"
    const warnings = await collectWarnings(async () => {
      poolConfigFromUrl(url)
      poolConfigFromUrl(url)
    })
    expect(warnings).toEqual([expect.stringMatching(/conection_limit .*Did you mean connection_limit/)])
  })
})

test.each(Object.entries(UNSUPPORTED_PARAMETERS))("%s has no effect, and why", (name, reason) => {
  expect(problems(`${name}=x`)).toEqual([`${name} has no effect here. ${reason}.`])
  expect(URL_PARAMETERS.map(({ parameter }) => parameter)).not.toContain(name)
})

test("a parameter that is given twice", () => {
  expect(problems("schema=a&schema=b")).toEqual([expect.stringContaining("given more than once")])
})

describe("a parameter that is given twice is a warning of", () => {
  const entries: Record<string, (url: string) => unknown> = {
    poolConfigFromUrl,
    createPool: (url) => createPool(url),
    createPrismaClient: (url) => createPrismaClient(PrismaClient, { env: { DATABASE_URL: url } }),
    createCoreClient: (url) =>
      createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url, PRISMA_POOL_SIZE_CORE: "5" } }),
    createReplicaClient: (url) => {
      const env = { DATABASE_URL: "postgresql://app@primary/core", DATABASE_URL_REPLICA: url }
      return createReplicaClient(PrismaClient, createPrismaClient(PrismaClient, { env }), { env })
    },
    prismaAdapter: (url) => prismaAdapter({ env: { DATABASE_URL_BILLING: url }, database: "BILLING" }),
    coreAdapter: (url) => coreAdapter({ env: { DATABASE_URL_CORE: url } }),
    withPrismaClient: (url) => withPrismaClient(PrismaClient, { env: { DATABASE_URL: url } }, () => {}),
    withCoreClient: (url) => withCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } }, () => {}),
  }

  test.each(Object.keys(entries))("%s", async (name) => {
    const twice = ["connection_limit", "pool_timeout", "connect_timeout", "application_name", "schema"]
    const query = twice.map((parameter) => `${parameter}=30&${parameter}=3`).join("&")
    const warnings = await collectWarnings(async () =>
      entries[name]?.(`postgresql://app@db/${name}?${query}`),
    )
    const given = warnings.filter((text) => text.includes("more than once"))
    expect(given).toEqual(
      twice.map((parameter) => expect.stringMatching(`^${parameter} in the URL is given more than once`)),
    )
  })
})

describe("pool_timeout", () => {
  const masks = (remedy: string) => [
    expect.stringMatching(/^pool_timeout .*not longer than connect_timeout/),
    expect.stringContaining(`full pool. ${remedy}.`),
  ]
  const VARIABLE = "(PRISMA_POOL_TIMEOUT)"
  const CONNECT_VARIABLE = "(PRISMA_CONNECT_TIMEOUT)"
  test.each([
    [
      "pool_timeout=10&connect_timeout=10",
      `Leave out pool_timeout, or write pool_timeout=20 ${VARIABLE}, or write connect_timeout=9 ${CONNECT_VARIABLE}`,
    ],
    [
      "pool_timeout=15&connect_timeout=30",
      `Leave out pool_timeout, or write pool_timeout=40 ${VARIABLE}, or write connect_timeout=10 ${CONNECT_VARIABLE}`,
    ],
    [
      "pool_timeout=5&connect_timeout=10",
      `Leave out pool_timeout, or write pool_timeout=20 ${VARIABLE}, or write connect_timeout=4 ${CONNECT_VARIABLE}`,
    ],
    ["pool_timeout=1", `Leave out pool_timeout, or write pool_timeout=20 ${VARIABLE}`],
    ["pool_timeout=1&connect_timeout=0", "Leave out pool_timeout and connect_timeout"],
    ["pool_timeout=5&connect_timeout=0", `Write connect_timeout=4 ${CONNECT_VARIABLE}`],
    ["connect_timeout=0", `Write connect_timeout=10 ${CONNECT_VARIABLE}`],
  ])("%s says what to write", (query, remedy) => {
    for (const line of masks(remedy)) expect(problems(query)).toEqual([line])
  })

  test.each([
    ["", 20],
    ["connect_timeout=0", 20],
    ["connect_timeout=19", 20],
    ["connect_timeout=20", 30],
    ["connect_timeout=30", 40],
    ["connect_timeout=30&pool_timeout=5", 5],
  ])("%s waits %i s: a default gives way, and what was written does not", async (query, seconds) => {
    const url = `postgresql://app@db/core?${query}`
    await collectWarnings(async () => {
      expect(poolConfigFromUrl(url).pool.connectionTimeoutMillis).toBe(seconds * 1_000)
    })
    expect(readPoolSettings({ DATABASE_URL_CORE: url }).poolTimeout).toBe(seconds)
  })

  test.each([
    // Prisma 6's own default, as somebody may have written it out.
    ["pool_timeout=10", 9],
    ["pool_timeout=2", 1],
    // Nothing is shorter.
    ["pool_timeout=1", 10],
    ["pool_timeout=0", 10],
    ["pool_timeout=11", 10],
    ["pool_timeout=10&connect_timeout=10", 10],
  ])("%s opens a connection for %i s", async (query, seconds) => {
    const url = `postgresql://app@db/core?${query}`
    await collectWarnings(async () => {
      expect(poolConfigFromUrl(url).pool.connectTimeoutMillis).toBe(seconds * 1_000)
    })
    expect(readPoolSettings({ DATABASE_URL_CORE: url }).connectTimeout).toBe(seconds)
  })

  test.each([
    ["pool_timeout=10", []],
    ["connect_timeout=30", []],
    ["pool_timeout=11&connect_timeout=10", []],
    ["pool_timeout=0&connect_timeout=0", []],
    ["pool_timeout=0", []],
    ["", []],
  ])("%s", (query, expected) => {
    expect(problems(query)).toEqual(expected)
  })
})

describe("a mark of an integration is no parameter, and nothing to remove", () => {
  test.each(["supa=base-pooler.x", "workaround=supabase-pooler.vercel"])("%s", (query) => {
    expect(problems(query)).toEqual([])
  })
})

describe("a least size is never taken for the most, which would make a pool of one", () => {
  test.each([
    "min",
    "min_pool_size",
    "minPoolSize",
    "minimum_idle",
    "minimumIdle",
    "min_idle",
    "minconn",
    "min_connections",
    "pool_min",
    "poolMin",
    "minimum-pool-size",
  ])("%s", (name) => {
    expect(problems(`${name}=1`)).toEqual([
      `${name} has no effect here. connection_limit is the maximum. For connections that are open in advance set PRISMA_POOL_MIN_IDLE, or minIdle in the options of createPool.`,
    ])
  })
})

test("more connections than a Cloud SQL socket has", () => {
  const socket = "host=/cloudsql/project:region:instance"
  expect(problems(`${socket}&connection_limit=101`)).toEqual([
    expect.stringMatching(/^connection_limit \(101\) is more than the 100 .*Write connection_limit=100,/),
  ])
  expect(problems(`${socket}&connection_limit=100`)).toEqual([])
  expect(problems("host=/var/run/postgresql&connection_limit=101")).toEqual([])
})

describe("TLS parameters that are at odds", () => {
  const ca = encodeURIComponent(fileURLToPath(new URL("../../LICENSE", import.meta.url)))
  test.each([
    ["sslmode=disable&sslaccept=strict", ["sslaccept"]],
    ["ssl=false&sslnegotiation=direct", ["sslnegotiation"]],
    ["sslmode=verify-full&sslaccept=accept_invalid_certs", ["sslaccept"]],
    ["sslmode=verify-ca&sslaccept=accept_invalid_certs", ["sslaccept"]],
    ["sslmode=no-verify&sslaccept=strict", ["sslmode"]],
    ["sslmode=prefer&sslnegotiation=direct", ["sslnegotiation"]],
    ["sslpassword=x", ["sslpassword"]],
    ["sslkey=x", ["sslkey"]],
    ["sslmode=require&sslaccept=accept_invalid_certs", []],
    ["sslmode=require&sslnegotiation=direct", []],
    ["sslaccept=strict", []],
    ["sslmode=disable&channel_binding=require", ["channel_binding"]],
    ["host=/tmp&channel_binding=require", ["channel_binding"]],
    ["host=/tmp&sslmode=require", ["sslmode"]],
    ["host=/tmp&sslmode=prefer", []],
    ["ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2", ["ssl_min_protocol_version"]],
    ["ssl_min_protocol_version=TLSv1.2&ssl_max_protocol_version=TLSv1.3", []],
    ["ssl_min_protocol_version=TLSv1.3", []],
    ["sslrootcert=system", []],
    ["sslrootcert=system&sslmode=verify-full", []],
    ["sslrootcert=system&sslmode=disable", ["sslrootcert"]],
    ["sslrootcert=system&sslmode=prefer", ["sslrootcert"]],
    ["sslrootcert=system&sslmode=prefer&sslaccept=strict", ["sslrootcert"]],
    ["sslrootcert=system&sslmode=no-verify", ["sslrootcert"]],
    ["sslrootcert=system&ssl=0", ["sslrootcert"]],
    ["sslrootcert=system&sslaccept=accept_invalid_certs", ["sslaccept"]],
    ["sslmode=require&sslrootcert=system", []],
    ["sslmode=require&sslaccept=accept_invalid_certs&sslrootcert=system", ["sslrootcert"]],
    ["uselibpqcompat=true&sslmode=require&sslrootcert=system", ["sslrootcert"]],
    ["ssl=false&sslmode=require", ["ssl"]],
    ["sslmode=disable&sslpassword=x", ["sslpassword"]],
    ["sslmode=disable&ssl_min_protocol_version=TLSv1.2", ["ssl_min_protocol_version"]],
  ])("%s", (query, names) => {
    expect(problems(query).map((line) => line.split(" ")[0])).toEqual(names)
  })

  test("a CA that nothing is verified with", () => {
    const names = (query: string) => problems(query).map((line) => line.split(" is ")[0])
    expect(names(`sslcert=${ca}`)).toContain("sslcert")
    expect(names(`sslrootcert=${ca}&sslmode=no-verify`)).toContain("sslrootcert")
  })
})

test("start-up parameters with pgbouncer=true", () => {
  const query =
    "pgbouncer=true&options=-c%20a%3Db&statement_timeout=1&lock_timeout=1&idle_in_transaction_session_timeout=1"
  expect(problems(query).map((line) => line.split(" ")[0])).toEqual([
    "options",
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
  ])
  expect(problems("pgbouncer=true&schema=tenant&application_name=api")).toEqual([])
})

test.each([
  ["endpoint%3Dep-cool-1", []],
  ["reference=abcd", []],
  ["project%3Da+databaseid%3Db", []],
  ["endpoint%3Dep-1+-c%20search_path%3Dapp%20-c+work_mem=8MB", ["search_path, work_mem"]],
  ["--Search-Path%3Dapp", ["search_path"]],
  ["-cwork_mem%3D8MB%20reference%3Dabcd", ["work_mem"]],
  ["-S%2064%20reference%3Dabcd", ["-S"]],
])("options=%s with pgbouncer=true: only what routes is sent", (options, names) => {
  expect(problems(`pgbouncer=true&options=${options}`)).toEqual(
    names.map((name) => expect.stringContaining(`options sets ${name}, which is not sent`)),
  )
})

test.each([
  ["pgbouncer=true&statement_cache_size=50", ["statement_cache_size"]],
  ["pgbouncer=true&statement_cache_size=0", []],
  ["socket_timeout=1&query_timeout=5", ["query_timeout"]],
  ["keepalives=0&keepalives_idle=30", ["keepalives_idle"]],
  ["schema=core&options=-c%20search_path%3Dother", ["options"]],
  ["schema=core&options=-c%20work_mem%3D8MB", []],
  ["schema=core&options=-c%20search_path%3Dcore,extensions", []],
  ["schema=core&options=--search_path%3Dcore", []],
  ["schema=core&options=-c%20search_path%3Dextensions,%5C%20CORE", []],
  ["schema=Core&options=-c%20search_path%3D%22Core%22,public", []],
  ["schema=Core&options=-c%20search_path%3DCore", ["options"]],
  ["schema=core&options=-c%20search_path%3Dcore%20-c%20search-path%3Dother", ["options"]],
  ["schema=core&options=-c%20app.search_path%3Dother", []],
])("other parameters that are at odds: %s", (query, names) => {
  expect(problems(query).map((line) => line.split(" ")[0])).toEqual(names)
})
