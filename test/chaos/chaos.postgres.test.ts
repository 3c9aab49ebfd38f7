import { expect, test } from "vitest"
import { SEED, TIMES } from "../support/properties.ts"
import { ALL_OFF, ALL_ON, randomSettings, runChaos } from "./run-chaos.ts"

const SECONDS = 12 * TIMES

test.each([
  ["all off", SEED, ALL_OFF],
  ["all on", SEED + 1, ALL_ON],
  ["at random", SEED + 2, randomSettings(SEED)],
])(
  `nothing is lost, halved or somebody else's in ${SECONDS} s of faults, with the settings of the pool %s`,
  {
    timeout: (SECONDS + 300) * 1000,
  },
  async (_, seed, settings) => {
    const report = await runChaos(seed, SECONDS, settings)
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
      aboveLimitKnowingly: 0,
      complaints: 0,
      servesAtEnd: true,
      left: 0,
      openSpans: [],
    })
    // Not in there: toMatchObject finds an empty object in every object.
    expect(report.aboveLimit).toEqual({})
    expect(report.spans > 0).toBe(settings.traces)
  },
)
