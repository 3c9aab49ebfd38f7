import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { checkFleet, connectionLimitBySlots, type Fleet, reservedTotal } from "../../src/sizing/index.ts"
import { anyJob, nameJobs } from "../support/any-job.ts"
import { connectionsOf, processesOf } from "../support/processes-of.ts"

describe("the tables of the sizing document", () => {
  test("scenario 1: 30 + 2 × 10 + 10 is 60 of 100, 60 %", () => {
    const check = checkFleet({
      maxConnections: 100,
      reserved: { others: 10 },
      consumers: { api: { instances: 1, poolSize: 30 }, jobs: { instances: 2, poolSize: 10 } },
    })
    const noRuns = { runs: 0, connections: 0, at: undefined, jobs: [] }
    expect(check).toStrictEqual({
      total: 60,
      usable: 97,
      percent: 60,
      percentUsable: 62,
      free: 37,
      fits: true,
      alert: false,
      binding: "maxConnections",
      bounds: [{ name: "maxConnections", limit: 97, total: 60, deploy: { total: 60 } }],
      deploy: { total: 60, fits: true },
      consumers: { api: { total: 30, deploy: { total: 30 } }, jobs: { total: 20, deploy: { total: 20 } } },
      jobs: { ...noRuns, ordinaryDay: noRuns, assumptions: [], explicit: [] },
      arithmetic: [
        "usable = 100 max_connections − 3 superuser_reserved_connections − 0 reserved_connections = 97",
        "total = 10 others + 30 api (1 × 30) + 20 jobs (2 × 10) = 60, within 97",
        "deploy = 10 others + 30 api (1 × 30) + 20 jobs (2 × 10) = 60, within 97",
      ],
      nextSteps: [],
      warnings: [],
    })
  })

  test("scenario 2: 50 + 3 × 20 + 15 is 125 of 200, 63 %", () => {
    const check = checkFleet({
      maxConnections: 200,
      reserved: { others: 15 },
      consumers: { api: { instances: 1, poolSize: 50 }, jobs: { instances: 3, poolSize: 20 } },
    })
    expect(check).toMatchObject({ total: 125, percent: 63, usable: 197, fits: true, alert: false })
  })

  test.each([
    { instances: 1, total: 35, free: 62, fits: true, alert: false },
    { instances: 2, total: 70, free: 27, fits: true, alert: false },
    { instances: 3, total: 105, free: -8, fits: false, alert: true },
  ])(
    "scenario 3: 35 on each of $instances instances is $total of 100, fits: $fits",
    ({ instances, ...expected }) => {
      const check = checkFleet({ maxConnections: 100, consumers: { api: { instances, poolSize: 35 } } })
      expect(check).toMatchObject({ ...expected, percent: expected.total })
    },
  )

  test("the initial 20 + 15 = 35 is one pool for each of two databases", () => {
    const consumers = { core: { instances: 1, poolSize: 20 }, analytics: { instances: 1, poolSize: 15 } }
    expect(checkFleet({ maxConnections: 100, consumers }).total).toBe(35)
  })

  test.each([
    { jobs: 1, total: 35 },
    { jobs: 2, total: 45 },
  ])("its estimate of production: 15 + $jobs × 10 + 10 is $total, at most ~45", ({ jobs, total }) => {
    const check = checkFleet({
      maxConnections: 100,
      reserved: { others: 10 },
      consumers: { api: { instances: 1, poolSize: 15 }, jobs: { instances: jobs, poolSize: 10 } },
    })
    expect(check).toMatchObject({ total, percent: total, fits: true, alert: false })
  })

  test("its rule below 100, scenario 1, would not fit a server of 20", () => {
    const consumers = { api: { instances: 1, poolSize: 30 }, jobs: { instances: 2, poolSize: 10 } }
    const check = checkFleet({ maxConnections: 20, reserved: { others: 10 }, consumers })
    expect(check).toMatchObject({
      total: 60,
      usable: 17,
      free: -43,
      fits: false,
      percent: 300,
      percentUsable: 353,
    })
  })
})

