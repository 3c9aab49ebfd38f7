import { expect, test } from "vitest"
import { busy, describeMachine, isBusy, shownMachine } from "../../bench/machine.ts"

const loaded = (loadBefore: number) => ({ ...describeMachine(), loadBefore })

test("a machine is busy above a load average of 1.5, and the results of a run that was forced say so", () => {
  expect([1.5, 1.6].map((load) => isBusy(loaded(load)))).toEqual([false, true])
  expect(busy(loaded(1.6))).toContain("is 1.6, and a run at more than 1.5")
  expect(shownMachine(loaded(1.5))).toMatch(/; load average 1\.5 before the run\.$/)
  expect(shownMachine(loaded(1.6))).toMatch(
    /; load average 1\.6 before the run, \*\*more than 1\.5: forced\*\*\.$/,
  )
})
