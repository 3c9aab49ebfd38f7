import { execFile } from "node:child_process"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { bundlingProject, SERVED } from "../package/bundling-project.ts"
import { type Project, removeDirectory, temporaryDirectory } from "../package/project.ts"
import { freshDatabase, sharedPostgres } from "../support/helpers.ts"

let directory: string | undefined
let project: Project
let bun: string
beforeAll(async () => {
  directory = await temporaryDirectory()
  project = await bundlingProject(join(directory, "project"), { bun: "1.4.5" })
  // The package's own script, which is not run, would link the one that the processor can run.
  const builds = await readdir(project.path("node_modules/@oven"))
  const plain = builds.find((name) => !/baseline|musl/.test(name)) ?? builds[0]
  bun = project.path("node_modules/@oven", plain as string, "bin/bun")
})
afterAll(() => removeDirectory(directory))

test.each(["esm", "cjs"])("Bun runs the program, from TypeScript: %s", async (half) => {
  const env = {
    ...process.env,
    DATABASE_URL: sharedPostgres().url(await freshDatabase(), { connection_limit: 3 }),
  }
  const { stdout } = await promisify(execFile)(bun, ["run", project.path(half, "program.ts")], { env })
  expect(JSON.parse(stdout)).toEqual(SERVED)
})
