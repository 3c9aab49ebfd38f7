import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { joiningSlots, leastBudget, sharedSlots } from "../../src/sizing/auto-budget.ts"
import { checkFleet, type Fleet, sizeFleet } from "../../src/sizing/index.ts"
import { names, refusal } from "../support/bad-values.ts"
import { runs } from "../support/properties.ts"

const auto = { poolSize: "auto", budget: 60 } as const
const checked = (api: Fleet["consumers"][string], more: Partial<Fleet> = {}) =>
  checkFleet({ maxConnections: 103, consumers: { api }, ...more })

describe("a budget", () => {
  test.each([
    [1, 0, 1],
    [2, 1, 1],
    [3, 1, 2],
    [4, 2, 2],
    [19, 2, 17],
    [30, 3, 27],
    [60, 6, 54],
  ])("of %i keeps %i for newcomers, and %i are shared", (budget, joining, shared) => {
    expect([joiningSlots(budget), sharedSlots(budget)]).toEqual([joining, shared])
  })

  test("is the least for so many pools", () => {
    for (let pools = 0; pools <= 500; pools += 1) {
      const budget = leastBudget(pools)
      expect(sharedSlots(budget)).toBeGreaterThanOrEqual(pools)
      if (budget > 1) expect(sharedSlots(budget - 1)).toBeLessThan(pools)
    }
  })
})

describe("a consumer whose size is auto counts", () => {
  test("its budget, and a login for each pool beside it, whatever the number of instances", () => {
    const { consumers, total, deploy, arithmetic } = checked({ ...auto, instances: 4, surge: 3 })
    expect(consumers["api"]).toEqual({ total: 64, deploy: { total: 67 }, logins: { steady: 4, deploy: 7 } })
    expect([total, deploy.total]).toEqual([64, 67])
    expect(arithmetic).toContain("total = 64 api (budget 60 + 4 logins) = 64, within 100")
    expect(arithmetic).toContain("deploy = 67 api (budget 60 + 7 logins) = 67, within 100")
    expect(checked({ ...auto, instances: 4, poolsPerInstance: 2 }).total).toBe(68)
  })

  test("the logins that the budget keeps for newcomers, where the instances are not known", () => {
    expect(checked(auto).consumers["api"]).toMatchObject({ total: 66, deploy: { total: 66 } })
    expect(checked({ ...auto, budget: 10 }).total).toBe(12)
  })

  test("nothing where it is scaled to zero, and in a deploy alone what only a deploy runs", () => {
    expect(checked({ ...auto, instances: 0 }).total).toBe(0)
    expect(checked({ ...auto, instances: 0, surge: 2 })).toMatchObject({ total: 0, deploy: { total: 62 } })
  })

  test("in the sum with reserved connections, sized consumers and jobs", () => {
    const more = { reserved: { metabase: 10 }, jobs: [{ name: "sync", concurrent: 2, poolSize: 3 }] }
    const { total } = checkFleet({
      maxConnections: 103,
      ...more,
      consumers: { api: { ...auto, instances: 2 }, worker: { instances: 3, poolSize: 4 } },
    })
    expect(total).toBe(10 + 62 + 12 + 6)
  })

  test("no login against a limit, which refuses it", () => {
    const limits = { role: 60 }
    const { fits, deploy, bounds, arithmetic } = checked({ ...auto, instances: 4, surge: 4 }, { limits })
    expect([fits, deploy.fits]).toEqual([true, true])
    expect(bounds[0]).toEqual({ name: "role", limit: 60, total: 60, deploy: { total: 60 } })
    expect(arithmetic).toContain("limits.role = 60: 60 used, 60 during a deploy, within 60")
    expect(checked({ ...auto, instances: 4 }, { limits: { role: 59 } })).toMatchObject({
      fits: false,
      nextSteps: expect.arrayContaining(["Raise limits.role from 59 to 60, if the server has the memory"]),
    })
  })

  test("and is too much by one login", () => {
    expect(checked({ ...auto, budget: 90, instances: 5, surge: 5 }).deploy.fits).toBe(true)
    const { deploy, nextSteps } = checked({ ...auto, budget: 90, instances: 5, surge: 6 })
    expect(deploy.fits).toBe(false)
    expect(nextSteps).toContain("Change api alone: a budget of 89 instead of 90")
  })
})

describe("more pools than a budget has connections to share", () => {
  const of = (instances: number, surge = 0) => checked({ ...auto, instances, surge }, { maxConnections: 203 })

  test("fit as long as each has one, with a warning above half", () => {
    expect(of(27)).toMatchObject({ fits: true, warnings: [] })
    expect(of(54 - 20, 20).warnings).toEqual([
      "api: 54 pools during a deploy share 54 connections (a budget of 60 without 6 for newcomers), so that most have 1. A budget of 119 gives each 2",
    ])
    expect(of(28).warnings).toHaveLength(1)
  })

  test("do not fit in a deploy, or at all, where one has none", () => {
    expect(of(30, 24)).toMatchObject({ fits: true, deploy: { fits: true } })
    const inDeploy = of(30, 25)
    expect(inDeploy).toMatchObject({ fits: true, deploy: { fits: false }, warnings: [] })
    expect(inDeploy.nextSteps[0]).toBe(
      "api: 55 pools during a deploy share 54 connections (a budget of 60 without 6 for newcomers), so that some have none. Give it a budget of 61 or more, run fewer instances, or put PgBouncer in between",
    )
    expect(of(55)).toMatchObject({ fits: false, deploy: { fits: false } })
    expect(checked({ ...auto, instances: 28, poolsPerInstance: 2 }).fits).toBe(false)
  })

  test("are one remedy of several only where it is needed beside the others, for no other makes room for them", () => {
    const fleet = (maxConnections: number): Fleet => ({
      maxConnections,
      consumers: {
        api: { poolSize: "auto", budget: 8, instances: 10 },
        worker: { instances: 5, poolSize: 8 },
      },
    })
    const [alone] = checkFleet(fleet(103)).nextSteps
    expect(alone).toMatch(/or put PgBouncer in between$/)
    const [crowd, ...others] = checkFleet(fleet(53)).nextSteps
    expect(crowd).toMatch(/or put PgBouncer in between; needed beside any other of these$/)
    expect(others).toContain("8 too many: 58 of 50 usable")
    expect(sizeFleet(fleet(53)).nextSteps[0]).toBe(crowd)
  })

  test("are not found where nobody knows how many there are", () => {
    expect(checked({ ...auto, budget: 1 })).toMatchObject({ fits: true, warnings: [] })
  })
})

