import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Environment, readPoolSettings } from "../../src/config/index.ts"
import type { PoolConfigError } from "../../src/error.ts"
import { names, refusal } from "../support/bad-values.ts"
import { runs } from "../support/properties.ts"
import { CORE, CORE_WITH_LIMIT, container, job, reading, sizes, unknownNames } from "./resources.ts"

const address = "scaleway_container.api"
const sizeOf = (environment_variables: object) =>
  sizes(reading([container("api", { environment_variables })]))[address]

describe("the size is that of the client", () => {
  const fleet = { PRISMA_MAX_CONNECTIONS: "100", PRISMA_API_INSTANCES: "2", PRISMA_CONCURRENT_JOBS: "1" }

  test.each<[rule: string, env: Readonly<Record<string, string>>, size: number]>([
    [
      "PRISMA_POOL_SIZE_CORE before all",
      { PRISMA_POOL_SIZE_CORE: "12", ...fleet, DATABASE_URL_CORE: CORE_WITH_LIMIT },
      12,
    ],
    ["then connection_limit in the URL", { ...fleet, DATABASE_URL_CORE: CORE_WITH_LIMIT }, 7],
    ["then the formula on the fleet", { ...fleet, DATABASE_URL_CORE: CORE }, 30],
    ["then 15", { DATABASE_URL_CORE: CORE }, 15],
    ["an empty variable is unset", { PRISMA_POOL_SIZE_CORE: "", DATABASE_URL_CORE: CORE }, 15],
  ])("%s", (_, env, size) => {
    expect(sizeOf(env)).toBe(size)
  })

  test("for every environment, or is refused where the client refuses to start", () => {
    const good = fc.integer({ min: 1, max: 300 }).map(String)
    const bad = fc.constantFrom("0", "-1", "15abc", "1e3", "15.5", " 7", "007", "99999999")
    const number = fc.option(fc.oneof({ weight: 12, arbitrary: good }, fc.constant(""), bad), {
      nil: undefined,
    })
    const fleetVariables = fc.record({
      PRISMA_MAX_CONNECTIONS: number,
      PRISMA_API_INSTANCES: number,
      PRISMA_CONCURRENT_JOBS: number,
      PRISMA_RESERVED_CONNECTIONS: number,
    })
    const wholeFleet = fc.record({
      PRISMA_MAX_CONNECTIONS: good,
      PRISMA_API_INSTANCES: good,
      PRISMA_CONCURRENT_JOBS: good,
      PRISMA_RESERVED_CONNECTIONS: number,
    })
    const environment = fc
      .tuple(
        fc.record({
          DATABASE_URL_CORE: fc.oneof(
            { weight: 4, arbitrary: fc.constantFrom(CORE, CORE_WITH_LIMIT) },
            fc.constantFrom(`${CORE}?connection_limit=0`, `${CORE}?pool_timeout=x`),
          ),
          PRISMA_POOL_SIZE_CORE: number,
          PRISMA_POOL_TIMEOUT: number,
          PRISMA_POOL_MIN_IDLE: fc.option(fc.integer({ min: 0, max: 20 }).map(String), { nil: undefined }),
        }),
        fc.oneof(fc.constant({}), wholeFleet, fleetVariables),
      )
      .map(([own, others]): Environment => ({ ...own, ...others }))
    let taken = 0
    fc.assert(
      fc.property(environment, fc.boolean(), (env: Environment, isSecret) => {
        const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined))
        const values = isSecret ? { secret_environment_variables: given } : { environment_variables: given }
        const read = () => sizes(reading([container("api", values)]))
        let limit: number
        try {
          limit = readPoolSettings(given).connectionLimit
        } catch (error) {
          const refused = names(error as PoolConfigError).map((name) => `${address}.${name}`)
          expect(names(refusal(read))).toEqual(refused)
          return
        }
        taken++
        expect(read()).toEqual({ [address]: limit })
      }),
      runs(300),
    )
    expect(taken).toBeGreaterThan(100)
  })

  test("of a job as of a service", () => {
    const env = { DATABASE_URL_CORE: CORE_WITH_LIMIT }
    expect(sizes(reading([job("sync", { env })]))).toEqual({ "scaleway_job_definition.sync": 7 })
  })
})

