import type { Attributes } from "../attributes.ts"
import { presence, type ResourceEnvironment } from "../environment.ts"
import type { Context } from "../platform.ts"
import { runsOnce } from "../terraform/inert-types.ts"
import type { Resource } from "../terraform/resource.ts"
import type { UnknownAttribute, Workload } from "../workload.ts"
import {
  type ContainerOverrides,
  openTask,
  type TaskContainers,
  taskContainers,
} from "./aws-ecs-containers.ts"
import { TASK_DEFINITIONS, TASK_FAMILIES } from "./aws-names.ts"

export const NO_CONTAINERS: TaskContainers = { containers: [], initial: [] }

/**
 * Reads the containers of the task definition that an attribute refers to.
 *
 * @param overrides what a start of the task replaces in them; undefined if that cannot be seen
 */
export function definedContainers(
  resource: Resource,
  attribute: string,
  context: Context,
  overrides: ContainerOverrides | undefined,
): TaskContainers {
  const { resources, isCertain } = context.resolve(resource, attribute, TASK_DEFINITIONS)
  const tasks = resources.map(({ attributes }) => taskContainers(attributes, context, overrides))
  const [only] = tasks
  if (only === undefined) return otherRevision(resource, attribute, context)
  if (isCertain) return only
  const matters = tasks.some(({ containers, initial }) =>
    [...containers, ...initial.flat()].some((container) => mayConnect(container, context)),
  )
  return matters ? openTask("in a task definition that is known only after apply") : NO_CONTAINERS
}

const mayConnect = (container: ResourceEnvironment, { variables }: Context) =>
  variables.some((name) => presence(container, name) !== "absent")

/**
 * Reads a task definition of which the documents have another revision, as with `ignore_changes`: something else
 * registers revisions, and their environment may differ.
 */
function otherRevision(resource: Resource, attribute: string, context: Context): TaskContainers {
  const { resources } = context.resolve(resource, attribute, TASK_FAMILIES)
  const tasks = resources.map(({ attributes }) => taskContainers(attributes, context, []))
  const hasOwn = tasks.some(({ containers }) => containers.some((each) => mayConnect(each, context)))
  return openTask(
    hasOwn
      ? "that of a revision of its task definition which is not in these documents"
      : "in a task definition that is not in these documents",
  )
}

/** What runs a task definition: the type, and the attribute that refers to it. */
const RUNNERS = [
  ["aws_ecs_service", "task_definition"],
  ["aws_scheduler_schedule", "target.ecs_parameters.task_definition_arn"],
  ["aws_cloudwatch_event_target", "ecs_target.task_definition_arn"],
] as const

/** Reads a task definition. One that no service and no schedule runs is started by hand, or by a deploy. */
export function taskDefinition(attributes: Attributes, resource: Resource, context: Context): Workload {
  const users = RUNNERS.map(([type, attribute]) =>
    context.referrers(resource, type, attribute, TASK_FAMILIES),
  )
  const isUsed = users.some(({ certain }) => certain.length > 0)
  const starter = context.pointers(resource).find((each) => !runsOnce(each.resource.type))?.resource
  const job = { assumptions: [], runs: { job: {} } }
  if (isUsed && starter === undefined) return { ...NO_CONTAINERS, ...job, unknowns: [] }
  const [user] = users.flatMap(({ possible }) => possible)
  const containers = taskContainers(attributes, context, [])
  if (starter !== undefined) return { ...containers, ...job, unknowns: [startedBy(starter)] }
  return { ...containers, ...job, unknowns: user === undefined ? [] : [perhapsRunBy(user)] }
}

const startedBy = ({ address, type }: Resource): UnknownAttribute => ({
  name: "concurrent",
  field: "concurrent",
  lowest: 0,
  highest: undefined,
  problem: `depends on ${address}, and resources of type ${type} are not read`,
  remedy: "Override concurrent with the most runs that it starts at a time",
})

const perhapsRunBy = ({ address }: Resource): UnknownAttribute => ({
  name: "concurrent",
  field: "concurrent",
  lowest: 0,
  highest: 1,
  problem: `depends on whether ${address} runs it`,
  remedy: "Give a plan that shows what runs it, or override concurrent",
})
