import type { VariableNotation } from "../../variable-notation.ts"

/** The kind of object that a type of the Kubernetes provider manages, written in blocks. */
export interface BlockKind {
  readonly kind: string
  readonly apiVersion: string
  /** True if it only adds entries to an object that may be managed elsewhere. */
  readonly isAddition?: true
}

const apps = (kind: string): BlockKind => ({ kind, apiVersion: "apps/v1" })
const batch = (kind: string): BlockKind => ({ kind, apiVersion: "batch/v1" })
const core = (kind: string): BlockKind => ({ kind, apiVersion: "v1" })

/** By the type without `kubernetes_` and without its version. */
const KINDS: Readonly<Record<string, BlockKind>> = {
  config_map: core("ConfigMap"),
  cron_job: batch("CronJob"),
  daemon_set: apps("DaemonSet"),
  daemonset: apps("DaemonSet"),
  deployment: apps("Deployment"),
  horizontal_pod_autoscaler: { kind: "HorizontalPodAutoscaler", apiVersion: "autoscaling/v2" },
  ingress: { kind: "Ingress", apiVersion: "networking.k8s.io/v1" },
  job: batch("Job"),
  pod: core("Pod"),
  replication_controller: core("ReplicationController"),
  secret: core("Secret"),
  service: core("Service"),
  stateful_set: apps("StatefulSet"),
}

const ADDITIONS: Readonly<Record<string, BlockKind>> = {
  kubernetes_config_map_v1_data: { ...core("ConfigMap"), isAddition: true },
  kubernetes_secret_v1_data: { ...core("Secret"), isAddition: true },
}

/** Returns the kind that a type manages; undefined for a type that is not read. */
export function blockKindOf(type: string): BlockKind | undefined {
  if (Object.hasOwn(ADDITIONS, type)) return ADDITIONS[type]
  const [, name = ""] = /^kubernetes_(.+?)(?:_v\d(?:beta\d)?)?$/.exec(type) ?? []
  return Object.hasOwn(KINDS, name) ? KINDS[name] : undefined
}

/** Types whose attribute has a whole object as YAML or JSON text. */
const TEXTS: Readonly<Record<string, string>> = {
  kubectl_manifest: "yaml_body",
  kustomization_resource: "manifest",
}

/** Returns the attribute with an object's text; undefined for a type that has none. */
export const textAttributeOf = (type: string): string | undefined =>
  Object.hasOwn(TEXTS, type) ? TEXTS[type] : undefined

/** The type whose attribute `manifest` is an object, as YAML has it. */
export const OBJECT_TYPE = "kubernetes_manifest"

/** Returns how a type writes the variables of a container. */
export const notationOf = (type: string): VariableNotation =>
  textAttributeOf(type) !== undefined ? "manifest" : type === OBJECT_TYPE ? "object" : "block"

/** The type that adds variables to a container that may be managed elsewhere. */
export const ENV_TYPE = "kubernetes_env"
