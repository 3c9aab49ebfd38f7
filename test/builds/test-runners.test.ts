import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { generate, PRISMA_7 } from "../package/prisma-project.ts"
import { node, Project, removeDirectory, temporaryDirectory } from "../package/project.ts"
import { sampleBackends, times } from "../support/helpers.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

// Sixty test files, four workers, none of which disconnects, and a server with as many slots as the four have by
// their limit: who holds one more is refused.
const FILES = 60
const WORKERS = 4
const LIMIT = 5

let directory: string | undefined
let project: Project
let server: PostgresServer
let env: Record<string, string>
beforeAll(async () => {
  directory = await temporaryDirectory()
  project = await Project.install(join(directory, "project"), {
    ...PRISMA_7.dependencies,
    jest: "30.5.2",
    pg: "8.23.1",
    "prisma-pool-config": `file:${inject("packed").tarball}`,
  })
  const provider = 'provider = "prisma-client-js"'
  await generate(project, "cjs", "core", { ...PRISMA_7, generators: { esm: provider, cjs: provider } })
  const body = `
    const client = createPrismaClient(PrismaClient)
    test("queries", () => Promise.all(Array.from({ length: 8 }, () => client.$queryRaw\`SELECT 1 FROM pg_sleep(0.01)\`)))`
  for (const index of times(FILES, (each) => each)) {
    await project.write(
      `jest/${index}.test.cjs`,
      `const { createPrismaClient } = require("prisma-pool-config")
       const { PrismaClient } = require("../cjs/core/generated/index.js")${body}`,
    )
    await project.write(
      `vitest/${index}.test.mjs`,
      `import { createPrismaClient } from "prisma-pool-config"
       import { PrismaClient } from "../cjs/core/generated/index.js"${body}`,
    )
  }
  await project.write("jest.config.json", JSON.stringify({ testMatch: ["<rootDir>/jest/*.test.cjs"] }))
  // The sampler has one, and superusers three.
  server = await startPostgres({ max_connections: WORKERS * LIMIT + 3 + 1, autovacuum: "off" })
  await server.createDatabase("core")
  env = { DATABASE_URL: server.url("core", { connection_limit: LIMIT }) }
})
afterAll(async () => {
  await server?.destroy()
  await removeDirectory(directory)
})

/** How many tests passed, and the most connections that there were. */
async function run(script: string, args: readonly string[]) {
  let passed: unknown
  const { peak } = await sampleBackends(server, "core", async () => {
    passed = JSON.parse(await node([script, ...args], project.directory, env)).numPassedTests
  })
  return { passed, peak }
}

describe("Jest", () => {
  test.each([
    [["-i"], LIMIT],
    [["-w", String(WORKERS)], WORKERS * LIMIT],
  ])("%s", async (flags, most) => {
    const jest = project.path("node_modules/jest/bin/jest.js")
    const { passed, peak } = await run(jest, ["--json", "-c", "jest.config.json", ...flags])
    expect(passed).toBe(FILES)
    expect(peak).toBeLessThanOrEqual(most)
  })
})

describe("Vitest", () => {
  test.each(["forks", "threads", "vmForks", "vmThreads"])("%s", async (pool) => {
    const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs")
    const flags = ["--root", project.directory, "--dir", "vitest", "--globals", "--reporter=json"]
    const workers = ["--pool", pool, "--maxWorkers", String(WORKERS)]
    const { passed, peak } = await run(vitest, ["run", ...flags, ...workers])
    expect(passed).toBe(FILES)
    expect(peak).toBeLessThanOrEqual(WORKERS * LIMIT)
  })
})
