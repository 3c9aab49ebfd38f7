import type { Attributes } from "../attributes.ts"
import type { FoundServer } from "../ceiling.ts"
import { AFTER_APPLY } from "../environment.ts"
import { type ContainerCeiling, containerCeiling, known, withReserved } from "../postgres-container.ts"
import { blockOf, type Cluster, isSameNamespace, specOf } from "./cluster.ts"
import type { Manifest } from "./manifest.ts"
import { isPoolerContainer, postgresIn, runningContainers } from "./postgres-pods.ts"
import { serviceHost, serviceResolver } from "./service-hosts.ts"
import { podOf } from "./workloads.ts"

/** A PostgreSQL server in a cluster. */
interface ClusterServer {
  readonly manifest: Manifest
  readonly ceiling: ContainerCeiling
  /** The names of the Services that lead to it. */
  readonly services: readonly string[]
}

/** Finds the PostgreSQL servers in a cluster: pods with its image, and the objects of operators. */
function serversIn(cluster: Cluster): ClusterServer[] {
  return cluster.manifests.flatMap((manifest): ClusterServer[] => {
    const operator = OPERATORS.find(
      ({ kind, group }) => kind === manifest.kind && manifest.apiVersion.startsWith(group),
    )
    if (operator !== undefined) {
      const ceiling = operator.ceiling(specOf(manifest.attributes))
      return [{ manifest, ceiling, services: operator.services(manifest.name) }]
    }
    const container = postgresIn(podOf(manifest))
    if (container === undefined || specOf(manifest.attributes)?.get("replicas") === 0) return []
    return [{ manifest, ceiling: containerCeiling(container), services: servicesOf(manifest, cluster) }]
  })
}

/** The PostgreSQL servers in a cluster, with their hosts. */
export const postgresServers = (cluster: Cluster): FoundServer[] =>
  serversIn(cluster).map(({ manifest: { address, namespace }, ceiling, services }) => ({
    address,
    names: [address, ...(namespace === undefined ? [] : [address.slice(namespace.length + 1)])],
    documented: undefined,
    nodeType: undefined,
    hosts: services.map((service) => serviceHost(service, namespace)),
    localHosts: services,
    ...ceiling,
  }))

/** Returns what resolves the hosts of a cluster's Services. */
export const resolverIn = (cluster: Cluster) =>
  serviceResolver(cluster, [
    ...serversIn(cluster).map(({ manifest: { namespace }, services }) => ({ namespace, services })),
    ...cluster.manifests.flatMap((manifest) =>
      isPooler(manifest) ? [{ namespace: manifest.namespace, services: servicesOf(manifest, cluster) }] : [],
    ),
  ])

/** The labels of the pods of a `Pooler`, which a Service of one's own may select. */
const operatorsLabels = ({ name, attributes }: Manifest): (readonly [key: string, value: string])[] => [
  ["cnpg.io/poolerName", name],
  ["cnpg.io/podRole", "pooler"],
  ["cnpg.io/cluster", blockOf(specOf(attributes), "cluster")?.text("name") ?? ""],
]

export const isCloudNativePooler = ({ kind, apiVersion }: Manifest): boolean =>
  kind === "Pooler" && apiVersion.startsWith("postgresql.cnpg.io/")

/** True if a workload is a pooler, which holds connections for others. */
export const isPooler = (manifest: Manifest): boolean =>
  isCloudNativePooler(manifest) || runningContainers(podOf(manifest)).some(isPoolerContainer)

interface Operator {
  readonly kind: string
  readonly group: string
  ceiling(spec: Attributes | undefined): ContainerCeiling
  /** The names of the Services that lead to the primary. */
  services(name: string): readonly string[]
}

function parameter(parameters: Attributes | undefined): ContainerCeiling {
  if (parameters?.isUnknown("max_connections"))
    return { maxConnections: undefined, reason: `has a max_connections that is ${AFTER_APPLY}` }
  const stated = (name: string): string | undefined => {
    const value = parameters?.isUnknown(name) ? AFTER_APPLY : parameters?.get(name)
    return value === undefined ? undefined : String(value)
  }
  const value = stated("max_connections")
  const ceiling = value === undefined ? DEFAULT : known(value, "its parameters")
  return withReserved(ceiling, stated, "its parameters")
}

/** The default of the operators, or the lowest of those that they compute. */
const DEFAULT: ContainerCeiling = {
  maxConnections: 100,
  reason: undefined,
  assumption: {
    assumed: "omitted: 100, PostgreSQL's default",
    remedy:
      "If the server says otherwise (SHOW max_connections), give its answer as maxConnections (--max-connections)",
  },
}

/** Replicas have Services of their own, and ceilings of their own. */
const OPERATORS: readonly Operator[] = [
  {
    kind: "Cluster",
    group: "postgresql.cnpg.io/",
    ceiling: (spec) => parameter(blockOf(blockOf(spec, "postgresql"), "parameters")),
    services: (name) => [`${name}-rw`],
  },
  {
    kind: "postgresql",
    group: "acid.zalan.do/",
    ceiling: (spec) => parameter(blockOf(blockOf(spec, "postgresql"), "parameters")),
    services: (name) => [name],
  },
  {
    kind: "PostgresCluster",
    group: "postgres-operator.crunchydata.com/",
    ceiling: (spec) =>
      parameter(
        blockOf(
          blockOf(blockOf(blockOf(spec, "patroni"), "dynamicConfiguration"), "postgresql"),
          "parameters",
        ),
      ),
    services: (name) => [`${name}-primary`, `${name}-ha`],
  },
]

/** Finds the Services whose selector fits the pods. */
export function servicesOf(manifest: Manifest, cluster: Cluster): string[] {
  const isOperators = isCloudNativePooler(manifest)
  const template = isOperators ? blockOf(specOf(manifest.attributes), "template") : podOf(manifest)
  const labels = new Map([
    ...(blockOf(template, "metadata")?.map("labels").known ?? []).map(
      ([key, value]) => [key, String(value)] as const,
    ),
    ...(isOperators ? operatorsLabels(manifest) : []),
  ])
  const selecting = cluster.ofKind("Service").filter(({ namespace, attributes }) => {
    const selector = specOf(attributes)?.map("selector").known ?? []
    return (
      isSameNamespace(namespace, manifest.namespace) &&
      selector.length > 0 &&
      selector.every(([key, value]) => labels.get(key) === String(value))
    )
  })
  const governing = specOf(manifest.attributes)?.text("serviceName")
  const names = new Set([
    // A Pooler has a Service of its own name.
    ...(isOperators ? [manifest.name] : []),
    ...selecting.map(({ name }) => name),
    ...(governing === undefined ? [] : [governing]),
  ])
  const pods = manifest.kind === "StatefulSet" ? [...names].map((name) => `${manifest.name}-0.${name}`) : []
  return [...names, ...pods]
}
