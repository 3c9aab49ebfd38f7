import { copyFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, inject } from "vitest"
import { describeSpecification } from "../specification/describe-specification.ts"
import { Subject } from "../specification/subject.ts"
import { generate, PRISMA_6, PRISMA_7, type PrismaSetup } from "./prisma-project.ts"
import { NODE, Project, removeDirectory, temporaryDirectory } from "./project.ts"

const SUBJECT = new URL("../specification/subject.mjs", import.meta.url)

const directories: string[] = []
afterAll(() => Promise.all(directories.map(removeDirectory)))

/** The packed package on one version of Prisma, whose own command generates the client. */
async function onPrisma(version: string, { urlInSchema }: PrismaSetup): Promise<Subject> {
  const directory = await temporaryDirectory()
  directories.push(directory)
  const dependencies = {
    "@prisma/adapter-pg": version,
    "@prisma/client": version,
    prisma: version,
    pg: "8.23.1",
    "prisma-pool-config": `file:${inject("packed").tarball}`,
  }
  const project = await Project.install(join(directory, "project"), dependencies)
  const provider = 'provider = "prisma-client-js"\nengineType = "client"'
  const generators = { esm: provider, cjs: provider }
  await generate(project, "cjs", "core", { dependencies, generators, urlInSchema, compilerOptions: {} })
  const script = project.path("subject.mjs")
  await copyFile(SUBJECT, script)
  const modules = {
    library: "prisma-pool-config",
    monitor: "prisma-pool-config/monitor",
    client: project.path("cjs/core/generated/index.js"),
  }
  return new Subject(script, modules, { node: NODE })
}

// The lowest versions that package.json allows.
describeSpecification("Prisma 7.0", () => onPrisma("7.0.0", PRISMA_7))
describeSpecification("Prisma 6.16", () => onPrisma("6.16.0", PRISMA_6))
