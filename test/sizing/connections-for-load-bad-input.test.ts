import { describe, expect, test } from "vitest"
import { connectionsForLoad } from "../../src/sizing/index.ts"
import { badValues, names, notObjects, refusal, title } from "../support/bad-values.ts"

const good = {
  acquisitionsPerSecond: 300,
  holdTimeMs: 20,
  maxWaitMs: 20,
  percentile: 99,
  instances: 3,
  burst: 4,
  fairShare: 18,
}
const fields = Object.keys(good)
const required = ["acquisitionsPerSecond", "holdTimeMs", "maxWaitMs"]
const run = (input: unknown) => connectionsForLoad(input as never)

describe.each(fields)("names %s", (field) => {
  // Rates, times and percentiles have decimals.
  const decimals = [...required, "percentile"].includes(field)
  const values = badValues.filter((value) => value !== 1.5 || !decimals)

  test.each(values.map((value) => [title(value), value]))("when it is %s", (_, value) => {
    expect(names(refusal(() => run({ ...good, [field]: value })))).toEqual([field])
  })
})

test.each([
  ["acquisitionsPerSecond", 10_000_001],
  ["holdTimeMs", 0],
  ["holdTimeMs", 86_400_001],
  ["maxWaitMs", 86_400_001],
  ["percentile", 0.99],
  ["percentile", 100],
  ["instances", 0],
  ["burst", 0],
  ["burst", 1_000_001],
  ["fairShare", 0],
  ["fairShare", 10_001],
])("refuses a %s of %d", (field, value) => {
  expect(names(refusal(() => run({ ...good, [field]: value })))).toEqual([field])
})

test("names every field at once", () => {
  expect(names(refusal(() => run(Object.fromEntries(fields.map((field) => [field, "15"])))))).toEqual(fields)
})

test("names what is missing", () => {
  const error = refusal(() => run({}))
  expect(names(error)).toEqual(required)
  expect(error.issues.map(({ problem }) => problem)).toEqual(required.map(() => "missing"))
})

test("refuses a field that it does not know, and lists those that it does", () => {
  const { issues } = refusal(() => run({ ...good, holdTime: 20 }))
  expect(issues).toEqual([
    {
      name: "holdTime",
      problem: "is not a known field",
      remedy: "Use acquisitionsPerSecond, holdTimeMs, maxWaitMs, percentile, instances, burst, fairShare",
    },
  ])
})

test("refuses a load that no pool could be large enough for", () => {
  const error = refusal(() => run({ acquisitionsPerSecond: 20_000, holdTimeMs: 120_000, maxWaitMs: 1 }))
  expect(error.issues).toEqual([
    {
      name: "acquisitionsPerSecond",
      problem: "20000 a second, held for 120000 ms each, keep 2400000 connections of each pool busy",
      remedy: "Give a load that keeps at most 1000000 busy, or more instances",
    },
  ])
})

test("says of a fraction what to give instead", () => {
  expect(refusal(() => run({ ...good, percentile: 0.99 })).message).toBe(
    "percentile: received 0.99. Give the percentile that waits no longer (99 for p99), a number from 1 to 99.999.",
  )
})

test.each([undefined, ...notObjects].map((value) => [title(value), value]))(
  "refuses %s as its input",
  (_, value) => {
    expect(names(refusal(() => run(value)))).toEqual(["input"])
  },
)
