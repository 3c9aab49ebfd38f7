import { defineConfig } from "tsup"

export default defineConfig({
  entry: {
    index: "src/index.ts",
    "config/index": "src/config/index.ts",
    "sizing/index": "src/sizing/index.ts",
  },
  format: ["esm", "cjs"],
  target: "node20",
  platform: "node",
  clean: true,
  // One file an entry: each file more is half a millisecond of a cold start, and copies of a class are branded.
  splitting: false,
  treeshake: true,
  // zod is bundled, tree-shaken: 4 ms at import where the whole package takes 60, and nothing more to install.
  // cron-schedule is bundled for its parser, so that a fleet without a schedule installs nothing either.
  noExternal: ["zod", "cron-schedule"],
  // tsup passes `baseUrl` to the compiler, which TypeScript 6 deprecates.
  dts: { compilerOptions: { ignoreDeprecations: "6.0", allowImportingTsExtensions: true } },
})
