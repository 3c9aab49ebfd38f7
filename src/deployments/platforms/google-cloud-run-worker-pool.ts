import { Attributes } from "../attributes.ts"
import type { Context } from "../platform.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings, Workload } from "../workload.ts"
import { containersOf } from "./google-containers.ts"

const MOST_INSTANCES = {
  field: "instances",
  defaultValue: 100,
  most: undefined,
  platform: "Cloud Run",
} as const

/** Reads a worker pool of Cloud Run. */
export function workerPool(attributes: Attributes, _: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const [template] = attributes.blocks("template")
  return {
    containers: containersOf(template, context),
    ...findings,
    runs: { instances: workersOf(attributes, findings) },
  }
}

/**
 * Counts the instances of a worker pool: one by default, and up to 100 if it scales automatically.
 *
 * https://docs.cloud.google.com/run/docs/configuring/workerpools/cpu-autoscaling
 */
function workersOf(attributes: Attributes, findings: AttributeFindings): number {
  const [scaling] = attributes.blocks("scaling")
  const mode = scaling?.get("scaling_mode")
  const isUnknown = scaling?.isUnknown("scaling_mode") === true
  const hasMost = isCount(scaling?.get(MOST)) || scaling?.isUnknown(MOST) === true
  const count = (of: Attributes | undefined, attribute: string, defaultValue: number) =>
    readCountAttribute(
      of ?? new Attributes(undefined),
      { ...MOST_INSTANCES, attribute, defaultValue },
      findings,
    )
  // An omitted mode is MANUAL, but a maximum beside it is more likely meant than without effect.
  const isAutomatic = mode === "AUTOMATIC" || isUnknown || (mode !== "MANUAL" && hasMost)
  const isManual = mode !== "AUTOMATIC" && (!isAutomatic || isCount(scaling?.get(MANUAL)))
  const instances = Math.max(
    // 0 stands for no maximum.
    ...(isAutomatic ? [count(hasMost ? scaling : undefined, MOST, MOST_INSTANCES.defaultValue)] : []),
    ...(isManual ? [count(scaling, MANUAL, 1)] : []),
  )
  if (isUnknown) {
    findings.unknowns.push({ name: "scaling_mode", field: "instances", lowest: 0, highest: instances })
  }
  return instances
}

const MOST = "max_instance_count"
const MANUAL = "manual_instance_count"

const isCount = (value: unknown) => typeof value === "number" && value > 0
