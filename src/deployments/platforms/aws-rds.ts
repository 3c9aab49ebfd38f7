import type { Attributes } from "../attributes.ts"
import { AFTER_APPLY } from "../environment.ts"
import { listOf, textsOf } from "../json-value.ts"
import type { Context, DatabaseServer, Platform, Target } from "../platform.ts"
import { PROVIDER_SLOTS } from "../provider-slots.ts"
import type { Resource } from "../terraform/resource.ts"
import { capacityMemory, classMemory, DEFAULT_FORMULA, highestOfFormula } from "./aws-memory-formula.ts"
import {
  CLUSTER_PARAMETERS,
  DATABASE_CLUSTERS,
  DATABASE_INSTANCES,
  INSTANCE_PARAMETERS,
} from "./aws-names.ts"
import { proxiesOf } from "./aws-rds-proxy.ts"

/** PostgreSQL of Amazon RDS and Aurora: instances, and the writers and readers of clusters. */
export const awsRds: Platform = {
  name: "Amazon RDS",
  workloads: {},
  servers: {
    aws_db_instance: instance,
    aws_rds_cluster: cluster,
    aws_rds_cluster_instance: clusterInstance,
  },
  starters: {},
  sharedEnvironments: [],
}

type Ceiling = Pick<DatabaseServer, "maxConnections" | "maxConnectionsAtMost" | "reason" | "assumption">

function instance(attributes: Attributes, resource: Resource, context: Context): DatabaseServer | undefined {
  const source = attributes.get("replicate_source_db")
  const isReplica = source !== undefined || attributes.isUnknown("replicate_source_db")
  const engine = attributes.text("engine") ?? (isReplica ? sourceEngine(resource, context) : undefined)
  if (engine !== undefined && !/^(postgres|aurora-postgresql)$/.test(engine)) return undefined
  const nodeType = classOf(attributes, "instance_class", "db_instance_class")
  const memory = nodeType === undefined ? undefined : classMemory(nodeType)
  // A data source has the groups of an instance in a list.
  const group =
    attributes.text("parameter_group_name") ?? textsOf(listOf(attributes.get("db_parameter_groups")))[0]
  return {
    ...ceilingBy(parameterIn(resource, "parameter_group_name", group, INSTANCE_PARAMETERS, context), memory),
    ...identified(attributes, "arn", "db_instance_arn"),
    ...(nodeType === undefined ? {} : { nodeType }),
    hosts: hostsOf(attributes, "address", "endpoint"),
    providerReserved: PROVIDER_SLOTS.amazonRds,
    poolers: proxiesOf(resource, "db_instance_identifier", DATABASE_INSTANCES, context),
    ...(isReplica ? { isReplica } : {}),
  }
}

const sourceEngine = (resource: Resource, context: Context): string | undefined =>
  context.resolve(resource, "replicate_source_db", DATABASE_INSTANCES).resources[0]?.attributes.text("engine")

/** The class of an instance. Whatever else is written there is not printed. */
const classOf = (attributes: Attributes, ...names: readonly string[]): string | undefined =>
  textsOf(names.map((name) => attributes.get(name))).find((each) => /^db\.[a-z0-9.]{1,40}$/.test(each))

const identified = (
  attributes: Attributes,
  ...names: readonly string[]
): Pick<DatabaseServer, "identity"> => {
  const [identity] = textsOf(names.map((name) => attributes.get(name)))
  return identity === undefined ? {} : { identity }
}

/** Host names, without the port that an endpoint has. */
const hostsOf = (attributes: Attributes, ...names: readonly string[]): readonly string[] => [
  ...new Set(textsOf(names.map((name) => attributes.get(name))).map((each) => each.replace(/:\d+$/, ""))),
]

/** Reads a cluster, whose endpoint leads to its writer. Any of its instances may become that. */
function cluster(attributes: Attributes, resource: Resource, context: Context): DatabaseServer | undefined {
  if (!isPostgres(attributes)) return undefined
  const { certain, possible } = instancesOf(resource, context)
  const members = [...certain, ...possible]
  const [only] = members.length === 1 ? members : []
  const nodeType = classOf(only?.attributes ?? attributes, "instance_class", "db_cluster_instance_class")
  const ceilings = members.map((each) => memberCeiling(each, resource, context))
  return {
    ...(members.length > 0 ? lowestOf(ceilings) : withoutMembers(attributes, resource, context)),
    ...identified(attributes, "arn"),
    ...(nodeType === undefined ? {} : { nodeType }),
    providerReserved: PROVIDER_SLOTS.amazonRds,
    poolers: proxiesOf(resource, "db_cluster_identifier", DATABASE_CLUSTERS, context),
    hosts: [
      ...hostsOf(attributes, "endpoint", ...(members.length > 1 ? [] : ["reader_endpoint"])),
      ...(only === undefined ? [] : hostsOf(only.attributes, "endpoint")),
    ],
  }
}

