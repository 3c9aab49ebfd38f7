import { fleetProject } from "../../bench/fleet-project.ts"
import type { Ground } from "../../bench/scenario.ts"
import { Scope } from "../../examples/demo/clean-up.ts"
import { setUp } from "../../examples/demo/set-up.ts"

/** What a scenario runs on, with a fleet's processes on this package as it is built. */
export async function testGround(): Promise<Ground> {
  setUp(() => {})
  const scope = new Scope("bench-test")
  return { scope, project: await fleetProject(scope), say: () => {} }
}
