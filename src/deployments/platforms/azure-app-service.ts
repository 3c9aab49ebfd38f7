import { Attributes } from "../attributes.ts"
import { AFTER_APPLY } from "../environment.ts"
import type { Context, Resolved } from "../platform.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings, Workload } from "../workload.ts"
import { appEnvironment } from "./azure-app-environment.ts"
import { isElasticPlan, SERVICE_PLAN, workersOf } from "./azure-service-plan.ts"

/** Apps of Functions scale as their plan does, and may do so on their own. */
type Kind = "web" | "function"

/** Reads an app of App Service. It runs on each worker of its plan. */
export const app =
  (kind: Kind) =>
  (attributes: Attributes, resource: Resource, context: Context): Workload =>
    workload(kind, attributes, planOf(resource, context), context)

/**
 * Reads a slot of an app. It runs on the same workers, beside the app, unless it has a plan of its own.
 *
 * @param type the type of its app
 * @param owner the attribute with the id of its app
 */
export const slot =
  (kind: Kind, type: string, owner: string) =>
  (attributes: Attributes, resource: Resource, context: Context): Workload => {
    const hasPlan =
      attributes.get(PLAN) !== undefined || resource.configuration.references(resource, PLAN).length > 0
    const plans = hasPlan
      ? planOf(resource, context)
      : planOfApp(context.resolve(resource, owner, type), context)
    return workload(kind, attributes, plans, context)
  }

const PLAN = "service_plan_id"

/** The plans of which an app has one. */
interface Plans {
  readonly candidates: readonly Resource[]
  readonly isCertain: boolean
}

function planOf(resource: Resource, context: Context): Plans {
  const { resources, isCertain } = context.resolve(resource, PLAN, SERVICE_PLAN)
  return { candidates: resources, isCertain }
}

function planOfApp(apps: Resolved, context: Context): Plans {
  const plans = apps.resources.map((each) => planOf(each, context))
  const candidates = [...new Set(plans.flatMap((each) => each.candidates))]
  return { candidates, isCertain: candidates.length === 1 && plans.every(({ isCertain }) => isCertain) }
}

function workload(kind: Kind, attributes: Attributes, plans: Plans, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const containers = [appEnvironment(attributes, context, kind === "function")]
  // An app that is switched off runs nowhere.
  const isOff = attributes.get("enabled") === false
  const instances = isOff ? 0 : instancesOf(kind, attributes, plans, context, findings)
  noteSwitch(attributes, instances, findings)
  return { containers, ...findings, runs: { instances } }
}

/** Records that an app may be off, which is known only after apply. */
function noteSwitch(attributes: Attributes, instances: number, { unknowns }: AttributeFindings): void {
  if (!attributes.isUnknown("enabled")) return
  unknowns.push({ name: "enabled", field: "instances", lowest: 0, highest: instances })
}

function instancesOf(
  kind: Kind,
  attributes: Attributes,
  { candidates, isCertain }: Plans,
  context: Context,
  findings: AttributeFindings,
): number {
  const [only] = candidates
  if (isCertain && only !== undefined) return instancesIn(kind, only, attributes, context, findings)
  const quiet: AttributeFindings = { assumptions: [], unknowns: [] }
  const each = candidates.map((plan) => instancesIn(kind, plan, attributes, context, quiet))
  const [lowest, highest] =
    each.length === 0
      ? [0, MOST_BURST]
      : [quiet.unknowns.length > 0 ? 0 : Math.min(...each), Math.max(...each)]
  findings.unknowns.push({
    name: PLAN,
    field: "instances",
    lowest,
    highest,
    problem:
      each.length === 0
        ? "is of a plan that is in none of the plans"
        : `is one of ${each.length} plans, and it is not known which`,
    remedy: "Also give the plan that has it, or override instances",
  })
  return highest
}

/** https://learn.microsoft.com/azure/azure-functions/functions-scale */
const MOST_BURST = 200
const MOST_ON_LINUX = 100

