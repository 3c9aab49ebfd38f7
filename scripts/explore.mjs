// Searches for cases that the random properties of `npm test` have not found yet, with another seed and more runs:
// `npm run test:explore`, `npm run test:explore -- --seed 42 --times 3 test/config`. Turn a case that it finds into a named test.
// `npm run test:explore -- --times 20 test/chaos` is ten minutes of faults.
import { spawnSync } from "node:child_process"
import { randomInt } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const root = fileURLToPath(new URL("..", import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string" }, times: { type: "string", default: "10" } },
})
const seed = values.seed ?? String(randomInt(2 ** 31))
const again = `npm run test:explore -- --seed ${seed} --times ${values.times}`

const files = readdirSync(join(root, "test"), { recursive: true })
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => join("test", file))
  .filter((file) =>
    /from "(fast-check|[./]+support\/properties\.ts)"/.test(readFileSync(join(root, file), "utf8")),
  )
  .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)))

console.log(`${files.length} files with random properties, ${values.times} times as many runs, seed ${seed}`)
// A run takes as many times longer, so there is no timeout.
const args = ["node_modules/vitest/vitest.mjs", "run", "--testTimeout=0", ...files]
const env = { ...process.env, PROPERTY_SEED: seed, PROPERTY_TIMES: values.times }
const { status } = spawnSync(process.execPath, args, { cwd: root, env, stdio: "inherit" })
console.log(status === 0 ? `Nothing found with seed ${seed}` : `To see it again: ${again}`)
process.exitCode = status ?? 1
