import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { poolConfigJsonSchema } from "../../scripts/pool-config-json-schema.ts"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import { readFleetConfig } from "../../src/declaration/read-fleet-config.ts"
import { PoolConfigError } from "../../src/error.ts"
import { badValues, names, refusal, title } from "../support/bad-values.ts"

const schemaFile = new URL("../../docs/pool.config.schema.json", import.meta.url)

describe("docs/pool.config.schema.json", () => {
  test("is what the schema says", () => {
    expect(readFileSync(schemaFile, "utf8"), 'out of step: run "npm run docs"').toBe(poolConfigJsonSchema())
  })

  test("describes every field but the one for editors", () => {
    const { properties, definitions } = JSON.parse(poolConfigJsonSchema())
    const described = (schema: { description?: string; $ref?: string }): unknown =>
      schema.$ref === undefined
        ? schema.description
        : described(definitions[schema.$ref.replace("#/definitions/", "")])
    const without = Object.keys(properties).filter((name) => described(properties[name]) === undefined)
    expect(without).toEqual(["$schema", "limits"])
  })
})

const editors = z.fromJSONSchema(JSON.parse(poolConfigJsonSchema()))

/** Whether editors, by the schema, take a declaration. */
const isValid = (config: unknown) => editors.safeParse(config).success

const isRead = (config: unknown) => {
  try {
    readFleetConfig(config)
    return true
  } catch (error) {
    if (error instanceof PoolConfigError) return false
    throw error
  }
}

const api = (field: string, value: unknown) => ({
  maxConnections: 100,
  consumers: { api: { instances: 1, ...(field === "poolSize" ? {} : { weight: 1 }), [field]: value } },
})

const pooled = (field: string, value: unknown) => ({
  maxConnections: 100,
  consumers: { api: { instances: 1, poolSize: 1, pooler: "p" } },
  poolers: {
    p: {
      instances: 1,
      ...(["poolSize", "users", "databases"].includes(field) ? {} : { weight: 1 }),
      [field]: value,
    },
  },
})

const listed = (field: string, value: unknown) =>
  pooled("pools", [{ database: "core", user: "app", [field]: value }])

const job = (field: string, value: unknown) => ({
  maxConnections: 100,
  jobs: [
    {
      name: "a",
      schedule: "0 3 * * *",
      timeout: "1m",
      ...(field === "poolSize" ? {} : { weight: 1 }),
      [field]: value,
    },
  ],
})

describe("the schema and the reader of fleets refuse the same numbers", () => {
  const places: readonly [string, (value: unknown) => unknown][] = [
    ["maxConnections", (value) => ({ maxConnections: value })],
    ["superuserReserved", (value) => ({ superuserReserved: value })],
    ["reservedConnections", (value) => ({ reservedConnections: value })],
    ["providerReserved", (value) => ({ providerReserved: value })],
    ["reserved.a", (value) => ({ reserved: { a: value } })],
    ["limits.role", (value) => ({ limits: { role: value } })],
    ["fill", (value) => ({ fill: value })],
    ...["instances", "poolSize", "poolsPerInstance", "surge", "weight", "min", "max"].map(
      (field): [string, (value: unknown) => unknown] => [
        `consumers.api.${field}`,
        (value) => api(field, value),
      ],
    ),
    ...["poolSize", "poolsPerInstance", "retries", "maxRuns", "replicas", "weight", "min", "max"].map(
      (field): [string, (value: unknown) => unknown] => [`jobs.a.${field}`, (value) => job(field, value)],
    ),
    ...[
      ...["instances", "surge", "poolSize", "weight", "min", "max", "reservePoolSize", "maxDbConnections"],
      ...["maxUserConnections", "maxClientConnections", "orphans"],
    ].map((field): [string, (value: unknown) => unknown] => [
      `poolers.p.${field}`,
      (value) => pooled(field, value),
    ]),
    ...["poolSize", "reservePoolSize", "maxDbConnections", "maxUserConnections"].map(
      (field): [string, (value: unknown) => unknown] => [
        `poolers.p.pools[0].${field}`,
        (value) => listed(field, value),
      ],
    ),
    [
      "deployments.override.x.poolSize",
      (value) => ({ deployments: { override: { x: { poolSize: value, reason: "r" } } } }),
    ],
  ]

  describe.each(places)("%s", (name, config) => {
    test.each(badValues.map((value) => [title(value), value] as const))("%s", (_, value) => {
      const isFraction = value === 1.5 && /weight/.test(name)
      const isBelowZero = value === -1 && name === "limits.role"
      expect([isValid(config(value)), isRead(config(value))]).toEqual(
        isFraction || isBelowZero ? [true, true] : [false, false],
      )
      if (!isFraction && !isBelowZero)
        expect(names(refusal(() => readFleetConfig(config(value))))).toContain(name)
    })
  })

  // Which sizes go together, and what is left of a ceiling, no schema says.
  const alone = places.filter(([name]) => !/reserved|superuser|max$|maxConnections/.test(name))

  test.each(alone)("%s: any number that one takes, the other takes", (_, config) => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.integer({ min: -2, max: 12_000 })), (value) => {
        expect(isRead(config(value))).toBe(isValid(config(value)))
      }),
      { examples: [[0], [1]] },
    )
  })
})

