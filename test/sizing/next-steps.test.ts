import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { checkFleet, type Fleet } from "../../src/sizing/index.ts"
import { runs } from "../support/properties.ts"

const steps = (fleet: Fleet) => checkFleet(fleet).nextSteps
const api = { instances: 3, poolSize: 35 }

describe("a fleet that fits", () => {
  test("needs no next step, at its threshold either", () => {
    expect(steps({ maxConnections: 100, consumers: { api: { instances: 77, poolSize: 1 } } })).toEqual([])
  })
})

describe("the next steps", () => {
  test("of scenario 3, 3 × 35 on 100, are a size of 32, 2 instances, or a ceiling of 108", () => {
    expect(steps({ maxConnections: 100, consumers: { api } })).toEqual([
      "8 too many: 105 of 97 usable",
      "Change api alone: a poolSize of 32 instead of 35, or 2 instances instead of 3",
      "Raise max_connections from 100 to 108, if the server has the memory",
    ])
  })

  test("of its production with max_scale 3 come down to sizes in proportion, or the API's alone", () => {
    const jobs = { instances: 2, poolSize: 10 }
    expect(steps({ maxConnections: 100, reserved: { others: 10 }, consumers: { api, jobs } })).toEqual([
      "38 too many: 135 of 97 usable",
      "Lower every poolSize in proportion: api 24 instead of 35, jobs 7 instead of 10",
      "Change api alone: a poolSize of 22 instead of 35, or 1 instance instead of 3",
      "Raise max_connections from 100 to 138, if the server has the memory",
    ])
  })

  test("of an alert are what stays below the threshold", () => {
    const consumers = { api: { instances: 2, poolSize: 45 } }
    expect(steps({ maxConnections: 100, consumers })).toEqual([
      "13 above 80 % of usable: 90 of at most 77",
      "Change api alone: a poolSize of 38 instead of 45, or 1 instance instead of 2",
      "Raise max_connections from 100 to 116, if the server has the memory",
    ])
  })

  test("of a deploy that overflows are a smaller surge as well", () => {
    const consumers = { api: { instances: 4, poolSize: 15, surge: 3 } }
    expect(steps({ maxConnections: 100, consumers })).toEqual([
      "8 too many during a deploy: 105 of 97 usable",
      "Change api alone: a poolSize of 13 instead of 15, or 3 instances instead of 4, or a surge of 2 instead of 3",
      "Raise max_connections from 100 to 108 for the deploy, if the server has the memory",
    ])
  })

  test("keep a surge that doubles the instances at that", () => {
    const consumers = { api: { instances: 4, poolSize: 15, surge: 4 } }
    expect(steps({ maxConnections: 100, consumers })[1]).toBe(
      "Change api alone: a poolSize of 12 instead of 15, or 3 instances and a surge of 3 instead of 4, or a surge of 2 instead of 4",
    )
  })

  test("say what a deploy takes where the steady sum is too large already: the ceiling follows from it", () => {
    const consumers = { api: { instances: 2, poolSize: 50, surge: 2 } }
    const [first = "", ...rest] = steps({ maxConnections: 100, consumers })
    expect(first).toBe("3 too many: 100 of 97 usable, and 200 during a deploy")
    expect(rest).toContain(
      "Raise max_connections from 100 to 203 for the deploy, if the server has the memory",
    )
  })

  test("of a limit raise that limit, and leave the server alone", () => {
    const consumers = { api: { instances: 4, poolSize: 10 } }
    expect(steps({ maxConnections: 100, limits: { role: 30 }, consumers })).toEqual([
      "10 too many: 40 of 30 in limits.role",
      "Change api alone: a poolSize of 7 instead of 10, or 3 instances instead of 4",
      "Raise limits.role from 30 to 40, if the server has the memory",
    ])
  })

  test("raise every bound that does not hold", () => {
    const consumers = { api: { instances: 10, poolSize: 10 } }
    expect(steps({ maxConnections: 100, limits: { role: 30, database: 99 }, consumers })).toContain(
      "Raise max_connections from 100 to 103, and limits.database from 99 to 100, and limits.role from 30 to 100, if the server has the memory",
    )
  })

  test("do not raise what PostgreSQL cannot: 262,143 is its end", () => {
    const of = (instances: number) =>
      steps({ maxConnections: 100, consumers: { api: { instances, poolSize: 1 } } }).join()
    expect(of(262_140)).toContain("from 100 to 262143")
    expect(of(262_141)).not.toContain("Raise")
  })

  test("go through the three largest consumers, and say how many sizes more there are", () => {
    const consumers = Object.fromEntries(
      [9, 8, 7, 6, 5].map((poolSize) => [`c${poolSize}`, { instances: 4, poolSize }]),
    )
    expect(steps({ maxConnections: 100, consumers })).toEqual([
      "43 too many: 140 of 97 usable",
      "Lower every poolSize in proportion: c9 6 instead of 9, c8 6 instead of 8, c7 5 instead of 7, and 2 more",
      "Raise max_connections from 100 to 143, if the server has the memory",
    ])
  })
})

