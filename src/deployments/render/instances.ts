import { normalSchedule } from "../../schedule/dialects/normalize.ts"
import { maxRunsPerJob } from "../../schedule/max-concurrent-runs.ts"
import { isProblem } from "../../validation/problem.ts"
import { migrates } from "../build-command.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import { exactly } from "../resource-pool.ts"
import type { AttributeFindings, JobSchedule, ServiceInstances } from "../workload.ts"
import type { RenderService } from "./blueprint.ts"

export const PLATFORM = "Render"

/** What a service is, by its type and its runtime. */
export type ServiceKind = "instances" | "static" | "cron" | "inert" | "other"

export function kindOf({ type, attributes }: RenderService): ServiceKind {
  if (type === "static" || (attributes.text("runtime") ?? attributes.text("env")) === "static")
    return "static"
  if (["web", "pserv", "worker"].includes(type)) return "instances"
  if (type === "cron") return "cron"
  return ["keyvalue", "redis"].includes(type) ? "inert" : "other"
}

/** Reads how often a service runs, steadily and during a deploy. */
export function runsOf(
  service: RenderService,
  kind: ServiceKind,
  findings: AttributeFindings,
): ServiceInstances | JobSchedule {
  if (kind === "cron") return cronRuns(service, findings)
  // Its code runs where it is built, and nowhere else.
  if (kind === "static") return { instances: 0, surge: () => exactly(1) }
  const instances = instancesOf(service, findings)
  const extra = commandInstances(service, findings)
  // Only one instance can have a disk: the old one stops before the new one starts.
  if (service.attributes.get("disk") !== undefined) return { instances, surge: () => exactly(extra) }
  return extra === 0 ? { instances } : { instances, surge: (count) => exactly(count + extra) }
}

function instancesOf(service: RenderService, findings: AttributeFindings): number {
  const { attributes } = service
  const [scaling] = attributes.blocks("scaling")
  if (scaling === undefined)
    return readCountAttribute(
      attributes,
      { attribute: "numInstances", field: "instances", defaultValue: 1, most: 100, platform: PLATFORM },
      findings,
    )
  if (scaling.get("maxInstances") === undefined)
    service.refuse("scaling", "has no maxInstances", "Set maxInstances and minInstances")
  return readCountAttribute(
    scaling,
    { attribute: "maxInstances", field: "instances", defaultValue: 1, most: 100, platform: PLATFORM },
    { assumptions: [], unknowns: [] },
  )
}

/** The instances in which a deploy runs commands before the new instances start. */
function commandInstances({ attributes }: RenderService, { assumptions }: AttributeFindings): number {
  const isBuild = migrates(attributes.text("buildCommand"))
  const name =
    (attributes.text("preDeployCommand") ?? "") !== ""
      ? "preDeployCommand"
      : isBuild
        ? "buildCommand"
        : undefined
  if (name === undefined) return 0
  assumptions.push({
    name,
    field: "surge",
    assumed:
      "runs during a deploy in one more instance, with a pool of the same size, beside the old instances and the new ones",
    remedy: "Override surge if it opens fewer connections",
  })
  return 1
}

/** Render ends a run after this time, and starts none while another one is running. */
const LONGEST = "12h"

function cronRuns(service: RenderService, findings: AttributeFindings): JobSchedule {
  const schedule = normalSchedule(service.attributes.text("schedule") ?? "", "vixie")
  if (isProblem(schedule)) {
    service.refuse("schedule", schedule.problem, schedule.remedy)
    return { job: { concurrent: 1 } }
  }
  if (schedule.kind !== "calendar") return { job: { concurrent: 0 } }
  const timing = { schedule: schedule.schedule, timezone: "UTC", duration: LONGEST }
  findings.assumptions.push({
    name: "duration",
    field: "duration",
    assumed: `up to ${LONGEST}, after which Render ends a run`,
    remedy: "Override duration with the longest time that a run takes",
  })
  const [runs = 0] = maxRunsPerJob([{ name: "cron", poolSize: 1, ...timing }], [])
  // A run that has to wait for the one before it starts late, so it may be running at any time.
  return runs > 1 ? { job: { ...timing, maxRuns: 1 }, endlessRuns: 1 } : { job: { ...timing, maxRuns: 1 } }
}