describe("the sums", () => {
  const api = { instances: 4, poolSize: 5, poolsPerInstance: 3, surge: 2 }

  test("a consumer is instances × poolSize × poolsPerInstance, and a deploy adds its surge to instances", () => {
    const check = checkFleet({ maxConnections: 100, consumers: { api } })
    expect(check.consumers.api).toEqual({ total: 60, deploy: { total: 90 } })
    expect(check).toMatchObject({ total: 60, deploy: { total: 90 } })
  })

  test("the reserved ones count once in both sums", () => {
    const check = checkFleet({ maxConnections: 100, reserved: { metabase: 5, admin: 1 }, consumers: { api } })
    expect(check).toMatchObject({ total: 66, deploy: { total: 96 } })
  })

  test("poolsPerInstance is 1 and surge 0 by default", () => {
    const check = checkFleet({ maxConnections: 100, consumers: { api: { instances: 4, poolSize: 5 } } })
    expect(check.consumers.api).toEqual({ total: 20, deploy: { total: 20 } })
  })

  test("a consumer scaled to nothing holds nothing until a deploy", () => {
    const check = checkFleet({ maxConnections: 100, consumers: { api: { ...api, instances: 0 } } })
    expect(check).toMatchObject({ total: 0, percent: 0, free: 97, deploy: { total: 30 } })
  })

  test("a fleet without consumers holds what is reserved", () => {
    expect(checkFleet({ maxConnections: 100, reserved: { metabase: 10 }, consumers: {} })).toMatchObject({
      total: 10,
      consumers: {},
    })
  })

  test("usable is the ceiling without the superuser's 3", () => {
    expect(checkFleet({ maxConnections: 100, consumers: {} }).usable).toBe(97)
  })

  test("usable is the ceiling without what both settings say", () => {
    const fleet = { maxConnections: 100, superuserReserved: 5, reservedConnections: 2, consumers: {} }
    expect(checkFleet(fleet).usable).toBe(93)
  })

  test("usable is the ceiling without what the provider keeps beside them", () => {
    const fleet = {
      maxConnections: 50,
      providerReserved: 12,
      consumers: { api: { instances: 2, poolSize: 20 } },
    }
    const { usable, fits, arithmetic, nextSteps } = checkFleet(fleet)
    expect([usable, fits]).toEqual([35, false])
    expect(arithmetic[0]).toBe(
      "usable = 50 max_connections − 3 superuser_reserved_connections − 0 reserved_connections − 12 kept by the provider = 35",
    )
    expect(nextSteps).toContain("Raise max_connections from 50 to 55, if the server has the memory")
    expect(checkFleet({ ...fleet, maxConnections: 55 }).fits).toBe(true)
  })

  test("nothing reserved by the server leaves the whole ceiling", () => {
    expect(checkFleet({ maxConnections: 1, superuserReserved: 0, consumers: {} }).usable).toBe(1)
  })

  test("the ceiling and the settings are no part of the total", () => {
    expect(checkFleet({ maxConnections: 100, reservedConnections: 7, consumers: {} }).total).toBe(0)
  })
})

