import { Attributes } from "./attributes.ts"
import type { AssumedAttribute, Platform, Server, Workload } from "./platform.ts"
import {
  AFTER_APPLY,
  layered,
  openVariables,
  SECRET_REFERENCE,
  type Variables,
  variables,
} from "./variables.ts"
import { type DefaultOf, wholeAttribute } from "./whole-attribute.ts"

const PLATFORM = "Cloud Run"

/** Where neither level of a service states one: https://cloud.google.com/run/docs/configuring/max-instances */
const MOST_INSTANCES = { field: "instances", fallback: 100, platform: PLATFORM } as const

/**
 * Services and jobs of Google Cloud Run, and Cloud SQL.
 *
 * https://registry.terraform.io/providers/hashicorp/google/latest/docs
 */
export const googleCloudRun: Platform = {
  name: PLATFORM,
  workloads: {
    google_cloud_run_v2_service: service,
    google_cloud_run_service: serviceOfV1,
    google_cloud_run_v2_job: job,
  },
  servers: { google_sql_database_instance: databaseInstance },
  holders: [],
}

function service(attributes: Attributes): Workload {
  const assumptions: AssumedAttribute[] = []
  const [template] = attributes.blocks("template")
  const [ofRevision] = template?.blocks("scaling") ?? []
  const [ofService] = attributes.blocks("scaling")
  const manual = ofService?.get("manual_instance_count")
  const attribute = manual === undefined ? "max_instance_count" : "manual_instance_count"
  // The service's own maximum is for all revisions together, so it is the smaller one that holds.
  const stated = [ofService?.get(attribute), ofRevision?.get(attribute)].filter(
    (count): count is number => typeof count === "number" && count > 0,
  )
  const instances =
    stated.length > 0
      ? Math.min(...stated)
      : open(ofRevision ?? ofService, { ...MOST_INSTANCES, attribute }, assumptions)
  return { containers: containersOf(template), assumptions, runs: { instances } }
}

function serviceOfV1(attributes: Attributes): Workload {
  const assumptions: AssumedAttribute[] = []
  const [template] = attributes.blocks("template")
  const [metadata] = template?.blocks("metadata") ?? []
  const [annotations] = metadata?.blocks("annotations") ?? []
  const attribute = "autoscaling.knative.dev/maxScale"
  const instances = open(annotations, { ...MOST_INSTANCES, attribute }, assumptions)
  return { containers: containersOf(template?.blocks("spec")[0]), assumptions, runs: { instances } }
}

function job(attributes: Attributes): Workload {
  const assumptions: AssumedAttribute[] = []
  const [execution] = attributes.blocks("template")
  const [task] = execution?.blocks("template") ?? []
  const number = (of: Attributes | undefined, attribute: string, field: string, fallback: number) =>
    open(of, { attribute, field, fallback, platform: PLATFORM }, assumptions)
  const tasks = number(execution, "task_count", "replicas", 1)
  const parallelism = execution?.get("parallelism")
  // 0 and none are as many as there are tasks.
  const parallel = typeof parallelism === "number" && parallelism > 0 ? parallelism : tasks
  const retries = number(task, "max_retries", "retries", 3)
  const timeout = task?.get("timeout")
  if (timeout === undefined) {
    assumptions.push({
      name: "timeout",
      field: "timeout",
      assumed: `omitted: ${TASK_TIMEOUT}, ${PLATFORM}'s default`,
      remedy: "Set timeout, or override timeout",
    })
  }
  return {
    containers: containersOf(task),
    assumptions,
    runs: {
      job: {
        timeout: (timeout ?? TASK_TIMEOUT) as string,
        retries,
        replicas: Math.max(1, Math.min(parallel, tasks)),
      },
    },
  }
}

const TASK_TIMEOUT = "600s"

function open(
  attributes: Attributes | undefined,
  defaults: DefaultOf,
  assumptions: AssumedAttribute[],
): number {
  return wholeAttribute(attributes ?? new Attributes(undefined), defaults, assumptions)
}

function containersOf(template: Attributes | undefined): Variables[] {
  if (template === undefined || template.isUnknown("containers")) return [openVariables(AFTER_APPLY)]
  return template.blocks("containers").map((container) => {
    if (container.isUnknown("env")) return openVariables(AFTER_APPLY)
    return layered(container.blocks("env").map(variable))
  })
}

function variable(block: Attributes): Variables {
  if (block.isUnknown("name")) return openVariables(AFTER_APPLY)
  const name = block.get("name")
  if (typeof name !== "string") return layered([])
  if (block.isUnknown("value")) return variables([[name, { unseen: AFTER_APPLY }]])
  const value = block.get("value")
  const isReference = block.blocks("value_source").length + block.blocks("value_from").length > 0
  if (isReference) return variables([[name, { unseen: SECRET_REFERENCE }]])
  return variables([[name, typeof value === "string" ? value : ""]])
}

function databaseInstance(attributes: Attributes): Server | undefined {
  const version = attributes.get("database_version")
  if (typeof version === "string" && !version.startsWith("POSTGRES")) return undefined
  const [settings] = attributes.blocks("settings")
  const tier = settings?.get("tier")
  const flag = settings?.blocks("database_flags").find((each) => each.get("name") === "max_connections")
  const value = flag?.get("value")
  const nodeType = typeof tier === "string" ? { nodeType: tier } : {}
  if (typeof value === "string" && /^[1-9]\d{0,5}$/.test(value)) {
    return { maxConnections: Number(value), ...nodeType }
  }
  return {
    maxConnections: undefined,
    reason: "has no database flag max_connections, and Google computes it from the memory",
    ...nodeType,
  }
}
