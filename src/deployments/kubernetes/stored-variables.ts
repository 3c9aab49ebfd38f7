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
import { blockOf, type Cluster, specOf } from "./cluster.ts"
import type { Manifest } from "./manifest.ts"

/** The entries of ConfigMaps and Secrets, by the references to them. */
export class StoredVariables {
  readonly #cluster: Cluster
  readonly #known = new Map<Manifest, ResourceEnvironment>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Reads the entries of a ConfigMap. */
  configMap(name: string, namespace: string | undefined): ResourceEnvironment {
    const found = this.#cluster.find("ConfigMap", name, namespace)
    return this.#merged(found, `ConfigMap ${name}`, (each) =>
      dataOf(each.attributes, "data", (value) => value),
    )
  }

  /** Reads the entries of a Secret, of whichever object makes it. */
  secret(name: string, namespace: string | undefined): ResourceEnvironment {
    const plain = this.#cluster.find("Secret", name, namespace)
    const made = this.#cluster.manifests.filter(
      (each) =>
        MAKERS.has(each.kind) &&
        secretOf(each) === name &&
        (each.namespace === undefined || namespace === undefined || each.namespace === namespace),
    )
    return this.#merged([...plain, ...made], `Secret ${name}`, entriesOf)
  }

  #merged(
    found: readonly Manifest[],
    what: string,
    read: (manifest: Manifest) => ResourceEnvironment,
  ): ResourceEnvironment {
    const entries = found.map((each) => {
      const known = this.#known.get(each) ?? read(each)
      this.#known.set(each, known)
      return known
    })
    if (entries.length === 0) return openVariables(`in ${what}, which is not in the manifests`)
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

/** Kinds that make a Secret of another name or with other values than they have themselves. */
const MAKERS: ReadonlySet<string> = new Set(["SealedSecret", "ExternalSecret"])

function secretOf({ kind, name, attributes }: Manifest): string {
  const spec = specOf(attributes)
  if (kind === "ExternalSecret") return blockOf(spec, "target")?.text("name") ?? name
  return blockOf(blockOf(spec, "template"), "metadata")?.text("name") ?? name
}

function entriesOf({ kind, attributes }: Manifest): ResourceEnvironment {
  if (kind === "SealedSecret") return sealedSecret(specOf(attributes))
  if (kind === "ExternalSecret") return externalSecret(specOf(attributes))
  // `stringData` overrides `data`, as it is merged into it when it is written.
  return overlay([dataOf(attributes, "data", fromBase64), dataOf(attributes, "stringData", (value) => value)])
}

const hiddenKeys = (attributes: Attributes | undefined, name: string): ResourceEnvironment =>
  variables((attributes?.map(name).known ?? []).map(([key]) => [key, { unseen: SECRET_REFERENCE }]))

const sealedSecret = (spec: Attributes | undefined): ResourceEnvironment =>
  overlay([hiddenKeys(spec, "encryptedData"), hiddenKeys(blockOf(spec, "template"), "data")])

/** Everything that it fetches is named, unless it takes whole secrets or makes entries by a template. */
function externalSecret(spec: Attributes | undefined): ResourceEnvironment {
  const isOpen =
    (spec?.blocks("dataFrom").length ?? 0) > 0 || blockOf(blockOf(spec, "target"), "template") !== undefined
  if (isOpen) return openVariables("in an ExternalSecret that takes whole secrets")
  const keys = (spec?.blocks("data") ?? []).flatMap((each) => each.text("secretKey") ?? [])
  return variables(keys.map((key) => [key, { unseen: SECRET_REFERENCE }]))
}

function dataOf(
  attributes: Attributes,
  name: string,
  decode: (value: string) => string | undefined,
): ResourceEnvironment {
  if (attributes.isUnknown(name)) return openVariables(AFTER_APPLY)
  if (attributes.get(name) === undefined) return NO_VARIABLES
  const { known, unknown } = attributes.map(name)
  return variables([
    ...known.flatMap(([key, value]) => {
      if (value === null) return []
      const text = decode(String(value))
      return [[key, text === undefined ? { unseen: "not base64" } : text] as const]
    }),
    ...unknown.map((key) => [key, { unseen: AFTER_APPLY }] as const),
  ])
}

/** Decodes base64 with UTF-8 in it. Tools break it into lines. */
function fromBase64(value: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(value.replace(/\s+/g, "")), (character) => character.charCodeAt(0))
    return new TextDecoder().decode(bytes)
  } catch {
    return undefined
  }
}
