import { fleetProject } from "../../bench/fleet-project.ts"
import type { Ground } from "../../bench/scenario.ts"
import { Scope } from "../support/scope.ts"

/** What a scenario runs on, with a fleet's processes on this package as `npm run build` left it. */
export async function testGround(): Promise<Ground> {
  const scope = new Scope("bench-test")
  return { scope, project: await fleetProject(scope), say: () => {} }
}
