import { normalSchedule } from "../../schedule/dialects/normalize.ts"
import { isProblem } from "../../validation/problem.ts"
import { migrates } from "../build-command.ts"
import { AFTER_APPLY, presence, type ResourceEnvironment } from "../environment.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import { exactly } from "../resource-pool.ts"
import type { SoughtVariables } from "../sought-variables.ts"
import type { AttributeFindings, JobSchedule, ServiceInstances, Workload } from "../workload.ts"
import type { Component } from "./app.ts"
import { environmentOf } from "./component-environment.ts"

export const PLATFORM = "DigitalOcean App Platform"

/** Reads what a component runs, and what its build does. */
export function workloadOf(component: Component, { leading, deciding }: SoughtVariables): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const build = environmentOf(component, "build", deciding)
  const isBuilt = connects(build, leading)
  // Its code runs where it is built, and nowhere else.
  if (component.kind === "static_site")
    return { containers: [isBuilt ? build : without(build, deciding)], ...findings, runs: ONCE }
  const run = environmentOf(component, "run", deciding)
  if (isBuilt && !connects(run, leading)) {
    noteBuild("has the variable and may connect", findings)
    return { containers: [build], ...findings, runs: ONCE }
  }
  const isMigrating = isBuilt && migrates(component.attributes.text("build_command"))
  if (isMigrating) noteBuild("migrates", findings)
  return { containers: [run], ...findings, runs: runsOf(component, isMigrating ? 1 : 0, findings) }
}

const connects = (environment: ResourceEnvironment, leading: readonly string[]): boolean =>
  leading.some((name) => presence(environment, name) !== "absent")

/** Without the client's settings: they show no client in a site that has them from its app, and no URL. */
function without(environment: ResourceEnvironment, names: readonly string[]): ResourceEnvironment {
  const others = <Value>(entries: ReadonlyMap<string, Value>) =>
    new Map([...entries].filter(([name]) => !names.includes(name)))
  return { ...environment, values: others(environment.values), hidden: others(environment.hidden) }
}

/** Runs during a deploy, and at no other time. */
const ONCE: ServiceInstances = { instances: 0, surge: () => exactly(1) }

function noteBuild(what: string, { assumptions }: AttributeFindings): void {
  assumptions.push({
    name: "build",
    field: "surge",
    assumed: `${what} during a deploy, with a pool of the same size, beside the instances`,
    remedy: "Override surge if it opens fewer connections",
  })
}

function runsOf(
  component: Component,
  builds: number,
  findings: AttributeFindings,
): ServiceInstances | JobSchedule {
  const { kind } = component
  if (kind === "function") return functionRuns(findings)
  if (kind === "job") return jobRuns(component, builds, findings)
  const instances = instancesOf(component, findings)
  return builds === 0 ? { instances } : { instances, surge: (count) => exactly(count + builds) }
}

const MOST_INSTANCES = 250

function instancesOf({ attributes }: Component, findings: AttributeFindings): number {
  const [scaling] = attributes.blocks("autoscaling")
  const [from, attribute] =
    scaling === undefined
      ? ([attributes, "instance_count"] as const)
      : ([scaling, "max_instance_count"] as const)
  return count(from, attribute, "instances", findings)
}

/** The API leaves 0 out, and takes what is left out for 1. */
const count = (
  attributes: Component["attributes"],
  attribute: string,
  field: "instances" | "replicas",
  findings: AttributeFindings,
): number =>
  Math.max(
    1,
    readCountAttribute(
      attributes,
      { attribute, field, defaultValue: 1, most: MOST_INSTANCES, platform: "DigitalOcean" },
      findings,
    ),
  )

/** A function runs as often at a time as it is called, in as many containers. */
function functionRuns({ unknowns }: AttributeFindings): ServiceInstances {
  unknowns.push({
    name: "concurrency",
    field: "instances",
    lowest: 0,
    highest: undefined,
    problem: "is in no spec: a function runs as often at a time as it is called",
    between: "none or any number of instances",
    remedy: "Override instances with the most that run at a time, or exclude it",
  })
  return { instances: 1 }
}

/** The most that a run of a scheduled job takes, where the spec does not say. */
const DEFAULT_TIMEOUT = "30m"

/** Every minute: no schedule of five fields is denser. */
const DENSEST = { schedule: "* * * * *", timezone: "UTC" }

function jobRuns(
  { attributes }: Component,
  builds: number,
  findings: AttributeFindings,
): ServiceInstances | JobSchedule {
  const isOpen = attributes.isUnknown("kind")
  if (attributes.text("kind") !== "SCHEDULED" && !isOpen) {
    const instances = count(attributes, "instance_count", "instances", findings)
    return { instances: 0, surge: () => exactly(instances + builds) }
  }
  const run = {
    timeout: timeoutOf(attributes, findings),
    ...replicasOf(attributes, findings),
  }
  const [schedule] = attributes.blocks("schedule")
  if (isOpen || schedule === undefined || ["cron", "time_zone"].some((name) => schedule.isUnknown(name)))
    return {
      job: { ...run, ...DENSEST },
      unknownSchedule: isOpen || schedule !== undefined ? AFTER_APPLY : "missing",
    }
  const read = normalSchedule(schedule.text("cron") ?? "", "vixie")
  if (isProblem(read)) {
    schedule.report("cron")
    return { job: { ...run, concurrent: 1 } }
  }
  if (read.kind !== "calendar") return { job: { ...run, concurrent: 0 } }
  return {
    job: { ...run, schedule: read.schedule, timezone: schedule.text("time_zone") || "UTC" },
  }
}

function replicasOf(
  attributes: Component["attributes"],
  findings: AttributeFindings,
): Pick<JobSchedule["job"], "replicas"> {
  const replicas = count(attributes, "instance_count", "replicas", findings)
  return replicas === 1 ? {} : { replicas }
}

function timeoutOf(attributes: Component["attributes"], findings: AttributeFindings): string {
  const stated = attributes.text("timeout")
  if (stated !== undefined && stated !== "") return stated
  findings.assumptions.push({
    name: "timeout",
    field: "timeout",
    assumed: `omitted: ${DEFAULT_TIMEOUT}, DigitalOcean's default`,
    remedy: "Set timeout, or override it or duration",
  })
  return DEFAULT_TIMEOUT
}
