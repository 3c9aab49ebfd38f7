import type { Attributes } from "../attributes.ts"
import type { Bounds } from "../resource-pool.ts"
import { blockOf } from "./cluster.ts"

/** A rollout that stops a pod before it starts its successor. */
export const STOPS_FIRST = (): Bounds => ({ lowest: 0, highest: 0 })

/**
 * Returns the pods that a rollout of a Deployment adds. New ones start up to `maxSurge` (25 % by default, rounded up)
 * before old ones are told to stop. Pods that are ending are not in that bound, and hold their connections until their
 * process has closed them, so that there may be as many again.
 *
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export function deploymentSurge(spec: Attributes | undefined): (instances: number) => Bounds {
  const strategy = blockOf(spec, "strategy")
  if (strategy?.text("type") === "Recreate") return STOPS_FIRST
  const maxSurge = blockOf(strategy, "rollingUpdate")?.get("maxSurge") ?? "25%"
  return (instances) => ({ lowest: Math.min(instances, shareOf(maxSurge, instances)), highest: instances })
}

/** Computes a number of pods, or a percentage of them rounded up. */
function shareOf(value: unknown, instances: number): number {
  const [, digits, percent] = /^(\d{1,9})(%?)$/.exec(String(value)) ?? []
  if (digits === undefined) return instances
  return percent === "" ? Number(digits) : Math.ceil((Number(digits) * instances) / 100)
}
