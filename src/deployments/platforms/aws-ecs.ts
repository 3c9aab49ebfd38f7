import type { Attributes } from "../attributes.ts"
import { presence, type ResourceEnvironment } from "../environment.ts"
import type { AttributeFindings, Context, Platform, ServiceInstances, Workload } from "../platform.ts"
import type { Bounds } from "../resource-pool.ts"
import type { Resource } from "../terraform/resource.ts"
import { containerOverrides, openTask, type TaskContainers, taskContainers } from "./aws-ecs-containers.ts"
import { ECS, serviceInstances } from "./aws-ecs-scaling.ts"
import { revisionIn, TASK_DEFINITIONS, TASK_FAMILIES } from "./aws-names.ts"

/**
 * Services and tasks of Amazon ECS, on Fargate and on EC2.
 *
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs
 */
export const awsEcs: Platform = {
  name: ECS,
  workloads: { aws_ecs_service: service, aws_ecs_task_definition: taskDefinition },
  servers: {},
  starters: {},
  sharedEnvironments: [],
}

function service(attributes: Attributes, resource: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const isNamed =
    attributes.get("task_definition") !== undefined ||
    attributes.isUnknown("task_definition") ||
    resource.configuration.references(resource, "task_definition").length > 0
  const containers = isNamed
    ? definedContainers(resource, "task_definition", context)
    : openTask("in its task sets, which are not read")
  const surge = surgeOf(attributes)
  return {
    ...containers,
    ...findings,
    runs: {
      instances: serviceInstances(attributes, resource, context, findings),
      ...(surge === undefined ? {} : { surge }),
    },
  }
}

/**
 * Reads the containers of the task definition that an attribute refers to.
 *
 * @param input what a start replaces in the containers, as JSON; undefined for nothing
 */
export function definedContainers(
  resource: Resource,
  attribute: string,
  context: Context,
  input: string | undefined = undefined,
): TaskContainers {
  const { resources, isCertain } = context.resolve(resource, attribute, TASK_DEFINITIONS)
  const tasks = resources.map((definition) =>
    taskContainers(definition.attributes, context, containerOverrides(input)),
  )
  const [only] = tasks
  if (only === undefined) return otherRevision(resource, attribute, context)
  if (isCertain) return only
  const matters = tasks.some(({ containers, initial }) =>
    [...containers, ...initial.flat()].some((container) => mayConnect(container, context)),
  )
  return matters ? openTask("in a task definition that is known only after apply") : NO_CONTAINERS
}

const NO_CONTAINERS: TaskContainers = { containers: [], initial: [] }

const mayConnect = (container: ResourceEnvironment, { variables }: Context) =>
  variables.some((name) => presence(container, name) !== "absent")

/**
 * Reads a task definition of which the documents have another revision, as with `ignore_changes`: something else
 * registers revisions, and their environment may differ.
 */
function otherRevision(resource: Resource, attribute: string, context: Context): TaskContainers {
  const value = String(resource.attributes.get(attribute) ?? "")
  const { resources } = context.resolve(resource, attribute, TASK_FAMILIES)
  const tasks = resources.map((definition) => taskContainers(definition.attributes, context))
  const hasOwn = tasks.some(({ containers }) => containers.some((each) => mayConnect(each, context)))
  return openTask(
    hasOwn
      ? `that of revision ${revisionIn(value)}, of which these documents have another revision`
      : "in a task definition that is not in these documents",
  )
}

/**
 * Returns what a deploy adds. A rolling one starts tasks up to `deployment_maximum_percent` of the desired ones, before
 * it stops old ones; those that are stopping are not in that number, and may still hold their connections. Every other
 * kind of deploy starts a second set of tasks.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
function surgeOf(attributes: Attributes): ServiceInstances["surge"] {
  const [controller] = attributes.blocks("deployment_controller")
  const [configuration] = attributes.blocks("deployment_configuration")
  const isRolling =
    (controller?.text("type") ?? "ECS") === "ECS" &&
    (configuration?.text("strategy") ?? "ROLLING") === "ROLLING" &&
    controller?.isUnknown("type") !== true &&
    configuration?.isUnknown("strategy") !== true
  if (!isRolling) return undefined
  const percent = percentOf(attributes)
  return (instances): Bounds => ({
    lowest: Math.min(instances, Math.max(0, Math.floor((instances * percent) / 100) - instances)),
    highest: instances,
  })
}

function percentOf(attributes: Attributes): number {
  const attribute = "deployment_maximum_percent"
  // A daemon's task is stopped before its successor starts on the same machine.
  if (attributes.text("scheduling_strategy") === "DAEMON" || attributes.isUnknown(attribute)) return 100
  const percent = attributes.get(attribute) ?? MAXIMUM_PERCENT
  if (typeof percent === "number") return percent
  attributes.report(attribute)
  return 100
}

const MAXIMUM_PERCENT = 200

/** A task definition that no service and no schedule runs is started by hand, or by the deploy. */
function taskDefinition(attributes: Attributes, resource: Resource, context: Context): Workload {
  const users = RUNNERS.map(([type, attribute]) =>
    context.referrers(resource, type, attribute, TASK_FAMILIES),
  )
  const none = { ...NO_CONTAINERS, assumptions: [], unknowns: [], runs: { job: {} } }
  if (users.some(({ certain }) => certain.length > 0)) return none
  const [user] = users.flatMap(({ possible }) => possible)
  return {
    ...none,
    ...taskContainers(attributes, context),
    unknowns:
      user === undefined
        ? []
        : [
            {
              name: "concurrent",
              field: "concurrent",
              lowest: 0,
              highest: 1,
              problem: `depends on whether ${user.address} runs it`,
              remedy: "Give a plan that shows what runs it, or override concurrent",
            },
          ],
  }
}

/** What runs a task definition: the type, and the attribute that refers to it. */
export const RUNNERS = [
  ["aws_ecs_service", "task_definition"],
  ["aws_scheduler_schedule", "target.ecs_parameters.task_definition_arn"],
  ["aws_cloudwatch_event_target", "ecs_target.task_definition_arn"],
] as const
