import { rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig, type Options } from "tsup"

/** What users import, each in a format of its own: an ES module that imports CommonJS shakes no tree, and loses its types. */
const library = {
  index: "src/index.ts",
  "config/index": "src/config/index.ts",
  "sizing/index": "src/sizing/index.ts",
  "deployments/index": "src/deployments/index.ts",
  "monitor/index": "src/monitor/index.ts",
}

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
  // rollup's pass, after esbuild's: without it the shared chunks of CommonJS are syntax errors. As package.json says,
  // nothing here does anything by being imported.
  treeshake: { moduleSideEffects: false },
  // zod and yaml, which neither the client nor a formula loads, and what is small of what the command needs. The one
  // thing that is large, commander, is a dependency.
  noExternal: BUNDLED,
  // Its build for Node.js is the same, and reads the environment for each token.
  esbuildOptions(options) {
    options.alias = { yaml: fileURLToPath(new URL("node_modules/yaml/browser/index.js", import.meta.url)) }
  },
  // tsup passes `baseUrl` to the compiler, which TypeScript 6 deprecates.
  dts: { entry: library, compilerOptions: { ignoreDeprecations: "6.0", allowImportingTsExtensions: true } },
}

export default defineConfig(() => {
  // tsup's own `clean` would race: one configuration would remove what the other has made.
  rmSync("dist", { recursive: true, force: true })
  return [
    // The command is an ES module only: nothing requires it.
    { ...shared, format: "esm", entry: { ...library, "cli/bin": "src/cli/bin.ts" } },
    { ...shared, format: "cjs", entry: library },
  ]
})
