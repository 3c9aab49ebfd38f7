import { DEFAULT_TIMEOUT } from "../../schedule/read-timing.ts"
import { scalewayPlans } from "../../sizing/scaleway-plans.ts"
import type { Attributes } from "../attributes.ts"
import {
  AFTER_APPLY,
  mapVariables,
  NO_VARIABLES,
  openVariables,
  overlay,
  presence,
  type ResourceEnvironment,
  SECRET_REFERENCE,
  union,
  variables,
  WRITE_ONLY,
  withCommand,
  withFiles,
} from "../environment.ts"
import { textsOf } from "../json-value.ts"
import type { Context, DatabaseServer, Platform } from "../platform.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings, JobSchedule, Workload } from "../workload.ts"

const PLATFORM = "Scaleway"
const NAMESPACE = "scaleway_container_namespace"

const START = { type: "scaleway_job_definition", attribute: "job_definition_id", runs: "replicas" }

/**
 * Serverless Containers, Serverless Jobs and Managed Databases of Scaleway.
 *
 * https://registry.terraform.io/providers/scaleway/scaleway/latest/docs; defaults are those that its API returns.
 */
export const scaleway: Platform = {
  name: PLATFORM,
  workloads: { scaleway_container: container, scaleway_job_definition: jobDefinition },
  servers: { scaleway_rdb_instance: databaseInstance },
  // The first versions of the provider with actions have the longer name.
  starters: { scaleway_job_definition_start: START, scaleway_job_definition_start_action: START },
  sharedEnvironments: [NAMESPACE],
}

function container(attributes: Attributes, resource: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const environment = overlay([ofNamespace(resource, context), ownVariables(attributes)])
  return {
    containers: [withCommand(environment, attributes, ["command", "args"], context.variables)],
    ...findings,
    runs: { instances: instancesOf(attributes, findings) },
  }
}

/** https://www.scaleway.com/en/docs/serverless-containers/reference-content/containers-limitations/ */
const MOST_INSTANCES = 50

function instancesOf(attributes: Attributes, findings: AttributeFindings): number {
  const most = readCountAttribute(
    attributes,
    { attribute: "max_scale", field: "instances", defaultValue: 5, most: MOST_INSTANCES, platform: PLATFORM },
    findings,
  )
  // Scaleway runs at least min_scale instances, even if max_scale is smaller.
  const least = attributes.get("min_scale")
  if (attributes.isUnknown("min_scale")) {
    findings.unknowns.push({ name: "min_scale", field: "instances", lowest: most, highest: MOST_INSTANCES })
    return MOST_INSTANCES
  }
  return typeof least === "number" && least <= MOST_INSTANCES ? Math.max(most, least) : most
}

function ownVariables(attributes: Attributes): ResourceEnvironment {
  // The variables themselves are null in every plan; this number must stand beside them.
  const version = "secret_environment_variables_wo_version"
  const hasWriteOnly = attributes.get(version) !== undefined || attributes.isUnknown(version)
  return union([
    mapVariables(attributes, "environment_variables"),
    mapVariables(attributes, "secret_environment_variables"),
    hasWriteOnly ? openVariables(WRITE_ONLY) : NO_VARIABLES,
  ])
}

/** Reads the variables that a container inherits from its namespace. */
function ofNamespace(resource: Resource, context: Context): ResourceEnvironment {
  const attribute = "namespace_id"
  const { attributes } = resource
  if (attributes.get(attribute) === undefined && !attributes.isUnknown(attribute)) return NO_VARIABLES
  const { resources, isCertain } = context.resolve(resource, attribute, NAMESPACE)
  const [first, ...others] = resources.map(({ attributes: each }) => ownVariables(each))
  if (first === undefined) return openVariables("in a namespace that is not in this plan")
  if (isCertain) return first
  const matters = [first, ...others].some((each) =>
    context.variables.some((name) => presence(each, name) !== "absent"),
  )
  return matters ? openVariables("in a namespace that is known only after apply") : NO_VARIABLES
}

