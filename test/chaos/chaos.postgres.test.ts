import { expect, test } from "vitest"
import { SEED, TIMES } from "../support/properties.ts"
import { runChaos } from "./run-chaos.ts"

const SECONDS = 30 * TIMES

test(`nothing is lost, halved or somebody else's in ${SECONDS} s of faults`, {
  timeout: (SECONDS + 300) * 1000,
}, async () => {
  const report = await runChaos(SEED, SECONDS)
  // What a run was like, for whoever explores.
  if (TIMES > 1) console.log(report)
  expect(report.rightAnswers).toBeGreaterThan(0)
  expect(report.acknowledged).toBeGreaterThan(0)
  expect(report.samples).toBeGreaterThan(0)
  expect(report).toMatchObject({
    wrongAnswers: [],
    lost: [],
    half: [],
    ghosts: [],
    withoutCode: [],
    unhandled: [],
    aboveLimit: {},
    complaints: 0,
    servesAtEnd: true,
    left: 0,
  })
})
