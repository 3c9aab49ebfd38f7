import type { Scope } from "../test/support/scope.ts"
import { auto } from "./auto/auto.ts"
import { writeCharts } from "./charts.ts"
import { cost } from "./cost/cost.ts"
import { faults } from "./faults/faults.ts"
import { fleetProject } from "./fleet-project.ts"
import { type Machine, shownMachine } from "./machine.ts"
import { pool } from "./pool/pool.ts"
import type { Ground, Scenario } from "./scenario.ts"
import { writeSection } from "./sections.ts"
import { site } from "./site/site.ts"
import { sizing } from "./sizing/sizing.ts"
import { storm } from "./storm/storm.ts"

// biome-ignore lint/suspicious/noExplicitAny: each knows the shape of its own result
const SCENARIOS: readonly Scenario<any>[] = [storm, faults, cost, sizing, auto, pool, site]

const RESULTS = new URL("RESULTS.md", import.meta.url)
const PAGE = new URL("../docs/benchmarks.md", import.meta.url)

/** Runs scenarios by name, all of them when none is named; each writes its own section of what is shown. */
export async function runScenarios(
  scope: Scope,
  names: readonly string[],
  machine: Machine,
  say: Ground["say"],
  json: boolean,
): Promise<boolean> {
  const known = SCENARIOS.map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new Error(`no such scenario: ${unknown.join(", ")}. There are ${known.join(", ")}`)

  const begin = performance.now()
  const project = await fleetProject(scope)
  const results: Record<string, unknown> = {}
  for (const scenario of SCENARIOS) {
    if (names.length > 0 && !names.includes(scenario.name)) continue
    say(`${scenario.title}:`)
    const start = performance.now()
    const result = await scenario.run({ scope, project, say })
    const seconds = Math.round((performance.now() - start) / 1000)
    results[scenario.name] = { seconds, result }
    writeSection(
      RESULTS,
      scenario.name,
      `${scenario.report(result)}\n\n*${seconds} s on ${shownMachine(machine)}*`,
    )
    writeCharts(scenario.charts?.(result) ?? {})
    if (scenario.page) writeSection(PAGE, scenario.name, scenario.page(result))
    say(`  ${seconds} s`)
  }
  say(`${Math.round((performance.now() - begin) / 1000)} s in all`)
  if (json) process.stdout.write(`${JSON.stringify({ machine, ...results })}\n`)
  return true
}
