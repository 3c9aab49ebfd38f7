import { mkdir, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Scope } from "../test/support/scope.ts"
import { generatedClient, root, transpileFolder } from "./generated-client.ts"

/** Where the processes of a fleet run: `processes/` as JavaScript, beside a package as it is built (default this one), and its peers. */
export async function fleetProject(scope: Scope, library = root, name = "fleet"): Promise<string> {
  const directory = join(scope.directory, name)
  await mkdir(join(directory, "node_modules"), { recursive: true })
  await writeFile(join(directory, "package.json"), JSON.stringify({ private: true, type: "module" }))
  for (const name of ["@prisma", "pg"]) {
    await symlink(join(root, "node_modules", name), join(directory, "node_modules", name))
  }
  await symlink(library, join(directory, "node_modules/prisma-pool-config"))
  await generatedClient(join(directory, "generated"))
  await transpileFolder(join(root, "bench/processes"), join(directory, "processes"))
  return directory
}
