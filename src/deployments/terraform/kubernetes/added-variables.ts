import type { Attributes } from "../../attributes.ts"
import { field, isObject, listOf } from "../../json-value.ts"
import { blockOf, isSameNamespace } from "../../kubernetes/cluster.ts"
import type { Manifest } from "../../kubernetes/manifest.ts"
import { objectFromBlocks, type PartlyKnown } from "./object-from-blocks.ts"

/**
 * Finds the object that a `kubernetes_env` names; undefined if it may be none of them, or several.
 *
 * @param targets objects by their kind, in lower case, and their name
 */
export function targetOf(
  attributes: Attributes,
  targets: ReadonlyMap<string, readonly Manifest[]>,
): Manifest | undefined {
  const metadata = blockOf(attributes, "metadata")
  const namespace = metadata?.isUnknown("namespace") ? undefined : metadata?.text("namespace") || "default"
  const named = targets.get(`${attributes.text("kind")?.toLowerCase()} ${metadata?.text("name")}`) ?? []
  const [only, ...others] = named.filter((each) => isSameNamespace(each.namespace, namespace))
  return others.length === 0 ? only : undefined
}

/**
 * Adds the variables of a `kubernetes_env` to the container that it names.
 *
 * @returns undefined if the object has no such container
 */
export function withAddedVariables(manifest: Manifest, attributes: Attributes): Manifest | undefined {
  const list = attributes.text("init_container") ? "initContainers" : "containers"
  const container = attributes.text("init_container") || attributes.text("container")
  const added = objectFromBlocks(
    { env: attributes.get("env") },
    { env: field(attributes.unknownValues, "env") },
  )
  const path = [...POD[manifest.kind === "CronJob" ? "CronJob" : manifest.kind === "Pod" ? "Pod" : "other"]]
  const { values, unknownValues } = manifest.attributes
  const containers = listOf(at(values, [...path, list]))
  const index = containers.findIndex((each) => field(each, "name") === container)
  if (container === undefined || index < 0) return undefined
  const env = listOf(field(containers[index], "env"))
  const shape: PartlyKnown = {
    values: changedAt(values, [...path, list, index], (own) => ({
      ...(isObject(own) ? own : {}),
      env: [...env, ...listOf(field(added.values, "env"))],
    })),
    unknown: changedAt(unknownValues, [...path, list, index], (own) => ({
      ...(isObject(own) ? own : {}),
      env: unknownEnv(field(own, "env"), env.length, field(added.unknown, "env")),
    })),
  }
  return { ...manifest, attributes: manifest.attributes.withValues(shape.values, shape.unknown) }
}

const POD = {
  CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
  Pod: ["spec"],
  other: ["spec", "template", "spec"],
} as const

function unknownEnv(own: unknown, length: number, added: unknown): unknown {
  if (own === true || added === true) return true
  const before = Array.from({ length }, (_, index) => listOf(own)[index] ?? {})
  return [...before, ...listOf(added)]
}

const at = (value: unknown, [step, ...others]: readonly string[]): unknown =>
  step === undefined ? value : at(field(value, step), others)

/** Returns a copy with another value at a path. */
function changedAt(
  value: unknown,
  [step, ...others]: readonly (string | number)[],
  change: (value: unknown) => unknown,
): unknown {
  if (step === undefined) return change(value)
  // Everything here is unknown, and stays so.
  if (value === true) return true
  if (typeof step === "string") {
    const own = isObject(value) ? value : {}
    return { ...own, [step]: changedAt(field(value, step), others, change) }
  }
  const items = [...listOf(value)]
  while (items.length <= step) items.push({})
  items[step] = changedAt(items[step], others, change)
  return items
}
