import { normalHost } from "../destination.ts"
import type { ResolveHost } from "../environment.ts"
import { type Cluster, isSameNamespace, specOf } from "./cluster.ts"

/** A Service that leads to a server, or to a host elsewhere. */
interface Service {
  readonly namespace: string | undefined
  /** The host that it stands for; undefined for a Service of pods. */
  readonly externalName?: string
}

/** The services of a server in a namespace. */
interface ServerServices {
  readonly namespace: string | undefined
  readonly services: readonly string[]
}

/** Names a Service as every namespace resolves it. Without a namespace, it may be in any. */
export const serviceHost = (name: string, namespace: string | undefined): string =>
  namespace === undefined ? name : `${name}.${namespace}`

/**
 * Returns what resolves the hosts of Services, as pods of a namespace do: `db` is `db.prod` to the pods of `prod`, and
 * another Service to those of `staging`. An `ExternalName` stands for its target.
 */
export function serviceResolver(
  cluster: Cluster,
  servers: readonly ServerServices[],
): (namespace: string | undefined) => ResolveHost {
  const byName = new Map<string, Map<string, Service>>()
  const add = (name: string, service: Service) => {
    const same = byName.get(name) ?? new Map<string, Service>()
    byName.set(name, same.set(service.namespace ?? "", service))
  }
  for (const { namespace, services } of servers) for (const name of services) add(name, { namespace })
  for (const { name, namespace, attributes } of cluster.ofKind("Service")) {
    const externalName = specOf(attributes)?.text("externalName")
    if (externalName !== undefined) add(name, { namespace, externalName })
  }
  const find = (name: string, namespace: string | undefined) =>
    [...(byName.get(name)?.values() ?? [])]
      .filter((service) => isSameNamespace(service.namespace, namespace))
      .map((service) => ({ ...service, name }))
  const resolve = (host: string, namespace: string | undefined, left: number): string => {
    const end = host.lastIndexOf(".")
    const found = [
      ...find(host, namespace),
      ...(end > 0 ? find(host.slice(0, end), host.slice(end + 1)) : []),
    ]
    const [only, ...others] = found
    // Without a dot it is a name of the pod's own namespace, whatever else is called that.
    if (only === undefined && NAME.test(host)) return serviceHost(host, namespace)
    if (only === undefined || others.length > 0) return host
    if (only.externalName === undefined) return serviceHost(only.name, only.namespace)
    return left > 0 ? resolve(normalHost(only.externalName), only.namespace, left - 1) : host
  }
  return (namespace) => (host) => resolve(host, namespace, MOST_ALIASES)
}

/** A name that a Service may have: no address, and no template. */
const NAME = /^[a-z][a-z0-9-]*$/

/** One that stands for itself leads nowhere. */
const MOST_ALIASES = 5
