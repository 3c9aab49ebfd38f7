import { describe, expect, test } from "vitest"
import { autoBounds } from "../../src/config/auto-size.ts"
import { coreDatabaseUrl, databaseUrl, type Environment, readPoolSettings } from "../../src/config/index.ts"
import { readSettings } from "../../src/config/settings.ts"
import { names, refusal } from "../support/bad-values.ts"

const CORE = "postgresql://app:s3cret@db:5432/core"
const AUTO = { PRISMA_POOL_SIZE_CORE: "auto" }
const FLEET = { PRISMA_MAX_CONNECTIONS: "20", PRISMA_API_INSTANCES: "3", PRISMA_CONCURRENT_JOBS: "3" }
const read = (query: string, variables: Environment) =>
  readPoolSettings({ DATABASE_URL_CORE: `${CORE}${query}`, ...variables })

describe("PRISMA_POOL_SIZE=auto", () => {
  test.each([
    ["15, where nothing else is there", "", {}, 15],
    ["connection_limit of the URL", "?connection_limit=7", {}, 7],
    ["PRISMA_POOL_MAX_SIZE, above the URL's", "?connection_limit=7", { PRISMA_POOL_MAX_SIZE_CORE: "30" }, 30],
    ["PRISMA_POOL_MAX_SIZE, below the URL's", "?connection_limit=7", { PRISMA_POOL_MAX_SIZE_CORE: "3" }, 3],
    ["15 beside the variables of the formula, which counts the instances that there may be", "", FLEET, 15],
  ])("is capped at %s", (_, query, variables, cap) => {
    const settings = read(query, { ...AUTO, ...variables })
    expect(settings.connectionLimit).toBe(cap)
    expect(settings.warnings).toEqual([])
  })

  test("that is off has the size of the URL, and no more than PRISMA_POOL_MAX_SIZE", () => {
    const fixed = (maxSize: number | undefined) => autoBounds(7, { maxSize }).fixed
    expect([fixed(undefined), fixed(30), fixed(3)]).toEqual([7, 7, 3])
  })

  test("has what the looks of the pool need", () => {
    expect(read("", AUTO).auto).toEqual({ maxSize: undefined, budget: undefined, reserved: 10 })
    const all = {
      PRISMA_POOL_MAX_SIZE_CORE: "8",
      PRISMA_POOL_BUDGET_CORE: "60",
      PRISMA_RESERVED_CONNECTIONS: "20",
    }
    expect(read("", { ...AUTO, ...all }).auto).toEqual({ maxSize: 8, budget: 60, reserved: 20 })
    expect(read("", all).auto).toBeUndefined()
  })

  test.each(["AUTO", "Auto", "auto ", " auto", "automatic", "autos", "aut"])("is not %j", (value) => {
    expect(refusal(() => read("", { PRISMA_POOL_SIZE_CORE: value })).issues).toEqual([
      {
        name: "PRISMA_POOL_SIZE_CORE",
        problem: `received ${JSON.stringify(value)}`,
        remedy: "Use a whole number of connections from 1 to 10000, or auto, or leave it out for 15",
      },
    ])
  })

  test("is no value of another setting", () => {
    const others = ["POOL_MAX_SIZE_CORE", "POOL_BUDGET_CORE", "POOL_TIMEOUT", "RESERVED_CONNECTIONS"]
    for (const name of others.map((other) => `PRISMA_${other}`)) {
      const error = refusal(() => read("", { ...AUTO, [name]: "auto" }))
      expect(names(error)).toEqual([name])
      expect(error.message).not.toContain("or auto")
    }
  })

  test("is no parameter of a URL, and the error names the variable", () => {
    expect(refusal(() => read("?connection_limit=auto", {})).message).toBe(
      'connection_limit in DATABASE_URL_CORE: received "auto". Only the variable PRISMA_POOL_SIZE takes auto. Use a whole number of connections from 1 to 10000, or leave it out for 15.',
    )
    expect(refusal(() => read("?connection_limit=many", {})).message).not.toContain("auto")
  })

  test("is the replica's too, unless that has a size of its own", () => {
    const variables = { ...AUTO, PRISMA_POOL_BUDGET_CORE: "60", DATABASE_URL_CORE_REPLICA: CORE }
    const replica = (own: Environment) => databaseSettings({ ...variables, ...own })
    expect(replica({}).auto).toEqual({ maxSize: undefined, budget: 60, reserved: 10 })
    expect(replica({ PRISMA_POOL_BUDGET_CORE_REPLICA: "9" }).auto?.budget).toBe(9)
    // The primary's budget counts for the primary.
    expect(replica({ PRISMA_POOL_SIZE_CORE_REPLICA: "4" })).toMatchObject({ auto: undefined, warnings: [] })
  })
})

/** The settings of Core's replica, whose name users do not give. */
const databaseSettings = (env: Environment) => readSettings(env, "CORE_REPLICA")

describe("PRISMA_POOL_MAX_SIZE and PRISMA_POOL_BUDGET", () => {
  const both = { PRISMA_POOL_MAX_SIZE_CORE: "8", PRISMA_POOL_BUDGET_CORE: "60" }

  test.each([{}, { PRISMA_POOL_SIZE_CORE: "5" }])("warn that they do nothing beside %j", (size) => {
    expect(read("", { ...both, ...size }).warnings).toEqual([
      "PRISMA_POOL_MAX_SIZE_CORE is set, and has no effect without PRISMA_POOL_SIZE_CORE=auto.",
      "PRISMA_POOL_BUDGET_CORE is set, and has no effect without PRISMA_POOL_SIZE_CORE=auto.",
    ])
  })

  test("have no fallback, and warn where only the variable without a suffix is set", () => {
    const shared = { PRISMA_POOL_MAX_SIZE: "8", PRISMA_POOL_BUDGET: "60" }
    const settings = read("", { ...AUTO, ...shared })
    expect(settings).toMatchObject({ connectionLimit: 15, auto: { budget: undefined } })
    expect(settings.warnings).toEqual([
      "PRISMA_POOL_MAX_SIZE is set, and is not read for DATABASE_URL_CORE. Set PRISMA_POOL_MAX_SIZE_CORE.",
      "PRISMA_POOL_BUDGET is set, and is not read for DATABASE_URL_CORE. Set PRISMA_POOL_BUDGET_CORE.",
    ])
    // They are another database's.
    expect(read("", { ...AUTO, ...shared, DATABASE_URL: CORE }).warnings).toEqual([])
  })
})

describe("the URL of a database whose size is auto", () => {
  const env = { DATABASE_URL_CORE: CORE, ...AUTO }

  test("is an error that names a number, and what takes auto", () => {
    const { issues } = refusal(() => coreDatabaseUrl(env))
    expect(issues).toMatchObject([
      { name: "PRISMA_POOL_SIZE_CORE", problem: "is auto, which no URL can say" },
    ])
    expect(issues[0]?.remedy).toMatch(/^Set a number, such as 15, .*createPool takes { poolSize: "auto" }$/)
    expect(refusal(() => coreDatabaseUrl({ ...env, PRISMA_POOL_MAX_SIZE_CORE: "4" })).message).toContain(
      "such as 4,",
    )
    const plain = { DATABASE_URL: CORE, PRISMA_POOL_SIZE: "auto" }
    expect(names(refusal(() => databaseUrl(plain)))).toEqual(["PRISMA_POOL_SIZE"])
  })

  test("is a URL where the size is a number", () => {
    expect(coreDatabaseUrl({ ...env, PRISMA_POOL_SIZE_CORE: "4" })).toContain("connection_limit=4&")
  })
})