const isPostgres = (attributes: Attributes): boolean =>
  /^(postgres|aurora-postgresql)$/.test(attributes.text("engine") ?? "aurora-postgresql")

const instancesOf = (resource: Resource, context: Context) =>
  context.referrers(resource, "aws_rds_cluster_instance", "cluster_identifier", DATABASE_CLUSTERS)

/** The cluster of RDS with two readable standbys has no instances of its own in a plan. */
function withoutMembers(attributes: Attributes, resource: Resource, context: Context): Ceiling {
  const nodeType = classOf(attributes, "db_cluster_instance_class")
  if (nodeType === undefined)
    return { maxConnections: undefined, reason: "has no instances in these documents" }
  return ceilingBy(clusterParameter(attributes, resource, context), classMemory(nodeType))
}

/** Any instance may become the writer, so that the lowest ceiling counts. */
function lowestOf(ceilings: readonly Ceiling[]): Ceiling {
  const known = ceilings.flatMap(({ maxConnections }) => maxConnections ?? [])
  const [first] = ceilings
  if (known.length === ceilings.length) {
    return ceilings.reduce((low, each) =>
      Number(each.maxConnections) < Number(low.maxConnections) ? each : low,
    )
  }
  const bounds = ceilings.flatMap((each) => each.maxConnections ?? each.maxConnectionsAtMost ?? [])
  const { reason } = ceilings.find(({ maxConnections }) => maxConnections === undefined) ?? first ?? {}
  return {
    maxConnections: undefined,
    ...(reason === undefined ? {} : { reason }),
    ...(bounds.length === 0 ? {} : { maxConnectionsAtMost: Math.min(...bounds) }),
  }
}

/** Reads an instance of a cluster that has several: one of its readers, which has a ceiling of its own. */
function clusterInstance(
  attributes: Attributes,
  resource: Resource,
  context: Context,
): DatabaseServer | undefined {
  const { resources, isCertain } = context.resolve(resource, "cluster_identifier", DATABASE_CLUSTERS)
  const [own] = isCertain ? resources : []
  if (!isPostgres(attributes) || (own !== undefined && !isPostgres(own.attributes))) return undefined
  // The only instance is the writer, which counts as its cluster.
  if (own !== undefined && instancesOf(own, context).certain.length < 2) return undefined
  const nodeType = classOf(attributes, "instance_class")
  return {
    ...memberCeiling(resource, own, context),
    ...identified(attributes, "arn"),
    ...(nodeType === undefined ? {} : { nodeType }),
    hosts: [
      ...hostsOf(attributes, "endpoint"),
      ...(own === undefined ? [] : hostsOf(own.attributes, "reader_endpoint")),
    ],
    providerReserved: PROVIDER_SLOTS.amazonRds,
    isReplica: true,
  }
}

/** The group of an instance counts before that of its cluster. */
function memberCeiling(member: Resource, own: Resource | undefined, context: Context): Ceiling {
  const { attributes } = member
  const attribute = "db_parameter_group_name"
  const ofMember = parameterIn(member, attribute, attributes.text(attribute), INSTANCE_PARAMETERS, context)
  const parameter =
    ofMember.kind !== "default" || own === undefined
      ? ofMember
      : clusterParameter(own.attributes, own, context)
  const nodeType = classOf(attributes, "instance_class") ?? ""
  const mayBeServerless = attributes.isUnknown("instance_class")
  if (nodeType !== SERVERLESS && !mayBeServerless) return ceilingBy(parameter, classMemory(nodeType))
  const { memory, most, isOpen } = capacityOf(own?.attributes)
  const ceiling = ceilingBy(parameter, mayBeServerless ? undefined : memory)
  const { maxConnections, maxConnectionsAtMost } = ceiling
  if (isOpen || (mayBeServerless && most !== undefined)) return perhapsSmall(ceiling)
  if (most === undefined) return ceiling
  if (maxConnections !== undefined && maxConnections > most) return { ...ceiling, maxConnections: most }
  return maxConnections === undefined
    ? { ...ceiling, maxConnectionsAtMost: Math.min(maxConnectionsAtMost ?? most, most) }
    : ceiling
}

const SERVERLESS = "db.serverless"

