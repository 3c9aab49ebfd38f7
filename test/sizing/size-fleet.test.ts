import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { checkFleet, connectionLimitBySlots, type OpenFleet, sizeFleet } from "../../src/sizing/index.ts"
import { anyJob, nameJobs } from "../support/any-job.ts"
import { runs } from "../support/properties.ts"

describe("the scenarios of the sizing document, solved for", () => {
  test("scenario 1: with the API three times a job, 97 usable slots filled give 53 and 17, not its 30 and 10", () => {
    const fleet = {
      maxConnections: 100,
      reserved: { others: 10 },
      consumers: { api: { instances: 1, weight: 3 }, jobs: { instances: 2 } },
      fill: 1,
    }
    expect(sizeFleet(fleet).sizes).toEqual({ api: 53, jobs: 17 })
    expect(sizeFleet({ ...fleet, fill: 0.62 }).sizes).toEqual({ api: 30, jobs: 10 })
  })

  test("scenario 3: what 3 × 35 on 100 should have been is 32, and 25 below the threshold", () => {
    const fleet = { maxConnections: 100, consumers: { api: { instances: 3 } } }
    expect(sizeFleet({ ...fleet, fill: 1 }).sizes.api).toBe(32)
    expect(sizeFleet(fleet).sizes.api).toBe(25)
  })

  test("scenario 3, by the formula: 20 reserved, the superuser's three included, and 2 databases give its 13", () => {
    const api = { instances: 3, poolsPerInstance: 2 }
    const sizing = sizeFleet({ maxConnections: 100, reserved: { others: 17 }, consumers: { api }, fill: 1 })
    expect(sizing.sizes.api).toBe(13)
    expect(sizing.leftover).toEqual(["2 left over; one more per api pool would take 6"])
  })
})

describe("the rule", () => {
  const of = (consumers: OpenFleet["consumers"], usable = 100, fill = 1) =>
    sizeFleet({ maxConnections: usable, superuserReserved: 0, consumers, fill })

  test("shares equally by default", () => {
    expect(of({ api: { instances: 2 }, worker: { instances: 3 } }).sizes).toEqual({ api: 20, worker: 20 })
  })

  test("gives sizes in proportion to their weights, rounded down", () => {
    expect(of({ api: { instances: 1, weight: 2 }, worker: { instances: 1 } }).sizes).toEqual({
      api: 67,
      worker: 33,
    })
    expect(of({ api: { instances: 1, weight: 0.5 }, worker: { instances: 1, weight: 0.25 } }).sizes).toEqual({
      api: 67,
      worker: 33,
    })
  })

  test("takes a weight with what arithmetic left behind: 0.1 + 0.2", () => {
    expect(
      of({ api: { instances: 1, weight: 0.1 + 0.2 }, worker: { instances: 1, weight: 0.1 } }).sizes,
    ).toEqual({
      api: 75,
      worker: 25,
    })
  })

  test("keeps min and max, and gives the others what they leave", () => {
    const sizes = of({
      api: { instances: 1 },
      small: { instances: 1, max: 5 },
      large: { instances: 1, min: 50 },
    })
    expect(sizes.sizes).toEqual({ api: 45, small: 5, large: 50 })
  })

  test("leaves a stated size as it is", () => {
    expect(of({ api: { instances: 1 }, worker: { instances: 2, poolSize: 30 } }).sizes).toEqual({
      api: 40,
      worker: 30,
    })
  })

  test("counts pools per instance", () => {
    expect(of({ api: { instances: 2, poolsPerInstance: 5 } }).sizes).toEqual({ api: 10 })
  })

  test("never hands out what is left over", () => {
    const sizing = of({ api: { instances: 10 } }, 99)
    expect(sizing.sizes).toEqual({ api: 9 })
    expect(sizing.leftover).toEqual(["9 left over; one more per api instance would take 10"])
  })

  test("hands out nothing to one that would have to go to several", () => {
    const sizing = of({ api: { instances: 3 }, worker: { instances: 2 } }, 99)
    expect(sizing.sizes).toEqual({ api: 19, worker: 19 })
    expect(sizing.leftover).toEqual([
      "4 left over; one more per worker instance would take 2, per api instance would take 3",
    ])
  })

  test("stops at 10,000, and at what is usable where no instance bounds a size", () => {
    expect(of({ api: { instances: 1 } }, 1_000_000).sizes).toEqual({ api: 10_000 })
    expect(of({ api: { instances: 0 } }, 50).sizes).toEqual({ api: 50 })
    expect(of({ api: { instances: 0, min: 60 } }, 50).sizes).toEqual({ api: 60 })
    expect(of({ api: { instances: 0, max: 70 } }, 50).sizes).toEqual({ api: 70 })
  })

  test("is exact at the extremes of weight", () => {
    const sizes = of(
      { heavy: { instances: 1, weight: 1_000 }, light: { instances: 1, weight: 0.01 } },
      1_000_000,
    )
    expect(sizes.sizes).toEqual({ heavy: 10_000, light: 10_000 })
    const few = of({ heavy: { instances: 1, weight: 1_000 }, light: { instances: 1, weight: 0.01 } })
    expect(few.sizes).toEqual({ heavy: 99, light: 1 })
  })

  test("solves for nothing in a fleet without open sizes, or without consumers", () => {
    expect(of({ api: { instances: 2, poolSize: 30 } })).toMatchObject({
      fits: true,
      sizes: { api: 30 },
      leftover: ["40 left over"],
    })
    expect(of({})).toMatchObject({ fits: true, shortfall: 0, sizes: {}, jobSizes: {} })
  })
})

