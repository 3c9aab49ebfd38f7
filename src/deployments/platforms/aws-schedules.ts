import { normalSchedule } from "../../schedule/dialects/normalize.ts"
import { isProblem } from "../../validation/problem.ts"
import type { Attributes } from "../attributes.ts"
import { ENDS_BEFORE_NEXT, isDailyAtMost } from "../daily-runs.ts"
import { AFTER_APPLY } from "../environment.ts"
import { noteUpperBound } from "../note-upper-bound.ts"
import type { Context } from "../platform.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings, JobSchedule, Workload } from "../workload.ts"
import { containerOverrides, openTask } from "./aws-ecs-containers.ts"
import { ECS } from "./aws-ecs-scaling.ts"
import { definedContainers, NO_CONTAINERS } from "./aws-ecs-tasks.ts"
import { EVENT_RULES } from "./aws-names.ts"

/** Reads a schedule of EventBridge Scheduler, which may start tasks of ECS. */
export function schedulerSchedule(attributes: Attributes, resource: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const [target] = attributes.blocks("target")
  const [parameters] = target?.blocks("ecs_parameters") ?? []
  const job = { ...parallelTasks(parameters, findings) }
  if (target === undefined || parameters === undefined) {
    // A target of the whole API names the task in its input.
    const runsTask = /:aws-sdk:ecs:(runTask|startTask)$/.test(target?.text("arn") ?? "")
    return {
      ...(runsTask ? openTask("in a task that its input names") : NO_CONTAINERS),
      ...findings,
      runs: timed(attributes, "schedule_expression", job, findings),
    }
  }
  return {
    ...definedContainers(
      resource,
      "target.ecs_parameters.task_definition_arn",
      context,
      target.isUnknown("input") ? undefined : containerOverrides(target.text("input")),
    ),
    ...findings,
    runs: timed(attributes, "schedule_expression", job, findings),
  }
}

/** Reads a target of a rule of EventBridge, which may start tasks of ECS. */
export function eventTarget(attributes: Attributes, resource: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const [parameters] = attributes.blocks("ecs_target")
  if (parameters === undefined) return { ...NO_CONTAINERS, ...findings, runs: { job: {} } }
  const isUnseen = attributes.isUnknown("input") || attributes.blocks("input_transformer").length > 0
  return {
    ...definedContainers(
      resource,
      "ecs_target.task_definition_arn",
      context,
      isUnseen ? undefined : containerOverrides(attributes.text("input")),
    ),
    ...findings,
    runs: byRule(resource, parallelTasks(parameters, findings), context, findings),
  }
}

type Parallel = Pick<JobSchedule["job"], "replicas">

function parallelTasks(parameters: Attributes | undefined, { unknowns }: AttributeFindings): Parallel {
  if (parameters === undefined) return {}
  const tasks = readCountAttribute(
    parameters,
    { attribute: "task_count", field: "replicas", defaultValue: 1, most: MOST_TASKS, platform: ECS },
    { assumptions: [], unknowns },
  )
  return tasks > 1 ? { replicas: tasks } : {}
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html */
const MOST_TASKS = 10

function byRule(target: Resource, job: Parallel, context: Context, findings: AttributeFindings): JobSchedule {
  const { resources, isCertain } = context.resolve(target, "rule", EVENT_RULES)
  const [rule] = isCertain ? resources : []
  if (rule === undefined) {
    noteEndless(findings)
    return {
      job: { ...job, schedule: DENSEST, timezone: "UTC" },
      endlessRuns: 1,
      mayBeOff: true,
      unknownSchedule: "that of a rule which is not in these documents",
    }
  }
  const { attributes } = rule
  const isByEvents = attributes.get("event_pattern") !== undefined || attributes.isUnknown("event_pattern")
  if (isByEvents && !isDisabled(attributes)) {
    findings.unknowns.push({
      name: "rule",
      field: "concurrent",
      lowest: 0,
      highest: undefined,
      problem: `is ${rule.address}, which starts a task for each event`,
      remedy: "Override concurrent with the most that run at a time",
    })
    return { job: { ...job, concurrent: 1 } }
  }
  // Rules have no time zone.
  return timed(attributes, "schedule_expression", job, findings)
}

const SWITCHES = ["state", "is_enabled"]

function noteSwitch(name: string, { unknowns }: AttributeFindings): void {
  unknowns.push({
    name,
    field: "schedule",
    lowest: 0,
    highest: DENSEST,
    between: "no runs or those of its schedule",
    remedy: `Set ${name} to a value that the plan shows, override schedule, or exclude it if it is off`,
  })
}

const isDisabled = (attributes: Attributes): boolean =>
  attributes.text("state") === "DISABLED" || attributes.get("is_enabled") === false

/** Every minute: no schedule of EventBridge is denser. */
const DENSEST = "* * * * *"

/** Reads when a schedule or a rule starts its runs. ECS ends no task, so that only a person knows how long one takes. */
function timed(
  attributes: Attributes,
  attribute: string,
  job: Parallel,
  findings: AttributeFindings,
): JobSchedule {
  if (isDisabled(attributes)) return { job: { ...job, concurrent: 0 } }
  const unknownSwitch = SWITCHES.find((each) => attributes.isUnknown(each))
  if (unknownSwitch !== undefined) noteSwitch(unknownSwitch, findings)
  const runs = timedRuns(attributes, attribute, job, findings)
  return unknownSwitch === undefined ? runs : { ...runs, mayBeOff: true }
}

function timedRuns(
  attributes: Attributes,
  attribute: string,
  job: Parallel,
  findings: AttributeFindings,
): JobSchedule {
  const timezone = attributes.text("schedule_expression_timezone") ?? "UTC"
  const isUnknown = attributes.isUnknown(attribute) || attributes.isUnknown("schedule_expression_timezone")
  const text = attributes.text(attribute)
  if (isUnknown || text === undefined) {
    noteEndless(findings)
    return { job: { ...job, schedule: DENSEST, timezone }, endlessRuns: 1, unknownSchedule: AFTER_APPLY }
  }
  const schedule = normalSchedule(text, "eventbridge")
  if (isProblem(schedule)) {
    attributes.report(attribute)
    return { job: { ...job, concurrent: 1 } }
  }
  if (schedule.kind === "interval") {
    if (schedule.seconds < SECONDS_PER_DAY) noteEndless(findings)
    else assumeEnding(findings)
    return { job, endlessRuns: 1, everySeconds: schedule.seconds }
  }
  if (schedule.kind !== "calendar") return { job: { ...job, concurrent: schedule.kind === "once" ? 1 : 0 } }
  const timing = { schedule: schedule.schedule, timezone }
  if (isDailyAtMost(timing)) assumeEnding(findings)
  else noteEndless(findings)
  noteUpperBound(attribute, schedule, findings)
  return { job: { ...job, ...timing }, endlessRuns: 1 }
}

const SECONDS_PER_DAY = 86_400

const STATE_DURATION =
  "Override duration with the longest time that a run takes, or maxRuns if a lock allows only so many"

function assumeEnding({ assumptions }: AttributeFindings): void {
  assumptions.push({
    name: "duration",
    field: "timeout",
    assumed: `without a limit, because ECS ends no task: ${ENDS_BEFORE_NEXT}`,
    remedy: STATE_DURATION,
  })
}

function noteEndless({ unknowns }: AttributeFindings): void {
  unknowns.push({
    name: "duration",
    field: "timeout",
    lowest: "1s",
    highest: undefined,
    problem: "has no limit: ECS ends no task, so runs that take long pile up",
    between: "1 run or any number of runs",
    remedy: STATE_DURATION,
  })
}
