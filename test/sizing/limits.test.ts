import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { checkFleet, type Fleet, type Limits, sizeFleet } from "../../src/sizing/index.ts"
import { badValues, names, notObjects, refusal, title } from "../support/bad-values.ts"

const of = (limits: Limits, instances = 20, surge = 0) =>
  checkFleet({
    maxConnections: 100,
    reserved: { metabase: 10 },
    limits,
    consumers: { api: { instances, poolSize: 1, surge } },
  })

describe.each(["database", "role"] as const)("the limit of the %s", (limit) => {
  test("bounds the consumers, the last connection included", () => {
    expect(of({ [limit]: 20 })).toMatchObject({ fits: true, deploy: { fits: true }, binding: limit })
    expect(of({ [limit]: 19 })).toMatchObject({ fits: false, deploy: { fits: false }, binding: limit })
  })

  test("bounds them during a deploy too", () => {
    expect(of({ [limit]: 25 }, 20, 5)).toMatchObject({ fits: true, deploy: { fits: true } })
    expect(of({ [limit]: 24 }, 20, 5)).toMatchObject({ fits: true, deploy: { fits: false } })
  })

  test("is no limit at -1, and by default", () => {
    expect(of({ [limit]: -1 })).toEqual(of({}))
    expect(of({ [limit]: -1 })).toMatchObject({ fits: true, binding: "maxConnections" })
  })

  test("is a limit at 0, and at -0", () => {
    expect(of({ [limit]: 0 })).toMatchObject({ fits: false, binding: limit })
    expect(of({ [limit]: 0 }, 0)).toMatchObject({ fits: true, binding: limit })
    expect(of({ [limit]: -0 })).toStrictEqual(of({ [limit]: 0 }))
  })

  test("leaves what is usable and free on the server as it is, and moves no threshold", () => {
    expect(of({ [limit]: 20 })).toMatchObject({ usable: 97, total: 30, free: 67, alert: false })
  })

  test("does not bind where the server has less room: 97 usable − 10 reserved", () => {
    expect(of({ [limit]: 86 }).binding).toBe(limit)
    expect(of({ [limit]: 87 }).binding).toBe("maxConnections")
  })

  test("bounds a size that is solved for", () => {
    const fleet = { maxConnections: 100, consumers: { api: { instances: 3, surge: 1 } } }
    expect(sizeFleet({ ...fleet, limits: { [limit]: 23 } }).sizes.api).toBe(5)
    expect(sizeFleet({ ...fleet, limits: { [limit]: 24 } }).sizes.api).toBe(6)
    expect(sizeFleet({ ...fleet, limits: { [limit]: 26 } }).leftover).toEqual([
      "2 left over in a deploy; one more per api instance would take 4",
    ])
    const steady = { ...fleet, consumers: { api: { instances: 3 } } }
    expect(sizeFleet({ ...steady, limits: { [limit]: 23 } }).leftover).toEqual([
      "2 left over; one more per api instance would take 3",
    ])
    expect(sizeFleet({ ...fleet, limits: { [limit]: 0 } })).toMatchObject({ fits: false, shortfall: 4 })
  })

  test.each(
    [...badValues.filter((value) => value !== -1), -2, 1_000_001].map((value) => [title(value), value]),
  )("is refused when it is %s", (_, value) => {
    expect(names(refusal(() => of({ [limit]: value } as never)))).toEqual([`limits.${limit}`])
  })
})

test("every bound comes with what is held of it, the tightest first", () => {
  expect(of({ database: 40, role: 25 }, 20, 10).bounds).toEqual([
    { name: "role", limit: 25, total: 20, deploy: { total: 30 } },
    { name: "database", limit: 40, total: 20, deploy: { total: 30 } },
    { name: "maxConnections", limit: 97, total: 30, deploy: { total: 40 } },
  ])
})

test("the arithmetic shows a limit, and whether it holds", () => {
  expect(of({ database: 40, role: 25 }, 20, 10).arithmetic.slice(3)).toEqual([
    "limits.database = 40: 20 used, 30 during a deploy, within 40",
    "limits.role = 25: 20 used, 30 during a deploy, 5 above 25",
  ])
})

test("what is no plain object, or no limit, is refused", () => {
  for (const value of notObjects) expect(names(refusal(() => of(value as never)))).toEqual(["limits"])
  expect(names(refusal(() => of({ server: 5 } as never)))).toEqual(["limits.server"])
})

test("any fleet fits exactly when every bound holds, and the binding one has the least left", () => {
  const limit = fc.integer({ min: -1, max: 120 })
  const fleets: fc.Arbitrary<Fleet> = fc.record({
    maxConnections: fc.integer({ min: 4, max: 120 }),
    reserved: fc.record({ metabase: fc.nat(20) }),
    limits: fc.record({ database: limit, role: limit }, { requiredKeys: [] }),
    consumers: fc.record({
      api: fc.record({ instances: fc.nat(60), poolSize: fc.integer({ min: 1, max: 3 }), surge: fc.nat(9) }),
    }),
  })
  fc.assert(
    fc.property(fleets, (fleet) => {
      const { fits, deploy, bounds, binding, total, usable } = checkFleet(fleet)
      const left = bounds.map((bound) => bound.limit - bound.total)
      expect(fits).toBe(left.every((free) => free >= 0))
      expect(deploy.fits).toBe(bounds.every((bound) => bound.deploy.total <= bound.limit))
      expect(left[0]).toBe(Math.min(...left))
      expect(bounds[0]?.name).toBe(binding)
      if (fits) expect(total).toBeLessThanOrEqual(usable)
    }),
  )
})
