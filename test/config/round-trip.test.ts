import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { coreDatabaseUrl, PoolConfigError, readPoolSettings, redactUrl } from "../../src/config/index.ts"
import { readSettings } from "../../src/config/settings.ts"
import { urlWith } from "../../src/config/url-with-settings.ts"
import { pgOptions, poolConfigFromUrl } from "../../src/pool/pool-config-from-url.ts"
import { runs } from "../support/properties.ts"

const OWN = ["connection_limit", "pool_timeout", "connect_timeout", "application_name"]
const digits = (min: number, max: number) => fc.integer({ min, max }).map(String)
const seconds = fc.oneof(digits(0, 60), digits(0, 2_147_483))
const applicationNames = fc
  .oneof(fc.string({ minLength: 1, maxLength: 60 }), fc.string({ unit: "grapheme", maxLength: 20 }))
  .filter((name) => name.trim() !== "" && !/[\p{Cc}\p{Cs}]/u.test(name) && Buffer.byteLength(name) <= 63)

/** Each setting, present or not. */
const settings = fc.record(
  {
    connection_limit: digits(1, 10_000),
    pool_timeout: seconds,
    connect_timeout: seconds,
    application_name: applicationNames,
  },
  { requiredKeys: [] },
)

const bases = fc.constantFrom(
  "postgresql://app:p%40ss@db:5432/core",
  "postgres://app:p@ss:w%@db",
  "POSTGRESQL://[::1]:6543/my%20core",
  "postgresql://app:p w+@/core?host=/sock",
  "postgresql:///core?host=%2Fvar%2Frun",
)

/** Raw parameters that this package does not know, as wild as a URL may hold them. */
const extras = fc.array(
  fc
    .tuple(
      fc.stringMatching(/^[\w.-]{1,12}$/).filter((name) => !OWN.includes(name) && name !== "host"),
      fc.option(
        fc
          .array(fc.constantFrom(..."aZ9 +%=:;/,é🐘'\"\\[]{}|^~*!$().", "%20", "%2B", "%26", "%zz", "%E9"), {
            maxLength: 8,
          })
          .map((pieces) => pieces.join("").replace(/\s+$/, "")),
        { nil: undefined },
      ),
    )
    .map(([name, value]) => (value === undefined ? name : `${name}=${value}`)),
  { maxLength: 6 },
)

interface Scattered {
  readonly env: Record<string, string>
  readonly extra: readonly string[]
}

const VARIABLES: Record<string, string> = {
  connection_limit: "PRISMA_POOL_SIZE_CORE",
  pool_timeout: "PRISMA_POOL_TIMEOUT",
  connect_timeout: "PRISMA_CONNECT_TIMEOUT",
  application_name: "PRISMA_APPLICATION_NAME",
}

/** Settings in variables, in the URL or in both, among other parameters in any order. */
const environments: fc.Arbitrary<Scattered> = fc
  .record({ base: bases, inUrl: settings, inVariables: settings, extra: extras, plus: fc.boolean() })
  .chain(({ base, inUrl, inVariables, extra, plus }) => {
    const own = Object.entries(inUrl).map(([name, value]) => {
      const encoded = encodeURIComponent(value)
      return `${name}=${plus ? encoded.replaceAll("%20", "+") : encoded}`
    })
    const all = [...own, ...extra]
    return fc.shuffledSubarray(all, { minLength: all.length }).map((query) => {
      const isExtra = (raw: string) => !own.includes(raw)
      const mark = base.includes("?") ? "&" : "?"
      return {
        extra: query.filter(isExtra),
        env: {
          DATABASE_URL_CORE: query.length === 0 ? base : `${base}${mark}${query.join("&")}`,
          ...Object.fromEntries(
            Object.entries(inVariables).map(([name, value]) => [VARIABLES[name] as string, value]),
          ),
        },
      }
    })
  })

const isOwn = (raw: string) => OWN.includes(raw.split("=")[0] as string)
const queryOf = (url: string) => url.split("?")[1]?.split("&") ?? []