describe("a declaration", () => {
  test("is given back as it is", () => {
    const config = {
      $schema: "./schema.json",
      maxConnections: 100,
      consumers: { api: { instances: 3, weight: 2 }, worker: { instances: 2, poolSize: 5, surge: 0 } },
      jobs: [{ name: "import", schedule: "0 3 * * *", timezone: "Europe/Paris", timeout: "1h30m", max: 10 }],
      deployments: {
        keys: ["DATABASE_URL"],
        exclude: { a: "because" },
        override: { b: { maxRuns: 1, reason: "a lock" } },
      },
    }
    expect(readFleetConfig(config)).toBe(config)
    expect(readFleetConfig({})).toEqual({})
  })

  test.each(["constructor", "__proto__", "toString"])("may have a consumer with the name %s", (name) => {
    const config = JSON.parse(`{"maxConnections":100,"consumers":{"${name}":{"instances":1,"poolSize":1}}}`)
    expect(readFleetConfig(config)).toBe(config)
  })

  test.each<[schedule: unknown, places: string[]]>([
    [[], [""]],
    [15, [""]],
    [{}, [""]],
    [
      ["0 3 * * *", 15, null],
      ["[1]", "[2]"],
    ],
  ])("with the schedule %j is refused by its place", (schedule, places) => {
    const config = { deployments: { override: { x: { schedule, reason: "r" } } } }
    expect(names(refusal(() => readFleetConfig(config)))).toEqual(
      places.map((place) => `deployments.override.x.schedule${place}`),
    )
  })

  test("may have several schedules for what a plan has", () => {
    const schedule = ["0 3 * * *", "0 15 * * *"]
    const config = { deployments: { override: { x: { schedule, reason: "r" } } } }
    expect(readFleetConfig(config)).toBe(config)
    expect(isValid(config)).toBe(true)
  })

  test("may have a number of pools, or a list of them", () => {
    for (const config of [pooled("pools", 3), listed("poolSize", 3), pooled("authUser", "lookup")]) {
      expect(readFleetConfig(config)).toBe(config)
      expect(isValid(config)).toBe(true)
    }
    for (const config of [pooled("pools", 0), pooled("pools", "3"), pooled("pools", [{ user: "app" }])]) {
      expect([isRead(config), isValid(config)]).toEqual([false, false])
    }
  })

  test("has the poolers that it names, and names those that it has, in each server", () => {
    const misspelt = { ...pooled("surge", 0), maxConnections: 100, poolers: { q: { instances: 1 } } }
    const wrong = ["consumers.api.pooler", "poolers.q"]
    const bounds = (config: unknown) => findFleetBounds(readFleetConfig(config), [])
    expect(names(refusal(() => bounds(misspelt)))).toEqual(wrong)
    expect(names(refusal(() => bounds({ servers: { a: misspelt } })))).toEqual(
      wrong.map((path) => `servers.a.${path}`),
    )
  })

  test("has no blank names", () => {
    expect(names(refusal(() => readFleetConfig({ deployments: { exclude: { " ": "why" } } })))).toEqual([
      "deployments.exclude",
    ])
    expect(isValid({ consumers: { " ": { instances: 1 } } })).toBe(false)
  })
})
