import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { defineConfig, type Options } from "tsup"

/** What users import; `core` is what the formats of `.` share. */
const library = {
  index: "src/index.ts",
  "config/index": "src/config/index.ts",
  "sizing/index": "src/sizing/index.ts",
  "terraform/index": "src/terraform/index.ts",
  "monitor/index": "src/monitor/index.ts",
}

const shared: Options = {
  target: "node20",
  platform: "node",
  // What the entries share is there once, for half a millisecond of a cold start: zod alone is 40 kB of each.
  splitting: true,
  treeshake: true,
  // zod is bundled, tree-shaken: 4 ms at import where the whole package takes 60, and nothing more to install.
  // cron-schedule is bundled for its parser, so that a fleet without a schedule installs nothing either, and what the
  // command is made of, because the API that runs beside it does not need it.
  noExternal: ["zod", "cron-schedule", "commander", "jsonc-parser", "markdown-table"],
  // Names stay, for stack traces; comments and indentation are for the source. Terser keeps the names that there are, where
  // esbuild would add a call for each function, which is 5 kB of the tarball.
  minify: "terser",
  terserOptions: {
    ecma: 2020,
    keep_fnames: true,
    keep_classnames: true,
    // "use strict" stays.
    compress: { directives: false },
  },
}

// tsup passes `baseUrl` to the compiler, which TypeScript 6 deprecates.
const types = {
  entry: library,
  compilerOptions: { ignoreDeprecations: "6.0", allowImportingTsExtensions: true },
}

/** The modules that `src/core.ts` exports. */
const core = new Set(
  [...readFileSync("src/core.ts", "utf8").matchAll(/from "(.+)"/g)].map(([, path = ""]) =>
    resolve("src", path),
  ),
)

/** Leaves them to `dist/core.js`. */
const fromCore: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "from-core",
  setup(build) {
    build.onResolve({ filter: /^\..+\.ts$/ }, ({ path, resolveDir }) =>
      core.has(resolve(resolveDir, path)) ? { path: "./core.js", external: true } : undefined,
    )
  },
}

export default defineConfig([
  {
    ...shared,
    format: "cjs",
    entry: { ...library, core: "src/core.ts", "cli/bin": "src/cli/bin.ts" },
    dts: types,
  },
  // The other ES modules are those of scripts/write-esm-entries.mjs.
  { ...shared, format: "esm", entry: { index: "src/index.ts" }, esbuildPlugins: [fromCore] },
])