describe("for any settings and other parameters, in any order", () => {
  test("what coreDatabaseUrl builds, readPoolSettings reads back", () => {
    fc.assert(
      fc.property(environments, ({ env }) => {
        const { url: _, ...read } = readPoolSettings(env)
        const { url, ...again } = readPoolSettings({ DATABASE_URL_CORE: coreDatabaseUrl(env) })
        expect(again).toEqual(read)
        expect(coreDatabaseUrl({ DATABASE_URL_CORE: url })).toBe(url)
        expect(coreDatabaseUrl({ ...env, DATABASE_URL_CORE: url })).toBe(url)
      }),
      runs(1_000),
    )
  })

  test("everything before the ? and every other parameter survives byte for byte", () => {
    fc.assert(
      fc.property(environments, ({ env, extra }) => {
        const given = env["DATABASE_URL_CORE"] as string
        const built = coreDatabaseUrl(env)
        expect(built.split("?")[0]).toBe(given.split("?")[0])
        expect(queryOf(built).filter((raw) => !isOwn(raw) && !raw.startsWith("host="))).toEqual(extra)
        // Those of ours that were there are where they were.
        expect(queryOf(built).slice(0, queryOf(given).length).map(nameOf)).toEqual(queryOf(given).map(nameOf))
      }),
      runs(1_000),
    )
  })

  test("another parser reads the same settings from the URL", () => {
    fc.assert(
      fc.property(environments, ({ env }) => {
        const settings = readPoolSettings(env)
        const parameters = new URLSearchParams(coreDatabaseUrl(env).split("?")[1])
        expect(parameters.getAll("connection_limit")).toEqual([String(settings.connectionLimit)])
        expect(parameters.getAll("pool_timeout")).toEqual([String(settings.poolTimeout)])
        expect(parameters.getAll("connect_timeout")).toEqual([String(settings.connectTimeout)])
        expect(parameters.get("application_name") ?? undefined).toBe(settings.applicationName)
      }),
    )
  })
})

/** The options of a pool as JSON, or every issue and warning that stands against them. */
function outcome(run: () => unknown): unknown {
  try {
    return JSON.stringify(run())
  } catch (error) {
    if (!(error instanceof PoolConfigError)) throw error
    return error.issues
  }
}

test("a pool made of the settings is the one made of their URL, with the same warnings", () => {
  const others = fc.shuffledSubarray([
    "schema=core",
    "schema=other",
    "pgbouncer=true",
    "socket_timeout=5",
    "socket_timeout=x",
    "sslmode=disable",
    "sslmode=require",
    "statement_timeout=7",
    "connection_limits=5",
    "connection_limit=3",
    "pool_timeout=4",
    "application_name=",
    "application_name=",
    "application_name=job",
    "keepalives=0",
    "keepalives_idle=9",
    "password=other",
  ])
  const taken = new Set<unknown>()
  fc.assert(
    fc.property(environments, others, fc.boolean(), ({ env }, added, strict) => {
      const given = env["DATABASE_URL_CORE"] as string
      const url = added.length === 0 ? given : `${given}${given.includes("?") ? "&" : "?"}${added.join("&")}`
      const settings = readSettings({ ...env, DATABASE_URL_CORE: url }, "CORE")
      const text = coreDatabaseUrl({ ...env, DATABASE_URL_CORE: url })
      const made = outcome(() => pgOptions(urlWith(settings), { strict, known: settings }))
      expect(made).toEqual(outcome(() => poolConfigFromUrl(text, { strict })))
      taken.add(typeof made)
    }),
    runs(500),
  )
  expect([...taken].sort()).toEqual(["object", "string"])
})

function nameOf(raw: string): string {
  return raw.split("=")[0] as string
}

test("any text at all as DATABASE_URL_CORE gives settings or a PoolConfigError, never another error", () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ maxLength: 40 }).map((text) => `postgresql://${text}`),
    fc.string({ unit: "binary", maxLength: 40 }).map((text) => `postgresql://app:pw@db/core?${text}`),
    fc
      .array(
        fc.constantFrom(
          "postgresql://",
          "postgres:",
          ..."@:/?#&=%[]+,5 \\",
          "connection_limit",
          "application_name=",
          "host=",
          "db",
          "%00",
          "%ff",
          "\ud800",
          "::1",
          "0",
          "é",
        ),
        { maxLength: 16 },
      )
      .map((pieces) => `postgresql://${pieces.join("")}`),
  )
  let accepted = 0
  fc.assert(
    fc.property(anything, (url) => {
      try {
        const settings = readPoolSettings({ DATABASE_URL_CORE: url })
        const built = coreDatabaseUrl({ DATABASE_URL_CORE: url })
        expect(coreDatabaseUrl({ DATABASE_URL_CORE: built })).toBe(built)
        expect(settings.url).toBe(url)
        expect(redactUrl(url)).not.toBe("***")
        accepted += 1
      } catch (error) {
        if (!(error instanceof PoolConfigError)) throw error
      }
    }),
    runs(3_000),
  )
  expect(accepted).toBeGreaterThan(500)
})
