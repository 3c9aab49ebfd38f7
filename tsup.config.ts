import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { defineConfig, type Options } from "tsup"

const main = { index: "src/index.ts" }

/** What users import; `core` is what the formats of `.` share. */
const library = {
  ...main,
  "config/index": "src/config/index.ts",
  "sizing/index": "src/sizing/index.ts",
  "terraform/index": "src/terraform/index.ts",
  "monitor/index": "src/monitor/index.ts",
}

/** Leaves out of the package what the option table says for docs/url-parameters.md only. */
const withoutDocumentation: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "without-documentation",
  setup(build) {
    build.onLoad({ filter: /[\\/]config[\\/](url-)?options\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(
        /^ {4}(becomes|elsewhere):\s*(?:"(?:[^"\\]|\\.)*"|[A-Z_]+),\n/gm,
        "",
      ),
      loader: "ts",
    }))
  },
}

const shared: Options = {
  esbuildPlugins: [withoutDocumentation],
  target: "node20",
  platform: "node",
  // What the entries share is there once, for half a millisecond of a cold start: zod alone is 40 kB of each.
  splitting: true,
  // As package.json says: nothing here does anything by being imported.
  treeshake: { moduleSideEffects: false },
  // zod is bundled, tree-shaken: 4 ms at import where the whole package takes 60, and nothing more to install.
  // cron-schedule is bundled for its parser, so that a fleet without a schedule installs nothing either, and so is what
  // is small of what the command needs. The one thing that is large, commander, is a dependency.
  noExternal: ["zod", "cron-schedule", "jsonc-parser", "markdown-table"],
  // Names stay, for stack traces; comments and indentation are for the source. Terser keeps the names that there are, where
  // esbuild would add a call for each function, which is 5 kB of the tarball.
  minify: "terser",
  terserOptions: {
    ecma: 2020,
    keep_fnames: true,
    keep_classnames: true,
    // "use strict" stays.
    toplevel: true,
    compress: { directives: false, passes: 2 },
  },
}

// tsup passes `baseUrl` to the compiler, which TypeScript 6 deprecates.
const types = (entry: Record<string, string>) => ({
  entry,
  compilerOptions: { ignoreDeprecations: "6.0", allowImportingTsExtensions: true },
})

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
    dts: types(library),
  },
  // The other ES modules, and the types of all of them, are those of scripts/build.mjs.
  { ...shared, format: "esm", entry: main, esbuildPlugins: [withoutDocumentation, fromCore] },
])
