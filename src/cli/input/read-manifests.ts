import { join, resolve } from "node:path"
import type { RawDocument } from "../../deployments/kubernetes/manifest.ts"
import type { NamedText } from "../../deployments/kubernetes/parse-manifests.ts"
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
      documents.push(...parseManifests(await textOf(file, io, issues), issues))
    }
  }
  return documents
}

/** Reads the text of a YAML file, or of stdin. */
export async function textOf(file: string, io: Io, issues: PoolConfigIssue[]): Promise<NamedText> {
  const text = decoded(file === STDIN ? await io.stdin() : await bytesOf(file, io))
  if (file === STDIN && !WHOLE.test(text)) issues.push(cutOff(text))
  return { name: file === STDIN ? "stdin" : file, text }
}

/** The end of what a tool printed. A pipe has no other sign that the tool failed in the middle. */
const WHOLE = /(?:^|[\r\n]|\})$/

const cutOff = (text: string): PoolConfigIssue => ({
  name: `stdin:${text.split("\n").length}`,
  problem: "ends within a line, so it may be cut off",
  remedy: "Give the whole output of the tool, with the newline at its end",
})

/** Lists the manifests of a path, in the order of their names. */
async function filesIn(path: string, io: Io): Promise<readonly string[]> {
  if ((await kindOf(path, io)) !== "directory") return [path]
  return filesOf(path, io, [])
}

/** @param parents the directories around it, which a link may lead back to */
async function filesOf(directory: string, io: Io, parents: readonly string[]): Promise<readonly string[]> {
  const { path: own, names: unsorted } = await io.files.list(resolve(io.cwd, directory))
  if (parents.includes(own)) return []
  const names = unsorted.toSorted()
  const source = names.find((name) => Object.hasOwn(SOURCES, name))
  if (source !== undefined) throw unrendered(directory, source)
  const lists: (readonly string[])[] = []
  for (const name of names) {
    const path = join(directory, name)
    const kind = await kindOf(path, io)
    if (kind === "directory") lists.push(await filesOf(path, io, [...parents, own]))
    else if (kind === "file" && /\.(ya?ml|json)$/.test(name)) lists.push([path])
  }
  return lists.flat()
}

const kindOf = (path: string, { cwd, files }: Io) => files.kindOf(resolve(cwd, path))

const unrendered = (path: string, name: string) =>
  new PoolConfigError([
    {
      name: path,
      problem: `has a ${name}, so its manifests are not rendered`,
      remedy: `Run: ${SOURCES[name]?.replace("DIRECTORY", path)} | prisma-pool check --kubernetes -`,
    },
  ])
