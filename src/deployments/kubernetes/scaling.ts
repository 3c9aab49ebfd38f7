import { Attributes } from "../attributes.ts"
import { AFTER_APPLY } from "../environment.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import type { AttributeFindings, ServiceInstances, UnknownAttribute } from "../workload.ts"
import { blockOf, type Cluster, isSameNamespace, specOf } from "./cluster.ts"
import type { Manifest } from "./manifest.ts"

export const PLATFORM = "Kubernetes"

/** KEDA's default: https://keda.sh/docs/latest/reference/scaledobject-spec/ */
const MOST_BY_KEDA = 100

/**
 * Returns how many pods there are of a workload: the most, and the fewest where an autoscaler changes their number.
 *
 * @param attribute what it calls that number
 */
export function podsOf(
  manifest: Manifest,
  cluster: Cluster,
  findings: AttributeFindings,
  attribute: "replicas" | "instances" = "replicas",
): Pick<ServiceInstances, "instances" | "fewest"> {
  const scalers = { certain: scalersOf(manifest, cluster), possible: possibleScalers(manifest, cluster) }
  const instances = mostReplicas(manifest, scalers, findings, attribute)
  const fewest = fewestReplicas(scalers)
  return { instances, ...(fewest === undefined ? {} : { fewest: Math.min(fewest, Math.max(1, instances)) }) }
}

/** The autoscalers of a workload, and those that may be. */
interface Scalers {
  readonly certain: readonly Manifest[]
  readonly possible: readonly Manifest[]
}

/** Returns the most pods that a workload is scaled to: its own number, or what an autoscaler allows if that is more. */
function mostReplicas(
  manifest: Manifest,
  scalers: Scalers,
  findings: AttributeFindings,
  attribute: "replicas" | "instances",
): number {
  const spec = specOf(manifest.attributes)
  const most = scalers.certain.map((scaler) => mostOf(scaler, findings))
  // An autoscaler that sets the number makes an omitted one unimportant.
  const isOmitted = spec?.get(attribute) === undefined && !spec?.isUnknown(attribute)
  const own = isOmitted && most.length > 0 ? 0 : count(spec, attribute, 1, PLATFORM, findings)
  const lowest = Math.max(own, ...most)
  const possible = scalers.possible.map((scaler) => mostOf(scaler, findings))
  const highest = Math.max(lowest, ...possible)
  if (highest > lowest) {
    findings.unknowns.push({
      name: "scaleTargetRef",
      field: "instances",
      lowest,
      highest,
      problem: `is ${AFTER_APPLY}: an autoscaler may be for this workload`,
      remedy: "Give both names as text, or override instances",
    })
  }
  return highest
}

/** Returns the fewest pods that its autoscalers leave of a workload, and never none; undefined where it has none. */
function fewestReplicas({ certain, possible }: Scalers): number | undefined {
  const scalers = [...certain, ...possible]
  return scalers.length === 0 ? undefined : Math.max(1, Math.min(...scalers.map(fewestOf)))
}

/** KEDA scales to none by default, and one pod is the default of a HorizontalPodAutoscaler. */
function fewestOf(scaler: Manifest): number {
  const settings = specOf(scaler.attributes)
  const field = scaler.kind === "HorizontalPodAutoscaler" ? "minReplicas" : "minReplicaCount"
  const paused = pausedAt(scaler)
  const fewest = settings?.get(field)
  return (
    paused ?? (typeof fewest === "number" && settings?.get("idleReplicaCount") === undefined ? fewest : 1)
  )
}

/** The autoscalers of which it is known only after apply whether they scale a workload. */
function possibleScalers(
  { kind, name, namespace, attributes }: Manifest,
  cluster: Cluster,
): readonly Manifest[] {
  const isNameless = blockOf(attributes, "metadata")?.isUnknown("name") === true
  return ["HorizontalPodAutoscaler", "ScaledObject"]
    .flatMap((each) => (isNameless ? cluster.ofKind(each) : withUnknownTarget(cluster, each)))
    .filter((scaler) => {
      if (!isSameNamespace(scaler.namespace, namespace)) return false
      const target = blockOf(specOf(scaler.attributes), "scaleTargetRef")
      const own = target?.text("name")
      const isKind = (target?.text("kind") ?? "Deployment") === kind
      if (target?.isUnknown("kind")) return own === undefined || own === name || isNameless
      if (target?.isUnknown("name")) return isKind
      return isNameless && isKind && own !== undefined && cluster.find(kind, own, namespace).length === 0
    })
}

