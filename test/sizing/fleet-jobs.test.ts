import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { checkFleet, type Job, maxConcurrentRuns, type OpenJob, sizeFleet } from "../../src/sizing/index.ts"
import { badValues, names, refusal, title } from "../support/bad-values.ts"
import { runs } from "../support/properties.ts"

const night = { schedule: "0 3 * * *", timezone: "Europe/Paris", timeout: "1h" }
const noon = { schedule: "0 12 * * *", timezone: "Europe/Paris", timeout: "1h" }
const good = {
  maxConnections: 100,
  reserved: { others: 10 },
  consumers: { api: { instances: 1, poolSize: 30 } },
}

describe("the jobs of a fleet", () => {
  const jobs: Job[] = [
    { name: "import", ...night, poolSize: 10 },
    { name: "export", ...night, poolSize: 5, poolsPerInstance: 2 },
    { name: "stats", ...noon, poolSize: 15 },
  ]
  const check = checkFleet({ ...good, jobs })

  test("count with what is at work at once, in both sums", () => {
    expect(check).toMatchObject({ total: 60, deploy: { total: 60 }, jobs: { runs: 2, connections: 20 } })
  })

  test("come with what maxConcurrentRuns says of them", () => {
    expect(check.jobs).toEqual(maxConcurrentRuns(jobs))
  })

  test("show in the arithmetic, with the instant and who it is", () => {
    expect(check.arithmetic[1]).toBe(
      "total = 10 others + 30 api (1 × 30) + 20 jobs at their peak (at 2026-01-01T02:00:00.000Z: import 1 × 10, export 1 × 10) = 60, within 97",
    )
  })

  test("that never meet count with the largest of them, and not with their sum", () => {
    expect(checkFleet({ ...good, jobs: jobs.slice(1) }).jobs.connections).toBe(15)
  })

  test("are bound by the limits", () => {
    expect(checkFleet({ ...good, limits: { role: 50 }, jobs }).fits).toBe(true)
    expect(checkFleet({ ...good, limits: { role: 49 }, jobs })).toMatchObject({
      fits: false,
      binding: "role",
    })
  })

  test("of a fleet without any hold nothing, and no term of the sum", () => {
    expect(checkFleet({ ...good, jobs: [] })).toEqual(checkFleet(good))
  })

  test("shrink in proportion with the consumers, and to one that fits", () => {
    const full = { ...good, jobs: jobs.map((job) => ({ ...job, poolSize: 40 })) }
    const step = checkFleet(full).nextSteps.find((text) => text.startsWith("Lower every"))
    expect(step).toBe(
      "Lower every poolSize in proportion: api 17 instead of 30, import 23 instead of 40, export 23 instead of 40, and 1 more",
    )
  })

  test("a job alone may be all there is to lower", () => {
    const only = { maxConnections: 10, consumers: {}, jobs: [{ name: "import", ...night, poolSize: 9 }] }
    expect(checkFleet(only).nextSteps).toEqual([
      "2 too many: 9 of 7 usable",
      "Lower every poolSize in proportion: import 7 instead of 9",
      "Raise max_connections from 10 to 12, if the server has the memory",
    ])
  })
})

describe("the open sizes of jobs", () => {
  const open = { maxConnections: 100, consumers: { api: { instances: 1 } }, fill: 1 }

  test("share with the consumers what the jobs hold at their peak", () => {
    const jobs: OpenJob[] = [
      { name: "import", ...night },
      { name: "export", ...night, weight: 2 },
      { name: "stats", ...noon },
    ]
    expect(sizeFleet({ ...open, jobs })).toMatchObject({
      fits: true,
      sizes: { api: 24 },
      jobSizes: { import: 24, export: 49, stats: 24 },
      check: { total: 97 },
    })
  })

  test("heed every instant, where the peak moves with the sizes", () => {
    const jobs: OpenJob[] = [
      { name: "a", ...night, max: 10 },
      { name: "b", ...night, max: 10 },
      { name: "c", ...noon, weight: 3 },
      { name: "d", ...noon, poolSize: 2 },
    ]
    const sizing = sizeFleet({ ...open, jobs })
    expect(sizing).toMatchObject({ sizes: { api: 23 }, jobSizes: { a: 10, b: 10, c: 71, d: 2 } })
    expect(sizing.check.total).toBe(96)
  })

  test("count each run: with its own runs still at work, and replicas", () => {
    const jobs: OpenJob[] = [
      { name: "often", schedule: "*/10 * * * *", timezone: "UTC", timeout: "30m", replicas: 2 },
    ]
    expect(sizeFleet({ ...open, consumers: {}, jobs }).jobSizes).toEqual({ often: 16 })
  })

  test("come back in a fleet that says all that was stated", () => {
    const jobs: OpenJob[] = [{ name: "import", ...night, min: 2, max: 5, weight: 0.5, retries: 1 }]
    const { fleet, check } = sizeFleet({ ...open, jobs })
    expect(fleet.jobs).toEqual([{ name: "import", ...night, retries: 1, poolSize: 5 }])
    expect(checkFleet(fleet)).toEqual(check)
  })

  test("that cannot be small enough make a fleet that cannot fit", () => {
    const jobs: OpenJob[] = [{ name: "import", concurrent: 50, min: 2 }]
    expect(sizeFleet({ ...open, jobs })).toMatchObject({ fits: false, shortfall: 4, jobSizes: { import: 2 } })
  })

  test("are in the leftover when they are at the peak", () => {
    const jobs: OpenJob[] = [
      { name: "import", ...night, replicas: 5 },
      { name: "noon", ...noon, max: 2 },
    ]
    expect(sizeFleet({ ...open, consumers: {}, jobs }).leftover).toEqual([
      "2 left over; one more per import run would take at least 5",
    ])
  })
})