describe("the verdicts", () => {
  const of = (total: number, usable: number, surge = 0) =>
    checkFleet({
      maxConnections: usable,
      superuserReserved: 0,
      consumers: { api: { instances: total, poolSize: 1, surge } },
    })

  test("the last usable slot may be used, and no other", () => {
    expect(of(97, 97)).toMatchObject({ fits: true, free: 0, percentUsable: 100 })
    expect(of(98, 97)).toMatchObject({ fits: false, free: -1, percentUsable: 101 })
  })

  test("a per cent is rounded and the verdict is not", () => {
    expect(of(1_001, 1_000)).toMatchObject({ fits: false, percent: 100, percentUsable: 100 })
  })

  test("a deploy may use the last usable slot, and no other", () => {
    expect(of(50, 97, 47)).toMatchObject({ fits: true, deploy: { total: 97, fits: true } })
    expect(of(50, 97, 48)).toMatchObject({ fits: true, deploy: { total: 98, fits: false } })
  })

  test.each([
    [80, 100, false],
    [81, 100, true],
    [77, 97, false],
    [78, 97, true],
    [4, 5, false],
    [28, 35, false],
  ])("%i of %i usable alerts: %s", (total, usable, alert) => {
    expect(of(total, usable).alert).toBe(alert)
  })

  test("the alert is on what is usable, not on the ceiling", () => {
    const consumers = { api: { instances: 1, poolSize: 79 } }
    expect(checkFleet({ maxConnections: 100, consumers })).toMatchObject({ percent: 79, alert: true })
  })

  test("a deploy does not alert", () => {
    expect(of(50, 100, 50).alert).toBe(false)
  })
})

describe("names", () => {
  const consumer = { instances: 2, poolSize: 3 }
  const strange = ["constructor", "toString", "hasOwnProperty", "prod.api", "café ☕", "1", "🇫🇷"]

  test.each([...strange, "__proto__"])("%s is a consumer and a reservation like any other", (name) => {
    const check = checkFleet({
      maxConnections: 100,
      reserved: Object.fromEntries([[name, 10]]),
      consumers: Object.fromEntries([[name, consumer]]),
    })
    expect(check.total).toBe(16)
    expect(Object.entries(check.consumers)).toEqual([[name, { total: 6, deploy: { total: 6 } }]])
    expect(Object.keys(JSON.parse(JSON.stringify(check.consumers)))).toEqual([name])
  })

  test("a prototype-less object is a fleet like any other", () => {
    const consumers = Object.assign(Object.create(null), { api: consumer })
    const fleet = Object.assign(Object.create(null), { maxConnections: 100, consumers })
    expect(checkFleet(fleet).total).toBe(6)
  })

  test("the names that went in are the names that the types give back", () => {
    const check = checkFleet({ maxConnections: 100, consumers: { api: consumer, jobs: consumer } })
    const sums: readonly number[] = [check.consumers.api.total, check.consumers.jobs.deploy.total]
    expect(sums).toEqual([6, 6])
    // @ts-expect-error: no consumer of that name
    expect(check.consumers.widget).toBeUndefined()
  })
})

const consumers = fc.array(
  fc.record({
    instances: fc.nat(20),
    poolSize: fc.integer({ min: 1, max: 50 }),
    poolsPerInstance: fc.integer({ min: 1, max: 4 }),
    surge: fc.nat(20),
  }),
  { maxLength: 12 },
)
const byIndex = <T>(list: readonly T[]) => Object.fromEntries(list.entries())
const fleets = fc.record({
  maxConnections: fc.integer({ min: 20, max: 5_000 }),
  superuserReserved: fc.nat(9),
  reservedConnections: fc.nat(5),
  providerReserved: fc.nat(5),
  reserved: fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => name.trim() !== ""),
    fc.nat(50),
  ),
})

