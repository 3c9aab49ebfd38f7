import { execFileSync } from "node:child_process"
import { copyFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { describeSpecification } from "../specification/describe-specification.ts"
import { Subject } from "../specification/subject.ts"
import { canRunPrisma8, installPrisma8 } from "./prisma-8-project.ts"
import { compile, NODE, type Project, removeDirectory, temporaryDirectory } from "./project.ts"

const typescript = join(createRequire(import.meta.url).resolve("typescript/package.json"), "..")

const version = execFileSync(NODE, ["-p", "process.versions.node"], { encoding: "utf8" })

// In CI the packed package runs on the oldest Node.js too, which Prisma 8 does not.
describe.skipIf(!canRunPrisma8(version))("Prisma 8", () => {
  let directory: string | undefined
  let project: Project
  beforeAll(async () => {
    directory = await temporaryDirectory()
    project = await installPrisma8(join(directory, "project"), inject("packed").tarball)
  })
  afterAll(() => removeDirectory(directory))

  test("the example compiles", async () => {
    expect(await compile(typescript, project.path("tsconfig.json"))).toBe("")
  })

  describeSpecification("createPool under Prisma 8", async () => {
    const script = project.path("subject.mjs")
    await copyFile(new URL("../specification/subject.mjs", import.meta.url), script)
    const modules = {
      library: "prisma-pool-config",
      monitor: "prisma-pool-config/monitor",
      contract: project.path("src/prisma/generated/contract.json"),
    }
    return new Subject(script, modules, { node: NODE })
  })
})
