import type { Attributes } from "../attributes.ts"
import {
  AFTER_APPLY,
  NO_VARIABLES,
  openVariables,
  overlay,
  type ResourceEnvironment,
  SECRET_REFERENCE,
  variables,
} from "../environment.ts"
import { blockOf, type Cluster, groupBy, isSameNamespace, specOf } from "./cluster.ts"
import type { Manifest } from "./manifest.ts"

/** The entries of ConfigMaps and Secrets, by the references to them. */
export class StoredVariables {
  readonly #cluster: Cluster
  readonly #documents: string
  readonly #known = new Map<Manifest, ResourceEnvironment>()
  readonly #makers: ReadonlyMap<string, readonly Manifest[]>

  /** @param documents names the documents of the cluster, for a reference to what is in none of them */
  constructor(cluster: Cluster, documents = "the manifests") {
    this.#cluster = cluster
    this.#documents = documents
    this.#makers = groupBy([...cluster.ofKind("SealedSecret"), ...cluster.ofKind("ExternalSecret")], secretOf)
  }

  /** Reads the entries of a ConfigMap that become variables. */
  configMap(name: string, namespace: string | undefined): ResourceEnvironment {
    const found = this.#cluster.find("ConfigMap", name, namespace)
    return this.#merged(found, `ConfigMap ${name}`, ({ attributes }) => dataOf(attributes, "data"))
  }

  /** Reads the entries of a ConfigMap that become files: those in base64 too. */
  configFiles(name: string, namespace: string | undefined): ResourceEnvironment {
    const found = this.#cluster.find("ConfigMap", name, namespace)
    const binary = found.map(({ attributes }) => dataOf(attributes, "binaryData", fromBase64))
    return overlay([this.configMap(name, namespace), ...binary])
  }