describe("what it fills", () => {
  const consumers = { api: { instances: 1 } }

  test.each([
    [undefined, 77],
    [0.8, 77],
    [1, 97],
    [0.5, 48],
    [0.57, 55],
    [0.02, 1],
    [0.1 + 0.7, 77],
  ])("fill %s of 97 is %i", (fill, size) => {
    const fleet = fill === undefined ? { consumers } : { consumers, fill }
    expect(sizeFleet({ maxConnections: 100, ...fleet }).sizes.api).toBe(size)
  })

  test("the largest that fills 0.57 of 100 is 57, whatever 0.57 × 100 is in floating point", () => {
    const sizing = sizeFleet({ maxConnections: 100, superuserReserved: 0, consumers, fill: 0.57 })
    expect(sizing.sizes.api).toBe(57)
  })

  test("a deploy may use every usable slot, and no more", () => {
    const rolling = { api: { instances: 2, surge: 2 } }
    expect(sizeFleet({ maxConnections: 100, consumers: rolling }).sizes.api).toBe(24)
    const sizing = sizeFleet({ maxConnections: 103, consumers: rolling })
    expect(sizing.sizes.api).toBe(25)
    expect(sizing.check.deploy).toEqual({ total: 100, fits: true })
    expect(sizing.leftover).toEqual(["0 left over in a deploy; one more per api instance would take 4"])
  })

  test("by default nothing alerts", () => {
    expect(sizeFleet({ maxConnections: 100, consumers }).check).toMatchObject({ alert: false, total: 77 })
  })
})

describe("the leftover", () => {
  test("names what runs during a deploy alone by what it takes there", () => {
    const consumers = { api: { instances: 3, surge: 3 }, migrate: { instances: 0, surge: 1 } }
    const { sizes, leftover } = sizeFleet({ maxConnections: 100, consumers })
    // 3 + 3 + 1 pools of 13 are 91 of the 97.
    expect(sizes).toEqual({ api: 13, migrate: 13 })
    expect(leftover).toEqual([
      "38 left over; one more per api instance would take 3",
      "6 left over in a deploy; one more per migrate instance would take 1",
    ])
  })

  test("names the cheapest three, and how many more there are", () => {
    const consumers = Object.fromEntries([5, 4, 3, 2, 1].map((instances) => [`c${instances}`, { instances }]))
    expect(sizeFleet({ maxConnections: 100, consumers }).leftover).toEqual([
      "2 left over; one more per c1 instance would take 1, per c2 instance would take 2, per c3 instance would take 3, and 2 more",
    ])
  })

  test("leaves out what is at its max", () => {
    const consumers = { api: { instances: 1, max: 5 }, worker: { instances: 1, max: 6 } }
    expect(sizeFleet({ maxConnections: 100, consumers })).toMatchObject({ leftover: ["66 left over"] })
  })
})

