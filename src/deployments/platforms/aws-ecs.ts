import type { Attributes } from "../attributes.ts"
import type { Context, Platform } from "../platform.ts"
import type { Bounds } from "../resource-pool.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings, ServiceInstances, Workload } from "../workload.ts"
import { openTask } from "./aws-ecs-containers.ts"
import { ECS, serviceInstances } from "./aws-ecs-scaling.ts"
import { definedContainers, taskDefinition } from "./aws-ecs-tasks.ts"
import { eventTarget, schedulerSchedule } from "./aws-schedules.ts"

/**
 * Services and tasks of Amazon ECS, on Fargate and on EC2, and what starts tasks on a schedule.
 *
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs
 */
export const awsEcs: Platform = {
  name: ECS,
  workloads: {
    aws_ecs_service: service,
    aws_ecs_task_definition: taskDefinition,
    aws_scheduler_schedule: schedulerSchedule,
    aws_cloudwatch_event_target: eventTarget,
  },
  notations: {
    aws_ecs_service: "object",
    aws_ecs_task_definition: "object",
    aws_scheduler_schedule: "object",
    aws_cloudwatch_event_target: "object",
  },
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
    ? definedContainers(resource, "task_definition", context, [])
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
 * Returns what a deploy adds. A rolling one starts tasks up to `deployment_maximum_percent` of the desired ones, before
 * it stops old ones; those that are stopping are not in that number, and may still hold their connections. Every other
 * kind of deploy starts a second set of tasks.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
function surgeOf(attributes: Attributes): ServiceInstances["surge"] {
  const [controller] = attributes.blocks("deployment_controller")
  const [configuration] = attributes.blocks("deployment_configuration")
  // One that is not known may be a rolling one, which adds the fewest.
  const isRolling =
    (controller?.text("type") ?? "ECS") === "ECS" &&
    (configuration?.text("strategy") ?? "ROLLING") === "ROLLING"
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
