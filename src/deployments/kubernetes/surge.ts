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
export function deploymentSurge(
  spec: Attributes | undefined,
  attribute: "strategy" | "deploymentStrategy" = "strategy",
): (instances: number) => Bounds {
  const strategy = blockOf(spec, attribute)
  if (strategy?.isUnknown("type") || blockOf(strategy, "rollingUpdate")?.isUnknown("maxSurge"))
    return (instances) => ({ lowest: 0, highest: instances })
  if (strategy?.text("type") === "Recreate") return STOPS_FIRST
  const maxSurge = blockOf(strategy, "rollingUpdate")?.get("maxSurge") ?? "25%"
  if (!SHARE.test(String(maxSurge)) && !String(maxSurge).includes("{{")) {
    blockOf(strategy, "rollingUpdate")?.report("maxSurge")
  }
  return (instances) => ({ lowest: Math.min(instances, shareOf(maxSurge, instances)), highest: instances })
}

const SHARE = /^(\d{1,9})(%?)$/

/** Computes a number of pods, or a percentage of them rounded up; none for what cannot be seen. */
function shareOf(value: unknown, instances: number): number {
  const [, digits, percent] = SHARE.exec(String(value)) ?? []
  if (digits === undefined) return 0
  return percent === "" ? Number(digits) : Math.ceil((Number(digits) * instances) / 100)
}
