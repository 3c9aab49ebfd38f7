import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type DatabaseUrl, urlText, withParameters } from "../../src/config/database-url.ts"
import { allowed } from "../../src/config/option.ts"
import { defaultConnectTimeout, defaultPoolTimeout } from "../../src/config/options.ts"
import { parseDatabaseUrl } from "../../src/config/parse-database-url.ts"
import { readUrlValues, URL_PARAMETERS, type UrlOption } from "../../src/config/url-values.ts"
import { PoolConfigError, poolConfigFromUrl } from "../../src/index.ts"
import { runs } from "../support/properties.ts"
import { refusedNames } from "../support/refused-names.ts"

const BASE = "postgresql://app:hunter2@db:5432/core"

const parsed = (url: string) => parseDatabaseUrl(url, "url", []) as DatabaseUrl

/** Values that a row takes, as they are meant. */
function valuesOf(row: UrlOption): fc.Arbitrary<string> {
  switch (row.kind) {
    case "number":
      return fc
        .oneof(fc.constantFrom(row.min, row.max), fc.integer({ min: row.min, max: row.max }))
        .map(String)
    case "boolean":
      return fc.constantFrom("true", "false")
    case "choice":
      return fc.constantFrom(...row.choices)
    case "text":
      return fc
        .oneof(
          fc.string({ minLength: 1, maxLength: 30 }),
          fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
        )
        .filter(
          (text) => text.trim() !== "" && !/[\p{Cc}\p{Cs}]/u.test(text) && Buffer.byteLength(text) <= 63,
        )
  }
}

/** An invalid host makes the whole URL unreadable. */
const ROWS = URL_PARAMETERS.filter(({ parameter }) => parameter !== "host")

const parameters = fc
  .shuffledSubarray([...ROWS])
  .chain((rows) => fc.tuple(fc.constant(rows), fc.tuple(...rows.map(valuesOf))))
  .map(([rows, values]) => rows.map(({ parameter }, index) => [parameter, values[index] as string] as const))

describe("for any parameters in any order", () => {
  test("what is built is read back, percent-encoded or with a + for each space", () => {
    fc.assert(
      fc.property(parameters, fc.boolean(), (given, plus) => {
        const built = urlText(withParameters(parsed(BASE), Object.fromEntries(given)))
        const url = plus ? built.replaceAll("%20", "+") : built
        const issues: [] = []
        const values = Object.values(readUrlValues(parsed(url), issues))
        expect(issues).toEqual([])
        const expected = new Map(given)
        const ofPool = expected.get("pool_timeout")
        const connectTimeout =
          expected.get("connect_timeout") ??
          defaultConnectTimeout(ofPool === undefined ? ofPool : Number(ofPool))
        const poolTimeout = ofPool ?? defaultPoolTimeout(Number(connectTimeout))
        const together = new Map<string, unknown>(
          Object.entries({ connect_timeout: connectTimeout, pool_timeout: poolTimeout }),
        )
        URL_PARAMETERS.forEach((row, index) => {
          const unset = "default" in row ? row.default : undefined
          const value = expected.get(row.parameter) ?? together.get(row.parameter) ?? unset
          expect(values[index] === undefined ? undefined : String(values[index]), row.parameter).toBe(
            value === undefined ? undefined : String(value),
          )
        })
      }),
      runs(1_000),
    )
  })

  test("building again changes nothing", () => {
    fc.assert(
      fc.property(parameters, (given) => {
        const built = urlText(withParameters(parsed(BASE), Object.fromEntries(given)))
        expect(urlText(withParameters(parsed(built), Object.fromEntries(given)))).toBe(built)
      }),
    )
  })
})

describe("a value that is out of range names its parameter and what is allowed", () => {
  const wrong: Record<UrlOption["kind"], readonly string[]> = {
    number: ["", "-1", "1.5", "10s", "1e3", "NaN", "0x10", "٣", "99999999999999999999"],
    boolean: ["", "1", "yes", "True"],
    choice: ["", "verify_full", "REQUIRE", "true%20"],
    text: ["%00", "%20%20", "%0a"],
  }
  const cases = ROWS.flatMap((row) => wrong[row.kind].map((value) => ({ ...row, row, value })))
  test.each(cases)("$parameter=$value", ({ row, value }) => {
    try {
      poolConfigFromUrl(`${BASE}?${row.parameter}=${value}`)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(PoolConfigError)
      // An invalid port makes the whole URL unreadable.
      if (row.parameter === "port" && value !== "") return
      const { issues } = error as PoolConfigError
      expect(issues[0]?.name).toBe(row.parameter)
      expect(issues[0]?.remedy).toContain(allowed(row))
    }
  })

  test("all of them at once", () => {
    const all = ROWS.filter(({ kind, parameter }) => kind !== "text" && parameter !== "port")
    const query = all.map(({ parameter }) => `${parameter}=wrong`).join("&")
    const names = refusedNames(() => poolConfigFromUrl(`${BASE}?${query}`))
    expect(names).toEqual(all.map(({ parameter }) => parameter))
  })
})

test("no password is ever in a message: not one of the URL, of a parameter, or of a file", () => {
  const secrets = ["hunter2", "s3cr\u0001t", "swordfish"]
  const query = `password=${secrets[1]}%00&sslpassword=${secrets[2]}%00&connection_limit=x&sslidentity=/no/file`
  try {
    poolConfigFromUrl(`${BASE}?${query.replace("\u0001", "e")}`)
    expect.unreachable()
  } catch (error) {
    expect((error as PoolConfigError).issues.length).toBeGreaterThan(2)
    expect(String((error as Error).stack)).not.toMatch(/hunter2|s3cr|swordfish/)
  }
})

test("any text at all gives a configuration or a PoolConfigError, never another error", () => {
  const names = fc.constantFrom(
    ...URL_PARAMETERS.map(({ parameter }) => parameter),
    "x",
    "",
    "__proto__",
    "constructor",
  )
  const value = fc.oneof(
    fc.string({ unit: "binary", maxLength: 12 }).filter((text) => !/\p{Cs}/u.test(text)),
    fc.constantFrom("true", "1", "strict", "/dev/null"),
  )
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc
      .array(fc.tuple(names, value), { maxLength: 6 })
      .map(
        (pairs) => `${BASE}?${pairs.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join("&")}`,
      ),
    fc
      .array(fc.tuple(names, value), { maxLength: 6 })
      .map((pairs) => `${BASE}?${pairs.map((pair) => pair.join("=")).join("&")}`),
  )
  let accepted = 0
  fc.assert(
    fc.property(anything, fc.boolean(), (url, strict) => {
      try {
        poolConfigFromUrl(url, { strict })
        accepted += 1
      } catch (error) {
        if (!(error instanceof PoolConfigError)) throw error
        expect(error.message).not.toContain("hunter2")
      }
    }),
    runs(3_000),
  )
  expect(accepted).toBeGreaterThan(200)
})
