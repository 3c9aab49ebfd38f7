import type { Attributes } from "../attributes.ts"
import {
  mapVariables,
  openVariables,
  type ResourceEnvironment,
  SECRET_REFERENCE,
  union,
  variables as variablesOf,
  withCommand,
} from "../environment.ts"
import type { Context, Platform } from "../platform.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings, Workload } from "../workload.ts"
import { AUTO_SCALING_CONFIGURATIONS } from "./aws-names.ts"

const APP_RUNNER = "AWS App Runner"

/** Services of AWS App Runner. A deploy doubles their instances. */
export const awsAppRunner: Platform = {
  name: APP_RUNNER,
  workloads: { aws_apprunner_service: service },
  servers: {},
  starters: {},
  sharedEnvironments: [],
}

function service(attributes: Attributes, resource: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  return {
    containers: [environmentOf(attributes, context)],
    ...findings,
    runs: { instances: instancesOf(attributes, resource, context, findings) },
  }
}

function environmentOf(attributes: Attributes, { variables }: Context): ResourceEnvironment {
  const [source] = attributes.blocks("source_configuration")
  const [image] = source?.blocks("image_repository") ?? []
  const [code] = source?.blocks("code_repository") ?? []
  const [ofCode] = code?.blocks("code_configuration") ?? []
  const [configuration] =
    image?.blocks("image_configuration") ?? ofCode?.blocks("code_configuration_values") ?? []
  const isInRepository = code !== undefined && ofCode?.get("configuration_source") !== "API"
  const own = configuration === undefined ? variablesOf([]) : variablesIn(configuration)
  const seen = isInRepository ? union([openVariables("in apprunner.yaml of its repository"), own]) : own
  return configuration === undefined ? seen : withCommand(seen, configuration, ["start_command"], variables)
}

function variablesIn(configuration: Attributes): ResourceEnvironment {
  const secrets = mapVariables(configuration, "runtime_environment_secrets")
  return union([
    mapVariables(configuration, "runtime_environment_variables"),
    variablesOf([...secrets.values.keys()].map((name) => [name, { unseen: SECRET_REFERENCE }])),
    { ...secrets, values: new Map() },
  ])
}

/** https://docs.aws.amazon.com/apprunner/latest/dg/manage-autoscaling.html */
const MAX_SIZE = {
  attribute: "max_size",
  field: "instances",
  defaultValue: 25,
  most: undefined,
  platform: APP_RUNNER,
} as const

function instancesOf(
  attributes: Attributes,
  resource: Resource,
  context: Context,
  findings: AttributeFindings,
): number {
  const attribute = "auto_scaling_configuration_arn"
  const isSet = attributes.get(attribute) !== undefined || attributes.isUnknown(attribute)
  if (!isSet) {
    findings.assumptions.push({
      name: attribute,
      field: "instances",
      assumed: `omitted: ${MAX_SIZE.defaultValue} instances, ${APP_RUNNER}'s default`,
      remedy: `Set ${attribute}, or override instances`,
    })
    return MAX_SIZE.defaultValue
  }
  const { resources, isCertain } = context.resolve(resource, attribute, AUTO_SCALING_CONFIGURATIONS)
  const [configuration] = resources
  if (isCertain && configuration !== undefined) {
    return readCountAttribute(configuration.attributes, MAX_SIZE, findings)
  }
  findings.unknowns.push({
    name: attribute,
    field: "instances",
    lowest: 1,
    highest: undefined,
    problem: "is an auto scaling configuration that is not in these documents",
    remedy: "Also give the plan that has it, or override instances",
  })
  return MAX_SIZE.defaultValue
}
