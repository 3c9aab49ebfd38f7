import { describe, expect, test } from "vitest"
import { connectionLimitByShares, connectionLimitBySlots, PoolConfigError } from "../../src/sizing/index.ts"
import { badValues, names, notObjects, refusal, title } from "../support/bad-values.ts"

const shared = { maxConnections: 100, apiInstances: 1, concurrentJobs: 2, databases: 1 }
const formulas = [
  {
    name: "connectionLimitByShares",
    run: (input: unknown) => connectionLimitByShares(input as never),
    good: { ...shared, otherServices: 1, adminConnections: 1, safetyMargin: 1 },
    optional: [] as string[],
  },
  {
    name: "connectionLimitBySlots",
    run: (input: unknown) => connectionLimitBySlots(input as never),
    good: { ...shared, reserved: 10 },
    optional: ["databases"],
  },
]

describe.each(formulas)("$name", ({ run, good, optional }) => {
  const fields = Object.keys(good)

  describe.each(fields)("names %s", (field) => {
    test.each(badValues.map((value) => [title(value), value]))("when it is %s", (_, value) => {
      expect(names(refusal(() => run({ ...good, [field]: value })))).toEqual([field])
    })

    test("when it is one above the largest number", () => {
      expect(names(refusal(() => run({ ...good, [field]: 1_000_001 })))).toEqual([field])
    })
  })

  test.each(badValues.map((value) => [title(value), value]))(
    "names every field at once: all %s",
    (_, value) => {
      const all = Object.fromEntries(fields.map((field) => [field, value]))
      expect(names(refusal(() => run(all)))).toEqual(fields)
    },
  )

  test("names every required field that is missing", () => {
    const error = refusal(() => run({}))
    expect(names(error)).toEqual(fields.filter((field) => !optional.includes(field)))
    expect(error.issues.map((issue) => issue.problem)).toEqual(error.issues.map(() => "missing"))
  })

  test.each(["maxConnections", "apiInstances", "databases"])("refuses 0 %s", (field) => {
    expect(names(refusal(() => run({ ...good, [field]: 0 })))).toContain(field)
  })

  test.each(fields.filter((field) => !["maxConnections", "apiInstances", "databases"].includes(field)))(
    "takes 0 %s, and -0 as the same",
    (field) => {
      expect(run({ ...good, [field]: 0 })).toBeGreaterThan(0)
      expect(run({ ...good, [field]: -0 })).toBe(run({ ...good, [field]: 0 }))
    },
  )

  test("takes the largest numbers, and stays exact", () => {
    expect(run({ ...good, maxConnections: 1_000_000, apiInstances: 1_000_000, databases: 1_000_000 })).toBe(0)
  })

  test("refuses a field that it does not know, and lists those that it does", () => {
    const { issues } = refusal(() => run({ ...good, database: 2 }))
    expect(issues).toEqual([
      { name: "database", problem: "is not a known field", remedy: `Use ${fields.join(", ")}` },
    ])
  })

  test.each([undefined, ...notObjects].map((value) => [title(value), value]))(
    "refuses %s as its input",
    (_, value) => {
      expect(names(refusal(() => run(value)))).toEqual(["input"])
    },
  )
})

test.each([100, 101, 1_000_000])("connectionLimitBySlots refuses %i reserved of 100", (reserved) => {
  const error = refusal(() => connectionLimitBySlots({ ...shared, reserved }))
  expect(error.issues).toEqual([
    {
      name: "reserved",
      problem: `${reserved} leaves no slot of maxConnections 100`,
      remedy: "Reserve at most 99, or raise maxConnections",
    },
  ])
})

test("a refusal says the value, the range and what to give", () => {
  const error = refusal(() => connectionLimitBySlots({ ...shared, apiInstances: "3" as never, reserved: 10 }))
  expect(error).toBeInstanceOf(PoolConfigError)
  expect(error.code).toBe("POOL_CONFIG")
  expect(error.message).toBe(
    'apiInstances: received "3". Give the most API instances that run at once, a whole number from 1 to 1000000.',
  )
})
