// What the rules of a pool cost and spare: few openings at a time, a queue with an end, and settings that are off.
import { startServer } from "../../test/support/seeded-server.ts"
import { earlierProject } from "../earlier-version.ts"
import type { Scenario } from "../scenario.ts"
import { type ColdStarts, coldStarts } from "./cold-starts.ts"
import { type CrowdFigures, crowds } from "./crowds.ts"
import { type EverythingOff, everythingOff } from "./everything-off.ts"
import { poolReport } from "./report.ts"

export interface PoolResult {
  readonly coldStarts: readonly ColdStarts[]
  readonly crowds: readonly CrowdFigures[]
  readonly off: EverythingOff
}

export const pool: Scenario<PoolResult> = {
  name: "pool",
  title: "A crowd before a pool",
  report: poolReport,
  async run(ground) {
    const earlier = await earlierProject(ground.scope)
    const server = await startServer(ground.scope, 60)
    return {
      // First, while the machine has done little.
      off: await everythingOff({ directory: ground.project, url: server.url(), poolSize: 10 }, earlier),
      coldStarts: await coldStarts(ground, earlier),
      crowds: await crowds(ground, server),
    }
  },
}
