import { type PoolConfigIssue, printable } from "../../error.ts"
import { Attributes } from "../attributes.ts"
import { field, isObject, listOf } from "../json-value.ts"
import { remedyForOther } from "../other-format.ts"
import { groupOf, isOwnGroup, kindInAddress } from "./api-groups.ts"

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
  /** True if it only adds entries to an object of its name, which may be elsewhere. */
  readonly isAddition?: true
  /** Its file and line, as in `api.yaml:12`; empty if there is no file. */
  readonly place: string
}

/** An address without its namespace is for all namespaces. */
export const addressed = ({ address, namespace, place }: Manifest) => ({
  address,
  ownAddress: namespace === undefined ? address : address.slice(namespace.length + 1),
  ...(place === "" ? {} : { place }),
})

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
  const lists = new Set<object>()
  // Not by recursion: a list may hold lists.
  const left: [document: RawDocument, value: unknown, path: string, depth: number][] = documents.map(
    (each) => [each, each.value, "", 0],
  )
  for (let at = 0; at < left.length; at++) {
    const [document, value, path, depth] = left[at] as (typeof left)[number]
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
    if (isList(value)) {
      if (depth === DEEPEST_LIST) {
        refuse(`is a list in ${DEEPEST_LIST} others`, "Give the objects themselves")
        continue
      }
      // A value that was not parsed from a text may contain itself.
      if (lists.has(value)) continue
      lists.add(value)
      if (!Array.isArray(items)) continue
      // Items of a typed list may leave out their own kind.
      const own = { kind: kind.slice(0, -"List".length), apiVersion }
      for (const [index, item] of items.entries()) {
        const typed =
          isObject(item) && item["kind"] === undefined && own.kind !== "" ? { ...own, ...item } : item
        left.push([document, typed, `${path}${path === "" ? "" : "."}items[${index}]`, depth + 1])
      }
      continue
    }
    if (apiVersion.startsWith("kustomize.config.k8s.io/")) {
      refuse(
        "is a kustomization, whose resources are not rendered",
        "Give the output of: kubectl kustomize DIRECTORY",
      )
      continue
    }
    const reported = new Set<string>()
    const attributes = new Attributes(value, undefined, (reportedPath) => {
      const name = pathIn(value, reportedPath)
      if (reported.has(name)) return
      reported.add(name)
      issues.push({
        name: document.placeOf(path === "" ? name : `${path}.${name}`) || name,
        problem: `${printable(kind)} has a value of the wrong type at ${name}`,
        remedy: "Write it as Kubernetes documents it",
      })
    })
    const [metadata] = attributes.blocks("metadata")
    const generateName = metadata?.text("generateName")
    const name = metadata?.text("name") ?? (generateName === undefined ? undefined : `${generateName}*`)
    if (name === undefined || name === "") {
      refuse(`is a ${printable(kind)} without a name`, "Give it a metadata.name")
      continue
    }
    const own = namespaceOf(metadata) ?? (CLUSTER_WIDE.has(kind) ? undefined : namespace)
    const group = groupOf(apiVersion)
    const plain = `${own === undefined ? "" : `${own}/`}${kindInAddress(kind, group)}/${name}`
    const count = (generated.get(plain) ?? 0) + 1
    generated.set(plain, count)
    const address = name.endsWith("*") && count > 1 ? `${plain} ${count}` : plain
    // A Deployment of `extensions` is the same object as that of `apps`.
    const key = `${isOwnGroup(group) ? "" : group} ${address}`
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

/** Returns a path without the index of what is no array. */
function pathIn(root: unknown, path: string): string {
  let within = root
  let plain = ""
  for (const [part, name, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    if (name !== undefined) {
      within = field(within, name)
      plain += plain === "" ? name : `.${name}`
    } else if (Array.isArray(within)) {
      within = within[Number(index)]
      plain += part
    }
  }
  return plain
}

/** No tool nests lists. */
const DEEPEST_LIST = 10

/** True for a list of objects, as `kubectl get` prints it. An object with a name is none, whatever its kind is called. */
function isList(value: Readonly<Record<string, unknown>>): boolean {
  const { kind, items = null, metadata } = value
  const hasName = isObject(metadata) && metadata["name"] !== undefined
  const isOfKind = kind === "List" || (typeof kind === "string" && kind.endsWith("List"))
  return isOfKind && !hasName && (items === null || Array.isArray(items))
}

/** Undefined if it is omitted, or decided by a template. */
function namespaceOf(metadata: Attributes | undefined): string | undefined {
  const text = metadata?.text("namespace")
  return text === "" || text?.includes("{{") ? undefined : text
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
  const other = remedyForOther(value, "kubernetes")
  if (other !== undefined) return other
  if (listOf(value["resources"]).length > 0) return "Give the output of: kubectl kustomize DIRECTORY"
  return REMEDY
}
