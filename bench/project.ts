import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import ts from "typescript"

const run = promisify(execFile)
const root = fileURLToPath(new URL("..", import.meta.url))

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

/** The generated client as JavaScript: compiling it is no part of a cold start. */
async function generatedClient(to: string): Promise<void> {
  const from = join(root, "prisma/core/generated")
  for (const folder of ["internal", "models"]) await mkdir(join(to, folder), { recursive: true })
  for (const file of await readdir(from, { recursive: true })) {
    if (!file.endsWith(".ts")) continue
    const source = await readFile(join(from, file), "utf8")
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        rewriteRelativeImportExtensions: true,
      },
    })
    await writeFile(join(to, file.replace(/\.ts$/, ".js")), outputText)
  }
}
