import {
  AFTER_APPLY,
  NO_VARIABLES,
  openVariables,
  overlay,
  type ResourceEnvironment,
  SECRET_REFERENCE,
  union,
  variables,
} from "../environment.ts"
import type { AssumedAttribute, DatabaseServer, Platform, Workload } from "../platform.ts"
import { Attributes } from "../terraform/attributes.ts"
import { type DefaultOf, readCountAttribute } from "../terraform/read-count-attribute.ts"

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
  return {
    containers: containersOf(template),
    assumptions,
    runs: { instances: instancesOf(attributes, template, assumptions) },
  }
}

function instancesOf(
  attributes: Attributes,
  template: Attributes | undefined,
  assumptions: AssumedAttribute[],
): number {
  const [ofService] = attributes.blocks("scaling")
  const [ofRevision] = template?.blocks("scaling") ?? []
  // A service that scales by itself has 0 for its manual count, which says nothing.
  if (ofService?.get("scaling_mode") === "MANUAL" || isCount(ofService?.get("manual_instance_count"))) {
    return countOrDefault(ofService, { ...MOST_INSTANCES, attribute: "manual_instance_count" }, assumptions)
  }
  // Both bound the instances; 0 is what stands where neither does.
  const stated = [ofService, ofRevision].filter((scaling) => {
    const count = scaling?.get("max_instance_count")
    return count !== undefined && count !== 0
  })
  const counts = (stated.length > 0 ? stated : [undefined]).map((scaling) =>
    countOrDefault(scaling, { ...MOST_INSTANCES, attribute: "max_instance_count" }, assumptions),
  )
  return Math.min(...counts)
}

const isCount = (value: unknown) => typeof value === "number" && value > 0

function serviceOfV1(attributes: Attributes): Workload {
  const assumptions: AssumedAttribute[] = []
  const [template] = attributes.blocks("template")
  const [metadata] = template?.blocks("metadata") ?? []
  const [annotations] = metadata?.blocks("annotations") ?? []
  const attribute = "autoscaling.knative.dev/maxScale"
  const instances = countOrDefault(annotations, { ...MOST_INSTANCES, attribute }, assumptions)
  return { containers: containersOf(template?.blocks("spec")[0]), assumptions, runs: { instances } }
}

function job(attributes: Attributes): Workload {
  const assumptions: AssumedAttribute[] = []
  const [execution] = attributes.blocks("template")
  const [task] = execution?.blocks("template") ?? []
  const number = (of: Attributes | undefined, attribute: string, field: string, fallback: number) =>
    countOrDefault(of, { attribute, field, fallback, platform: PLATFORM }, assumptions)
  const tasks = number(execution, "task_count", "replicas", 1)
  // 0 and none are as many as there are tasks.
  const limit = execution?.get("parallelism")
  const parallel =
    limit === undefined || limit === 0 ? tasks : number(execution, "parallelism", "replicas", tasks)
  const retries = number(task, "max_retries", "retries", 3)
  const timeout = task?.text("timeout")
  if (timeout === undefined) {
    assumptions.push({
      name: "timeout",
      field: "timeout",
      assumed: `${task?.isUnknown("timeout") ? AFTER_APPLY : "omitted"}: ${TASK_TIMEOUT}, ${PLATFORM}'s default`,
      remedy: "Set timeout, or override timeout",
    })
  }
  const replicas = Math.max(1, Math.min(parallel, tasks))
  return {
    containers: containersOf(task),
    assumptions,
    runs: { job: { timeout: timeout ?? TASK_TIMEOUT, retries, replicas } },
  }
}

const TASK_TIMEOUT = "600s"

function countOrDefault(
  attributes: Attributes | undefined,
  defaults: DefaultOf,
  assumptions: AssumedAttribute[],
): number {
  return readCountAttribute(attributes ?? new Attributes(undefined), defaults, assumptions)
}

function containersOf(template: Attributes | undefined): ResourceEnvironment[] {
  if (template === undefined || template.isUnknown("containers")) return [openVariables(AFTER_APPLY)]
  return template.blocks("containers").map((container) => {
    // Other objects of the first version's API, which no plan shows.
    const elsewhere = container.blocks("env_from").length > 0 ? [openVariables("in env_from")] : []
    return overlay([...elsewhere, union(container.blocks("env").map(variable))])
  })
}

function variable(block: Attributes): ResourceEnvironment {
  if (block.isUnknown("name")) return openVariables(AFTER_APPLY)
  const name = block.text("name")
  if (name === undefined) return NO_VARIABLES
  if (block.isUnknown("value")) return variables([[name, { unseen: AFTER_APPLY }]])
  const isReference = block.blocks("value_source").length + block.blocks("value_from").length > 0
  return variables([[name, isReference ? { unseen: SECRET_REFERENCE } : (block.text("value") ?? "")]])
}

function databaseInstance(attributes: Attributes): DatabaseServer | undefined {
  const version = attributes.text("database_version")
  if (version !== undefined && !version.startsWith("POSTGRES")) return undefined
  const [settings] = attributes.blocks("settings")
  const flag = settings?.blocks("database_flags").find((each) => each.get("name") === "max_connections")
  const tier = settings?.text("tier")
  const nodeType = tier === undefined ? {} : { nodeType: tier }
  const value = flag?.text("value") ?? ""
  if (/^[1-9]\d{0,5}$/.test(value)) return { maxConnections: Number(value), ...nodeType }
  return {
    maxConnections: undefined,
    reason:
      flag === undefined
        ? "has no database flag max_connections, and Google computes it from the memory"
        : flag.isUnknown("value")
          ? `has a database flag max_connections that is ${AFTER_APPLY}`
          : "has a database flag max_connections that is not a whole number",
    ...nodeType,
  }
}
