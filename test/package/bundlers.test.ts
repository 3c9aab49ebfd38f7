import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { build } from "vite"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { freshDatabase, sampleBackends, sharedPostgres, times } from "../support/helpers.ts"
import { bundlingProject, runProgram, SERVED } from "./bundling-project.ts"
import { node, type Project, removeDirectory, temporaryDirectory } from "./project.ts"

const PEERS = ["pg", "@prisma/adapter-pg", "@prisma/client"]
// What esbuild's own documentation has for CommonJS inside of an ES module: @prisma/client and pg are CommonJS.
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'

let directory: string | undefined
let project: Project
let url: string
beforeAll(async () => {
  directory = await temporaryDirectory()
  project = await bundlingProject(join(directory, "project"), { esbuild: "0.28.2" })
  url = sharedPostgres().url(await freshDatabase(), { connection_limit: 3 })
})
afterAll(() => removeDirectory(directory))

/** Bundles the program as for AWS Lambda, and runs it. */
async function esbuild(half: "esm" | "cjs", external: readonly string[], ...flags: string[]) {
  const file = `${half}/bundle-${external.length}.${half === "esm" ? "mjs" : "cjs"}`
  await node(
    [
      project.path("node_modules/esbuild/bin/esbuild"),
      project.path(half, "program.ts"),
      "--bundle",
      "--platform=node",
      "--target=node20",
      "--log-level=error",
      `--format=${half}`,
      `--outfile=${project.path(file)}`,
      ...external.flatMap((name) => [`--external:${name}`, `--external:${name}/*`]),
      ...flags,
    ],
    project.directory,
  )
  return runProgram(project, file, url)
}

describe("esbuild, as for AWS Lambda", () => {
  test("an ES module with pg, the adapter and Prisma outside needs no banner", async () => {
    expect(await esbuild("esm", PEERS)).toEqual(SERVED)
  })

  test("an ES module with everything inside, and the banner that CommonJS needs there", async () => {
    expect(await esbuild("esm", ["pg-native"], `--banner:js=${REQUIRE}`, "--minify")).toEqual(SERVED)
  })

  test("CommonJS, with everything outside and with everything inside", async () => {
    expect(await esbuild("cjs", PEERS)).toEqual(SERVED)
    expect(await esbuild("cjs", ["pg-native"], "--minify")).toEqual(SERVED)
  })

  test("pg inside and the adapter outside are two copies of pg: bundle both, or neither", async () => {
    const { text } = (await esbuild("cjs", ["pg-native", "@prisma/adapter-pg"])) as { text: string }
    expect(text).toMatch(/pg: is installed twice/)
    expect(text).toMatch(/[Bb]undle both or neither/)
  })
})

describe.each([
  ["this package alone", "prisma-pool-config"],
  ["everything", true as const],
])("Vite for the server, with noExternal for %s", (_, noExternal) => {
  test("runs", async () => {
    const outDir = project.path("esm", `ssr-${noExternal === true}`)
    await build({
      root: project.path("esm"),
      configFile: false,
      logLevel: "error",
      ssr: { noExternal },
      build: {
        ssr: project.path("esm/program.ts"),
        outDir,
        emptyOutDir: false,
        // Vite puts an error in the place of what is not installed, and pg asks for it where it is wanted only.
        rollupOptions: { external: ["pg-native"] },
      },
    })
    const file = outDir.slice(project.directory.length + 1)
    expect(await runProgram(project, `${file}/program.js`, url)).toEqual(SERVED)
  })
})

describe("Vitest", () => {
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs")
  /** Runs so many test files, each of which holds connections; how many passed, and the most backends that there were. */
  async function run(files: number, atOnce: number, test: Record<string, unknown>) {
    const source = `
      import { createPrismaClient } from "prisma-pool-config"
      import { PrismaClient } from "../esm/core/generated/client.js"
      const client = createPrismaClient(PrismaClient)
      let held = 0
      async function hold() {
        held += 1
        while (held < ${atOnce}) await new Promise((resolve) => setTimeout(resolve, 10))
      }
      test("queries, and holds so many connections at a time", async () => {
        await Promise.all(Array.from({ length: 6 }, () => client.$queryRaw\`SELECT 1 FROM pg_sleep(0.02)\`))
        const holding = Array.from({ length: ${atOnce} }, () => client.$transaction(hold, { maxWait: 60_000, timeout: 60_000 }))
        await Promise.all(holding)
      })`
    await Promise.all(times(files, (index) => project.write(`tests/${index}.test.ts`, source)))
    // A first connection is slow on a busy machine, and Vitest's own 5 s are no part of what is shown.
    const shared = { globals: true, include: ["tests/*.test.ts"], testTimeout: 170_000 }
    const config = { test: { ...shared, ...test } }
    await project.write("vitest.config.mjs", `export default ${JSON.stringify(config)}`)
    const database = await freshDatabase()
    const env = { DATABASE_URL: sharedPostgres().url(database, { connection_limit: 3 }) }
    let report: { numPassedTests: number; success: boolean } | undefined
    const { peak } = await sampleBackends(sharedPostgres(), database, async () => {
      const line = ["run", "--root", project.directory, "--reporter=json"]
      report = JSON.parse(await node([vitest, ...line], project.directory, env))
    })
    return { passed: report?.numPassedTests, peak }
  }

  test("with server.deps.inline", async () => {
    const server = { deps: { inline: true } }
    const { passed, peak } = await run(1, 3, { server })
    expect(passed).toBe(1)
    expect(peak).toBeLessThanOrEqual(3)
  })

  test.each(["vmThreads", "vmForks"])(
    "%s: the files of a process keep one limit, though each has a pool and none disconnects",
    async (pool) => {
      // With one worker there would be one context for all files.
      const { passed, peak } = await run(12, 1, { pool, maxWorkers: 2 })
      expect(passed).toBe(12)
      expect(peak).toBeLessThanOrEqual(6)
    },
  )
})
