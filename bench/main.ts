// `npm run bench`: every scenario, or those that are named, and their sections of RESULTS.md. `--json` prints the figures.
import { parseArgs } from "node:util"
import { runToEnd } from "../scripts/run-to-end.ts"
import { setUp } from "../scripts/set-up.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
})
// What is for people goes beside what is for programs.
const say = (line: string) => void process.stderr.write(`${line}\n`)
setUp(say)

await runToEnd("bench", async () => {
  const { runScenarios } = await import("./run-scenarios.ts")
  return (scope) => runScenarios(scope, positionals, say, values.json)
})
