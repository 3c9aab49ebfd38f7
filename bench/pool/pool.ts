// What the rules of a pool cost and spare: few openings at a time, and a queue with an end.
import { startServer } from "../../test/support/seeded-server.ts"
import { earlierProject } from "../earlier-version.ts"
import type { Scenario } from "../scenario.ts"
import { type ColdStarts, coldStarts } from "./cold-starts.ts"
import { type CrowdFigures, crowds } from "./crowds.ts"
import { poolReport } from "./report.ts"

export interface PoolResult {
  readonly coldStarts: readonly ColdStarts[]
  readonly crowds: readonly CrowdFigures[]
}

export const pool: Scenario<PoolResult> = {
  name: "pool",
  title: "A crowd before a pool",
  report: poolReport,
  async run(ground) {
    const earlier = await earlierProject(ground.scope)
    return {
      coldStarts: await coldStarts(ground, earlier),
      crowds: await crowds(ground, await startServer(ground.scope, 60)),
    }
  },
}
