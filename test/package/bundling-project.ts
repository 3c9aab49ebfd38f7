import { inject } from "vitest"
import { ROLE } from "../support/server.ts"
import { generate, PRISMA_7 } from "./prisma-project.ts"
import { node, Project } from "./project.ts"

/** What a program says that runs one query: the rows, or the error. */
export const PROGRAM = `
import { createPrismaClient } from "prisma-pool-config"
import { PrismaClient } from "./core/generated/client.js"

const client = createPrismaClient(PrismaClient)
client
  .$queryRaw\`SELECT current_user AS user\`
  .then((rows) => ({ rows }), (error) => ({ error: error.name, text: error.message }))
  .then((ended) => client.$disconnect().then(() => console.log(JSON.stringify(ended))))
`

/** What it says when all is well. */
export const SERVED = { rows: [{ user: ROLE.user }] }

/** A project with the packed package, and the program in `esm/` and `cjs/`, each with a client of its own in TypeScript. */
export async function bundlingProject(
  directory: string,
  dependencies: Readonly<Record<string, string>> = {},
): Promise<Project> {
  const project = await Project.install(directory, {
    ...PRISMA_7.dependencies,
    pg: "8.23.1",
    "prisma-pool-config": `file:${inject("packed").tarball}`,
    ...dependencies,
  })
  for (const [half, type] of [
    ["esm", "module"],
    ["cjs", "commonjs"],
  ] as const) {
    await project.write(`${half}/package.json`, JSON.stringify({ type }))
    await project.write(`${half}/program.ts`, PROGRAM)
    await generate(project, half, "core", PRISMA_7)
  }
  return project
}

/** Runs a built program; what it says. */
export async function runProgram(project: Project, file: string, url: string): Promise<unknown> {
  return JSON.parse(await node([project.path(file)], project.directory, { DATABASE_URL: url }))
}