describe("a fleet that cannot fit", () => {
  test("is an answer: the smallest sizes, and by how much they are too many", () => {
    const sizing = sizeFleet({
      maxConnections: 20,
      reserved: { others: 10 },
      consumers: { api: { instances: 9, min: 2 } },
    })
    expect(sizing).toMatchObject({ fits: false, shortfall: 15, sizes: { api: 2 }, leftover: [] })
    expect(sizing.check).toMatchObject({ total: 28, usable: 17, fits: false })
    expect(sizing.nextSteps).toEqual([
      "11 too many: 28 of 17 usable",
      "15 above 80 % of usable: 28 of at most 13",
      "Change api alone: 1 instance instead of 9",
      "Raise max_connections from 20 to 38, if the server has the memory",
      "Even one connection in each pool is too many, 9: put an external pooler, such as PgBouncer in transaction mode, between the fleet and the server: poolers.pgbouncer with instances 1, surge 1, poolSize 2 and maxClientConnections 100, and behind it a poolSize of api 1",
    ])
  })

  test("may do so for the threshold alone, and then says that fill would do", () => {
    const fleet = { maxConnections: 13, consumers: { api: { instances: 9 } } }
    const sizing = sizeFleet(fleet)
    expect(sizing).toMatchObject({ fits: false, shortfall: 1 })
    expect(sizing.nextSteps).toContain(
      "Set fill to 1, which keeps nothing in reserve: the smallest sizes then fit",
    )
    expect(sizing.nextSteps.join()).not.toContain("PgBouncer")
    expect(sizeFleet({ ...fleet, fill: 1 }).fits).toBe(true)
  })

  test("may do so for a deploy alone", () => {
    const sizing = sizeFleet({ maxConnections: 13, consumers: { api: { instances: 6, surge: 6 } } })
    expect(sizing).toMatchObject({
      fits: false,
      shortfall: 2,
      check: { fits: true, deploy: { fits: false } },
    })
    expect(sizing.nextSteps.join()).not.toContain("Set fill")
  })
})

describe("the fleet that comes back", () => {
  test("is complete, with every default written out", () => {
    const fleet = { maxConnections: 100, consumers: { api: { instances: 3, weight: 2, min: 2, max: 20 } } }
    expect(sizeFleet(fleet).fleet).toStrictEqual({
      maxConnections: 100,
      superuserReserved: 3,
      reservedConnections: 0,
      reserved: {},
      limits: { database: -1, role: -1 },
      consumers: { api: { instances: 3, poolSize: 20, poolsPerInstance: 1, surge: 0 } },
      jobs: [],
    })
  })

  test.each(["__proto__", "constructor", "1", "☕"])("keeps the name %s", (name) => {
    const fleet = { maxConnections: 100, consumers: Object.fromEntries([[name, { instances: 3 }]]) }
    const sizing = sizeFleet(fleet)
    expect(Object.entries(sizing.sizes)).toEqual([[name, 25]])
    expect(Object.keys(sizing.fleet.consumers)).toEqual([name])
    expect(Object.keys(sizing.check.consumers)).toEqual([name])
  })
})

const size = { weight: fc.constantFrom(0.5, 1, 1.25, 2, 3, 7), min: fc.integer({ min: 1, max: 4 }) }
const consumer = fc.oneof(
  fc.record(
    {
      instances: fc.nat(6),
      poolsPerInstance: fc.integer({ min: 1, max: 3 }),
      surge: fc.nat(6),
      ...size,
      max: fc.integer({ min: 4, max: 30 }),
    },
    { requiredKeys: ["instances", "max"] },
  ),
  fc.record({ instances: fc.nat(4), poolSize: fc.integer({ min: 1, max: 10 }) }),
)
const fleets: fc.Arbitrary<OpenFleet> = fc.record(
  {
    maxConnections: fc.integer({ min: 10, max: 400 }),
    reserved: fc.record({ metabase: fc.nat(20) }),
    limits: fc.record({ database: fc.integer({ min: -1, max: 200 }) }),
    fill: fc.constantFrom(0.3, 0.57, 0.8, 1),
    consumers: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), consumer, { maxKeys: 6 }),
  },
  { requiredKeys: ["maxConnections", "consumers"] },
)
const jobs = fc.array(fc.tuple(anyJob, fc.record(size, { requiredKeys: [] })), { maxLength: 3 })
/** Hundredths, as whole numbers, which these weights are exactly. */
const weightOf = ({ weight = 1 }: { weight?: number }) => weight * 100

/** The rule as it is written down, at `t = k / weight`. */
function sizesAt({ consumers }: OpenFleet, k: number, weight: number): Record<string, number> {
  const sizes = Object.entries(consumers).map(([name, open]) => {
    const { poolSize, min = 1, max = 30 } = open
    const solved = Math.min(max, Math.max(min, Math.floor((weightOf(open) * k) / weight)))
    return [name, Number(poolSize ?? solved)] as const
  })
  return Object.fromEntries(sizes)
}

