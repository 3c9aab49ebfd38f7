import type { Attributes } from "../attributes.ts"
import {
  mapVariables,
  NO_VARIABLES,
  type ResourceEnvironment,
  withCommand,
  withFiles,
} from "../environment.ts"
import type { Context, Platform } from "../platform.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import type { Bounds } from "../resource-pool.ts"
import { runsOnce } from "../terraform/inert-types.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings, Workload } from "../workload.ts"
import { FUNCTIONS } from "./aws-names.ts"

const LAMBDA = "AWS Lambda"

/** Functions of AWS Lambda. An instance handles one request at a time, and keeps its connections between requests. */
export const awsLambda: Platform = {
  name: LAMBDA,
  workloads: { aws_lambda_function: lambdaFunction },
  servers: {},
  starters: {},
  sharedEnvironments: [],
}

function lambdaFunction(attributes: Attributes, resource: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  return {
    containers: [environmentOf(attributes, context)],
    ...findings,
    // For some minutes after a deploy, instances of the old version keep their connections.
    runs: { instances: concurrencyOf(attributes, resource, context, findings) },
  }
}

function environmentOf(attributes: Attributes, { variables }: Context): ResourceEnvironment {
  const [environment] = attributes.blocks("environment")
  const own = environment === undefined ? NO_VARIABLES : mapVariables(environment, "variables")
  const isShared = attributes.blocks("file_system_config").length > 0
  const [image] = attributes.blocks("image_config")
  const seen = withFiles(own, isShared ? ["a share"] : [])
  return image === undefined ? seen : withCommand(seen, image, ["entry_point", "command"], variables)
}

const RESERVED = "reserved_concurrent_executions"

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
function concurrencyOf(
  attributes: Attributes,
  resource: Resource,
  context: Context,
  findings: AttributeFindings,
): number {
  const reserved = attributes.get(RESERVED)
  if (attributes.blocks("capacity_provider_config").length > 0) {
    findings.unknowns.push(
      unreserved("does not bound it: it runs on managed instances, each with several requests at a time"),
    )
    return 0
  }
  if ((reserved !== undefined && reserved !== -1) || attributes.isUnknown(RESERVED)) {
    return readCountAttribute(
      attributes,
      { attribute: RESERVED, field: "instances", defaultValue: 0, most: undefined, platform: LAMBDA },
      findings,
    )
  }
  const bound = boundBySources(resource, context)
  if (bound === undefined) {
    findings.unknowns.push(
      unreserved(
        "is omitted, so as many run at a time as the account allows: 1,000 in each region by default, for all functions together",
      ),
    )
    return 0
  }
  const { lowest, highest } = bound
  if (lowest < highest) {
    findings.unknowns.push({
      name: RESERVED,
      field: "instances",
      lowest,
      highest,
      problem: "is omitted, and it is known only after apply which event sources invoke it",
      remedy: `Set ${RESERVED}, or override instances`,
    })
    return highest
  }
  findings.assumptions.push({
    name: RESERVED,
    field: "instances",
    assumed: `omitted: ${highest}, the maximum_concurrency of its event sources, which alone invoke it`,
    remedy: `Set ${RESERVED}, or override instances`,
  })
  return highest
}

const unreserved = (problem: string): AttributeFindings["unknowns"][number] => ({
  name: RESERVED,
  field: "instances",
  lowest: 0,
  highest: undefined,
  problem,
  remedy: `Set ${RESERVED} to the most that may run at a time, or override instances`,
})

/** Types that let something else invoke a function, with the attribute that names it. */
const INVOKERS = [
  ["aws_lambda_permission", "function_name"],
  ["aws_lambda_function_url", "function_name"],
  ["aws_lambda_alias", "function_name"],
  ["aws_cloudwatch_event_target", "arn"],
  ["aws_scheduler_schedule", "target.arn"],
] as const

/** The most that event sources start at a time, if each of them has a maximum and nothing else invokes the function. */
function boundBySources(resource: Resource, context: Context): Bounds | undefined {
  const invokers = INVOKERS.map(([type, attribute]) =>
    context.referrers(resource, type, attribute, FUNCTIONS),
  )
  if (invokers.some(({ certain, possible }) => certain.length + possible.length > 0)) return undefined
  // A state machine needs no permission of the function.
  if (context.pointers(resource).some((each) => !runsOnce(each.resource.type))) return undefined
  const { certain, possible } = context.referrers(
    resource,
    "aws_lambda_event_source_mapping",
    "function_name",
    FUNCTIONS,
  )
  // One that may be of another function bounds nothing: this one may have another source, in other documents.
  if (certain.length === 0) return undefined
  const isOn = ({ attributes }: Resource) => !attributes.isUnknown("enabled")
  const lowest = totalOf(certain.filter(isOn))
  const highest = totalOf([...certain, ...possible])
  return lowest === undefined || highest === undefined ? undefined : { lowest, highest }
}

function totalOf(sources: readonly Resource[]): number | undefined {
  const maxima = sources.map(({ attributes }) => {
    if (attributes.get("enabled") === false) return 0
    return attributes.blocks("scaling_config")[0]?.get("maximum_concurrency")
  })
  const known = maxima.filter((each) => typeof each === "number")
  return known.length === maxima.length ? known.reduce((total, each) => total + each, 0) : undefined
}
