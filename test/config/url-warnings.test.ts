import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { UNSUPPORTED_PARAMETERS } from "../../src/config/url-options.ts"
import { URL_PARAMETERS } from "../../src/config/url-values.ts"
import { closestParameter } from "../../src/config/url-warnings.ts"
import { PoolConfigError, poolConfigFromUrl } from "../../src/index.ts"
import { collectWarnings } from "../support/helpers.ts"

/** What `strict` says of a URL. */
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
  ])("%s: did you mean %s?", (written, meant) => {
    expect(problems(`${written}=1`)).toEqual([
      `${written} is not a parameter that takes effect. Did you mean ${meant}? If not, remove it.`,
    ])
  })

  test.each(["foo", "api_key", "supa", "x", "zzzzzzzzzzzz"])("%s is near none", (written) => {
    expect(closestParameter(written)).toBeUndefined()
    expect(problems(`${written}=1`)).toEqual([`${written} is not a parameter that takes effect. Remove it.`])
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

describe("pool_timeout", () => {
  const masks = expect.stringMatching(/^pool_timeout .*not longer than connect_timeout/)
  test.each([
    ["pool_timeout=10&connect_timeout=10", [masks]],
    ["pool_timeout=5", [masks]],
    ["connect_timeout=30", [masks]],
    ["pool_timeout=5&connect_timeout=0", [masks]],
    ["pool_timeout=11&connect_timeout=10", []],
    ["pool_timeout=0&connect_timeout=0", []],
    ["pool_timeout=0", []],
    ["", []],
  ])("%s", (query, expected) => {
    expect(problems(query)).toEqual(expected)
  })
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
    ["sslrootcert=system", ["sslrootcert"]],
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
  ["pgbouncer=true&statement_cache_size=50", ["statement_cache_size"]],
  ["pgbouncer=true&statement_cache_size=0", []],
  ["socket_timeout=1&query_timeout=5", ["query_timeout"]],
  ["keepalives=0&keepalives_idle=30", ["keepalives_idle"]],
  ["schema=core&options=-c%20search_path%3Dother", ["options"]],
  ["schema=core&options=-c%20work_mem%3D8MB", []],
])("other parameters that are at odds: %s", (query, names) => {
  expect(problems(query).map((line) => line.split(" ")[0])).toEqual(names)
})

test("what providers hand out passes", () => {
  for (const query of [
    "sslmode=require",
    "sslmode=require&channel_binding=require",
    "pgbouncer=true&connection_limit=1",
    "sslmode=require&options=project%3Dname",
    "schema=public&sslmode=prefer&connect_timeout=15&pool_timeout=20",
  ])
    expect(problems(query), query).toEqual([])
})
