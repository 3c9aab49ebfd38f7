import type { Attributes } from "../attributes.ts"
import { AFTER_APPLY, openVariables, type ResourceEnvironment } from "../environment.ts"
import { isObject, listOf } from "../json-value.ts"
import { containerEnvironment } from "./container-environment.ts"
import type { PodContext, PodPlace } from "./pod-context.ts"
import { isPostgresContainer } from "./postgres-pods.ts"

/** The containers of a pod that run at the same time. */
export interface PodEnvironments {
  /** All that run while the pod runs: its containers, and the sidecars among the init containers. */
  readonly containers: readonly ResourceEnvironment[]
  /** For each init container: itself, and the sidecars started before it. They end before the containers start. */
  readonly initial: readonly (readonly ResourceEnvironment[])[]
}

/** Reads the environments of a pod. `template` is an object with the pod's `metadata` and `spec`. */
export function podEnvironments(template: Attributes | undefined, place: PodPlace): PodEnvironments {
  const [spec] = template?.blocks("spec") ?? []
  const context: PodContext = { ...place, volumes: spec?.blocks("volumes") ?? [] }
  const resolveHost = place.resolveHost(place.namespace)
  const read = (container: Attributes) => ({
    ...withInjection(containerEnvironment(container, context), template),
    resolveHost,
  })
  // What runs beside a server in its pod is a client like any other.
  const clientsOf = (name: string) =>
    (spec?.blocks(name) ?? []).filter((each) => !isPostgresContainer(each, context.volumes))
  const sidecars: ResourceEnvironment[] = []
  const initial: ResourceEnvironment[][] = []
  for (const container of clientsOf("initContainers")) {
    const environment = read(container)
    if (container.get("restartPolicy") === "Always" || container.isUnknown("restartPolicy"))
      sidecars.push(environment)
    else initial.push([environment, ...sidecars])
  }
  // Those of a debugging session, which a pod of a cluster may have.
  const all = [...clientsOf("containers"), ...clientsOf("ephemeralContainers")]
  return { containers: [...all.map(read), ...sidecars], initial }
}

/** Vault's agent, and others like it, write secrets into pods whose annotations ask for them. */
const INJECTION =
  /^(vault\.hashicorp\.com\/agent-inject|vault\.security\.banzaicloud\.io\/vault-|secrets-webhook\.security\.bank-vaults\.io\/|conjur\.org\/|operator\.1password\.io\/inject|secrets-injector\.)/

function withInjection(
  environment: ResourceEnvironment,
  template: Attributes | undefined,
): ResourceEnvironment {
  const [metadata] = template?.blocks("metadata") ?? []
  if (environment.mayHaveMore !== undefined) return environment
  if (metadata?.isUnknown("annotations")) return { ...environment, mayHaveMore: AFTER_APPLY }
  const names = metadata?.map("annotations").known.map(([name]) => name) ?? []
  if (!names.some((name) => INJECTION.test(name))) return environment
  return { ...environment, mayHaveMore: openVariables("written into the pod by an agent").mayHaveMore }
}

/** What an object of a kind that is not read has in it. */
interface Inside {
  /** The specs of pods, each as a template. A container of another notation is a pod of its own. */
  readonly pods: readonly { readonly spec: object }[]
  /** The names and strings that are in none of them. */
  readonly others: readonly string[]
}

/** Finds the pods anywhere in an object of a kind that is not read. */
export function podsIn(root: unknown): Inside {
  const pods: { readonly spec: object }[] = []
  const others: string[] = []
  const seen = new Set<unknown>()
  const left: unknown[] = [root]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === "string") others.push(value)
    if (typeof value !== "object" || value === null || seen.has(value)) continue
    // A value that was not parsed from a text may contain itself.
    seen.add(value)
    if (Array.isArray(value)) for (const item of value) left.push(item)
    if (!isObject(value)) continue
    const containers = listOf(value["containers"])
    if (containers.length > 0 && containers.every(isObject)) {
      pods.push({ spec: value })
      continue
    }
    const envFrom = listOf(value["envFrom"])
    const isContainer = envFrom.length > 0 && envFrom.every(isObject)
    if (isContainer) pods.push({ spec: { containers: [value] } })
    for (const name in value) {
      if (isContainer && name === "envFrom") continue
      others.push(name)
      left.push(value[name])
    }
  }
  return { pods, others }
}
