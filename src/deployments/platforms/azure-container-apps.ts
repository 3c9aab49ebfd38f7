import { normalSchedule } from "../../schedule/dialects/normalize.ts"
import { isProblem } from "../../validation/problem.ts"
import { Attributes } from "../attributes.ts"
import { AFTER_APPLY } from "../environment.ts"
import type { Context } from "../platform.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings, JobSchedule, UnknownAttribute, Workload } from "../workload.ts"
import { containersOf } from "./azure-containers.ts"

const PLATFORM = "Azure Container Apps"

/** https://learn.microsoft.com/azure/container-apps/scale-app: the provider accepts fewer. */
const MOST_REPLICAS = 1_000

/** Reads a Container App. */
export function containerApp(attributes: Attributes, _: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const [template = NONE] = attributes.blocks("template")
  const instances = readCountAttribute(
    template,
    {
      attribute: "max_replicas",
      field: "instances",
      defaultValue: 10,
      most: MOST_REPLICAS,
      platform: PLATFORM,
    },
    findings,
  )
  noteAsking("custom_scale_rule", template.blocks("custom_scale_rule"), findings)
  if (attributes.get("revision_mode") !== "Single") noteRevisions(attributes, instances, findings)
  return { ...containersOf(attributes, context), ...findings, runs: { instances } }
}

const NONE = new Attributes(undefined)

/** A rule that asks PostgreSQL does so on connections that the platform opens itself. */
function noteAsking(name: string, rules: readonly Attributes[], { assumptions }: AttributeFindings): void {
  if (!rules.some((rule) => rule.get("custom_rule_type") === "postgresql")) return
  assumptions.push({
    name,
    field: "poolSize",
    assumed: "asks PostgreSQL, on connections of the platform's own that are not counted",
    remedy: "If that is this server, reserve them (--reserved keda=2)",
  })
}

/** Several revisions may be active, each with replicas of its own, and the plan has the newest one only. */
function noteRevisions(attributes: Attributes, instances: number, { unknowns }: AttributeFindings): void {
  const isUnknown = attributes.isUnknown("revision_mode")
  if (attributes.get("revision_mode") === undefined && !isUnknown) return
  unknowns.push({
    name: "revision_mode",
    field: "instances",
    lowest: unknowns.some(({ field }) => field === "instances") ? 0 : instances,
    highest: undefined,
    problem: isUnknown
      ? `is ${AFTER_APPLY}`
      : "is Multiple: each active revision has its own max_replicas, and the plan has the newest one only",
    remedy: "Set revision_mode to Single, or override instances with the sum over the active revisions",
  })
}

/** Executions of a job that events start, by default: https://learn.microsoft.com/azure/container-apps/jobs */
const MOST_EXECUTIONS = 100

const LONGEST_RUN_SECONDS = 366 * 86_400

/** Reads a job of Container Apps, by the trigger that it has. */
export function containerAppJob(attributes: Attributes, _: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  return { ...containersOf(attributes, context), ...findings, runs: runsOf(attributes, findings) }
}

const MANUAL = "manual_trigger_config"
const SCHEDULE = "schedule_trigger_config"
const EVENT = "event_trigger_config"

function runsOf(attributes: Attributes, findings: AttributeFindings): JobSchedule {
  const [schedule] = attributes.blocks(SCHEDULE)
  const [event] = attributes.blocks(EVENT)
  const [trigger = NONE] = [schedule, event, ...attributes.blocks(MANUAL)].filter(
    (each) => each !== undefined,
  )
  const replicas = Math.max(1, count(trigger, "parallelism", "replicas", 1, findings))
  const completions = trigger.get("replica_completion_count")
  if (trigger.isUnknown("replica_completion_count")) noteBatches(findings)
  const batches = typeof completions === "number" ? Math.ceil(completions / replicas) : 1
  const run = {
    ...timeoutOf(attributes, batches, findings),
    retries: count(attributes, "replica_retry_limit", "retries", 0, findings),
    replicas,
  }
  // Which one it is decides how often it runs, so that one that is not known may be any of them.
  if (schedule?.isUnknown("cron_expression"))
    return { job: { ...run, ...DENSEST }, unknownSchedule: AFTER_APPLY }
  if (schedule !== undefined) return scheduled(run, schedule)
  if (event === undefined) return { job: run }
  const [scale = NONE] = event.blocks("scale")
  noteAsking("rules", scale.blocks("rules"), findings)
  const most = count(scale, "max_executions", "concurrent", MOST_EXECUTIONS, findings)
  return { job: { ...run, concurrent: most } }
}

/** Every minute: no schedule of five fields is denser. */
const DENSEST = { schedule: "* * * * *", timezone: "UTC" }

/** Executions that take long are assumed to overlap with the next ones: whether they do is not documented. */
function scheduled(run: JobSchedule["job"], trigger: Attributes): JobSchedule {
  const text = trigger.text("cron_expression")
  if (text === undefined) return { job: run }
  const schedule = normalSchedule(text, "vixie")
  return isProblem(schedule) || schedule.kind !== "calendar"
    ? { job: { ...run, ...DENSEST }, unknownSchedule: "no schedule of five fields" }
    : { job: { ...run, schedule: schedule.schedule, timezone: "UTC" } }
}

/** Replicas that do not run at once follow each other, so that more of them take longer. */
function noteBatches({ unknowns }: AttributeFindings): void {
  unknowns.push({
    name: "replica_completion_count",
    field: "timeout",
    lowest: "1s",
    highest: undefined,
    remedy: "Set replica_completion_count to a value that the plan shows, or override timeout",
  })
}

const count = (
  attributes: Attributes,
  attribute: string,
  field: UnknownAttribute["field"],
  defaultValue: number,
  findings: AttributeFindings,
): number =>
  readCountAttribute(
    attributes,
    { attribute, field, defaultValue, most: undefined, platform: PLATFORM },
    findings,
  )

function timeoutOf(
  attributes: Attributes,
  batches: number,
  { unknowns }: AttributeFindings,
): Pick<JobSchedule["job"], "timeout"> {
  const name = "replica_timeout_in_seconds"
  const seconds = attributes.get(name)
  if (typeof seconds === "number" && seconds > 0)
    return { timeout: `${Math.min(LONGEST_RUN_SECONDS, Math.ceil(seconds * batches))}s` }
  if (seconds !== undefined) attributes.report(name)
  unknowns.push({ name, field: "timeout", lowest: "1s", highest: undefined })
  return { timeout: `${LONGEST_RUN_SECONDS}s` }
}
