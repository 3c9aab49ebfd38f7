import type { Attributes } from "../attributes.ts"
import { openVariables, type ResourceEnvironment } from "../environment.ts"
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
  const read = (container: Attributes) => withInjection(containerEnvironment(container, context), template)
  const sidecars: ResourceEnvironment[] = []
  const initial: ResourceEnvironment[][] = []
  for (const container of spec?.blocks("initContainers") ?? []) {
    const environment = read(container)
    if (container.get("restartPolicy") === "Always") sidecars.push(environment)
    else initial.push([environment, ...sidecars])
  }
  const clients = (spec?.blocks("containers") ?? []).filter(
    (container) => !isPostgresContainer(container, context.volumes),
  )
  return { containers: [...clients.map(read), ...sidecars], initial }
}

/** Vault's agent, and others like it, write secrets into pods whose annotations ask for them. */
const INJECTION =
  /^(vault\.hashicorp\.com\/agent-inject|vault\.security\.banzaicloud\.io\/vault-addr|conjur\.org\/)/

function withInjection(
  environment: ResourceEnvironment,
  template: Attributes | undefined,
): ResourceEnvironment {
  const [metadata] = template?.blocks("metadata") ?? []
  const names = metadata?.map("annotations").known.map(([name]) => name) ?? []
  if (environment.mayHaveMore !== undefined || !names.some((name) => INJECTION.test(name))) return environment
  return { ...environment, mayHaveMore: openVariables("written into the pod by an agent").mayHaveMore }
}

/** Finds the pod specs anywhere in an object of a kind that is not read, each as a template. */
export function podSpecsIn(root: unknown): { readonly spec: object }[] {
  const found: { readonly spec: object }[] = []
  const left: unknown[] = [root]
  while (left.length > 0) {
    const value = left.pop()
    if (Array.isArray(value)) left.push(...value)
    if (!isObject(value)) continue
    const containers = listOf(value["containers"])
    if (containers.length > 0 && containers.every(isObject)) found.push({ spec: value })
    else left.push(...Object.values(value))
  }
  return found
}
