import { exactly } from "../resource-pool.ts"
import type { ServiceInstances, UnknownAttribute, Workload } from "../workload.ts"
import type { Fields } from "./fields.ts"

/** How many containers of a service run, steadily and during a deploy. */
export interface Replicas extends Pick<Workload, "assumptions" | "unknowns" | "runs"> {
  /** The number of containers. */
  readonly count: number
}

const MODES = ["replicated", "global", "replicated-job", "global-job"] as const
const ORDERS = ["stop-first", "start-first"] as const

/** Reads how many containers a service has: `scale`, else `deploy.replicas`, else one. */
export function readReplicas(fields: Fields, isNamed: boolean): Replicas {
  const deploy = fields.object("deploy")
  const mode = deploy.word("mode", MODES) ?? "replicated"
  const count = countOf(fields, deploy)
  const isSwarm = deploy.get("update_config") !== undefined || mode !== "replicated"
  // Swarm ignores the name of a container.
  if (isNamed && count > 1 && !isSwarm) {
    fields.report(
      "container_name",
      `allows one container, and the service has ${count}`,
      "Leave it out, or set scale to 1",
    )
  }
  const surge = surgeOf(deploy.object("update_config"))
  const known = { count, assumptions: [], unknowns: [] }
  switch (mode) {
    case "replicated":
      return {
        ...known,
        assumptions: isSwarm || count === 0 ? [] : [STOPS_FIRST],
        runs: { instances: count, surge },
      }
    case "global":
      return { ...known, unknowns: [onEachNode("instances")], runs: { instances: 1, surge } }
    case "replicated-job":
      return count === 0
        ? { ...known, runs: { instances: 0, surge } }
        : { ...known, runs: { job: { replicas: count } } }
    case "global-job":
      return { ...known, unknowns: [onEachNode("replicas")], runs: { job: {} } }
  }
}

/** A service that others wait for runs while they are deployed, and has ended when they start. */
export const oneShot = ({ count }: Replicas): Pick<Replicas, "assumptions" | "unknowns" | "runs"> => ({
  assumptions: [],
  unknowns: [],
  runs: { instances: 0, surge: () => exactly(count) },
})

function countOf(fields: Fields, deploy: Fields): number {
  const scale = fields.count("scale")
  const replicas = deploy.count("replicas")
  if (scale !== undefined && replicas !== undefined && scale !== replicas) {
    fields.report("scale", `is ${scale}, and deploy.replicas is ${replicas}`, "Set one of them")
  }
  return scale ?? replicas ?? 1
}

/**
 * Compose stops a container before it starts the new one, and so does Swarm by default. With `start-first`, Swarm starts
 * as many as `parallelism` says; 0 is all at once. It tells an old one to stop when its successor runs, and goes on with
 * the next without waiting for its end, so that those that are ending may be all of them.
 *
 * https://github.com/moby/swarmkit/blob/master/manager/orchestrator/update/updater.go
 */
function surgeOf(updates: Fields): NonNullable<ServiceInstances["surge"]> {
  const order = updates.word("order", ORDERS) ?? "stop-first"
  const parallelism = updates.count("parallelism") ?? 1
  if (order === "stop-first") return () => exactly(0)
  return (instances) => ({
    lowest: parallelism === 0 ? instances : Math.min(parallelism, instances),
    highest: instances,
  })
}

const STOPS_FIRST = {
  field: "surge",
  name: "surge",
  assumed: "`docker compose up` deploys it and stops each container before it starts the new one, so 0",
  remedy: "If Swarm deploys it, set deploy.update_config; or override surge",
} as const

const onEachNode = (field: UnknownAttribute["field"]): UnknownAttribute => ({
  name: "deploy.mode",
  field,
  lowest: 1,
  highest: undefined,
  problem: "is global, so there is one container on each node of the Swarm",
  remedy: `Override ${field} with the number of nodes`,
})
