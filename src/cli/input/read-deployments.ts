import type { Reader } from "../../deployments/reader.ts"
import { type NamedDocument, readTerraform } from "../../deployments/terraform/terraform-reader.ts"
import type { Io } from "../io.ts"
import type { FleetFlags } from "./fleet-flags.ts"
import { parseJson } from "./parse-json.ts"
import { bytesOf, inFile } from "./read-files.ts"

const STDIN = "-"

/** The flags that name deployment documents. */
export type DeploymentFlags = Pick<FleetFlags, "terraform">

/** Tells whether any flag names a deployment document. */
export const hasDeployments = ({ terraform = [] }: DeploymentFlags): boolean => terraform.length > 0

/** Reads the named documents, one reader for each format; `-` is stdin. Empty if no flag names one. */
export async function readDeployments(
  { terraform = [] }: DeploymentFlags,
  io: Io,
): Promise<readonly Reader[]> {
  return terraform.length === 0 ? [] : [readTerraform(await plansOf(terraform, io))]
}

/** Adds the name of the document to an error about its content, if there is only one. */
export function inDocument({ terraform = [] }: DeploymentFlags, error: unknown): unknown {
  const [file, ...others] = terraform
  return file === undefined || others.length > 0 ? error : inFile(nameOf(file), error)
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
