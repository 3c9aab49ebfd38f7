import type { Attributes } from "../attributes.ts"
import type { AttributeFindings, UnknownAttribute } from "../platform.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import { blockOf, type Cluster, isSameNamespace, specOf } from "./cluster.ts"
import type { Manifest } from "./manifest.ts"

export const PLATFORM = "Kubernetes"

/** KEDA's default: https://keda.sh/docs/latest/reference/scaledobject-spec/ */
const MOST_BY_KEDA = 100

/** Returns the most pods that a workload is scaled to: `replicas`, or what an autoscaler allows if that is more. */
export function replicasOf(manifest: Manifest, cluster: Cluster, findings: AttributeFindings): number {
  const spec = specOf(manifest.attributes)
  const scalers = scalersOf(manifest, cluster)
  const most = scalers.map((scaler) => {
    const isKeda = scaler.kind === "ScaledObject"
    const attribute = isKeda ? "maxReplicaCount" : "maxReplicas"
    const settings = specOf(scaler.attributes)
    return count(settings, attribute, isKeda ? MOST_BY_KEDA : 1, isKeda ? "KEDA" : PLATFORM, findings)
  })
  // An autoscaler that sets the number makes an omitted one unimportant.
  const isOmitted = spec?.get("replicas") === undefined && !spec?.isUnknown("replicas")
  const own = isOmitted && most.length > 0 ? 0 : count(spec, "replicas", 1, PLATFORM, findings)
  return Math.max(own, ...most)
}

/** Reads a number of pods. */
export function count(
  attributes: Attributes | undefined,
  attribute: string,
  defaultValue: number,
  platform: string,
  findings: AttributeFindings,
  field: UnknownAttribute["field"] = "instances",
): number {
  if (attributes === undefined) return defaultValue
  return readCountAttribute(
    attributes,
    { attribute, field, defaultValue, most: undefined, platform },
    findings,
  )
}

function scalersOf({ kind, name, namespace }: Manifest, cluster: Cluster): Manifest[] {
  return [...cluster.ofKind("HorizontalPodAutoscaler"), ...cluster.ofKind("ScaledObject")].filter(
    (scaler) => {
      const target = blockOf(specOf(scaler.attributes), "scaleTargetRef")
      return (
        target?.text("name") === name &&
        (target.text("kind") ?? "Deployment") === kind &&
        isSameNamespace(scaler.namespace, namespace)
      )
    },
  )
}