describe("for any fleet", () => {
  test("the parts add up, to the verdicts too", () => {
    fc.assert(
      fc.property(fleets, consumers, (fleet, list) => {
        const check = checkFleet({ ...fleet, consumers: byIndex(list) })
        const outside = Object.values(fleet.reserved).reduce((sum, slots) => sum + slots, 0)
        const parts = Object.values(check.consumers)
        expect(check.total).toBe(parts.reduce((sum, part) => sum + part.total, outside))
        expect(check.deploy.total).toBe(parts.reduce((sum, part) => sum + part.deploy.total, outside))
        expect(check.deploy.total).toBeGreaterThanOrEqual(check.total)
        expect(check.free).toBe(check.usable - check.total)
        expect(check.fits).toBe(check.free >= 0)
        expect(check.deploy.fits).toBe(check.deploy.total <= check.usable)
      }),
    )
  })

  test("the sums are those of its processes one by one, and what fits is never above the ceiling, however close", () => {
    const size = fc.record({ poolSize: fc.integer({ min: 1, max: 50 }) })
    const jobs = fc.array(fc.tuple(anyJob, size), { maxLength: 4 })
    const ceiling = fc.record({
      phase: fc.constantFrom("steady", "deploy"),
      above: fc.integer({ min: -3, max: 3 }),
    })
    fc.assert(
      fc.property(fleets, consumers, jobs, ceiling, (reservations, list, drawn, { phase, above }) => {
        const fleet = { ...reservations, consumers: byIndex(list), jobs: nameJobs(drawn) }
        const outside = Object.values(fleet.reserved).reduce((sum, slots) => sum + slots, 0)
        const [steady, deploy] = (["steady", "deploy"] as const).map((phase) => {
          const processes = processesOf(
            fleet,
            drawn.map(([job]) => job),
            phase,
          )
          return outside + connectionsOf(processes)
        }) as [number, number]
        const usable = Math.max(1, (phase === "steady" ? steady : deploy) + above)
        const maxConnections = usable + reservedTotal({ ...fleet, reserved: {} })
        expect(checkFleet({ ...fleet, maxConnections })).toMatchObject({
          total: steady,
          fits: steady <= usable,
          deploy: { total: deploy, fits: deploy <= usable },
        })
      }),
    )
  })

  test("order and names of consumers and reservations do not matter", () => {
    fc.assert(
      fc.property(fleets, consumers, (fleet, list) => {
        const renamed = list.map((consumer, index) => [`consumer ${list.length - index}`, consumer] as const)
        const reserved = Object.entries(fleet.reserved).map(
          ([, slots], index) => [`other ${index}`, slots] as const,
        )
        const one = checkFleet({ ...fleet, consumers: byIndex(list) })
        const other = checkFleet({
          ...fleet,
          reserved: Object.fromEntries(reserved.reverse()),
          consumers: Object.fromEntries(renamed.reverse()),
        })
        const withNames = { consumers: {}, arithmetic: [], nextSteps: [] }
        expect({ ...other, ...withNames }).toEqual({ ...one, ...withNames })
      }),
    )
  })

  test("a size by slots with reservedTotal fits, and one more in each pool does not", () => {
    const counts = fc.record({
      apiInstances: fc.integer({ min: 1, max: 8 }),
      concurrentJobs: fc.nat(8),
      databases: fc.integer({ min: 1, max: 3 }),
    })
    fc.assert(
      fc.property(fleets, counts, (reservations, { apiInstances, concurrentJobs, databases }) => {
        const reserved = reservedTotal(reservations)
        const { maxConnections } = reservations
        fc.pre(reserved + (apiInstances + concurrentJobs) * databases <= maxConnections)
        const size = connectionLimitBySlots({
          maxConnections,
          apiInstances,
          concurrentJobs,
          databases,
          reserved,
        })
        const sized = (poolSize: number): Fleet => ({
          ...reservations,
          consumers: {
            api: { instances: apiInstances, poolSize, poolsPerInstance: databases },
            jobs: { instances: concurrentJobs, poolSize, poolsPerInstance: databases },
          },
        })
        expect(checkFleet(sized(size)).fits).toBe(true)
        expect(checkFleet(sized(size + 1)).fits).toBe(false)
      }),
    )
  })

  test("the input is left as it was", () => {
    fc.assert(
      fc.property(fleets, consumers, (fleet, list) => {
        const input = { ...fleet, consumers: byIndex(list) }
        const before = structuredClone(input)
        checkFleet(input)
        expect(input).toEqual(before)
      }),
    )
  })
})
