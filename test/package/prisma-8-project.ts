import { cp, readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Project } from "./project.ts"

const EXAMPLE = fileURLToPath(new URL("../../examples/prisma-8", import.meta.url))

/** The package.json of the example, whose versions are those that Prisma 8 is tried with. */
export const PRISMA_8: {
  readonly engines: { readonly node: string }
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
} = JSON.parse(await readFile(join(EXAMPLE, "package.json"), "utf8"))

/** Installs the example with the packed package, and emits its contract. */
export async function installPrisma8(directory: string, tarball: string): Promise<Project> {
  const { devDependencies, ...manifest } = PRISMA_8
  // The command of Prisma 8 takes a gigabyte, and nothing here needs it.
  const { prisma: _, typescript: __, ...types } = devDependencies
  const dependencies = { ...manifest.dependencies, ...types, "prisma-pool-config": `file:${tarball}` }
  const project = await Project.install(directory, dependencies)
  await cp(EXAMPLE, directory, { recursive: true, filter: (path) => !path.includes("node_modules") })
  await project.write("package.json", JSON.stringify({ ...manifest, dependencies }))
  await project.run("emit-contract.mjs")
  return project
}

/** True where Prisma 8 runs on this version of Node.js. */
export function canRunPrisma8(version: string): boolean {
  const [major = 0, minor = 0] = numbersOf(version)
  const [lowestMajor = 0, lowestMinor = 0] = numbersOf(PRISMA_8.engines.node)
  return major > lowestMajor || (major === lowestMajor && minor >= lowestMinor)
}

const numbersOf = (version: string) => (version.match(/\d+/g) ?? []).map(Number)
