import fc from "fast-check"
import { describe, expect, test } from "vitest"
import packageJson from "../../package.json" with { type: "json" }
import { fleetFragment, fleetLink, readFleetFragment, SITE } from "../../src/declaration/fleet-link.ts"
import { PoolConfigError } from "../../src/error.ts"

const FLEET = {
  maxConnections: 100,
  reserved: { "admin, Métabase": 10, ["__proto__"]: 1 },
  consumers: { api: { instances: 3, weight: 2 }, "worker 🐘": { instances: 2, poolSize: 5, surge: 0 } },
  jobs: [{ name: "import", schedule: "0 3 * * *", timezone: "Europe/Paris", timeout: "1h30m", poolSize: 10 }],
  poolers: { pgbouncer: { instances: 2, pools: [{ database: "core", user: "app" }], poolSize: 20 } },
} as const

const fragmentOf = (json: string) => `v1.${Buffer.from(json).toString("base64url")}`

/** What the error says; a fragment that is read is no error. */
function problemsOf(fragment: string): string {
  try {
    return JSON.stringify(readFleetFragment(fragment))
  } catch (error) {
    if (!(error instanceof PoolConfigError)) throw error
    return error.message
  }
}

test("a link gives back the fleet, whatever its names are", () => {
  const fragment = fleetFragment(FLEET)
  expect(readFleetFragment(`#${fragment}`)).toEqual(FLEET)
  expect(fragment).toMatch(/^v1\.[\w-]+$/)
})

test.each(["postgresql://app:pw@db/shop", "postgresql:\\/\\/app:pw@db", "postgresql%3a%2F%2Fapp:pw@db"])(
  "none is made of the name %s",
  (name) => {
    const consumers = { [name]: { instances: 1, poolSize: 1 } }
    expect(() => fleetFragment({ maxConnections: 100, consumers })).toThrow("would carry a URL")
  },
)

test("none is made that nobody could open", () => {
  const consumers = Object.fromEntries(
    Array.from({ length: 8_000 }, (_, index) => [
      `a-service-with-a-long-name-${index}`,
      { instances: 1, poolSize: 1 },
    ]),
  )
  expect(() => fleetFragment({ maxConnections: 100, consumers })).toThrow("opens at most 500000")
})

test("any names and numbers survive", () => {
  const name = fc
    .string({ unit: "grapheme", minLength: 1 })
    .filter((text) => text.trim() !== "" && !/:(\\*\/){2}|%3A%2F%2F/i.test(text))
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.record({ instances: fc.nat(100), poolSize: fc.integer({ min: 1, max: 99 }) })),
      (consumers) => {
        const fleet = { maxConnections: 100, consumers }
        expect(readFleetFragment(fleetFragment(fleet))).toEqual(fleet)
      },
    ),
  )
})

test("it has sizes and names alone", () => {
  const fragment = fleetFragment({
    ...FLEET,
    $schema: "https://example.org/schema",
    applications: { "secret-app": "api" },
    roles: { secret_role: "api" },
    poolers: { pgbouncer: { ...FLEET.poolers.pgbouncer, hosts: ["secret.internal"] } },
    deployments: {
      keys: ["SECRET_URL"],
      server: "secret_rdb.main",
      hosts: ["secret.internal"],
      exclude: { "a.secret": "secret reason" },
    },
  })
  expect(Buffer.from(fragment.slice(3), "base64url").toString()).not.toMatch(/secret/i)
  expect(readFleetFragment(fragment)).toEqual(FLEET)
})

test("a name that is a URL makes no link", () => {
  const fleet = { consumers: { "postgresql://app:s3cret@db/core": { instances: 1, poolSize: 1 } } }
  expect(() => fleetLink(fleet)).toThrow("a name of the fleet has one in it")
  expect(() => fleetLink(fleet)).not.toThrow("s3cret")
})

describe("a fragment that is none of ours", () => {
  test.each(["", "#", "#the-day", "#v", "#vv1.", "#__proto__"])("is ignored: %j", (fragment) => {
    expect(readFleetFragment(fragment)).toBeUndefined()
  })

  test.each([
    ["v2.abc", "link: is of another version of this page"],
    ["v1.", "link: is damaged"],
    ["v1.%%%", "link: is damaged"],
    ["v1.\u0000", "link: is damaged"],
    ["v1.🐘", "link: is damaged"],
    [`v1.${Buffer.from([0xff, 0xfe]).toString("base64url")}`, "link: is damaged"],
    [fragmentOf("{"), "link: is damaged"],
    [`v1.${"A".repeat(500_000)}`, "link: has 500003 characters"],
    [fragmentOf("[".repeat(50_000)), "link: is damaged"],
    [fragmentOf("null"), "pool.config: received null"],
    [fragmentOf("[]"), "pool.config: received an array"],
    [fragmentOf('{"__proto__":{"maxConnections":1}}'), "__proto__: is not a known field"],
    [fragmentOf('{"maxConnections":"100"}'), 'maxConnections: received "100"'],
    [fragmentOf('{"consumers":{"":{"instances":1}}}'), 'received the name ""'],
    [
      fragmentOf('{"servers":{"a":{"maxConnections":9}}}'),
      "servers: has 1 fleets, and the calculator shows one",
    ],
  ])("is named, and never an exception of ours: %.30s", (fragment, problem) => {
    expect(problemsOf(fragment)).toContain(problem)
  })

  test("whatever it has in it", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void problemsOf(`v1.${text}`)))
    fc.assert(fc.property(fc.json(), (json) => void problemsOf(fragmentOf(json))))
  })
})

test("the site is the package's home page", () => {
  expect(SITE).toBe(packageJson.homepage)
})
