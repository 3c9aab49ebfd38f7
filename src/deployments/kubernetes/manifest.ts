import { type PoolConfigIssue, printable } from "../../error.ts"
import { Attributes } from "../attributes.ts"
import { isObject, listOf } from "../json-value.ts"

/** A Kubernetes object, as a manifest has it. */
export interface Manifest {
  readonly kind: string
  /** `apps/v1` */
  readonly apiVersion: string
  readonly name: string
  /** Undefined if the manifest does not say: it is then in any namespace. */
  readonly namespace: string | undefined
  /** `prod/deployment/api` */
  readonly address: string
  readonly attributes: Attributes
  /** Its file and line, as in `api.yaml:12`; empty if there is no file. */
  readonly place: string
}

/** A value that a document holds, before anything in it is known to be an object. */
export interface RawDocument {
  readonly value: unknown
  /** The file and line of the document, or of the value at a path in it. */
  placeOf(path: string): string
}

const REMEDY =
  "Give rendered manifests: the output of kubectl kustomize, helm template or kubectl get -o yaml"

/** Reads the objects of some documents. Lists are opened. Everything that is no object is an issue. */
export function readManifests(
  documents: readonly RawDocument[],
  namespace: string | undefined,
  issues: PoolConfigIssue[],
): Manifest[] {
  const manifests: Manifest[] = []
  const seen = new Map<string, string>()
  const generated = new Map<string, number>()
  // Not by recursion: a list may hold lists, to any depth.
  const left: [document: RawDocument, value: unknown, path: string][] = documents.map((each) => [
    each,
    each.value,
    "",
  ])
  for (let at = 0; at < left.length; at++) {
    const [document, value, path] = left[at] as (typeof left)[number]
    const place = document.placeOf(path)
    const refuse = (problem: string, remedy = REMEDY) =>
      issues.push({ name: place || path || "manifests", problem, remedy })
    // An empty document, as templates leave them.
    if (value === null || value === undefined) continue
    if (!isObject(value)) {
      refuse("is not an object")
      continue
    }
    const { kind, apiVersion, items } = value
    if (typeof kind !== "string" || kind === "" || typeof apiVersion !== "string" || apiVersion === "") {
      refuse("has no kind and apiVersion, so it is not a Kubernetes object", rawFileRemedy(value))
      continue
    }
    if (kind.endsWith("List") && Array.isArray(items)) {
      // Items of a typed list may leave out their own kind.
      const own = { kind: kind.slice(0, -"List".length), apiVersion }
      for (const [index, item] of items.entries()) {
        const typed =
          isObject(item) && item["kind"] === undefined && own.kind !== "" ? { ...own, ...item } : item
        left.push([document, typed, `${path}${path === "" ? "" : "."}items[${index}]`])
      }
      continue
    }
    if (kind === "Kustomization" && apiVersion.startsWith("kustomize.config.k8s.io/")) {
      refuse(
        "is a kustomization, whose resources are not rendered",
        "Give the output of: kubectl kustomize DIRECTORY",
      )
      continue
    }
    const attributes = new Attributes(value, undefined, (name) =>
      issues.push({
        name: document.placeOf(path === "" ? name : `${path}.${name}`) || name,
        problem: `${kind} has a value of the wrong type at ${name}`,
        remedy: "Write it as Kubernetes documents it",
      }),
    )
    const [metadata] = attributes.blocks("metadata")
    const generateName = metadata?.text("generateName")
    const name = metadata?.text("name") ?? (generateName === undefined ? undefined : `${generateName}*`)
    if (name === undefined || name === "") {
      refuse(`is a ${printable(kind)} without a name`, "Give it a metadata.name")
      continue
    }
    const own = metadata?.text("namespace") ?? (CLUSTER_WIDE.has(kind) ? undefined : namespace)
    const plain = `${own === undefined ? "" : `${own}/`}${kind.toLowerCase()}/${name}`
    const count = (generated.get(plain) ?? 0) + 1
    generated.set(plain, count)
    const address = name.endsWith("*") && count > 1 ? `${plain} ${count}` : plain
    const key = `${apiVersion.split("/").slice(0, -1).join("/")} ${address}`
    const first = seen.get(key)
    if (first !== undefined) {
      refuse(`${printable(address)} is also at ${first || "another place"}`, "Give each object once")
      continue
    }
    seen.set(key, place)
    manifests.push({ kind, apiVersion, name, namespace: own, address, attributes, place })
  }
  return manifests
}

const CLUSTER_WIDE: ReadonlySet<string> = new Set([
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "Namespace",
  "PersistentVolume",
  "StorageClass",
])

/** The remedy for files that people give in place of manifests. */
function rawFileRemedy(value: Readonly<Record<string, unknown>>): string {
  if (isObject(value["services"])) return "This looks like a compose file: give it with --compose"
  if (value["format_version"] !== undefined)
    return "This looks like a Terraform plan: give it with --terraform"
  if (listOf(value["resources"]).length > 0) return "Give the output of: kubectl kustomize DIRECTORY"
  return REMEDY
}
