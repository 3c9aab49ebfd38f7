import type { Attributes } from "../attributes.ts"
import { AFTER_APPLY } from "../environment.ts"
import { listed } from "../listed.ts"
import type { Context } from "../platform.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings } from "../workload.ts"

export const PLATFORM = "Azure App Service"

export const SERVICE_PLAN = "azurerm_service_plan"
export const AUTOSCALE = "azurerm_monitor_autoscale_setting"

/** Workers of an isolated plan; others have fewer: https://learn.microsoft.com/azure/app-service/overview-hosting-plans */
export const MOST_WORKERS = 100

/** The most workers of a plan, with what is assumed and unknown of them. */
type Workers = AttributeFindings & { readonly count: number }

/** A plan is read once for all of its apps: each app without a known plan asks for all plans. */
const known = new WeakMap<Context, Map<Resource, Workers>>()

/** Returns the most workers that a plan scales to. Each app of the plan runs on each of them. */
export function workersOf(plan: Resource, context: Context, findings: AttributeFindings): number {
  const plans = known.get(context) ?? new Map<Resource, Workers>()
  known.set(context, plans)
  let workers = plans.get(plan)
  if (workers === undefined) {
    const own: AttributeFindings = { assumptions: [], unknowns: [] }
    workers = { ...own, count: readWorkers(plan, context, own) }
    plans.set(plan, workers)
  }
  findings.assumptions.push(...workers.assumptions)
  findings.unknowns.push(...workers.unknowns)
  return workers.count
}

function readWorkers(plan: Resource, context: Context, findings: AttributeFindings): number {
  const { attributes } = plan
  const autoscaled = autoscaleOf(plan, context, findings)
  const elastic = elasticWorkersOf(attributes, findings)
  const bounds = [...autoscaled, ...elastic]
  const isOmitted = attributes.get("worker_count") === undefined && !attributes.isUnknown("worker_count")
  // What scales the plan decides, where the code does not say with how many workers it begins.
  if (isOmitted && bounds.length > 0) return Math.max(...bounds)
  return Math.max(ownWorkersOf(attributes, findings), ...bounds)
}

function ownWorkersOf(attributes: Attributes, findings: AttributeFindings): number {
  const isOmitted = attributes.get("worker_count") === undefined && !attributes.isUnknown("worker_count")
  const isBalanced = attributes.get("zone_balancing_enabled") === true
  if (isOmitted && (isBalanced || attributes.isUnknown("zone_balancing_enabled"))) {
    findings.unknowns.push({
      name: "worker_count",
      field: "instances",
      lowest: isBalanced ? 2 : 1,
      highest: MOST_WORKERS,
      problem: "of its plan is omitted, and with zone_balancing_enabled Azure chooses it",
      remedy: "Set worker_count, or override instances",
    })
    return MOST_WORKERS
  }
  return readCountAttribute(
    attributes,
    {
      attribute: "worker_count",
      field: "instances",
      defaultValue: 1,
      most: MOST_WORKERS,
      platform: PLATFORM,
    },
    findings,
  )
}

/** The workers of an elastic plan, and of one that scales by itself. */
function elasticWorkersOf(attributes: Attributes, findings: AttributeFindings): number[] {
  const isElastic = isElasticPlan(attributes) || attributes.get("premium_plan_auto_scale_enabled") === true
  const hidden = ["sku_name", "premium_plan_auto_scale_enabled"].find((name) => attributes.isUnknown(name))
  if (!isElastic && hidden === undefined) return []
  const most = attributes.get("maximum_elastic_worker_count")
  if (!isElastic && hidden !== undefined) {
    const highest = typeof most === "number" && most > 0 ? most : MOST_WORKERS
    findings.unknowns.push({
      name: hidden,
      field: "instances",
      lowest: 0,
      highest,
      problem: `of its plan is ${AFTER_APPLY}, and decides whether it scales by itself`,
      remedy: `Set ${hidden} to a value that the plan shows, or override instances`,
    })
    return [highest]
  }
  if (typeof most === "number" && most > 0) return [most]
  findings.unknowns.push({
    name: "maximum_elastic_worker_count",
    field: "instances",
    lowest: 1,
    highest: MOST_WORKERS,
    problem: "of its plan is not in the plan",
    remedy: "Set maximum_elastic_worker_count, or override instances",
  })
  return [MOST_WORKERS]
}

export const isElasticPlan = (attributes: Attributes): boolean =>
  /^EP\d/i.test(attributes.text("sku_name") ?? "")

/** The most workers of each profile of the settings that scale a plan. */
function autoscaleOf(plan: Resource, context: Context, findings: AttributeFindings): number[] {
  const { certain, possible } = context.referrers(plan, AUTOSCALE, "target_resource_id")
  const isOpen = ({ attributes }: Resource) => attributes.isUnknown("enabled")
  const enabled = certain.filter(isEnabled)
  const own = enabled
    .filter((each) => !isOpen(each))
    .flatMap(({ attributes }) => maximaOf(attributes, findings))
  const others = [...possible.filter(isEnabled), ...enabled.filter(isOpen)]
  if (others.length === 0) return own
  const quiet: AttributeFindings = { assumptions: [], unknowns: [] }
  const most = Math.max(...others.flatMap(({ attributes }) => maximaOf(attributes, quiet)))
  findings.unknowns.push({
    name: "worker_count",
    field: "instances",
    lowest: 0,
    highest: most,
    problem: `of its plan may be scaled by ${listed(others.map(({ address }) => address))}, or that is off or scales another one`,
    remedy: "Give it a target_resource_id and enabled that the plan shows, or override instances",
  })
  return [...own, most]
}

const isEnabled = ({ managed, attributes }: Resource) => managed && attributes.get("enabled") !== false

/** https://learn.microsoft.com/azure/azure-monitor/autoscale: the number of instances that a setting accepts. */
const MOST_AUTOSCALED = 1_000

function maximaOf(setting: Attributes, findings: AttributeFindings): number[] {
  const profiles = setting.blocks("profile")
  return profiles.map((profile) => {
    const [capacity] = profile.blocks("capacity")
    const most = capacity?.get("maximum")
    if (typeof most === "number") return most
    findings.unknowns.push({
      name: "capacity.maximum",
      field: "instances",
      lowest: 0,
      highest: MOST_AUTOSCALED,
      problem: "of what scales its plan is known only after apply",
    })
    return MOST_AUTOSCALED
  })
}
