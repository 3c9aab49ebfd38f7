import { expect, test } from "vitest"
import { inRounds, ratiosOf } from "../../bench/side-by-side.ts"

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
