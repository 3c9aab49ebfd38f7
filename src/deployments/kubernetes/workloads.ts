import type { Attributes } from "../attributes.ts"
import type { AttributeFindings, Workload } from "../workload.ts"
import { blockOf, specOf } from "./cluster.ts"
import { isHook } from "./hooks.ts"
import { concurrentRuns, cronJobRuns, jobRuns } from "./jobs.ts"
import type { Manifest } from "./manifest.ts"
import type { PodPlace } from "./pod-context.ts"
import { podEnvironments } from "./pods.ts"
import { count, podsOf } from "./scaling.ts"
import { deploymentSurge, STOPS_FIRST } from "./surge.ts"

/** What reading a workload may need. */
export interface KubernetesContext extends Omit<PodPlace, "namespace"> {
  refuse(place: string, problem: string, remedy: string): void
}

type Runs = Workload["runs"]

interface Kind {
  /** Returns the pod's template. */
  readonly template: (attributes: Attributes) => Attributes | undefined
  readonly runs: (manifest: Manifest, context: KubernetesContext, findings: AttributeFindings) => Runs
}

const templateOf = (attributes: Attributes) => blockOf(specOf(attributes), "template")

const KINDS: Readonly<Record<string, Kind>> = {
  Deployment: { template: templateOf, runs: rolledReplicas },
  // A pod is deleted before its successor is created.
  StatefulSet: { template: templateOf, runs: replicas },
  ReplicaSet: { template: templateOf, runs: replicas },
  ReplicationController: { template: templateOf, runs: replicas },
  DaemonSet: { template: templateOf, runs: oneForEachNode },
  Pod: {
    template: (attributes) => attributes,
    // A hook that starts its containers again and again would never end.
    runs: ({ attributes }) =>
      isHook(attributes) && /^(Never|OnFailure)$/.test(specOf(attributes)?.text("restartPolicy") ?? "")
        ? { instances: 0, surge: () => ({ lowest: 1, highest: 1 }) }
        : { instances: 1, surge: STOPS_FIRST },
  },
  Job: {
    template: templateOf,
    runs: (manifest, _, findings) => jobRuns(manifest, specOf(manifest.attributes), findings),
  },
  CronJob: {
    template: (attributes) => templateOf(blockOf(specOf(attributes), "jobTemplate") ?? attributes),
    runs: (manifest, { refuse }, findings) =>
      cronJobRuns(specOf(manifest.attributes), findings, (path, problem, remedy) =>
        refuse(`${manifest.place || manifest.address}: ${path}`, problem, remedy),
      ),
  },
  ScaledJob: {
    template: (attributes) => blockOf(blockOf(specOf(attributes), "jobTargetRef"), "template"),
    runs: scaledJob,
  },
}

/** True if objects of a kind run pods that are counted. The same names of other groups are other kinds. */
export const isWorkload = ({ kind, apiVersion }: Manifest): boolean =>
  Object.hasOwn(KINDS, kind) &&
  (kind === "ScaledJob"
    ? apiVersion.startsWith("keda.sh/")
    : /^(v1|(apps|batch|extensions)\/.+)$/.test(apiVersion))

/** Returns the template of a workload's pods; undefined for other objects. */
export const podOf = (manifest: Manifest): Attributes | undefined =>
  isWorkload(manifest) ? KINDS[manifest.kind]?.template(manifest.attributes) : undefined

/** Reads a workload: the environments of its pods, and how many there are. */
export function readWorkload(manifest: Manifest, context: KubernetesContext): Workload {
  const { template, runs } = KINDS[manifest.kind] as Kind
  refusePart(manifest, context)
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const place = { ...context, namespace: manifest.namespace }
  return {
    ...podEnvironments(template(manifest.attributes), place),
    ...findings,
    runs: runs(manifest, context, findings),
  }
}

const containersOf = (pod: Attributes | undefined): readonly Attributes[] =>
  blockOf(pod, "spec")?.blocks("containers") ?? []

/** True for a workload that a cluster accepts as it is: all its containers have an image. */
export function isWhole(manifest: Manifest): boolean {
  const containers = containersOf(podOf(manifest))
  return (
    containers.length > 0 &&
    containers.every((each) => each.isUnknown("image") || (each.get("image") ?? "") !== "")
  )
}

/** Refuses what no cluster accepts: a patch of an object, or an object that was cut off. */
function refusePart(manifest: Manifest, { refuse }: KubernetesContext): void {
  if (isWhole(manifest)) return
  const { address, place, kind } = manifest
  const containers = containersOf(podOf(manifest))
  const name = place === "" ? address : place
  refuse(
    name,
    containers.length === 0
      ? `is a ${kind} without containers, so it is a part of an object`
      : `is a ${kind} with a container that has no image, so it is a part of an object`,
    "Give whole objects: kubectl kustomize applies patches",
  )
}

/** The pods of a workload whose new ones start before the old ones stop. */
export function rolledReplicas(
  manifest: Manifest,
  { cluster }: Pick<KubernetesContext, "cluster">,
  findings: AttributeFindings,
): Runs {
  return {
    ...podsOf(manifest, cluster, findings),
    surge: deploymentSurge(specOf(manifest.attributes)),
  }
}

/** The pods of a workload whose old ones stop before the new ones start. */
export function replicas(
  manifest: Manifest,
  { cluster }: Pick<KubernetesContext, "cluster">,
  findings: AttributeFindings,
): Runs {
  return { ...podsOf(manifest, cluster, findings), surge: STOPS_FIRST }
}

function oneForEachNode(
  { attributes }: Manifest,
  _: KubernetesContext,
  { unknowns }: AttributeFindings,
): Runs {
  unknowns.push({
    name: "nodes",
    field: "instances",
    lowest: 1,
    highest: undefined,
    problem: "is not in the manifests: a DaemonSet runs a pod on each node",
    between: "1 or any number of pods",
    remedy: "Override instances with the most nodes that it runs on",
  })
  const rolling = blockOf(blockOf(specOf(attributes), "updateStrategy"), "rollingUpdate")
  if (rolling?.isUnknown("maxSurge"))
    return { instances: 1, surge: (instances) => ({ lowest: 0, highest: instances }) }
  const maxSurge = String(rolling?.get("maxSurge") ?? "0")
  // By default a pod stops before its successor starts on the same node.
  if (/^0%?$/.test(maxSurge)) return { instances: 1, surge: STOPS_FIRST }
  return { instances: 1, surge: (instances) => ({ lowest: 1, highest: instances }) }
}

/** KEDA's default of the most jobs: https://keda.sh/docs/latest/reference/scaledjob-spec/ */
const MOST_SCALED_JOBS = 100

function scaledJob({ attributes }: Manifest, _: KubernetesContext, findings: AttributeFindings): Runs {
  const spec = specOf(attributes)
  const jobs = count(spec, "maxReplicaCount", MOST_SCALED_JOBS, "KEDA", findings)
  return { job: concurrentRuns(jobs, blockOf(spec, "jobTargetRef"), findings) }
}
