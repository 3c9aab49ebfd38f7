import type { Attributes } from "../attributes.ts"
import { textsOf } from "../json-value.ts"
import type { Context, Target } from "../platform.ts"
import type { Resource } from "../terraform/resource.ts"

const lastPart = (name: string): string => name.split("/").at(-1) ?? ""

const textsIn = (attributes: Attributes, names: readonly string[]): readonly string[] | undefined => {
  const texts = textsOf(names.map((name) => attributes.get(name)))
  return texts.length > 0 ? texts : undefined
}

/** A type of AWS whose resources others refer to by one of these attributes. */
const named = (type: string, ...attributes: readonly string[]): Target => ({
  type,
  names: (target) => textsIn(target.attributes, attributes),
})

/** Task definitions, by the ARN of a revision, by `family:revision`, or by the family, which is its latest revision. */
export const TASK_DEFINITIONS: Target = {
  type: "aws_ecs_task_definition",
  names({ attributes }) {
    const [family, revision] = [familyOf(attributes), attributes.get("revision")]
    if (family === undefined) return undefined
    const isKnown = typeof revision === "number" || typeof revision === "string"
    return [family, ...(isKnown ? [`${family}:${revision}`] : []), ...textsOf([attributes.get("arn")])]
  },
  keys: (value) => [value, lastPart(value)],
}

/** Task definitions of any revision. */
export const TASK_FAMILIES: Target = {
  type: "aws_ecs_task_definition",
  names({ attributes }) {
    const family = familyOf(attributes)
    return family === undefined ? undefined : [family]
  },
  keys: (value) => [familyIn(value)],
}

/** A data source has the family in `task_definition` until it is read. */
const familyOf = (attributes: Attributes): string | undefined =>
  attributes.text("family") ?? attributes.text("task_definition")?.split(":")[0]

const familyIn = (value: string): string => lastPart(value).replace(/:\d+$/, "")

const CLUSTERS = named("aws_ecs_cluster", "arn", "id", "name")

const ANY_CLUSTER = "*"

/** Services of ECS, as scaling targets name them: `service/CLUSTER/NAME`. */
export const SCALED_SERVICES: Target = {
  type: "aws_ecs_service",
  names(service, context) {
    const name = service.attributes.text("name")
    return name === undefined ? undefined : [`service/${clusterOf(service, context)}/${name}`]
  },
  keys(value) {
    const [kind = "", , ...name] = value.split("/")
    return [value, [kind, ANY_CLUSTER, ...name].join("/")]
  },
}

function clusterOf(service: Resource, context: Pick<Context, "resolve">): string {
  const cluster = service.attributes.text("cluster")
  if (cluster !== undefined) return lastPart(cluster)
  const { resources, isCertain } = context.resolve(service, "cluster", CLUSTERS)
  const [found] = isCertain ? resources : []
  return found?.attributes.text("name") ?? ANY_CLUSTER
}

/** Scaling targets, as scheduled actions name them. */
export const SCALING_TARGETS = named("aws_appautoscaling_target", "resource_id")

/** Rules of EventBridge, as their targets name them. */
export const EVENT_RULES = named("aws_cloudwatch_event_rule", "name", "id", "arn")

export const AUTO_SCALING_CONFIGURATIONS = named("aws_apprunner_auto_scaling_configuration_version", "arn")

/** Functions of Lambda, by an ARN, with or without a version, or by their name. */
export const FUNCTIONS: Target = {
  type: "aws_lambda_function",
  names: ({ attributes }) => textsIn(attributes, ["function_name", "arn"]),
  keys: (value) => [value, /(?:^|:function:)([\w-]+)(?::[\w$-]+)?$/.exec(value)?.[1] ?? value],
}

export const INSTANCE_PARAMETERS = named("aws_db_parameter_group", "name", "id", "arn")

export const CLUSTER_PARAMETERS = named("aws_rds_cluster_parameter_group", "name", "id", "arn")

export const DATABASE_CLUSTERS = named("aws_rds_cluster", "cluster_identifier", "id", "arn")

export const DATABASE_INSTANCES = named("aws_db_instance", "identifier", "arn", "id")

export const DATABASE_PROXIES = named("aws_db_proxy", "name", "id")
