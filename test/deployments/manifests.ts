import { stringify } from "yaml"
import {
  type DeployedFleet,
  type DeploymentOptions,
  fleetFromKubernetes,
} from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"

export type Values = Readonly<Record<string, unknown>>

/** Where every pod here finds the server. */
export const URL_OF_DB = "postgresql://app:pw@db:5432/shop"

export const base64 = (text: string): string => Buffer.from(text).toString("base64")

/** A Kubernetes object. */
export const object = (apiVersion: string, kind: string, name: string, fields: Values = {}): Values => {
  const { metadata = {}, ...others } = fields
  return { apiVersion, kind, metadata: { name, ...(metadata as Values) }, ...others }
}

/** Entries of `env`. */
export const env = (values: Readonly<Record<string, string>>): readonly Values[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }))

/** The variables of a client with a pool of 10. */
export const VARIABLES = env({ DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: "10" })

/** A container that connects, with a pool of 10. */
export const client = (fields: Values = {}): Values => ({
  name: "app",
  image: "shop:1",
  env: VARIABLES,
  ...fields,
})

/** The template of a pod with these containers. */
export const template = (
  containers: readonly Values[] = [client()],
  spec: Values = {},
  metadata?: Values,
) => ({
  ...(metadata === undefined ? {} : { metadata }),
  spec: { containers: containers.map((each) => ({ image: "shop:1", ...each })), ...spec },
})

interface Workload {
  /** Fields of `spec`. */
  readonly spec?: Values
  /** Containers; by default one that connects with a pool of 10. */
  readonly containers?: readonly Values[]
  /** Further fields of the pod's `spec`. */
  readonly pod?: Values
  readonly metadata?: Values
  /** Metadata of the pod. */
  readonly labels?: Values
}

const ofPods =
  (apiVersion: string, kind: string) =>
  (name: string, { spec = {}, containers, pod, metadata = {}, labels }: Workload = {}): Values =>
    object(apiVersion, kind, name, {
      metadata,
      spec: { ...spec, template: template(containers, pod, labels) },
    })

export const deployment = ofPods("apps/v1", "Deployment")
export const statefulSet = ofPods("apps/v1", "StatefulSet")
export const daemonSet = ofPods("apps/v1", "DaemonSet")
export const replicaSet = ofPods("apps/v1", "ReplicaSet")
export const job = ofPods("batch/v1", "Job")

export const pod = (name: string, { spec = {}, containers, metadata = {} }: Workload = {}): Values =>
  object("v1", "Pod", name, { metadata, spec: { ...template(containers).spec, ...spec } })

/** A CronJob; `jobSpec` are fields of the Job that it makes. */
export const cronJob = (
  name: string,
  { spec = {}, jobSpec = {}, ...rest }: Workload & { readonly jobSpec?: Values } = {},
): Values =>
  object("batch/v1", "CronJob", name, {
    metadata: rest.metadata ?? {},
    spec: {
      schedule: "0 3 * * *",
      timeZone: "UTC",
      ...spec,
      jobTemplate: { spec: { ...jobSpec, template: template(rest.containers, rest.pod) } },
    },
  })

/** An autoscaler; by default of Kubernetes itself. */
export const autoscaler = (name: string, target: Values, maxReplicas: unknown, fields: Values = {}): Values =>
  object("autoscaling/v2", "HorizontalPodAutoscaler", name, {
    metadata: fields,
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", ...target },
      minReplicas: 2,
      maxReplicas,
    },
  })

export const configMap = (name: string, data: Values, fields: Values = {}): Values =>
  object("v1", "ConfigMap", name, { data, ...fields })

export const secret = (name: string, values: Readonly<Record<string, string>>, fields: Values = {}): Values =>
  object("v1", "Secret", name, {
    type: "Opaque",
    data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, base64(value)])),
    ...fields,
  })

/** PostgreSQL with a ceiling of 200, and its Service. */
export const SERVER: readonly Values[] = [
  statefulSet("db", {
    spec: { serviceName: "db" },
    labels: { labels: { app: "db" } },
    containers: [{ name: "db", image: "postgres:17", args: ["-c", "max_connections=200"] }],
  }),
  object("v1", "Service", "db", { spec: { selector: { app: "db" }, ports: [{ port: 5432 }] } }),
]

/** The text of these objects, as `kubectl kustomize` prints it. */
export const yaml = (objects: readonly unknown[]): string =>
  objects.map((each) => stringify(each, { aliasDuplicateObjects: false })).join("---\n")

/** The fleet of these objects, and of a PostgreSQL of 200. */
export const reading = (objects: readonly unknown[], options?: DeploymentOptions): DeployedFleet =>
  fleetFromKubernetes(yaml([...SERVER, ...objects]), options)

/** The connections of a fleet, steady and during a deploy, at its lowest and its highest. */
export function sums({ lowest, highest }: DeployedFleet) {
  const [low, high] = [lowest, highest].map((part) => checkFleet({ maxConnections: 10_000, ...part }))
  return {
    steady: [low?.total, high?.total],
    deploy: [low?.deploy.total, high?.deploy.total],
  }
}

/** What is unknown, as lines of an address and a cause. */
export const unknown = ({ unknowns }: DeployedFleet): string[] =>
  unknowns.filter(({ cause }) => cause !== "surge").map(({ name, cause }) => `${name}: ${cause}`)