describe("an external pooler is the answer", () => {
  const consumers = (instances: number) => ({ api: { instances, poolSize: 2 } })

  const PUT =
    "put an external pooler, such as PgBouncer in transaction mode, between the fleet and the server"

  test("when even one connection in each pool does not fit, with its numbers", () => {
    // The 2 of one instance may run on without it: (1 + 1) × 47 + 2 = 96 of 97, and 98 × 2 = 196 are 80 % of 245.
    expect(steps({ maxConnections: 100, consumers: consumers(98) })).toContain(
      `Even one connection in each pool is too many, 98: ${PUT}: poolers.pgbouncer with instances 1, surge 1, poolSize 47 and maxClientConnections 245, and behind it a poolSize of api 2`,
    )
  })

  test("without numbers where it has no room either: two processes in a deploy and one without a client take three", () => {
    const of = (maxConnections: number) =>
      steps({ maxConnections, consumers: { api: { instances: 9, poolSize: 1 } } }).join()
    expect(of(6)).toContain(`${PUT}: poolers.pgbouncer with instances 1, surge 1, poolSize 1`)
    expect(of(5)).toContain(PUT)
    expect(of(5)).not.toContain("poolers.pgbouncer")
  })

  test("for a budget too, whose pools have a size behind it; without numbers where nobody knows how many there are", () => {
    const of = (instances: object) => {
      const live = { poolSize: "auto", budget: 98, ...instances } as const
      return steps({ maxConnections: 100, consumers: { live, api: { instances: 98, poolSize: 1 } } }).join()
    }
    expect(of({ instances: 3 })).toContain("and behind it a poolSize of live 9, api 1")
    expect(of({})).toContain(PUT)
    expect(of({})).not.toContain("poolers.pgbouncer")
  })

  test("and a second one is not, where there is one already", () => {
    const behind = { instances: 1, poolSize: 1, pooler: "pgbouncer" }
    const poolers = { pgbouncer: { instances: 1, poolSize: 1, maxClientConnections: 100 } }
    const text = steps({ maxConnections: 100, consumers: { ...consumers(98), behind }, poolers }).join("\n")
    expect(text).not.toContain(PUT)
    expect(text).toContain(
      "Even one connection in each pool is too many, 100: run fewer processes of the poolers, and put what connects directly behind one",
    )
  })

  test("and not when one does", () => {
    expect(steps({ maxConnections: 100, consumers: consumers(97) }).join()).not.toContain("PgBouncer")
  })

  test("and not when nothing is left for the fleet, where it would have no connection either", () => {
    const fleet = { maxConnections: 100, reserved: { metabase: 97 }, consumers: consumers(1) }
    expect(steps(fleet)).toEqual([
      "2 too many: 99 of 97 usable",
      "Raise max_connections from 100 to 102, if the server has the memory",
      "Nothing is left for the fleet: reserve less outside it, or raise the bound",
    ])
    expect(steps({ ...fleet, reserved: { metabase: 96 } }).join()).not.toContain("Nothing is left")
  })
})