/** Found once: each workload looks for them. */
const withUnknownTarget = (cluster: Cluster, kind: string): readonly Manifest[] =>
  cluster
    .indexed(kind, "unknown target", ({ attributes }) => {
      const target = blockOf(specOf(attributes), "scaleTargetRef")
      return target?.isUnknown("kind") || target?.isUnknown("name") ? "unknown" : undefined
    })
    .get("unknown") ?? []

function mostOf(scaler: Manifest, findings: AttributeFindings): number {
  const { kind, attributes } = scaler
  const settings = specOf(attributes)
  if (kind === "HorizontalPodAutoscaler") {
    const isMissing = settings?.get("maxReplicas") === undefined && !settings?.isUnknown("maxReplicas")
    if (isMissing) (settings ?? attributes).report("maxReplicas")
    return count(settings, "maxReplicas", 1, PLATFORM, findings)
  }
  return Math.max(pausedAt(scaler) ?? 0, count(settings, "maxReplicaCount", MOST_BY_KEDA, "KEDA", findings))
}

/** KEDA holds a workload at this number, without regard to its fewest and its most. */
function pausedAt({ attributes }: Manifest): number | undefined {
  const annotations = new Map(blockOf(attributes, "metadata")?.map("annotations").known)
  const paused = /^\d{1,6}$/.exec(String(annotations.get("autoscaling.keda.sh/paused-replicas") ?? ""))
  return paused === null ? undefined : Number(paused)
}

/** Reads a number of pods. A template in its place may become any number. */
export function count(
  attributes: Attributes | undefined,
  attribute: string,
  defaultValue: number,
  platform: string,
  findings: AttributeFindings,
  field: UnknownAttribute["field"] = "instances",
): number {
  const value = attributes?.get(attribute)
  if (typeof value === "string" && value.includes("{{")) {
    findings.unknowns.push({
      name: attribute,
      field,
      lowest: field === "replicas" ? 1 : 0,
      highest: undefined,
      problem: "is a template that was not rendered",
      remedy: `Give the output of helm template, or override ${field}`,
    })
    return defaultValue
  }
  return readCountAttribute(
    attributes ?? new Attributes({}),
    { attribute, field, defaultValue, most: undefined, platform },
    findings,
  )
}

/** The autoscalers of a workload, and those whose target only a template would tell. */
function scalersOf({ kind, name, namespace }: Manifest, cluster: Cluster): readonly Manifest[] {
  return ["HorizontalPodAutoscaler", "ScaledObject"]
    .flatMap((each) => [...scalersByTarget(cluster, each, name), ...scalersByTarget(cluster, each, TEMPLATE)])
    .filter((scaler) => {
      const target = targetOf(scaler)
      return target?.kind === kind && isSameNamespace(scaler.namespace, namespace)
    })
}

/** Stands for the name of a target that is a template. */
const TEMPLATE = "{{"

export const isTemplate = (name: string): boolean => name === TEMPLATE

const scalersByTarget = (cluster: Cluster, kind: string, name: string): readonly Manifest[] =>
  cluster.indexed(kind, "target", (scaler) => targetOf(scaler)?.name).get(name) ?? []

/** The workload that an autoscaler scales; undefined if it does not say. */
export function targetOf({
  attributes,
}: Manifest): { readonly kind: string; readonly name: string } | undefined {
  const target = blockOf(specOf(attributes), "scaleTargetRef")
  const name = target?.text("name")
  if (name === undefined) return undefined
  if (target?.isUnknown("kind")) return undefined
  return { kind: target?.text("kind") ?? "Deployment", name: name.includes("{{") ? TEMPLATE : name }
}
