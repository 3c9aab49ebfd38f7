import { readdir, stat } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { RawDocument } from "../../deployments/kubernetes/manifest.ts"
import { PoolConfigError, type PoolConfigIssue } from "../../error.ts"
import type { Io } from "../io.ts"
import { decoded } from "./parse-json.ts"
import { bytesOf } from "./read-files.ts"

const STDIN = "-"

/** Sources of manifests, with the command that renders them. */
const SOURCES: Readonly<Record<string, string>> = {
  "Chart.yaml": "helm template RELEASE DIRECTORY",
  Kustomization: "kubectl kustomize DIRECTORY",
  "kustomization.yaml": "kubectl kustomize DIRECTORY",
  "kustomization.yml": "kubectl kustomize DIRECTORY",
}

/** Reads Kubernetes manifests: files, directories with all that is in them, or stdin. */
export async function manifestsOf(
  paths: readonly string[],
  io: Io,
  issues: PoolConfigIssue[],
): Promise<readonly RawDocument[]> {
  const { parseManifests } = await import("../../deployments/kubernetes/parse-manifests.ts")
  const documents: RawDocument[] = []
  for (const path of paths) {
    for (const file of path === STDIN ? [STDIN] : await filesIn(path, io)) {
      const name = file === STDIN ? "stdin" : file
      const bytes = file === STDIN ? await io.stdin() : await bytesOf(file, io)
      documents.push(...parseManifests({ name, text: decoded(bytes) }, issues))
    }
  }
  return documents
}

/** Lists the manifests of a path, in the order of their names. */
async function filesIn(path: string, io: Io): Promise<readonly string[]> {
  const isDirectory = await stat(resolve(io.cwd, path)).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isDirectory) return [path]
  const entries = await readdir(resolve(io.cwd, path), { withFileTypes: true })
  const source = entries.find(({ name }) => Object.hasOwn(SOURCES, name))
  if (source !== undefined) throw unrendered(path, source.name)
  const lists = await Promise.all(
    entries
      .map((entry) => ({ isFile: entry.isFile(), file: join(path, entry.name) }))
      .filter(({ isFile, file }) => !isFile || /\.(ya?ml|json)$/.test(file))
      .sort((one, other) => (one.file < other.file ? -1 : 1))
      .map(({ isFile, file }) => (isFile ? [file] : filesIn(file, io))),
  )
  return lists.flat()
}

const unrendered = (path: string, name: string) =>
  new PoolConfigError([
    {
      name: path,
      problem: `has a ${name}, so its manifests are not rendered`,
      remedy: `Run: ${SOURCES[name]?.replace("DIRECTORY", path)} | prisma-pool check --kubernetes -`,
    },
  ])
