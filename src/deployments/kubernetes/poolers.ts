import { imageName, isPoolerImage } from "../container-images.ts"
import type { DeployedPooler, PoolerConfig } from "../deployed-pooler.ts"
import { AFTER_APPLY } from "../environment.ts"
import { DEFAULTS } from "../pgbouncer/settings.ts"
import { statedPgBouncer } from "../pgbouncer/stated-settings.ts"
import type { AttributeFindings } from "../workload.ts"
import { blockOf, type Cluster, specOf } from "./cluster.ts"
import { isCloudNativePooler, servicesOf } from "./database-servers.ts"
import { addressed, type Manifest } from "./manifest.ts"
import { runningContainers } from "./postgres-pods.ts"
import { podsOf } from "./scaling.ts"
import { serviceHost } from "./service-hosts.ts"
import { deploymentSurge } from "./surge.ts"
import { podOf, replicas, rolledReplicas } from "./workloads.ts"

/** The reason why a pooler is no tier of its own, and what to do. */
interface NotCounted {
  readonly problem: string
  readonly remedy: string
}

/** Reads a pooler of a cluster; undefined for any other object. */
export function poolerOf(manifest: Manifest, cluster: Cluster): DeployedPooler | NotCounted | undefined {
  if (isCloudNativePooler(manifest)) return cloudNativePooler(manifest, cluster)
  const containers = runningContainers(podOf(manifest)).map(
    (container) => container.text("image") ?? container.text("name") ?? "",
  )
  if (hasOperatorsPooler(manifest))
    return { ...NOT_COUNTED, problem: "has a pooler of its operator, whose connections are not counted" }
  if (!containers.some(isPoolerImage)) return undefined
  const isOwnPod = containers.every((image) => isPgBouncer(image) || /exporter/.test(imageName(image)))
  const runs = COUNTED[manifest.kind]
  return isOwnPod && containers.filter(isPgBouncer).length === 1 && runs !== undefined
    ? ownPods(manifest, cluster, runs)
    : NOT_COUNTED
}

const NOT_COUNTED: NotCounted = {
  problem: "is a pooler, whose own connections to the server are not counted",
  remedy: "Reserve what it opens, and exclude it with a reason",
}

/**
 * True for a server whose operator runs PgBouncer beside it.
 *
 * https://postgres-operator.readthedocs.io/en/latest/reference/cluster_manifest/#connection-pooler,
 * https://access.crunchydata.com/documentation/postgres-operator/latest/references/crd/5.8.x/postgrescluster
 */
function hasOperatorsPooler({ kind, apiVersion, attributes }: Manifest): boolean {
  const spec = specOf(attributes)
  const isNamed = (name: string) => spec?.get(name) !== undefined || spec?.hasUnknown(name) === true
  if (kind === "postgresql" && apiVersion.startsWith("acid.zalan.do/")) {
    return (
      spec?.get("enableConnectionPooler") === true ||
      spec?.isUnknown("enableConnectionPooler") === true ||
      (isNamed("connectionPooler") && spec?.get("enableConnectionPooler") !== false)
    )
  }
  if (kind !== "PostgresCluster" || !apiVersion.startsWith("postgres-operator.crunchydata.com/")) return false
  const proxy = blockOf(spec, "proxy")
  if (spec?.isUnknown("proxy") || proxy?.isUnknown("pgBouncer")) return true
  const pgBouncer = blockOf(proxy, "pgBouncer")
  return pgBouncer !== undefined && pgBouncer.get("replicas") !== 0
}

const isPgBouncer = (image: string): boolean => isPoolerImage(image) && imageName(image).includes("pgbouncer")

/** Kinds with a number of pods of their own. */
const COUNTED: Readonly<Record<string, typeof replicas>> = {
  Deployment: rolledReplicas,
  StatefulSet: replicas,
  ReplicaSet: replicas,
}

/** Pods of a PgBouncer whose file is elsewhere. */
function ownPods(manifest: Manifest, cluster: Cluster, runs: typeof replicas): DeployedPooler {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const services = servicesOf(manifest, cluster)
  return {
    ...addressed(manifest),
    names: [manifest.name, ...services],
    hosts: services.map((service) => serviceHost(service, manifest.namespace)),
    port: DEFAULTS.listen_port,
    workload: { containers: [], ...findings, runs: runs(manifest, { cluster }, findings) },
  }
}

