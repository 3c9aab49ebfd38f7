/** `apps/v1` → `apps`; the group of `v1` has no name. */
export const groupOf = (apiVersion: string): string => apiVersion.split("/").slice(0, -1).join("/")

/** The groups whose workloads Kubernetes itself runs. */
export const isOwnGroup = (group: string): boolean => ["", "apps", "batch", "extensions"].includes(group)

/** Kinds of Kubernetes that other groups have as well: `Service` is also Knative's, and that one runs pods. */
const SHARED: ReadonlySet<string> = new Set(
  `ConfigMap CronJob DaemonSet Deployment Ingress Job Pod ReplicaSet ReplicationController Secret Service
  StatefulSet`.split(/\s+/),
)

/**
 * Returns a kind as an address has it: in lower case and, if Kubernetes has another kind of that name, with its group, as
 * in `service.serving.knative.dev`. kubectl takes the same notation.
 */
export function kindInAddress(kind: string, group: string): string {
  const plain = kind.toLowerCase()
  const isForeign = SHARED.has(kind) && !isOwnGroup(group) && !group.endsWith("networking.k8s.io")
  return isForeign ? `${plain}.${group}` : plain
}