  /** Reads the entries of a Secret, of whichever object makes it. */
  secret(name: string, namespace: string | undefined): ResourceEnvironment {
    const plain = this.#cluster.find("Secret", name, namespace)
    const made = (this.#makers.get(name) ?? []).filter((each) => isSameNamespace(each.namespace, namespace))
    return this.#merged([...plain, ...made], `Secret ${name}`, entriesOf)
  }

  #merged(
    found: readonly Manifest[],
    what: string,
    read: (manifest: Manifest) => ResourceEnvironment,
  ): ResourceEnvironment {
    const entriesOf = (each: Manifest) => {
      const known = this.#known.get(each) ?? read(each)
      this.#known.set(each, known)
      return known
    }
    const additions = found.filter(({ isAddition }) => isAddition)
    if (additions.length > 0) {
      const others = found.filter(({ isAddition }) => !isAddition)
      return overlay([this.#merged(others, what, read), ...additions.map(entriesOf)])
    }
    const entries = found.map(entriesOf)
    if (entries.length === 0) return openVariables(`in ${what}, which is not in ${this.#documents}`)
    if (entries.length === 1) return entries[0] as ResourceEnvironment
    // One of several namespaces is meant, and a name in any of them may be there.
    return overlay([
      openVariables(`in one of ${entries.length} objects named ${what}`),
      ...entries.map(asHidden),
    ])
  }
}

const asHidden = ({ values, hidden, mayHaveMore }: ResourceEnvironment): ResourceEnvironment => ({
  values: new Map(),
  hidden: new Map([...values.keys(), ...hidden.keys()].map((name) => [name, "in one of several objects"])),
  mayHaveMore,
})

/** The name of the Secret that an object makes, which may be another than its own; empty for one that is not known. */
function secretOf({ kind, name, attributes }: Manifest): string {
  const spec = specOf(attributes)
  const place =
    kind === "ExternalSecret" ? blockOf(spec, "target") : blockOf(blockOf(spec, "template"), "metadata")
  return place?.isUnknown("name") ? "" : (place?.text("name") ?? name)
}

function entriesOf({ kind, attributes }: Manifest): ResourceEnvironment {
  if (kind === "SealedSecret") return sealedSecret(attributes)
  if (kind === "ExternalSecret") return externalSecret(specOf(attributes))
  // `stringData` overrides `data`, as it is merged into it when it is written.
  return overlay([dataOf(attributes, "data", fromBase64), dataOf(attributes, "stringData")])
}

const hiddenKeys = (attributes: Attributes | undefined, name: string): ResourceEnvironment =>
  attributes?.isUnknown(name)
    ? openVariables(AFTER_APPLY)
    : variables((attributes?.map(name).known ?? []).map(([key]) => [key, { unseen: SECRET_REFERENCE }]))

function sealedSecret(attributes: Attributes): ResourceEnvironment {
  const spec = specOf(attributes)
  const annotations = blockOf(attributes, "metadata")?.map("annotations").known ?? []
  const isPatch = annotations.some(([name, value]) => name === PATCHES && String(value) === "true")
  return overlay([
    isPatch ? openVariables("in a Secret that a SealedSecret adds to") : NO_VARIABLES,
    hiddenKeys(spec, "encryptedData"),
    hiddenKeys(blockOf(spec, "template"), "data"),
  ])
}

/** Such a SealedSecret adds to a Secret that is there, and may have more. */
const PATCHES = "sealedsecrets.bitnami.com/patch"

/** Everything that it fetches is named, unless it takes whole secrets, makes entries by a template, or adds to a Secret. */
function externalSecret(spec: Attributes | undefined): ResourceEnvironment {
  const target = blockOf(spec, "target")
  const template = blockOf(target, "template")
  const isMade = ["data", "templateFrom"].some(
    (name) => template?.get(name) !== undefined || template?.hasUnknown(name),
  )
  const reason =
    (spec?.blocks("dataFrom").length ?? 0) > 0
      ? "that takes whole secrets"
      : isMade
        ? "that makes entries by a template"
        : target?.isUnknown("creationPolicy") || /^(Merge|None)$/.test(target?.text("creationPolicy") ?? "")
          ? "that does not make the whole Secret"
          : undefined
  const entries = spec?.blocks("data") ?? []
  const keys = entries.flatMap((each) => each.text("secretKey") ?? [])
  return overlay([
    entries.some((each) => each.isUnknown("secretKey")) ? openVariables(AFTER_APPLY) : NO_VARIABLES,
    reason === undefined ? NO_VARIABLES : openVariables(`in an ExternalSecret ${reason}`),
    // A template replaces what is fetched.
    isMade ? NO_VARIABLES : variables(keys.map((key) => [key, { unseen: SECRET_REFERENCE }])),
  ])
}

const asIs = (value: string): string => value

function dataOf(
  attributes: Attributes,
  name: string,
  decode: (value: string) => string | undefined = asIs,
): ResourceEnvironment {
  if (attributes.isUnknown(name)) return openVariables(AFTER_APPLY)
  if (attributes.get(name) === undefined && !attributes.hasUnknown(name)) return NO_VARIABLES
  const { known, unknown } = attributes.map(name)
  const entries = variables([
    ...known.map(([key, value]) => {
      // The cluster reads null as an empty string, which overrides what is there before.
      const text = value === null ? "" : decode(String(value))
      return [key, text === undefined ? { unseen: "not base64" } : text] as const
    }),
    ...unknown.map((key) => [key, { unseen: AFTER_APPLY }] as const),
  ])
  const isTemplate = known.some(([key]) => key.includes("{{"))
  return isTemplate ? { ...entries, mayHaveMore: "named by a template that was not rendered" } : entries
}

/** Decodes base64 with UTF-8 in it, or with ASCII in UTF-16. Tools break it into lines. */
function fromBase64(value: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(value.replace(/\s+/g, "")), (character) => character.charCodeAt(0))
    return new TextDecoder().decode(bytes).replaceAll("\0", "")
  } catch {
    return undefined
  }
}
