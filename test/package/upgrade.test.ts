import { cp, readFile, rename } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { sharedPostgres } from "../support/helpers.ts"
import { compile, node, npm, Project, removeDirectory, temporaryDirectory } from "./project.ts"

// A small project as Prisma 6 has it, and the same on Prisma 7 with this package. `upgrade/before` is on the native
// engine, which cannot be had without a download: it compiles here, and runs with the two changes that make it
// engineType = "client" with this package, on Prisma 6 still.
const PROJECTS = fileURLToPath(new URL("upgrade", import.meta.url))
const SAID = "1 customer, ada@example.org is taken\n"
// What somebody wrote who wrote the defaults of Prisma 6 out.
const PARAMETERS = { schema: "public", connection_limit: 5, pool_timeout: 10 }

let directory: string
let url: string
beforeAll(async () => {
  directory = await temporaryDirectory()
  const postgres = sharedPostgres()
  const database = `upgrade_${process.pid}`
  await postgres.sql(`CREATE DATABASE ${database} OWNER app`)
  const migration = join(PROJECTS, "before/prisma/migrations/20240101000000_init/migration.sql")
  await postgres.sql(`SET ROLE app; ${await readFile(migration, "utf8")}`, [], database)
  url = postgres.url(database, PARAMETERS)
})
afterAll(() => removeDirectory(directory))

/** One of the two, installed, with the packed package where it asks for it. */
async function install(name: "before" | "after"): Promise<Project> {
  const target = join(directory, name)
  await cp(join(PROJECTS, name), target, { recursive: true })
  await rename(join(target, "gitignore"), join(target, ".gitignore"))
  const manifest = JSON.parse(await readFile(join(target, "package.json"), "utf8"))
  const project = await Project.empty(target, {})
  if (manifest.dependencies["prisma-pool-config"] !== undefined)
    manifest.dependencies["prisma-pool-config"] = `file:${inject("packed").tarball}`
  await project.write("package.json", JSON.stringify(manifest))
  await project.write(".env", `DATABASE_URL="${url}"`)
  await npm([...INSTALL], target)
  return project
}

const INSTALL = ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"]

/** `npm run build`, without the engines that Prisma would fetch. */
async function build(project: Project): Promise<string> {
  const engine = project.path("package.json")
  const env = { PRISMA_SCHEMA_ENGINE_BINARY: engine, PRISMA_QUERY_ENGINE_LIBRARY: engine }
  await node(
    [project.path("node_modules/prisma/build/index.js"), "generate", "--no-hints"],
    project.directory,
    env,
  )
  return compile(project.path("node_modules/typescript"), project.path("tsconfig.json"))
}

const start = async (project: Project) => {
  const said = await node([project.path("dist/src/main.js")], project.directory)
  // dotenv says what it has read.
  return said.replace(/^\[dotenv.*\n/gm, "")
}

describe("before the upgrade, on Prisma 6.19", () => {
  let project: Project
  beforeAll(async () => {
    project = await install("before")
  })

  test("the project compiles on the native engine", async () => {
    expect(await build(project)).toBe("")
  })

  test('with engineType = "client" and this package it runs, its sources else as they were', async () => {
    const tarball = inject("packed").tarball
    await npm(
      [...INSTALL, "@prisma/adapter-pg@6.19.3", "pg@8.23.1", "dotenv@17.2.3", tarball],
      project.directory,
    )
    const schema = await readFile(project.path("prisma/schema.prisma"), "utf8")
    const provider = 'provider = "prisma-client-js"'
    await project.write(
      "prisma/schema.prisma",
      schema.replace(provider, `${provider}\n  engineType = "client"`),
    )
    const db = await readFile(join(PROJECTS, "after/src/db.ts"), "utf8")
    await project.write("src/db.ts", db.replace("./generated/prisma/client", "@prisma/client"))
    expect(await build(project)).toBe("")
    expect(await start(project)).toBe(SAID)
  })
})

describe("after the upgrade, on Prisma 7", () => {
  let project: Project
  beforeAll(async () => {
    project = await install("after")
    expect(await build(project)).toBe("")
  })

  test("it says the same", async () => {
    expect(await start(project)).toBe(SAID)
  })

  test("its URL, with Prisma 6's defaults written out, is put under test, and takes effect", async () => {
    const said = await node(["--test", "dist/test/"], project.directory)
    expect(said).toMatch(/^# pass 1$/m)
  })
})
