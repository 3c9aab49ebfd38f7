import { Attributes } from "../attributes.ts"
import { AFTER_APPLY } from "../environment.ts"
import { textsOf } from "../json-value.ts"
import type { AttributeFindings, Context, DatabaseServer, Platform, Workload } from "../platform.ts"
import { type DefaultOf, readCountAttribute } from "../read-count-attribute.ts"
import type { Resource } from "../terraform/resource.ts"
import { containersOf } from "./google-containers.ts"

const PLATFORM = "Cloud Run"

/** The default if neither level of a service sets one: https://cloud.google.com/run/docs/configuring/max-instances */
const MOST_INSTANCES = { field: "instances", defaultValue: 100, most: undefined, platform: PLATFORM } as const

/**
 * Services, worker pools and jobs of Google Cloud Run, and Cloud SQL.
 *
 * https://registry.terraform.io/providers/hashicorp/google/latest/docs
 */
export const googleCloudRun: Platform = {
  name: PLATFORM,
  workloads: {
    google_cloud_run_v2_service: service,
    google_cloud_run_service: serviceOfV1,
    google_cloud_run_v2_worker_pool: workerPool,
    google_cloud_run_v2_job: job,
  },
  servers: { google_sql_database_instance: databaseInstance },
  starters: {},
  sharedEnvironments: [],
}

function service(attributes: Attributes, _: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const [template] = attributes.blocks("template")
  const instances = instancesOf(attributes, template, findings)
  return {
    containers: containersOf(template, context),
    ...findings,
    runs: { instances: instances * regionsOf(attributes, findings) },
  }
}

/** A service of several regions runs in each of them, with bounds of its own. */
function regionsOf(attributes: Attributes, { unknowns }: AttributeFindings): number {
  const [settings] = attributes.blocks("multi_region_settings")
  if (settings?.isUnknown("regions")) {
    unknowns.push({ name: "regions", field: "instances", lowest: 0, highest: undefined })
  }
  const regions = settings?.get("regions")
  return Array.isArray(regions) && regions.length > 0 ? regions.length : 1
}

function instancesOf(
  attributes: Attributes,
  template: Attributes | undefined,
  findings: AttributeFindings,
): number {
  const [ofService] = attributes.blocks("scaling")
  const [ofRevision] = template?.blocks("scaling") ?? []
  const mode = ofService?.get("scaling_mode")
  // A service that scales automatically may have a manual count without effect. If the mode is omitted, the count
  // decides.
  if (mode === "MANUAL" || (mode === undefined && isCount(ofService?.get("manual_instance_count")))) {
    return countOrDefault(ofService, { ...MOST_INSTANCES, attribute: "manual_instance_count" }, findings)
  }
  // Both bound the instances; 0 stands for no bound.
  const stated = [ofService, ofRevision].filter((scaling) => {
    const count = scaling?.get("max_instance_count")
    return (count !== undefined && count !== 0) || scaling?.isUnknown("max_instance_count")
  })
  const counts = (stated.length > 0 ? stated : [undefined]).map((scaling) =>
    countOrDefault(scaling, { ...MOST_INSTANCES, attribute: "max_instance_count" }, findings),
  )
  return Math.min(...counts)
}

const isCount = (value: unknown) => typeof value === "number" && value > 0

function serviceOfV1(attributes: Attributes, _: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const [template] = attributes.blocks("template")
  const [metadata] = template?.blocks("metadata") ?? []
  const [annotations] = metadata?.blocks("annotations") ?? []
  const attribute = "autoscaling.knative.dev/maxScale"
  const instances = countOrDefault(annotations, { ...MOST_INSTANCES, attribute }, findings)
  return { containers: containersOf(template?.blocks("spec")[0], context), ...findings, runs: { instances } }
}

function workerPool(attributes: Attributes, _: Resource, context: Context): Workload {
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
    countOrDefault(of, { ...MOST_INSTANCES, attribute, defaultValue }, findings)
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

function job(attributes: Attributes, _: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const [execution] = attributes.blocks("template")
  const [task] = execution?.blocks("template") ?? []
  const number = (
    of: Attributes | undefined,
    attribute: string,
    field: "replicas" | "retries",
    defaultValue: number,
    most: number,
  ) => countOrDefault(of, { attribute, field, defaultValue, most, platform: PLATFORM }, findings)
  const tasks = number(execution, "task_count", "replicas", 1, MOST_TASKS)
  // 0 or omitted: all tasks at once.
  const limit = execution?.get("parallelism")
  const parallel =
    limit === undefined || limit === 0
      ? tasks
      : number(execution, "parallelism", "replicas", tasks, MOST_TASKS)
  const retries = number(task, "max_retries", "retries", 3, MOST_RETRIES)
  const timeout = task?.text("timeout")
  const isUnknown = task?.isUnknown("timeout") === true
  if (isUnknown) {
    findings.unknowns.push({ name: "timeout", field: "timeout", lowest: "1s", highest: LONGEST_TASK })
  } else if (timeout === undefined) {
    findings.assumptions.push({
      name: "timeout",
      field: "timeout",
      assumed: `omitted: ${TASK_TIMEOUT}, ${PLATFORM}'s default`,
      remedy: "Set timeout, or override timeout",
    })
  }
  const replicas = Math.max(1, Math.min(parallel, tasks))
  return {
    containers: containersOf(task, context),
    ...findings,
    runs: { job: { timeout: isUnknown ? LONGEST_TASK : (timeout ?? TASK_TIMEOUT), retries, replicas } },
  }
}

const TASK_TIMEOUT = "600s"

/** https://cloud.google.com/run/quotas, https://cloud.google.com/run/docs/configuring/task-timeout */
const MOST_TASKS = 10_000
const MOST_RETRIES = 10
const LONGEST_TASK = "168h"

function countOrDefault(
  attributes: Attributes | undefined,
  defaults: DefaultOf,
  findings: AttributeFindings,
): number {
  return readCountAttribute(attributes ?? new Attributes(undefined), defaults, findings)
}

function databaseInstance(attributes: Attributes): DatabaseServer | undefined {
  const version = attributes.text("database_version")
  if (version !== undefined && !version.startsWith("POSTGRES")) return undefined
  const [settings] = attributes.blocks("settings")
  const flag = settings?.blocks("database_flags").find((each) => each.get("name") === "max_connections")
  const tier = settings?.text("tier")
  const addresses = ["public_ip_address", "private_ip_address", "dns_name"]
  const hosts = textsOf(addresses.map((name) => attributes.get(name)))
  const known = { hosts, ...(tier === undefined ? {} : { nodeType: tier }) }
  const value = flag?.text("value") ?? ""
  if (/^[1-9]\d{0,5}$/.test(value)) return { maxConnections: Number(value), ...known }
  return {
    maxConnections: undefined,
    reason:
      flag === undefined
        ? "has no database flag max_connections, so Google computes it from the memory"
        : flag.isUnknown("value")
          ? `has a database flag max_connections that is ${AFTER_APPLY}`
          : "has a database flag max_connections that is not a whole number",
    ...known,
  }
}
