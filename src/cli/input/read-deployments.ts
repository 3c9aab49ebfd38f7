import type { NamedSpec } from "../../deployments/app-spec/parse-app-spec.ts"
import type { Manifest } from "../../deployments/kubernetes/manifest.ts"
import type { NamedDocument, Reader } from "../../deployments/reader.ts"
import type { NamedBlueprint } from "../../deployments/render/parse-blueprint.ts"
import { PoolConfigError, type PoolConfigIssue } from "../../error.ts"
import type { Io } from "../io.ts"
import type { FleetFlags } from "./fleet-flags.ts"
import { parseJson } from "./parse-json.ts"
import { bytesOf, inFile } from "./read-files.ts"
import { manifestsOf, textOf } from "./read-manifests.ts"

const STDIN = "-"

/** The flags that name deployment documents. */
const FLAGS = ["terraform", "kubernetes", "compose", "render", "appSpec"] as const

export type DeploymentFlags = Pick<FleetFlags, (typeof FLAGS)[number]>

const filesOf = (flags: DeploymentFlags): readonly string[] => FLAGS.flatMap((flag) => flags[flag] ?? [])

/** Tells whether any flag names a deployment document. */
export const hasDeployments = (flags: DeploymentFlags): boolean => filesOf(flags).length > 0

/**
 * Reads the named documents, one reader for each format; `-` is stdin. Empty if no flag names one. If there are several
 * documents, each has its name, whatever its format. The code of a format is loaded only if it is needed.
 *
 * @param namespace the namespace of Kubernetes objects that name none, by a flag or by the declaration
 * @throws PoolConfigError for a file that is not in its format, and if stdin is given twice
 */
export async function readDeployments(
  flags: DeploymentFlags,
  io: Io,
  namespace: string | undefined,
): Promise<readonly Reader[]> {
  const files = filesOf(flags)
  if (files.filter((file) => file === STDIN).length > 1) throw stdinTwice()
  const { terraform = [], kubernetes = [], compose = [], render = [], appSpec = [] } = flags
  const named = (own: readonly string[], remedy?: string) => documentsOf(own, files.length > 1, io, remedy)
  const readers: Reader[] = []
  const objects: Manifest[] = []
  if (terraform.length > 0) {
    const { readTerraform } = await import("../../deployments/terraform/terraform-reader.ts")
    const reader = readTerraform(await named(terraform))
    readers.push(reader)
    // A chart that Terraform installs refers to the Secrets that Terraform makes.
    objects.push(...reader.objects)
  }
  if (kubernetes.length > 0) {
    const { readKubernetes } = await import("../../deployments/kubernetes/kubernetes-reader.ts")
    const issues: PoolConfigIssue[] = []
    readers.push(readKubernetes(await manifestsOf(kubernetes, io, issues), namespace, issues, objects))
  }
  if (compose.length > 0) {
    const { readCompose } = await import("../../deployments/compose/compose-reader.ts")
    const { PRINT } = await import("../../deployments/compose/fields.ts")
    readers.push(readCompose(await named(compose, PRINT)))
  }
  if (render.length > 0) {
    const { readRender } = await import("../../deployments/render/render-reader.ts")
    const { parseBlueprint } = await import("../../deployments/render/parse-blueprint.ts")
    const issues: PoolConfigIssue[] = []
    const blueprints: NamedBlueprint[] = []
    for (const file of render) {
      const source = await textOf(file, io, issues)
      blueprints.push(...parseBlueprint(files.length > 1 ? source.name : "", source, issues))
    }
    readers.push(readRender(blueprints, issues))
  }
  if (appSpec.length > 0) {
    const { readAppSpecs } = await import("../../deployments/app-spec/app-spec-reader.ts")
    const { parseAppSpec } = await import("../../deployments/app-spec/parse-app-spec.ts")
    const issues: PoolConfigIssue[] = []
    const specs: NamedSpec[] = []
    for (const file of appSpec) {
      const source = await textOf(file, io, issues)
      specs.push(...parseAppSpec(files.length > 1 ? source.name : "", source, issues))
    }
    readers.push(readAppSpecs(specs, issues))
  }
  return readers
}

/** Adds the name of the document to an error about its content, if there is only one. YAML has its own in the place. */
export function inDocument(flags: DeploymentFlags, error: unknown): unknown {
  const [file, ...others] = filesOf(flags)
  const isNamed =
    others.length > 0 || [flags.kubernetes, flags.render, flags.appSpec].some((each) => each !== undefined)
  return file === undefined || isNamed ? error : inFile(nameOf(file), error)
}

const nameOf = (file: string): string => (file === STDIN ? "stdin" : file)

/** Reads JSON documents. */
async function documentsOf(
  files: readonly string[],
  isOneOfSeveral: boolean,
  io: Io,
  remedy: string | undefined,
): Promise<readonly NamedDocument[]> {
  const documents: NamedDocument[] = []
  for (const file of files) {
    const bytes = file === STDIN ? await io.stdin() : await bytesOf(file, io)
    documents.push({ name: isOneOfSeveral ? nameOf(file) : "", json: parseJson(bytes, nameOf(file), remedy) })
  }
  return documents
}

const stdinTwice = () =>
  new PoolConfigError([
    { name: "stdin", problem: "is given twice", remedy: "Give - once, and the other documents as files" },
  ])