/** The role with which CloudNativePG's poolers look up users, and the database in which they do. */
const LOOKUP = { user: "cnpg_pooler_pgbouncer", database: "postgres" } as const

/** The oldest PgBouncer that CloudNativePG runs, the first with `auth_dbname`. */
const OLDEST = 19

const POSTGRES_PORT = 5432

/** Settings that the operator writes itself, whatever the parameters say. */
const OPERATORS_OWN: readonly string[] = [
  "auth_dbname",
  "auth_query",
  "auth_user",
  "listen_port",
  "pool_mode",
]

/**
 * Reads a `Pooler` of CloudNativePG: a Deployment of PgBouncer with one entry, `*`, which leads to a Service of its cluster.
 * What its parameters leave out has PgBouncer's own defaults.
 *
 * https://cloudnative-pg.io/docs/1.30/connection_pooling, and `pkg/management/pgbouncer/config` of its sources
 */
function cloudNativePooler(manifest: Manifest, cluster: Cluster): DeployedPooler | NotCounted {
  const { address, name, namespace, attributes } = manifest
  const spec = specOf(attributes)
  const settings = blockOf(spec, "pgbouncer")
  const clusterName = blockOf(spec, "cluster")?.text("name")
  const hidden = ["type", "cluster", "pgbouncer", "deploymentStrategy"].find((each) => spec?.hasUnknown(each))
  if (hidden !== undefined) return notCounted(`has a ${hidden} that is ${AFTER_APPLY}`)
  const rendered = ["type", "cluster", "pgbouncer"].find((each) => hasTemplate(spec?.get(each)))
  if (rendered !== undefined)
    return {
      ...notCounted(`has a ${rendered} with a template that was not rendered`),
      remedy: "Give the output of helm template",
    }
  if (clusterName === undefined) return notCounted("does not say which cluster it is of")
  const type = spec?.text("type") ?? "rw"
  if (type !== "rw") return notCounted(`is in front of replicas (type ${type}), whose ceiling is another`)
  if ((settings?.blocks("databases") ?? []).length > 0)
    return notCounted("has databases with settings of their own, which are not read")
  const place = `${address}.spec.pgbouncer`
  const mode = settings?.text("poolMode") ?? "session"
  const parameters = settings?.map("parameters").known ?? []
  const host = serviceHost(`${clusterName}-rw`, namespace)
  const file = statedPgBouncer({
    name: address,
    host,
    since: OLDEST,
    settings: [
      ["auth_type", "hba", place],
      ["auth_user", LOOKUP.user, place],
      ["auth_dbname", LOOKUP.database, place],
      ["pool_mode", mode, `${place}.poolMode`],
      ...parameters.flatMap(([key, value]) =>
        OPERATORS_OWN.includes(key) ? [] : [[key, String(value).trim(), `${place}.parameters`] as const],
      ),
    ],
  })
  const config: PoolerConfig = {
    lowest: file,
    highest: file,
    unknown: [],
    servers: cluster
      .find("Cluster", clusterName, namespace)
      .flatMap((each) => (each.apiVersion.startsWith("postgresql.cnpg.io/") ? [each.address] : [])),
    serverHosts: [host],
    ...(settings?.get("paused") === true ? { isPaused: true } : {}),
  }
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  return {
    ...addressed(manifest),
    names: [name],
    hosts: servicesOf(manifest, cluster).map((service) => serviceHost(service, namespace)),
    port: POSTGRES_PORT,
    workload: {
      containers: [],
      ...findings,
      runs: {
        ...podsOf(manifest, cluster, findings, "instances"),
        surge: deploymentSurge(spec, "deploymentStrategy"),
      },
    },
    config,
  }
}

const hasTemplate = (value: unknown): boolean => (JSON.stringify(value) ?? "").includes("{{")

const notCounted = (problem: string): NotCounted => ({
  problem: `is a pooler that ${problem}, so that its connections are not counted`,
  remedy: "Declare it under poolers with its hosts, and exclude it with a reason",
})

/** The poolers of a cluster that may be a tier. */
export const poolersIn = (cluster: Cluster): DeployedPooler[] =>
  cluster.manifests.flatMap((manifest) => {
    const pooler = poolerOf(manifest, cluster)
    return pooler === undefined || "problem" in pooler ? [] : [pooler]
  })