function instancesIn(
  kind: Kind,
  plan: Resource,
  app: Attributes,
  context: Context,
  findings: AttributeFindings,
): number {
  const [site = NONE] = app.blocks("site_config")
  if (kind === "function") {
    const sku = plan.attributes.text("sku_name") ?? ""
    const limit = limitOf(site, app)
    const isConsumption = /^Y1$/i.test(sku)
    if (isConsumption || isElasticPlan(plan.attributes)) noteLimit(site, app, findings)
    if (limit !== undefined && (isConsumption || isElasticPlan(plan.attributes))) return limit
    if (isConsumption) return mostOnConsumption(plan, findings)
    if (plan.attributes.isUnknown("sku_name")) {
      const own = workersOf(plan, context, findings)
      findings.unknowns.push({
        name: "sku_name",
        field: "instances",
        lowest: 0,
        highest: MOST_BURST,
        problem: OF_PLAN,
      })
      return Math.max(own, MOST_BURST)
    }
  }
  return workersFor(plan, site, context, findings)
}

const OF_PLAN = `of its plan is ${AFTER_APPLY}`

/** Apps on a consumption plan scale to a number that depends on its system. */
function mostOnConsumption(plan: Resource, { assumptions, unknowns }: AttributeFindings): number {
  const name = "os_type"
  const isLinux = plan.attributes.get(name) === "Linux"
  const most = isLinux ? MOST_ON_LINUX : MOST_BURST
  if (plan.attributes.isUnknown(name)) {
    unknowns.push({ name, field: "instances", lowest: MOST_ON_LINUX, highest: MOST_BURST, problem: OF_PLAN })
    return MOST_BURST
  }
  assumptions.push({
    name: "app_scale_limit",
    field: "instances",
    assumed: `omitted: ${most}, Azure Functions's default`,
    remedy: "Set app_scale_limit, or override instances",
  })
  return most
}

/** Records a limit of the app itself that is known only after apply: without it, the plan's counts. */
function noteLimit(site: Attributes, app: Attributes, { unknowns }: AttributeFindings): void {
  const isHidden = app.map("app_settings").unknown.includes(SCALE_OUT)
  const name = site.isUnknown("app_scale_limit") ? "app_scale_limit" : isHidden ? SCALE_OUT : undefined
  if (name !== undefined) unknowns.push({ name, field: "instances", lowest: 1, highest: MOST_BURST })
}

/** Counts the workers of a plan that an app runs on: all, or its own number where the plan scales each app alone. */
function workersFor(plan: Resource, site: Attributes, context: Context, findings: AttributeFindings): number {
  const workers = workersOf(plan, context, findings)
  const own = site.get("worker_count")
  const alone = "per_site_scaling_enabled"
  const isScaledAlone = plan.attributes.get(alone) === true
  const hidden = plan.attributes.isUnknown(alone)
    ? alone
    : isScaledAlone && site.isUnknown("worker_count")
      ? "worker_count"
      : undefined
  if (hidden !== undefined) {
    const problem = hidden === alone ? OF_PLAN : `is ${AFTER_APPLY}`
    findings.unknowns.push({ name: hidden, field: "instances", lowest: 1, highest: workers, problem })
    return workers
  }
  return isScaledAlone && typeof own === "number" && own > 0 ? Math.min(own, workers) : workers
}

const NONE = new Attributes(undefined)

/** The limit of an app itself; 0 stands for none. */
function limitOf(site: Attributes, app: Attributes): number | undefined {
  const stated = [
    site.get("app_scale_limit"),
    Number(app.map("app_settings").known.find(([name]) => name === SCALE_OUT)?.[1]),
  ].filter((each): each is number => typeof each === "number" && Number.isInteger(each) && each > 0)
  return stated.length > 0 ? Math.min(...stated) : undefined
}

const SCALE_OUT = "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT"

/** The provider's default for an app of the flex consumption plan, and the most that it accepts. */
const FLEX = { defaultValue: 100, most: 1_000 }

/** Reads an app of the flex consumption plan, which scales by itself. */
export function flexApp(attributes: Attributes, _: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const instances = readCountAttribute(
    attributes,
    { attribute: "maximum_instance_count", field: "instances", platform: "Azure Functions", ...FLEX },
    findings,
  )
  const containers = [appEnvironment(attributes, context, true)]
  noteSwitch(attributes, instances, findings)
  return { containers, ...findings, runs: { instances: attributes.get("enabled") === false ? 0 : instances } }
}
