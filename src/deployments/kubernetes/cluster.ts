import type { Attributes } from "../attributes.ts"
import type { Manifest } from "./manifest.ts"

/** Finds objects of some manifests by their names, as a cluster does. */
export class Cluster {
  readonly manifests: readonly Manifest[]
  readonly #byKind: ReadonlyMap<string, readonly Manifest[]>
  readonly #byName: ReadonlyMap<string, readonly Manifest[]>
  readonly #indexes = new Map<string, ReadonlyMap<string, readonly Manifest[]>>()
  #certificates: ReadonlySet<string> | undefined

  constructor(manifests: readonly Manifest[]) {
    this.manifests = manifests
    this.#byKind = groupBy(manifests, ({ kind }) => kind)
    this.#byName = groupBy(manifests, ({ kind, name }) => `${kind} ${name}`)
  }

  ofKind(kind: string): readonly Manifest[] {
    return this.#byKind.get(kind) ?? []
  }

  /** Groups the objects of a kind, once. Those without a key are left out. */
  indexed(
    kind: string,
    index: string,
    keyOf: (manifest: Manifest) => string | undefined,
  ): ReadonlyMap<string, readonly Manifest[]> {
    const name = `${kind} ${index}`
    const known =
      this.#indexes.get(name) ??
      groupBy(
        this.ofKind(kind).filter((each) => keyOf(each) !== undefined),
        (each) => keyOf(each) ?? "",
      )
    this.#indexes.set(name, known)
    return known
  }

  /** Finds the objects that a name in a namespace may mean. An object without a namespace is in any. */
  find(kind: string, name: string, namespace: string | undefined): readonly Manifest[] {
    const named = this.#byName.get(`${kind} ${name}`) ?? []
    return named.filter((each) => isSameNamespace(each.namespace, namespace))
  }

  /** The names of Secrets that hold a certificate, by the objects that use them as one. */
  isCertificate(name: string): boolean {
    this.#certificates ??= new Set([
      ...this.ofKind("Certificate").flatMap(({ attributes }) => specOf(attributes)?.text("secretName") ?? []),
      ...this.ofKind("Ingress").flatMap(({ attributes }) =>
        (specOf(attributes)?.blocks("tls") ?? []).flatMap((tls) => tls.text("secretName") ?? []),
      ),
    ])
    return this.#certificates.has(name) || CERTIFICATE_NAME.test(name)
  }
}

/** Groups objects by a key, in their order. */
export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const same = groups.get(keyOf(item))
    if (same === undefined) groups.set(keyOf(item), [item])
    else same.push(item)
  }
  return groups
}

/** As cert-manager and most charts name them. */
const CERTIFICATE_NAME = /(^|[-.])(tls|ca|certs?|certificates?)$/

export const isSameNamespace = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other

/** Returns the only block of an object's name. */
export const blockOf = (attributes: Attributes | undefined, name: string): Attributes | undefined =>
  attributes?.blocks(name)[0]

export const specOf = (attributes: Attributes): Attributes | undefined => blockOf(attributes, "spec")
