// What a Kubernetes object looks like as a resource of Terraform's provider, for tests that read both. It is the other
// way of `objectFromBlocks`, and shares nothing with it.

import type { PlannedResource } from "./terraform-plan.ts"

type Tree = Readonly<Record<string, unknown>>

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const SINGULAR: Tree = {
  containers: "container",
  initContainers: "init_container",
  ports: "port",
  timeZone: "timezone",
  volumeMounts: "volume_mount",
  volumes: "volume",
}

/** Maps whose names are the user's. */
const MAPS = new Set(["annotations", "data", "labels", "matchLabels", "stringData"])

const snake = (name: string) =>
  String(SINGULAR[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))

/** The blocks of an object: each is an array, even if it occurs once. */
export function blocksOf(object: Tree, isService = false): Tree {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        if (MAPS.has(name) || (isService && name === "selector")) return [snake(name), value]
        if (Array.isArray(value))
          return [snake(name), value.map((item) => (isTree(item) ? blocksOf(item) : item))]
        if (isTree(value)) return [snake(name), [blocksOf(value, isService)]]
        return [snake(name), name === "replicas" ? String(value) : value]
      }),
  )
}

const TYPES: Tree = {
  ConfigMap: "config_map",
  CronJob: "cron_job",
  DaemonSet: "daemon_set",
  Deployment: "deployment",
  HorizontalPodAutoscaler: "horizontal_pod_autoscaler",
  Job: "job",
  Pod: "pod",
  ReplicationController: "replication_controller",
  Secret: "secret",
  Service: "service",
  StatefulSet: "stateful_set",
}

const decoded = (data: unknown) =>
  Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, atob(String(value))]))

/** An object of a kind that the provider has, as a resource of it. */
export function inBlocks(object: Tree): PlannedResource | undefined {
  const { kind, metadata, data, stringData } = object
  const type = TYPES[String(kind)]
  if (type === undefined) return undefined
  const values = blocksOf(
    { ...object, metadata: { namespace: "default", ...(metadata as Tree) } },
    kind === "Service",
  )
  const { api_version: _, kind: __, string_data: ___, ...own } = values
  const plain = kind === "Secret" ? { data: { ...decoded(data), ...(stringData as Tree | undefined) } } : {}
  return { address: `kubernetes_${type}_v1.${addressName(object)}`, values: { ...own, ...plain } }
}

/** An object as YAML, which JSON is. */
export const asManifest = (object: Tree): PlannedResource => ({
  address: `kubernetes_manifest.${addressName(object)}`,
  values: { manifest: object },
})

/** An object as text. */
export const asText = (object: Tree): PlannedResource => ({
  address: `kubectl_manifest.${addressName(object)}`,
  values: { yaml_body: JSON.stringify(object) },
})

const addressName = ({ kind, metadata }: Tree) =>
  `${String(kind).toLowerCase()}_${String((metadata as Tree)["name"]).replaceAll(".", "_")}`