describe("the arithmetic", () => {
  test("multiplies what there is of a consumer, and says by how much the sum is too large", () => {
    const consumers = {
      api: { instances: 4, poolSize: 5, poolsPerInstance: 3, surge: 2 },
      worker: { instances: 0, poolSize: 7 },
    }
    const fleet = {
      maxConnections: 80,
      reservedConnections: 2,
      reserved: { metabase: 5, admin: 1 },
      consumers,
    }
    expect(checkFleet(fleet).arithmetic).toEqual([
      "usable = 80 max_connections − 3 superuser_reserved_connections − 2 reserved_connections = 75",
      "total = 5 metabase + 1 admin + 60 api (4 × 5 × 3) + 0 worker (0 × 7) = 66, within 75",
      "deploy = 5 metabase + 1 admin + 90 api ((4 + 2) × 5 × 3) + 0 worker (0 × 7) = 96, 21 above 75",
    ])
  })

  test("of nothing is 0", () => {
    expect(checkFleet({ maxConnections: 100, consumers: {} }).arithmetic[1]).toBe("total = 0 = 0, within 97")
  })

  test("names twenty consumers, and adds up the rest", () => {
    const consumers = Object.fromEntries(
      Array.from({ length: 23 }, (_, index) => [
        `c${index}`,
        { instances: 1, poolSize: index + 1, surge: 1 },
      ]),
    )
    const [, total, deploy] = checkFleet({ maxConnections: 1_000, consumers }).arithmetic
    expect(total).toMatch(/ \+ 20 c19 \(1 × 20\) \+ 66 in 3 more = 276, within 997$/)
    expect(deploy).toMatch(/ \+ 40 c19 \(\(1 \+ 1\) × 20\) \+ 132 in 3 more = 552, within 997$/)
  })

  test("stays on its line, whatever a name has in it", () => {
    const name = "api\n::error::\u001b[31m\u2028\u202e"
    const { arithmetic, nextSteps } = checkFleet({ maxConnections: 10, consumers: { [name]: api } })
    const shown = "api\\u000a::error::\\u001b[31m\\u2028\\u202e"
    expect(arithmetic[1]).toBe(`total = 105 ${shown} (3 × 35) = 105, 98 above 7`)
    expect(nextSteps[1]).toContain(shown)
  })
})

test("every change that is named is enough, and the next larger size or number is not", () => {
  const consumer = fc.record({
    instances: fc.integer({ min: 1, max: 9 }),
    poolSize: fc.integer({ min: 1, max: 30 }),
    poolsPerInstance: fc.integer({ min: 1, max: 2 }),
    surge: fc.nat(9),
  })
  const limits = fc.record({ role: fc.integer({ min: -1, max: 150 }) })
  const fleets = fc.record({
    maxConnections: fc.integer({ min: 40, max: 300 }),
    reserved: fc.record({ metabase: fc.nat(20) }),
    limits,
    consumers: fc.record({ api: consumer, worker: consumer }),
  })
  fc.assert(
    fc.property(fleets, (fleet) => {
      const now = checkFleet(fleet)
      const good = (changed: Fleet) => {
        const { fits, deploy, alert } = checkFleet(changed)
        return fits && deploy.fits && (!(now.fits && now.deploy.fits) || !alert)
      }
      const text = now.nextSteps.join("\n")
      const number = (found: RegExpMatchArray | null) => Number(found?.[1])
      for (const name of ["api", "worker"] as const) {
        const own = fleet.consumers[name]
        const change = (changed: Partial<typeof own>) =>
          good({ ...fleet, consumers: { ...fleet.consumers, [name]: { ...own, ...changed } } })
        const line = now.nextSteps.find((step) => step.startsWith(`Change ${name} alone`)) ?? ""
        const poolSize = number(line.match(/a poolSize of (\d+)/))
        if (poolSize)
          expect([change({ poolSize }), change({ poolSize: poolSize + 1 })]).toEqual([true, false])
        const instances = number(line.match(/(\d+) instances?\b/))
        if (instances) {
          const scaled = (count: number) => ({
            instances: count,
            surge: own.surge === own.instances ? count : own.surge,
          })
          expect([change(scaled(instances)), change(scaled(instances + 1))]).toEqual([true, false])
        }
        const surge = line.match(/or a surge of (\d+)|: a surge of (\d+)/)
        if (surge) {
          const slower = Number(surge[1] ?? surge[2])
          expect([change({ surge: slower }), change({ surge: slower + 1 })]).toEqual([true, false])
        }
      }
      const maxConnections = number(text.match(/max_connections from \d+ to (\d+)/))
      const role = number(text.match(/limits.role from \d+ to (\d+)/))
      const raised = (less: number) => ({
        ...fleet,
        ...(maxConnections ? { maxConnections: maxConnections - less } : {}),
        ...(role ? { limits: { role: role - less } } : {}),
      })
      if (now.nextSteps.length > 0) expect([good(raised(0)), good(raised(1))]).toEqual([true, false])
      const smaller = (name: "api" | "worker") =>
        number(text.match(new RegExp(`in proportion.*${name} (\\d+) instead`))) ||
        fleet.consumers[name].poolSize
      if (text.includes("in proportion")) {
        const { api, worker } = fleet.consumers
        const consumers = {
          api: { ...api, poolSize: smaller("api") },
          worker: { ...worker, poolSize: smaller("worker") },
        }
        expect(good({ ...fleet, consumers })).toBe(true)
      }
    }),
    runs(300),
  )
})