function jobDefinition(attributes: Attributes, _: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const references = attributes.blocks("secret_reference")
  const environment = union([mapVariables(attributes, "env"), ...references.map(secretReference)])
  const files = references.map((reference) => reference.text("file") ?? "").filter((file) => file !== "")
  const commands = ["command", "args", "startup_command"]
  return {
    containers: [withCommand(withFiles(environment, files), attributes, commands, context.variables)],
    ...findings,
    runs: jobRuns(attributes, findings),
  }
}

function secretReference(reference: Attributes): ResourceEnvironment {
  if (reference.isUnknown("environment")) return openVariables(AFTER_APPLY)
  const name = reference.text("environment")
  return variables(name ? [[name, { unseen: SECRET_REFERENCE }]] : [])
}

/** Every minute: no schedule of five fields is denser. */
const DENSEST = "* * * * *"

function jobRuns(attributes: Attributes, findings: AttributeFindings): JobSchedule {
  const [retryPolicy] = attributes.blocks("retry_policy")
  const retries =
    retryPolicy &&
    readCountAttribute(
      retryPolicy,
      { attribute: "max_retries", field: "retries", defaultValue: 0, most: undefined, platform: PLATFORM },
      findings,
    )
  if (attributes.isUnknown("timeout"))
    findings.unknowns.push({ name: "timeout", field: "timeout", lowest: "1s", highest: DEFAULT_TIMEOUT })
  const [cron] = attributes.blocks("cron")
  const isUnknown = cron?.isUnknown("schedule") === true || cron?.isUnknown("timezone") === true
  const job = {
    // Without a timeout Scaleway's default counts, which maxConcurrentRuns adds and reports.
    timeout: attributes.text("timeout"),
    retries,
    schedule: isUnknown ? DENSEST : cron?.text("schedule"),
    timezone: cron?.text("timezone"),
  }
  const stated = Object.entries(job).filter(([, value]) => value !== undefined)
  return {
    // maxConcurrentRuns checks the types of the values.
    job: Object.fromEntries(stated) as JobSchedule["job"],
    ...(isUnknown ? { unknownSchedule: AFTER_APPLY } : {}),
  }
}

function databaseInstance(attributes: Attributes): DatabaseServer | undefined {
  if (/^mysql/i.test(attributes.text("engine") ?? "")) return undefined
  const type = attributes.text("node_type")
  const hosts = textsOf([
    attributes.get("endpoint_ip"),
    ...["load_balancer", "private_network", "direct_access"].flatMap((block) =>
      attributes.blocks(block).flatMap((each) => [each.get("ip"), each.get("hostname"), hostOf(each)]),
    ),
  ])
  const known = { hosts, ...(type === undefined ? {} : { nodeType: type, ...documented(type) }) }
  const { values, hidden, mayHaveMore } = mapVariables(attributes, "settings")
  const setting = values.get("max_connections")
  if (setting === undefined || !/^[1-9]\d{0,5}$/.test(setting)) {
    const unseenReason = hidden.get("max_connections") ?? mayHaveMore
    const reason =
      setting !== undefined
        ? "settings.max_connections is not a whole number"
        : unseenReason === undefined
          ? "has no settings.max_connections, and the node type does not decide it"
          : `settings.max_connections is ${unseenReason}`
    return { maxConnections: undefined, reason, ...known }
  }
  return { maxConnections: Number(setting), ...known }
}

/** The address chosen for it in a private network, without the network's size: `10.0.0.4` of `10.0.0.4/24`. */
const hostOf = (network: Attributes) => network.text("ip_net")?.split("/")[0]

/** The `max_connections` of a node type in the sizing document's table. */
function documented(nodeType: string): Pick<DatabaseServer, "documented"> {
  const type = nodeType.toUpperCase()
  const row = Object.entries(scalewayPlans).find(
    ([plan]) => type === plan || (plan === "DB-DEV" && type.startsWith("DB-DEV-")),
  )
  return row === undefined ? {} : { documented: row[1] }
}