describe("a size that cannot be seen is unknown, and named by what decides it:", () => {
  const secret = [{ secret_id: "x", environment: "DATABASE_URL_CORE" }]
  const anySize = { "scaleway_job_definition.sync": "1 to 10000" }

  test("the URL, where it is a secret", () => {
    const fleet = reading([job("sync", { env: {}, secret_reference: secret })])
    expect(sizes(fleet)).toEqual(anySize)
    expect(fleet.unknowns).toMatchObject([
      {
        name: "scaleway_job_definition.sync.DATABASE_URL_CORE",
        problem: "is a reference to a secret, and may have a connection_limit in it",
        between: "1 to 10000 connections a pool",
        remedy:
          "Set PRISMA_POOL_SIZE_CORE as a plain number, which takes precedence over everything else, or override poolSize",
      },
    ])
  })

  test("the size, where that is a secret", () => {
    const size = { secret_id: "y", environment: "PRISMA_POOL_SIZE_CORE" }
    const fleet = reading([job("sync", { secret_reference: [size], env: { DATABASE_URL_CORE: CORE } })])
    expect(sizes(fleet)).toEqual(anySize)
    expect(unknownNames(fleet)).toEqual(["scaleway_job_definition.sync.PRISMA_POOL_SIZE_CORE"])
  })

  test("a variable of the fleet, where the rest is plain", () => {
    const fleet = reading([
      job("sync", {
        env: { DATABASE_URL_CORE: CORE, PRISMA_API_INSTANCES: "2", PRISMA_CONCURRENT_JOBS: "1" },
        secret_reference: [{ secret_id: "y", environment: "PRISMA_MAX_CONNECTIONS" }],
      }),
    ])
    expect(sizes(fleet)).toEqual(anySize)
    expect(unknownNames(fleet)).toEqual(["scaleway_job_definition.sync.PRISMA_MAX_CONNECTIONS"])
  })

  test("the size, beside what is to be idle of it", () => {
    const size = { secret_id: "y", environment: "PRISMA_POOL_SIZE_CORE" }
    const env = { DATABASE_URL_CORE: CORE, PRISMA_POOL_MIN_IDLE: "40" }
    expect(sizes(reading([job("sync", { secret_reference: [size], env })]))).toEqual(anySize)
    expect(() => sizes(reading([job("sync", { env })]))).toThrow("Use at most 15, or raise the size")
  })

  test("and nothing, where a plain size counts before them", () => {
    const fleet = reading([job("sync", { env: { PRISMA_POOL_SIZE_CORE: "8" }, secret_reference: secret })])
    expect(sizes(fleet)).toEqual({ "scaleway_job_definition.sync": 8 })
    expect(fleet.unknowns).toEqual([])
  })

  test("and nothing, where the URL that can be seen has a limit", () => {
    const fleet = reading([
      job("sync", {
        env: { DATABASE_URL_CORE: CORE_WITH_LIMIT },
        secret_reference: [{ secret_id: "y", environment: "PRISMA_MAX_CONNECTIONS" }],
      }),
    ])
    expect(sizes(fleet)).toEqual({ "scaleway_job_definition.sync": 7 })
  })

  test("a URL of which the provider kept a hash", () => {
    const hash = "$argon2id$v=19$m=65536,t=1,p=2$c2FsdA$aGFzaA"
    const fleet = reading([container("api", { secret_environment_variables: { DATABASE_URL_CORE: hash } })])
    expect(sizes(fleet)).toEqual({ [address]: "1 to 10000" })
    expect(fleet.unknowns[0]?.problem).toBe("is stored as a hash, and may have a connection_limit in it")
  })

  test("a size of which the provider kept a hash", () => {
    const hash = "$argon2id$v=19$m=65536,t=1,p=2$c2FsdA$aGFzaA"
    const fleet = reading([
      container("api", {
        secret_environment_variables: { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: hash },
      }),
    ])
    expect(unknownNames(fleet)).toEqual([`${address}.PRISMA_POOL_SIZE_CORE`])
  })
})

describe("a bad value is refused with the address, the variable and the range, and never shown:", () => {
  test.each([
    "15abc",
    "1e3",
    "15.5",
    "-1",
    "0",
    "10001",
    "hunter2-the-password",
    "postgresql://u:hunter2@h/db",
  ])("%s", (value) => {
    const error = refusal(() => sizeOf({ DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: value }))
    expect(error.issues).toEqual([
      {
        name: `${address}.PRISMA_POOL_SIZE_CORE`,
        problem: "has a value that the client refuses",
        remedy: expect.stringContaining("1 to 10000"),
      },
    ])
    expect(error.message).not.toContain("hunter2")
  })

  test("all of them at once, of every resource", () => {
    const error = refusal(() =>
      reading([
        container("a", {
          environment_variables: {
            DATABASE_URL_CORE: CORE,
            PRISMA_POOL_SIZE_CORE: "x",
            PRISMA_POOL_TIMEOUT: "y",
          },
        }),
        container("b", { environment_variables: { DATABASE_URL_CORE: "http://u:hunter2@h/db" } }),
        container("c", { environment_variables: { DATABASE_URL_CORE: CORE, PRISMA_API_INSTANCES: "1" } }),
      ]),
    )
    expect(names(error)).toEqual([
      "scaleway_container.a.PRISMA_POOL_SIZE_CORE",
      "scaleway_container.a.PRISMA_POOL_TIMEOUT",
      "scaleway_container.b.DATABASE_URL_CORE",
      "scaleway_container.c.PRISMA_MAX_CONNECTIONS",
      "scaleway_container.c.PRISMA_CONCURRENT_JOBS",
    ])
    expect(error.message).not.toContain("hunter2")
  })

  test("a URL under the name that it has here", () => {
    const values = { environment_variables: { DATABASE_URL: "http://u:hunter2@h/db" } }
    const error = refusal(() => reading([container("api", values)], { keys: ["DATABASE_URL"] }))
    expect(names(error)).toEqual([`${address}.DATABASE_URL`])
  })

  test("not of what does not connect", () => {
    const other = { DATABASE_URL_OTHER: "postgresql://db/other", PRISMA_POOL_SIZE_CORE: "15abc" }
    expect(sizeOf(other)).toBeUndefined()
    expect(sizeOf({ PRISMA_POOL_SIZE_CORE: "15abc" })).toBe("nothing to 10000")
  })
})
