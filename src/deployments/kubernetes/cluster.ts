import type { Attributes } from "../attributes.ts"
import type { Manifest } from "./manifest.ts"

/** Finds objects of some manifests by their names, as a cluster does. */
export class Cluster {
  readonly manifests: readonly Manifest[]
  readonly #byName = new Map<string, Manifest[]>()
  #certificates: ReadonlySet<string> | undefined

  constructor(manifests: readonly Manifest[]) {
    this.manifests = manifests
    for (const manifest of manifests) {
      const key = `${manifest.kind} ${manifest.name}`
      const same = this.#byName.get(key)
      if (same === undefined) this.#byName.set(key, [manifest])
      else same.push(manifest)
    }
  }

  ofKind(kind: string): readonly Manifest[] {
    return this.manifests.filter((manifest) => manifest.kind === kind)
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

/** As cert-manager and most charts name them. */
const CERTIFICATE_NAME = /(^|[-.])(tls|ca|certs?|certificates?)$/

export const isSameNamespace = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other

/** Returns the only block of an object's name. */
export const blockOf = (attributes: Attributes | undefined, name: string): Attributes | undefined =>
  attributes?.blocks(name)[0]

export const specOf = (attributes: Attributes): Attributes | undefined => blockOf(attributes, "spec")
