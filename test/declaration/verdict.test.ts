import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { FleetBounds } from "../../src/declaration/fleet-bounds.ts"
import { verdictOf, worstVerdict } from "../../src/declaration/verdict.ts"

const UNKNOWN = { cause: "size", name: "a", problem: "b", between: "c", remedy: "d" } as const

/** One consumer without a deploy, with so many connections at either end. */
function rangeOf(lowest: number, highest: number, more: Partial<FleetBounds> = {}): FleetBounds {
  const of = (poolSize: number) => ({ consumers: { api: { instances: 1, poolSize } } })
  return {
    maxConnections: 103,
    maxConnectionsAtMost: undefined,
    providerReserved: 0,
    providerReservedAtLeast: 0,
    prefix: "",
    lowest: of(lowest),
    highest: of(highest),
    open: { consumers: { api: { instances: 1 } } },
    unknowns: lowest === highest ? [] : [UNKNOWN],
    assumptions: [],
    applications: {},
    roles: {},
    explicit: [],
    excluded: [],
    warnings: [],
    failures: [],
    incomplete: [],
    source: undefined,
    servers: [],
    acknowledged: [],
    sizeVariables: {},
    notations: {},
    formats: {},
    ...more,
  }
}

const verdict = (range: FleetBounds, strict = false) => verdictOf(range, { deploy: "fail", strict }).verdict

describe("the verdict", () => {
  test.each([
    [100, 100, "fits"],
    [101, 101, "does not fit"],
    [1, 100, "fits"],
    [1, 101, "unknown"],
    [100, 101, "unknown"],
    [101, 200, "does not fit"],
  ] as const)("of %i to %i connections on 100 usable is: %s", (lowest, highest, expected) => {
    expect(verdict(rangeOf(lowest, highest))).toBe(expected)
  })

  test("has both tiers of a pooler at both ends", () => {
    const of = (poolSize: number, maxClientConnections: number) => ({
      consumers: { api: { instances: 8, poolSize: 10, pooler: "pgbouncer" } },
      poolers: { pgbouncer: { instances: 1, poolSize, maxClientConnections, orphans: 0 } },
    })
    const between = (lowest: ReturnType<typeof of>, highest: ReturnType<typeof of>) =>
      verdict(rangeOf(1, 2, { lowest, highest }))
    expect(between(of(10, 100), of(100, 100))).toBe("fits")
    expect(between(of(10, 100), of(101, 100))).toBe("unknown")
    expect(between(of(101, 100), of(200, 100))).toBe("does not fit")
    // 80 clients are 80 % of 100.
    expect(between(of(10, 100), of(10, 99))).toBe("unknown")
    expect(between(of(10, 99), of(10, 50))).toBe("does not fit")
  })

  test.each([
    [80, 80, "fits"],
    [81, 81, "does not fit"],
    [80, 81, "unknown"],
  ] as const)("of %i to %i, strictly, is: %s", (lowest, highest, expected) => {
    expect(verdict(rangeOf(lowest, highest), true)).toBe(expected)
  })

  test.each([
    [1, 1, "unknown"],
    [100, 100, "unknown"],
    [101, 101, "does not fit"],
    [100, 101, "unknown"],
  ] as const)("of %i to %i connections on at most 100 usable is: %s", (lowest, highest, expected) => {
    const ceiling = { maxConnections: undefined, maxConnectionsAtMost: 103 }
    const { verdict: found, nextSteps } = verdictOf(rangeOf(lowest, highest, ceiling), { deploy: "fail" })
    expect([found, nextSteps.length > 0]).toEqual([expected, expected === "does not fit"])
  })

  test("of a deploy counts unless it only warns", () => {
    const consumers = { api: { instances: 1, poolSize: 60, surge: 1 } }
    const range = rangeOf(60, 60, { lowest: { consumers }, highest: { consumers } })
    expect(verdictOf(range, { deploy: "fail" }).verdict).toBe("does not fit")
    expect(verdictOf(range, { deploy: "warn" }).verdict).toBe("fits")
  })

  test("is never that it fits where something is unbounded, or the ceiling is not known", () => {
    expect(verdict(rangeOf(1, 1, { unknowns: [{ ...UNKNOWN, isUnbounded: true }] }))).toBe("unknown")
    expect(verdict(rangeOf(1, 1, { maxConnections: undefined }))).toBe("unknown")
    expect(verdict(rangeOf(101, 101, { unknowns: [{ ...UNKNOWN, isUnbounded: true }] }))).toBe("does not fit")
  })

  test("is not that nobody can tell for what is unknown in a deploy, where a deploy only warns", () => {
    const unknowns = [{ ...UNKNOWN, isUnbounded: true, isOfDeploy: true } as const]
    const range = rangeOf(1, 1, { unknowns })
    expect(verdictOf(range, { deploy: "fail" }).verdict).toBe("unknown")
    expect(verdictOf(range, { deploy: "warn" }).verdict).toBe("fits")
  })

  test("is that nobody can tell where the plan is incomplete, whatever it shows", () => {
    for (const held of [1, 1_000])
      expect(verdict(rangeOf(held, held, { incomplete: ["errored"] }))).toBe("unknown")
  })

  test("never changes for the better when more is unknown", () => {
    const order = ["fits", "unknown", "does not fit"]
    fc.assert(
      fc.property(fc.nat(150), fc.nat(150), fc.nat(150), (a, b, c) => {
        const [low, middle, high] = [a + 1, b + 1, c + 1].sort((one, other) => one - other) as [
          number,
          number,
          number,
        ]
        const known = order.indexOf(verdict(rangeOf(middle, middle)))
        const open = verdict(rangeOf(low, high))
        // What is certain of the whole range is so of everything in it.
        if (open !== "unknown") expect(order[known]).toBe(open)
      }),
    )
  })
})

test("of several servers the worst one counts", () => {
  expect(worstVerdict(["fits", "fits"])).toBe("fits")
  expect(worstVerdict(["fits", "unknown", "fits"])).toBe("unknown")
  expect(worstVerdict(["unknown", "does not fit"])).toBe("does not fit")
})
