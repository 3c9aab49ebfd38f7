import { describe, expect, test } from "vitest"
import { sizeFleet } from "../../src/sizing/index.ts"
import { badValues, names, notObjects, refusal, title } from "../support/bad-values.ts"

const open = { instances: 2, weight: 1, min: 1, max: 20 }
const good = { maxConnections: 100, fill: 0.8, consumers: { api: open } }
const check = (fleet: unknown) => names(refusal(() => sizeFleet(fleet as never)))
const withConsumer = (change: object) => ({ ...good, consumers: { api: { ...open, ...change } } })

const wholes = ["instances", "min", "max", "poolsPerInstance", "surge"]

describe.each(wholes)("sizeFleet names consumers.api.%s", (field) => {
  test.each(badValues.map((value) => [title(value), value]))("when it is %s", (_, value) => {
    expect(check(withConsumer({ [field]: value }))).toEqual([`consumers.api.${field}`])
  })
})

describe.each([
  {
    path: "consumers.api.weight",
    put: (weight: unknown) => withConsumer({ weight }),
    below: 0.005,
    above: 1_000.01,
  },
  { path: "fill", put: (fill: unknown) => ({ ...good, fill }), below: 0, above: 1.01 },
])("sizeFleet names $path", ({ path, put, below, above }) => {
  const bad = [...badValues.filter((value) => value !== 1.5), below, above, 0.125, 1 / 3, -0]

  test.each(bad.map((value) => [title(value), value]))("when it is %s", (_, value) => {
    expect(check(put(value))).toEqual([path])
  })

  test.each([0.01, 0.29, 0.57, 1])("and takes %s", (value) => {
    expect(sizeFleet(put(value) as never).check.total).toBeLessThanOrEqual(97)
  })
})

test("the remedy says the range and the decimals", () => {
  const { message } = refusal(() => sizeFleet({ ...good, fill: 80 }))
  expect(message).toBe(
    "fill: received 80. Give the share of the usable slots that the steady total may fill, a number from 0.01 to 1 with at most two decimals.",
  )
})

describe("a size", () => {
  test("that is stated is checked like any other", () => {
    const { weight: _, min: __, max: ___, ...api } = open
    for (const poolSize of [0, -1, "15", 10_001, Number.NaN]) {
      expect(check({ ...good, consumers: { api: { ...api, poolSize } } })).toEqual(["consumers.api.poolSize"])
    }
  })

  test.each(["weight", "min", "max"])("that is stated leaves no %s", (field) => {
    const { issues } = refusal(() =>
      sizeFleet({ ...good, consumers: { api: { instances: 1, poolSize: 5, [field]: 2 } } }),
    )
    expect(issues).toEqual([
      {
        name: `consumers.api.${field}`,
        problem: "cannot be combined with poolSize, which leaves nothing to solve for",
        remedy: `Leave out poolSize or ${field}`,
      },
    ])
  })

  test("has no max below its min", () => {
    expect(check(withConsumer({ min: 21 }))).toEqual(["consumers.api.max"])
    expect(sizeFleet(withConsumer({ min: 20 })).sizes).toEqual({ api: 20 })
  })
})

test("everything that is wrong comes in one error, in the order of the fields", () => {
  const fleet = {
    maxConnections: 0,
    fil: 1,
    limits: { database: -2 },
    consumers: {
      api: { instances: 1.5, min: "2", max: 0 },
      jobs: null,
      worker: { poolSize: 5, max: 2, wieght: 1 },
    },
    jobs: 5,
    fill: 2,
  }
  expect(check(fleet)).toEqual([
    "fil",
    "maxConnections",
    "limits.database",
    "consumers.api.instances",
    "consumers.api.min",
    "consumers.api.max",
    "consumers.jobs",
    "consumers.worker.wieght",
    "consumers.worker.instances",
    "consumers.worker.max",
    "jobs",
    "fill",
  ])
})

test.each([undefined, ...notObjects].map((value) => [title(value), value]))(
  "%s is refused everywhere",
  (_, value) => {
    expect(check(value)).toEqual(["fleet"])
    expect(check({ ...good, consumers: value })).toEqual(["consumers"])
    expect(check({ ...good, consumers: { api: value } })).toEqual(["consumers.api"])
  },
)

test("__proto__ from JSON is a field that is refused, and a name like any other", () => {
  expect(check(withConsumer(JSON.parse('{ "__proto__": 5 }')))).toEqual(["consumers.api.__proto__"])
  const consumers = JSON.parse('{ "__proto__": { "instances": 1, "weight": 0 } }')
  expect(check({ ...good, consumers })).toEqual(["consumers.__proto__.weight"])
})

test("a sum beyond exact integers is refused where even the smallest sizes have one", () => {
  const most = { instances: 1_000_000, poolsPerInstance: 10_000, surge: 1_000_000 }
  const consumers = (open: object) =>
    Object.fromEntries(Array.from({ length: 46 }, (_, index) => [`api ${index}`, { ...most, ...open }]))
  expect(check({ ...good, consumers: consumers({ min: 10_000 }) })).toEqual(["fleet"])
  expect(sizeFleet({ ...good, consumers: consumers({}) }).fits).toBe(false)
})
