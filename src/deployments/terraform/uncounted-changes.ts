import type { Context, Platform, Pointer } from "../platform.ts"
import type { DeployedWorkload } from "../reader.ts"
import type { UnknownAttribute, Workload } from "../workload.ts"
import { connectsNothing, isCiSecret, runsOnce } from "./inert-types.ts"
import { idOf } from "./references.ts"
import type { Resource } from "./resource.ts"

/** Attributes by which a resource changes or scales another one. */
const TARGETS = ["target_resource_id", "resource_id", "scale_target_ref"]

/** The same in blocks and in objects, as an API writes them. */
const TARGET = /^(target_?)?resource_?(id|uri)$|^scale_?target_?ref$/i

/**
 * Returns a function that marks the number of a workload as unknown if a resource that is not read refers to it, or to
 * one that it is read with: what scales it, or patches it. A job may be started by whatever refers to it.
 */
export function uncountedChanges(
  resources: readonly Resource[],
  platforms: readonly Platform[],
  pointers: Context["pointers"],
): (workload: DeployedWorkload, read: readonly Resource[]) => DeployedWorkload {
  const byId = new Map<string, Resource>()
  const byPlace = new Map<string, Resource>()
  for (const each of resources.filter(({ managed, type }) => managed && !isRead(type, platforms))) {
    for (const attribute of TARGETS) {
      const value = each.attributes.get(attribute)
      const id = idOf(value)
      if (id !== undefined) {
        byId.set(id, each)
        // The scaling of AWS names a service by its path: `service/CLUSTER/NAME`.
        byId.set(/^service\/[^/]+\/([^/]+)$/.exec(String(value))?.[1] ?? id, each)
      } else
        for (const { module, managed, type, name } of each.configuration.references(each, attribute))
          byPlace.set(placeOf({ module, managed, type, name }), each)
    }
  }
  const counted = new Set(resources.map(({ address }) => address))
  const pointing = (resource: Resource, isMeant: (pointer: Pointer) => boolean) =>
    pointers(resource).find((each) => counted.has(each.resource.address) && isMeant(each))?.resource
  const scalerOf = (resource: Resource) =>
    pointing(resource, ({ path }) => path.some((name) => TARGET.test(name)))
  const starterOf = (resource: Resource) =>
    pointing(resource, ({ resource: { type } }) => !runsOnce(type) && !isCiSecret(type))
  const changerOf = (resource: Resource) =>
    byId.get(idOf(resource.attributes.get("id")) ?? "") ??
    (resource.type === SERVICE ? byId.get(String(resource.attributes.get("name"))) : undefined) ??
    byPlace.get(placeOf(resource)) ??
    scalerOf(resource)
  return (deployed, read) => {
    const [own] = read
    const isStarted = own !== undefined && deployed.after !== undefined && "job" in deployed.after.runs
    // A task definition says itself what starts it.
    const starter = isStarted && own.type !== TASK_DEFINITION ? starterOf(own) : undefined
    const changer = read.map(changerOf).find((each) => each !== undefined) ?? starter
    if (changer === undefined || deployed.after === undefined) return deployed
    return { ...deployed, after: withUnknownNumber(deployed.after, changer) }
  }
}

const SERVICE = "aws_ecs_service"
const TASK_DEFINITION = "aws_ecs_task_definition"

const placeOf = ({ module, managed, type, name }: Pick<Resource, "module" | "managed" | "type" | "name">) =>
  `${module} ${managed} ${type} ${name}`

/** True for a type whose resources are read, or change no number. */
export const isRead = (type: string, platforms: readonly Platform[]): boolean =>
  connectsNothing(type) ||
  platforms.some(
    ({ workloads, servers, parts = {}, attached = {}, sharedEnvironments }) =>
      [workloads, servers, parts, attached].some((table) => Object.hasOwn(table, type)) ||
      sharedEnvironments.includes(type),
  )

function withUnknownNumber(workload: Workload, { address, type }: Resource): Workload {
  const isService = "instances" in workload.runs
  const field: UnknownAttribute["field"] = isService ? "instances" : "schedule"
  return {
    ...workload,
    unknowns: [
      ...workload.unknowns,
      {
        name: field,
        field,
        lowest: 0,
        highest: undefined,
        problem: `may be ${isService ? "changed" : "changed or started"} by ${address}, and resources of type ${type} are not read`,
        between: "0 or any number",
        remedy: `Override ${field} with what it comes to, or exclude ${address} if it changes no number`,
      },
    ],
  }
}
