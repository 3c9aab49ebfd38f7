// `npm run bench`: every scenario, or those that are named, and their sections of RESULTS.md. `--json` prints the figures,
// and `--force` measures on a busy machine too.
import { parseArgs } from "node:util"
import { runToEnd } from "../scripts/run-to-end.ts"
import { setUp } from "../scripts/set-up.ts"
import { busy, describeMachine, isBusy } from "./machine.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, force: { type: "boolean", default: false } },
})
// What is for people goes beside what is for programs.
const say = (line: string) => void process.stderr.write(`${line}\n`)
// Before the build, which is load itself.
const machine = describeMachine()
if (isBusy(machine) && !values.force) {
  say(busy(machine))
  process.exit(1)
}
setUp(say)

await runToEnd("bench", async () => {
  const { runScenarios } = await import("./run-scenarios.ts")
  return (scope) => runScenarios(scope, positionals, machine, say, values.json)
})
