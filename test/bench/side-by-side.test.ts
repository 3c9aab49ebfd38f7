import { expect, test } from "vitest"
import { inRounds, judged, ratiosOf } from "../../bench/side-by-side.ts"
import { medianInterval } from "../../bench/statistics.ts"

/** A machine that is slower each time it is asked. */
function tiring() {
  let time = 100
  return (cost: number) => async () => {
    time += 10
    return time * cost
  }
}

test("a machine that gets slower evenly changes no ratio of rounds", async () => {
  const run = tiring()
  const rounds = await inRounds(5, run(1), run(2))
  const { ratio, itself } = ratiosOf(rounds, Number)
  expect(ratio.median).toBeCloseTo(2, 10)
  expect([ratio.min, ratio.max].map((each) => each.toFixed(6))).toEqual(["2.000000", "2.000000"])
  expect(itself.min).toBeGreaterThan(1)
})

test("a target that the noise of a run may have hidden is neither met nor missed", () => {
  const ratio = (lower: number, median: number, upper: number) => ({ lower, median, upper, min: 0, max: 2 })
  expect(judged(ratio(0.97, 1, 1.02), "≥", 0.99)).toBe("met: ≥ 0.99")
  expect(judged(ratio(0.96, 0.98, 1), "≥", 0.99)).toBe("**within the noise**: ≥ 0.99")
  expect(judged(ratio(0.94, 0.96, 0.98), "≥", 0.99)).toBe("**missed**: ≥ 0.99")
  expect(judged(ratio(1.04, 1.06, 1.08), "≤", 1.05)).toBe("**within the noise**: ≤ 1.05")
  expect(judged(ratio(1.06, 1.08, 1.1), "≤", 1.05)).toBe("**missed**: ≤ 1.05")
})

test("the bounds of a median are the values that it is between with 90 %, by their order alone", () => {
  const times = Array.from({ length: 20 }, (_, index) => index + 1)
  // P(at most 5 of 20 below the median) = 0.0207, of at most 6 0.0577.
  expect(medianInterval(times)).toEqual({ lower: 6, upper: 15 })
})