describe("the fields of a consumer whose size is auto", () => {
  const issues = (api: object, read: (fleet: never) => unknown = checkFleet) =>
    refusal(() => read({ maxConnections: 103, consumers: { api } } as never))
  const of = (api: object, read?: (fleet: never) => unknown) => names(issues(api, read))

  test("need a budget, and the error says what that is", () => {
    expect(issues({ poolSize: "auto", instances: 3 }).message).toBe(
      'consumers.api.budget: is missing, which poolSize "auto" needs. Give what all pools of the service may hold together (the CONNECTION LIMIT of its role, or PRISMA_POOL_BUDGET).',
    )
    expect(issues({ poolSize: "auto" }, sizeFleet).message).toContain(
      "or weight, by which prisma-pool plan computes it",
    )
  })

  test.each([[{ min: 2 }], [{ max: 9 }], [{ weight: 2 }]])("have no %j beside it", (field) => {
    expect(of({ ...auto, ...field }, sizeFleet)).toEqual([`consumers.api.${Object.keys(field)[0]}`])
  })

  test("are refused without auto, and auto is one word", () => {
    expect(of({ instances: 1, poolSize: 5, budget: 60 })).toEqual(["consumers.api.budget"])
    expect(of({ instances: 1, budget: 60 }, sizeFleet)).toEqual(["consumers.api.budget"])
    expect(issues({ instances: 1, poolSize: "Auto" }).message).toContain(
      'a whole number from 1 to 10000, or "auto" with a budget',
    )
    expect(of({ poolSize: 5 })).toEqual(["consumers.api.instances"])
  })

  test.each([0, -1, 1.5, "60", null, 1_000_001])("have no budget of %j", (budget) => {
    expect(of({ ...auto, budget })).toEqual(["consumers.api.budget"])
  })

  test("are not those of a job, which takes a number", () => {
    const jobs = [{ name: "sync", concurrent: 1, poolSize: "auto" }]
    const error = refusal(() => checkFleet({ maxConnections: 103, consumers: {}, jobs } as never))
    expect(names(error)).toEqual(["jobs.sync.poolSize"])
  })
})

describe("sizeFleet", () => {
  test("solves for a budget by its weight, as much as pools of that weight would have", () => {
    const { sizes, fits, check, fleet } = sizeFleet({
      maxConnections: 103,
      consumers: {
        api: { poolSize: "auto", instances: 4, surge: 4, weight: 2 },
        worker: { instances: 2, weight: 1 },
      },
    })
    // t = 7.5: 4 × 15 + 4 logins, and 2 × 7, of the 80 that may be filled. A 16 of each would be 82.
    expect([sizes, fits]).toEqual([{ api: 60, worker: 7 }, true])
    expect(check.total).toBe(60 + 4 + 14)
    expect(fleet.consumers["api"]).toEqual({
      poolSize: "auto",
      budget: 60,
      instances: 4,
      surge: 4,
      poolsPerInstance: 1,
    })
  })

  test("gives each pool a connection, and says where that does not fit", () => {
    const of = (instances: number) =>
      sizeFleet({ maxConnections: 53, consumers: { api: { poolSize: "auto", instances, weight: 1 } } })
    // 18 pools need 20 slots with those for newcomers, and 18 logins: 38 of the 40 that may be filled.
    expect(of(18)).toMatchObject({ fits: true, sizes: { api: 20 }, check: { total: 38 } })
    expect(of(20)).toMatchObject({ fits: false, shortfall: 2, sizes: { api: 22 } })
  })

  test("does not fit where a given budget has fewer connections than pools", () => {
    const api = { poolSize: "auto", budget: 5, instances: 4 } as const
    expect(sizeFleet({ maxConnections: 103, consumers: { api } })).toMatchObject({
      fits: false,
      shortfall: 0,
      nextSteps: [expect.stringContaining("Give it a budget of 6 or more")],
    })
  })

  test("for any fleet makes one that checkFleet accepts, without an alert", () => {
    const count = fc.integer({ min: 0, max: 6 })
    const shared = fc.record(
      { instances: count, surge: count, weight: fc.integer({ min: 1, max: 9 }) },
      { requiredKeys: ["weight"] },
    )
    const consumer = fc.oneof(
      shared.map((each) => ({ ...each, poolSize: "auto" as const })),
      fc.record({ instances: count, surge: count, weight: fc.integer({ min: 1, max: 9 }) }),
    )
    let fitting = 0
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 300 }),
        fc.dictionary(fc.constantFrom("api", "web", "worker"), consumer),
        (maxConnections, consumers) => {
          const { fits, fleet } = sizeFleet({ maxConnections, consumers })
          if (!fits) return
          fitting += 1
          expect(checkFleet(fleet)).toMatchObject({ fits: true, alert: false, deploy: { fits: true } })
        },
      ),
      runs(200),
    )
    expect(fitting).toBeGreaterThan(50)
  })
})