describe("what is wrong with a job", () => {
  const check = (jobs: unknown) => names(refusal(() => checkFleet({ ...good, jobs } as never)))
  const size = (jobs: unknown) => names(refusal(() => sizeFleet({ ...good, jobs } as never)))

  test.each([null, 15, "jobs", {}, new Map()].map((value) => [title(value), value]))(
    "may be that they are %s",
    (_, value) => {
      expect(check(value)).toEqual(["jobs"])
      expect(size(value)).toEqual(["jobs"])
    },
  )

  test.each(badValues.map((value) => [title(value), value]))("may be a size of %s", (_, value) => {
    const job = { name: "import", ...night }
    expect(check([{ ...job, poolSize: value }])).toEqual(["jobs.import.poolSize"])
    expect(size([{ ...job, poolSize: value }])).toEqual(["jobs.import.poolSize"])
    expect(size([{ ...job, min: value }])).toEqual(["jobs.import.min"])
    expect(size([{ ...job, max: value }])).toEqual(["jobs.import.max"])
  })

  test("is named by its place when it has no name, all of it at once", () => {
    const jobs = [{ ...night, weight: -1 }, 15, { name: "import", schedule: "later", poolSize: 5 }]
    expect(size(jobs).sort()).toEqual(
      ["jobs[0].name", "jobs[0].weight", "jobs[1]", "jobs.import.schedule"].sort(),
    )
  })

  test("may be an open size in a fleet to check, or a field that only those have", () => {
    expect(check([{ name: "import", ...night }])).toEqual(["jobs.import.poolSize"])
    expect(check([{ name: "import", ...night, poolSize: 5, weight: 2 }])).toEqual(["jobs.import.weight"])
  })

  test("may be __proto__ from JSON, which is refused and not obeyed", () => {
    expect(check(JSON.parse('[{ "name": "import", "poolSize": 5, "__proto__": { "retries": 5 } }]'))).toEqual(
      ["jobs.import.__proto__"],
    )
  })
})

test("any fleet with open jobs is solved to the largest sizes that the check accepts", () => {
  const job = fc.record(
    {
      schedule: fc.constantFrom("0 3 * * *", "30 3 * * *", "0 4 * * *", "0 */6 * * *", "0 12 1 * *"),
      timezone: fc.constantFrom("UTC", "Europe/Paris"),
      timeout: fc.constantFrom("20m", "45m", "2h"),
      weight: fc.constantFrom(1, 2, 3),
      max: fc.integer({ min: 1, max: 40 }),
      replicas: fc.integer({ min: 1, max: 3 }),
    },
    { requiredKeys: ["schedule", "timezone", "timeout", "max"] },
  )
  const fleets = fc.record({
    room: fc.integer({ min: 5, max: 80 }),
    jobs: fc.array(job, { minLength: 1, maxLength: 4 }),
  })
  fc.assert(
    fc.property(fleets, ({ room, jobs }) => {
      const named = jobs.map((one, index) => ({ name: `job ${index}`, ...one }))
      const fleet = { maxConnections: room, superuserReserved: 0, consumers: {}, fill: 1, jobs: named }
      const peak = (k: number, of: number) => {
        const sizes = named.map(({ weight = 1, max }) =>
          Math.min(max, Math.max(1, Math.floor((weight * k) / of))),
        )
        const sized = named.map(({ weight: _, max: __, ...rest }, index) => ({
          ...rest,
          poolSize: sizes[index] ?? 0,
        }))
        return { sizes, connections: maxConcurrentRuns(sized).connections }
      }
      // Every breakpoint of the weights 1, 2 and 3 is a sixth. No size shrinks as k grows, and so no peak does: what fits
      // is found by halving.
      let [fitting, tooLarge] = [-1, 6 * 40 + 1]
      while (tooLarge - fitting > 1) {
        const middle = Math.floor((fitting + tooLarge) / 2)
        if (peak(middle, 6).connections <= room) fitting = middle
        else tooLarge = middle
      }
      const largest = fitting < 0 ? undefined : peak(fitting, 6)
      const sizing = sizeFleet(fleet)
      expect(sizing.fits).toBe(largest !== undefined)
      if (largest) expect(Object.values(sizing.jobSizes)).toEqual(largest.sizes)
    }),
    runs(15),
  )
})
