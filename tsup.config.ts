import { rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig, type Options } from "tsup"
import { type Entries, joinChunks } from "./scripts/join-chunks.ts"

/** What users import, and the command, which is an ES module alone: nothing requires it. */
const entries: Entries = {
  main: "index",
  formulas: "sizing/index",
  others: ["config/index", "pool/index", "deployments/index", "monitor/index"],
  commands: ["cli/bin"],
}
const library = sources([entries.main, entries.formulas, ...entries.others])

/** What is copied into `dist`. `npm run docs` writes their licences to THIRD-PARTY-NOTICES. */
export const BUNDLED = [
  "cron-schedule",
  "fast-string-truncated-width",
  "jsonc-parser",
  "leven",
  "markdown-table",
  "yaml",
  "zod",
]

const shared: Options = {
  target: "node20",
  platform: "node",
  // What the entries share is there once in each format: zod alone is 40 kB of each.
  splitting: true,
  // zod and yaml, which neither the client nor a formula loads, and what is small of what the command needs. The one
  // thing that is large, commander, is a dependency.
  noExternal: BUNDLED,
  // Its build for Node.js is the same, and reads the environment for each token.
  esbuildOptions(options) {
    options.alias = { yaml: fileURLToPath(new URL("node_modules/yaml/browser/index.js", import.meta.url)) }
  },
}

// tsup passes `baseUrl` to the compiler, which TypeScript 6 deprecates.
const types = { compilerOptions: { ignoreDeprecations: "6.0", allowImportingTsExtensions: true } }

export default defineConfig(() => {
  // tsup's own `clean` would race: one configuration would remove what the other has made.
  rmSync("dist", { recursive: true, force: true })
  return [
    {
      ...shared,
      format: "esm",
      entry: { ...library, ...sources(entries.commands) },
      onSuccess: () => joinChunks("dist", entries),
    },
    // The types of both formats are of one run of the compiler. The code of CommonJS is made of the ES modules.
    { ...shared, format: ["esm", "cjs"], entry: library, dts: { ...types, entry: library, only: true } },
  ]
})

function sources(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]))
}