function accepts({ fill = 0.8, poolers: _, ...fleet }: OpenFleet, sizes: Record<string, number>): boolean {
  const consumers = Object.entries(fleet.consumers).map(
    ([name, { instances = 0, poolsPerInstance = 1, surge = 0 }]) => {
      return [name, { instances, poolsPerInstance, surge, poolSize: sizes[name] ?? 0 }] as const
    },
  )
  const { fits, deploy, total, usable } = checkFleet({
    ...fleet,
    jobs: [],
    consumers: Object.fromEntries(consumers),
  })
  return fits && deploy.fits && 100 * total <= Math.round(fill * 100) * usable
}

describe("for any fleet", () => {
  test("the sizes are those of the largest breakpoint that the check accepts, by trying all of them", () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const open = Object.values(fleet.consumers).filter(({ poolSize }) => poolSize === undefined)
        const points = open.flatMap((one) =>
          Array.from({ length: one.max ?? 30 }, (_, index) => ({ k: index + 1, weight: weightOf(one) })),
        )
        points.sort((one, other) => one.k * other.weight - other.k * one.weight)
        const smallest = sizesAt(fleet, 0, 1)
        const best = points.findLast(({ k, weight }) => accepts(fleet, sizesAt(fleet, k, weight)))
        const sizing = sizeFleet(fleet)
        expect(sizing.fits).toBe(accepts(fleet, smallest))
        expect(sizing.sizes).toEqual(best ? sizesAt(fleet, best.k, best.weight) : smallest)
      }),
      runs(150),
    )
  })

  test("checkFleet says of the sized fleet what sizeFleet said, and a solved one neither overflows nor alerts", () => {
    fc.assert(
      fc.property(fleets, jobs, ({ fill: _, ...fleet }, drawn) => {
        const open = { ...fleet, jobs: nameJobs(drawn) }
        const { fits, fleet: sized, check, shortfall, nextSteps } = sizeFleet(open)
        const again = checkFleet(sized)
        expect(again).toEqual(check)
        expect(fits).toBe(again.fits && again.deploy.fits && !again.alert)
        expect(shortfall > 0).toBe(!fits)
        expect(nextSteps.length > 0).toBe(!fits)
      }),
    )
  })

  test("a higher ceiling never lowers a size, and never makes a fleet impossible", () => {
    fc.assert(
      fc.property(fleets, fc.nat(100), (fleet, more) => {
        const low = sizeFleet(fleet)
        const high = sizeFleet({ ...fleet, maxConnections: fleet.maxConnections + more })
        if (low.fits) expect(high.fits).toBe(true)
        for (const [name, smaller] of Object.entries(low.sizes)) {
          expect(high.sizes[name]).toBeGreaterThanOrEqual(smaller)
        }
      }),
    )
  })

  test("order and names do not matter", () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const renamed = Object.entries(fleet.consumers).map(
          ([name, one]) => [`${name} renamed`, one] as const,
        )
        const other = sizeFleet({ ...fleet, consumers: Object.fromEntries(renamed.reverse()) })
        for (const [name, expected] of Object.entries(sizeFleet(fleet).sizes)) {
          expect(other.sizes[`${name} renamed`]).toBe(expected)
        }
      }),
    )
  })

  test("only the proportion of the weights matters", () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const heavier = Object.entries(fleet.consumers).map(([name, one]) => {
          return [name, one.poolSize ? one : { ...one, weight: 4 * (one.weight ?? 1) }] as const
        })
        expect(sizeFleet({ ...fleet, consumers: Object.fromEntries(heavier) }).sizes).toEqual(
          sizeFleet(fleet).sizes,
        )
      }),
    )
  })

  test("one size for all that fills everything is that of the formula by slots", () => {
    const counts = fc.record({
      maxConnections: fc.integer({ min: 10, max: 500 }),
      apiInstances: fc.integer({ min: 1, max: 9 }),
      databases: fc.integer({ min: 1, max: 3 }),
      others: fc.nat(50),
    })
    fc.assert(
      fc.property(counts, ({ maxConnections, apiInstances, databases, others }) => {
        fc.pre(others + 3 + apiInstances * databases <= maxConnections)
        const sizing = sizeFleet({
          maxConnections,
          reserved: { others },
          consumers: { api: { instances: apiInstances, poolsPerInstance: databases } },
          fill: 1,
        })
        const slots = { maxConnections, apiInstances, concurrentJobs: 0, databases, reserved: others + 3 }
        expect(sizing.sizes.api).toBe(connectionLimitBySlots(slots))
      }),
    )
  })

  test("the input is left as it was", () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const before = structuredClone(fleet)
        sizeFleet(fleet)
        expect(fleet).toEqual(before)
      }),
    )
  })
})
