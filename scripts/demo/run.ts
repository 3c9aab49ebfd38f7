import { startSampler } from "../../test/support/sampler.ts"
import type { Scope } from "../../test/support/scope.ts"
import { readCeiling, startServer } from "../../test/support/seeded-server.ts"
import { describeFleet, planFleet } from "./fleet.ts"
import { runFleet } from "./run-fleet.ts"
import { runOldWay } from "./run-old-way.ts"
import { finalTable, paint, say } from "./screen.ts"
import { judge } from "./verdict.ts"

const MAX_CONNECTIONS = 30

/** Runs the fleet on its own server, then the old way. Returns true if every claim that it prints at the end holds. */
export async function runDemo(scope: Scope): Promise<boolean> {
  say("Starting PostgreSQL")
  const server = await startServer(scope, MAX_CONNECTIONS)
  const plan = planFleet(await readCeiling(server))
  say(`\n${paint("bold", "The fleet, by checkFleet")}`)
  for (const line of describeFleet(plan)) say(line)
  say()

  const sampler = await startSampler(scope, server.adminUrl())
  const fleet = await runFleet(scope, server, sampler, plan)
  const oldWay = await runOldWay(scope, server, sampler)

  say(`\n${finalTable([...fleet.limited, fleet.analytics, oldWay])}`)
  say(`\n${paint("bold", "What this run shows")}`)
  const claims = judge(plan, fleet, oldWay, sampler.samples)
  for (const { holds, text } of claims) {
    say(`  ${holds ? paint("green", "✓") : paint("red", "✗ NOT SO:")} ${text}`)
  }
  return claims.every(({ holds }) => holds)
}
