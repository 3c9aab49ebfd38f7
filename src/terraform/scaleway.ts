import { scalewayPlans } from "../sizing/scaleway-plans.ts"
import type { Attributes } from "./attributes.ts"
import type { Resource } from "./document.ts"
import type { AssumedAttribute, Context, JobRuns, Platform, Server, Workload } from "./platform.ts"
import {
  AFTER_APPLY,
  layered,
  mapVariables,
  NO_VARIABLES,
  openVariables,
  presence,
  SECRET_REFERENCE,
  type Variables,
  variables,
} from "./variables.ts"
import { wholeAttribute } from "./whole-attribute.ts"

const PLATFORM = "Scaleway"
const NAMESPACE = "scaleway_container_namespace"

/**
 * Serverless Containers, Serverless Jobs and Managed Databases of Scaleway.
 *
 * https://registry.terraform.io/providers/scaleway/scaleway/latest/docs; defaults are those that its API answers with.
 */
export const scaleway: Platform = {
  name: PLATFORM,
  workloads: { scaleway_container: container, scaleway_job_definition: jobDefinition },
  servers: { scaleway_rdb_instance: databaseInstance },
  holders: [NAMESPACE],
}

function container(attributes: Attributes, resource: Resource, context: Context): Workload {
  const assumptions: AssumedAttribute[] = []
  const instances = wholeAttribute(
    attributes,
    { attribute: "max_scale", field: "instances", fallback: 5, platform: PLATFORM },
    assumptions,
  )
  const namespace = ofNamespace(resource, context)
  return {
    containers: [layered([namespace ?? NO_VARIABLES, ownVariables(attributes)])],
    assumptions,
    runs: { instances },
    ...(namespace === undefined ? { inheritsFrom: "a namespace that is not in this plan" } : {}),
  }
}

const ownVariables = (attributes: Attributes): Variables =>
  layered([
    mapVariables(attributes, "environment_variables"),
    mapVariables(attributes, "secret_environment_variables"),
  ])

/** What a container inherits of its namespace; undefined where that is not in the document. */
function ofNamespace(resource: Resource, context: Context): Variables | undefined {
  const { resources, isCertain } = context.referred(resource, "namespace_id", NAMESPACE)
  const all = resources.map(({ attributes }) => ownVariables(attributes))
  if (isCertain || all.length === 0) return all[0]
  const matters = all.some((each) => context.variables.some((name) => presence(each, name) !== "absent"))
  return matters ? openVariables("in a namespace that is known only after apply") : NO_VARIABLES
}

function jobDefinition(attributes: Attributes): Workload {
  const assumptions: AssumedAttribute[] = []
  const secrets = attributes.isUnknown("secret_reference")
    ? openVariables(AFTER_APPLY)
    : layered(attributes.blocks("secret_reference").map(secretReference))
  return {
    containers: [layered([mapVariables(attributes, "env"), secrets])],
    assumptions,
    runs: jobRuns(attributes, assumptions),
  }
}

function secretReference(reference: Attributes): Variables {
  if (reference.isUnknown("environment")) return openVariables(AFTER_APPLY)
  const name = reference.get("environment")
  return variables(typeof name === "string" && name !== "" ? [[name, { unseen: SECRET_REFERENCE }]] : [])
}

/** Every minute: no schedule of five fields is denser. */
const DENSEST = "* * * * *"

function jobRuns(attributes: Attributes, assumptions: AssumedAttribute[]): JobRuns {
  const [retryPolicy] = attributes.blocks("retry_policy")
  const retries =
    retryPolicy &&
    wholeAttribute(
      retryPolicy,
      { attribute: "max_retries", field: "retries", fallback: 0, platform: PLATFORM },
      assumptions,
    )
  const [cron] = attributes.blocks("cron")
  const isUnknown = attributes.isUnknown("cron") || cron?.isUnknown("schedule") === true
  const job = {
    // Without a timeout it is Scaleway's own, which maxConcurrentRuns takes and names.
    timeout: attributes.get("timeout"),
    retries,
    schedule: isUnknown ? DENSEST : cron?.get("schedule"),
    timezone: cron?.get("timezone"),
  }
  const stated = Object.entries(job).filter(([, value]) => value !== undefined)
  return {
    // What they are is for maxConcurrentRuns to check.
    job: Object.fromEntries(stated) as JobRuns["job"],
    ...(isUnknown ? { unknownSchedule: AFTER_APPLY } : {}),
  }
}

function databaseInstance(attributes: Attributes): Server | undefined {
  const engine = attributes.get("engine")
  if (typeof engine === "string" && /^mysql/i.test(engine)) return undefined
  const type = attributes.get("node_type")
  const nodeType = typeof type === "string" ? { nodeType: type } : {}
  const { known, unseen, open } = mapVariables(attributes, "settings")
  const setting = known.get("max_connections")
  if (setting === undefined || !/^[1-9]\d{0,5}$/.test(setting)) {
    const unseenReason = unseen.get("max_connections") ?? open
    const reason =
      setting !== undefined
        ? "settings.max_connections is not a whole number"
        : unseenReason === undefined
          ? "has no settings.max_connections, and the node type does not decide it"
          : `settings.max_connections is ${unseenReason}`
    return { maxConnections: undefined, reason, ...nodeType }
  }
  const maxConnections = Number(setting)
  return { maxConnections, ...nodeType, warnings: atOdds(nodeType.nodeType, maxConnections) }
}

/** The table of the sizing document is a first guess, and the server is what counts. */
function atOdds(nodeType: string | undefined, maxConnections: number): string[] {
  const row = Object.entries(scalewayPlans).find(([plan]) => {
    const type = nodeType?.toUpperCase()
    return type === plan || (plan === "DB-DEV" && type?.startsWith("DB-DEV-"))
  })
  if (row === undefined || row[1] === maxConnections) return []
  return [
    `node type ${row[0]} has ${row[1]} in the sizing document's table, and the server has ${maxConnections}, which counts`,
  ]
}
