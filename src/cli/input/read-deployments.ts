import type { Reader } from "../../deployments/reader.ts"
import type { NamedDocument } from "../../deployments/terraform/terraform-reader.ts"
import { PoolConfigError, type PoolConfigIssue } from "../../error.ts"
import type { Io } from "../io.ts"
import type { FleetFlags } from "./fleet-flags.ts"
import { parseJson } from "./parse-json.ts"
import { bytesOf, inFile } from "./read-files.ts"
import { manifestsOf } from "./read-manifests.ts"

const STDIN = "-"

/** The flags that name deployment documents. */
export type DeploymentFlags = Pick<FleetFlags, "terraform" | "kubernetes" | "namespace">

/** Tells whether any flag names a deployment document. */
export const hasDeployments = ({ terraform = [], kubernetes = [] }: DeploymentFlags): boolean =>
  terraform.length + kubernetes.length > 0

/**
 * Reads the named documents, one reader for each format; `-` is stdin. Empty if no flag names one. The code of a format is
 * loaded only if it is needed.
 */
export async function readDeployments(
  { terraform = [], kubernetes = [], namespace }: DeploymentFlags,
  io: Io,
): Promise<readonly Reader[]> {
  refuseTwoOnStdin([...terraform, ...kubernetes])
  const readers: Reader[] = []
  if (terraform.length > 0) {
    const { readTerraform } = await import("../../deployments/terraform/terraform-reader.ts")
    readers.push(readTerraform(await plansOf(terraform, io)))
  }
  if (kubernetes.length > 0) {
    const { readKubernetes } = await import("../../deployments/kubernetes/kubernetes-reader.ts")
    const issues: PoolConfigIssue[] = []
    readers.push(readKubernetes(await manifestsOf(kubernetes, io, issues), namespace, issues))
  }
  return readers
}

/** Adds the name of the plan to an error about its content, if that is all that was read. */
export function inDocument({ terraform = [], kubernetes = [] }: DeploymentFlags, error: unknown): unknown {
  const [file, ...others] = terraform
  return file === undefined || others.length + kubernetes.length > 0 ? error : inFile(nameOf(file), error)
}

function refuseTwoOnStdin(files: readonly string[]): void {
  if (files.filter((file) => file === STDIN).length < 2) return
  throw new PoolConfigError([
    { name: "-", problem: "is given twice, and stdin can be read once", remedy: "Give the others as files" },
  ])
}

const nameOf = (file: string): string => (file === STDIN ? "stdin" : file)

const read = (file: string, io: Io): Promise<Uint8Array> => (file === STDIN ? io.stdin() : bytesOf(file, io))

/** Reads Terraform plans. With several, each has its name. */
async function plansOf(files: readonly string[], io: Io): Promise<readonly NamedDocument[]> {
  const documents: NamedDocument[] = []
  for (const file of files) {
    const json = parseJson(await read(file, io), nameOf(file))
    documents.push({ name: files.length > 1 ? nameOf(file) : "", json })
  }
  return documents
}
