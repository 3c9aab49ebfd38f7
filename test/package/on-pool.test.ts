import { join } from "node:path"
import { afterAll, beforeAll, expect, inject, test } from "vitest"
import { countBackends, eventually, freshDatabase, sharedPostgres } from "../support/helpers.ts"
import { generate, PRISMA_7 } from "./prisma-project.ts"
import { Project, removeDirectory, temporaryDirectory } from "./project.ts"

let directory: string | undefined
let project: Project
beforeAll(async () => {
  directory = await temporaryDirectory()
  project = await Project.install(join(directory, "project"), {
    ...PRISMA_7.dependencies,
    // Those that run on the oldest Node.js that this package does.
    "@vercel/functions": "3.9.9",
    "graphile-worker": "0.17.3",
    pg: "8.23.1",
    "pg-boss": "10.4.2",
    "prisma-pool-config": `file:${inject("packed").tarball}`,
  })
  const provider = 'provider = "prisma-client-js"'
  await generate(project, "cjs", "core", { ...PRISMA_7, generators: { esm: provider, cjs: provider } })
})
afterAll(() => removeDirectory(directory))

const DONE = { ended: true, connections: 0 }
const JOB = { job: "hello Ada", partners: 0 }

// run() resolves when the process has ended by itself.
test.each([
  ["vercel", { max_idle_connection_lifetime: 1 }, { kept: true, left: 0 }],
  // One of the two connections listens.
  ["graphile-worker", { connection_limit: 2 }, JOB],
  ["pg-boss", { connection_limit: 1 }, JOB],
])(
  "%s takes the pool of onPool, and $disconnect() ends it afterwards",
  async (library, parameters, expected) => {
    const database = await freshDatabase()
    const env = { DATABASE_URL: sharedPostgres().url(database, parameters) }
    const said = await project.run("on-pool.mjs", [library], { folder: "scenarios", env })
    expect(said).toEqual({ ...expected, ...DONE })
    // A backend may outlast the process that had it.
    await eventually(
      "no backend is left",
      async () => (await countBackends(sharedPostgres(), database)) === 0,
    )
  },
)