/** The ceiling of an instance of which it is not known whether it may shrink to half a unit. */
const perhapsSmall = (ceiling: Ceiling): Ceiling =>
  ceiling.maxConnections === undefined || ceiling.maxConnections <= MOST_OF_SMALL
    ? ceiling
    : {
        maxConnections: undefined,
        maxConnectionsAtMost: ceiling.maxConnections,
        reason: `is ${MOST_OF_SMALL} at most for an instance that may shrink to half a unit, and its lowest capacity is not in the plan`,
      }

/** The most connections of an instance that may shrink to half a unit, or to none. */
const MOST_OF_SMALL = 2_000

/**
 * Reads the memory at the highest capacity, which decides the default.
 *
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
 */
function capacityOf(cluster: Attributes | undefined): { memory?: number; most?: number; isOpen: boolean } {
  const [scaling] = cluster?.blocks("serverlessv2_scaling_configuration") ?? []
  const [highest, lowest] = [scaling?.get("max_capacity"), scaling?.get("min_capacity")]
  return {
    ...(typeof highest === "number" ? { memory: capacityMemory(highest) } : {}),
    ...(typeof lowest === "number" && lowest <= 0.5 ? { most: MOST_OF_SMALL } : {}),
    isOpen: cluster === undefined || scaling?.isUnknown("min_capacity") === true,
  }
}

/** What a parameter group says of `max_connections`. */
type Parameter =
  | { readonly kind: "value"; readonly value: string; readonly former?: string }
  | { readonly kind: "default" }
  | { readonly kind: "hidden"; readonly reason: string }

const clusterParameter = (attributes: Attributes, resource: Resource, context: Context): Parameter => {
  const attribute = "db_cluster_parameter_group_name"
  return parameterIn(resource, attribute, attributes.text(attribute), CLUSTER_PARAMETERS, context)
}

/**
 * Finds the parameter in the group that an attribute names.
 *
 * @param name its value, undefined if it is omitted or unknown
 */
function parameterIn(
  resource: Resource,
  attribute: string,
  name: string | undefined,
  groups: Target,
  context: Context,
): Parameter {
  const { attributes, configuration } = resource
  const isMeant =
    name !== undefined ||
    attributes.isUnknown(attribute) ||
    configuration.references(resource, attribute).length > 0
  if (!isMeant || name?.startsWith("default.")) return { kind: "default" }
  const { resources, isCertain } = context.resolve(resource, attribute, groups)
  const [group] = resources
  if (!isCertain || group === undefined) {
    return { kind: "hidden", reason: "has a parameter group that is not in these documents" }
  }
  const parameter = inGroup(group.attributes)
  const former = group.before === undefined ? undefined : inGroup(group.before)
  return parameter.kind === "value" && former?.kind === "value"
    ? { ...parameter, former: former.value }
    : parameter
}

function inGroup(group: Attributes): Parameter {
  const reason = `max_connections of its parameter group is ${AFTER_APPLY}`
  const parameters = group.blocks("parameter")
  const own = parameters.find((each) => each.get("name") === "max_connections")
  if (own?.isUnknown("value")) return { kind: "hidden", reason }
  const value = own?.text("value")
  if (value !== undefined) return { kind: "value", value }
  return parameters.some((each) => each.isUnknown("name")) ? { kind: "hidden", reason } : { kind: "default" }
}

/** @param memory of its instance class; undefined if that is not known */
function ceilingBy(parameter: Parameter, memory: number | undefined): Ceiling {
  if (parameter.kind === "hidden") return { maxConnections: undefined, reason: parameter.reason }
  const value = parameter.kind === "default" ? DEFAULT_FORMULA : parameter.value.trim()
  if (/^[1-9]\d{0,5}$/.test(value)) return untilRestart(Number(value), parameter)
  const most = highestOfFormula(value, memory)
  return {
    maxConnections: undefined,
    reason:
      parameter.kind === "default"
        ? "is computed from the memory of the instance, because its parameter group does not set it"
        : most === undefined
          ? "is a formula that is not read"
          : "is computed from the memory of the instance, by the formula of its parameter group",
    ...(most === undefined ? {} : { maxConnectionsAtMost: most }),
  }
}

/** A new value counts only after a restart, which a plan does not show. */
function untilRestart(value: number, parameter: Parameter): Ceiling {
  const former = parameter.kind === "value" ? Number(parameter.former ?? value) : value
  if (!(former >= 1 && former < value)) return { maxConnections: value }
  return {
    maxConnections: former,
    assumption: {
      assumed: `${former}, as before this plan: the new value ${value} counts after a restart`,
      remedy: "Restart the server, and give what it answers (SHOW max_connections) as --max-connections",
    },
  }
}
