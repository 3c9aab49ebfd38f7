import { execFile } from "node:child_process"
import { mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { generatedClient, root } from "../generated-client.ts"

const run = promisify(execFile)

/** A project that has the packed package installed, as users have it. */
export interface Project {
  readonly directory: string
  readonly tarballBytes: number
  /** Packages that installing the tarball adds to a project which has none of its peers. */
  readonly packagesAdded: number
  remove(): Promise<void>
}

/** Packs the package and installs it beside the peers of this repository. */
export async function packedProject(): Promise<Project> {
  const directory = await mkdtemp(join(tmpdir(), "prisma-pool-config-bench-"))
  const packed = await run("npm", ["pack", "--json", "--pack-destination", directory], { cwd: root })
  const [{ filename, size }] = JSON.parse(packed.stdout) as [{ filename: string; size: number }]
  await writeFile(join(directory, "package.json"), JSON.stringify({ private: true, type: "module" }))
  await run("npm", ["install", "--omit=peer", "--no-audit", "--no-fund", `./${filename}`], { cwd: directory })
  const packagesAdded = (await readdir(join(directory, "node_modules"))).filter(
    (name) => !name.startsWith("."),
  ).length
  for (const name of ["@opentelemetry", "@prisma", "pg"]) {
    await symlink(join(root, "node_modules", name), join(directory, "node_modules", name))
  }
  await generatedClient(join(directory, "generated"))
  return {
    directory,
    tarballBytes: size,
    packagesAdded,
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
