import type { PoolConfigIssue } from "../../../error.ts"
import { Attributes, type ReportPath } from "../../attributes.ts"
import { field, isObject, textOf } from "../../json-value.ts"
import { HOOKS } from "../../kubernetes/hooks.ts"
import { type Manifest, readManifests } from "../../kubernetes/manifest.ts"
import { parseManifests } from "../../kubernetes/parse-manifests.ts"
import type { Resource } from "../resource.ts"
import { type BlockKind, blockKindOf, OBJECT_TYPE, textAttributeOf } from "./block-kinds.ts"
import { objectFromBlocks, type PartlyKnown } from "./object-from-blocks.ts"

/** True if a resource of this type is a Kubernetes object. */
export const isKubernetesObject = (type: string): boolean =>
  type === OBJECT_TYPE || textAttributeOf(type) !== undefined || blockKindOf(type) !== undefined

/** The reason why it cannot be seen what a resource is. */
export interface Unseen {
  readonly reason: string
}

/**
 * Returns the Kubernetes objects of a resource, with its address.
 *
 * @param attributes those after apply or before it
 * @param report takes the paths of values of the wrong type
 */
export function manifestsOf(
  resource: Resource,
  attributes: Attributes,
  report: ReportPath,
): readonly Manifest[] | Unseen {
  const block = blockKindOf(resource.type)
  if (block !== undefined) return [fromBlocks(resource, block, attributes, report)]
  const text = textAttributeOf(resource.type)
  return text === undefined
    ? fromObject(resource, attributes, report)
    : fromText(resource, text, attributes, report)
}

function fromBlocks(
  { address }: Resource,
  { kind, apiVersion, isAddition }: BlockKind,
  attributes: Attributes,
  report: ReportPath,
): Manifest {
  const object = objectFromBlocks(attributes.values, attributes.unknownValues)
  const own =
    kind === "Secret"
      ? secret(object, attributes)
      : kind === "DaemonSet"
        ? renamed(object, ["spec"], "strategy", "updateStrategy")
        : object
  const manifest = manifestOf(address, kind, apiVersion, own, report)
  return isAddition ? { ...manifest, isAddition } : manifest
}

/** The provider has a Secret's texts as they are, and base64 under another name. */
function secret({ values, unknown }: PartlyKnown, attributes: Attributes): PartlyKnown {
  const isWriteOnly = (name: string) => {
    const revision = `${name}_wo_revision`
    return attributes.isUnknown(revision) || Number(attributes.get(revision) ?? 0) > 0
  }
  const part = (object: unknown, name: string, asText: string) =>
    isWriteOnly(asText) ? undefined : field(object, name)
  const open = (name: string, asText: string) => isWriteOnly(asText) || field(unknown, name)
  return {
    values: {
      metadata: field(values, "metadata"),
      data: part(values, "binaryData", "binary_data"),
      stringData: part(values, "data", "data"),
    },
    unknown:
      unknown === true
        ? true
        : {
            metadata: field(unknown, "metadata"),
            data: open("binaryData", "binary_data"),
            stringData: open("data", "data"),
          },
  }
}

/** Renames a field of the object at a path. */
function renamed({ values, unknown }: PartlyKnown, path: readonly string[], from: string, to: string) {
  const rename = (object: unknown, [step, ...others]: readonly string[]): unknown => {
    if (!isObject(object)) return object
    if (step !== undefined) return { ...object, [step]: rename(object[step], others) }
    const { [from]: value, ...rest } = object
    return value === undefined ? rest : { ...rest, [to]: value }
  }
  return { values: rename(values, path), unknown: rename(unknown, path) }
}

function fromObject(
  { address }: Resource,
  attributes: Attributes,
  report: ReportPath,
): readonly Manifest[] | Unseen {
  const values = attributes.get("manifest")
  const [kind, apiVersion] = [textOf(field(values, "kind")), textOf(field(values, "apiVersion"))]
  if (attributes.isUnknown("manifest")) return { reason: "its manifest is known only after apply" }
  if (kind === "" || apiVersion === "") return { reason: "its manifest has no kind that can be seen" }
  const unknown = field(attributes.unknownValues, "manifest")
  return [manifestOf(address, kind, apiVersion, { values, unknown }, (path) => report(`manifest.${path}`))]
}

function fromText(
  { address }: Resource,
  attribute: string,
  attributes: Attributes,
  report: ReportPath,
): readonly Manifest[] | Unseen {
  if (attributes.isUnknown(attribute)) {
    return (
      ofKnownKind(address, attributes, report) ?? { reason: `its ${attribute} is known only after apply` }
    )
  }
  const text = attributes.text(attribute)
  if (text === undefined) return { reason: `it has no ${attribute}` }
  // What another parser accepted and this one does not is unknown, and no error of the plan.
  const problems: PoolConfigIssue[] = []
  const found = readManifests(parseManifests({ name: "", text }, problems), undefined, problems)
  if (problems.length > 0 || found.length === 0) return { reason: `its ${attribute} cannot be read` }
  const isOpen = attributes.isUnknown("override_namespace")
  const override = attributes.text("override_namespace") || undefined
  return found.map(({ kind, apiVersion, name, namespace, attributes: { values } }) => {
    const own = found.length === 1 ? address : `${address} (${kind.toLowerCase()}/${name})`
    const at = (path: string) => report(`${attribute}: ${path}`)
    const manifest = manifestOf(own, kind, apiVersion, { values, unknown: undefined }, at)
    return { ...manifest, namespace: isOpen ? undefined : (override ?? namespace) }
  })
}

/** The provider keeps what the text was before, so that the kind of an object that changes is known. */
function ofKnownKind(
  address: string,
  attributes: Attributes,
  report: ReportPath,
): readonly Manifest[] | undefined {
  const [kind, apiVersion] = [attributes.get("kind"), attributes.get("api_version")]
  if (typeof kind !== "string" || typeof apiVersion !== "string" || kind === "" || apiVersion === "")
    return undefined
  const metadata = { name: attributes.get("name"), namespace: attributes.get("namespace") }
  const unknown = {
    metadata: { annotations: true, labels: true },
    spec: true,
    data: true,
    stringData: true,
  }
  return [manifestOf(address, kind, apiVersion, { values: { kind, apiVersion, metadata }, unknown }, report)]
}

function manifestOf(
  address: string,
  kind: string,
  apiVersion: string,
  { values, unknown }: PartlyKnown,
  report: ReportPath,
): Manifest {
  const attributes = new Attributes(withoutHooks(values), unknown, report)
  const [metadata] = attributes.blocks("metadata")
  const generated = metadata?.text("generateName")
  // No object has an address as its name: what is known only after apply is found by no reference.
  const name = metadata?.text("name") || (generated ? `${generated}*` : address)
  const namespace = metadata?.text("namespace") || undefined
  return { kind, apiVersion, name, namespace, address, attributes, place: "" }
}

/** Terraform applies hooks of Helm and Argo CD like any other object. */
function withoutHooks(values: unknown): unknown {
  const metadata = field(values, "metadata")
  const annotations = field(metadata, "annotations")
  if (!isObject(values) || !isObject(metadata) || !isObject(annotations)) return values
  const others = Object.entries(annotations).filter(([name]) => !HOOKS.has(name))
  return { ...values, metadata: { ...metadata, annotations: Object.fromEntries(others) } }
}
