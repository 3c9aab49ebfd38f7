import { unknownInstances } from "./endless-instances.ts"
import { AFTER_APPLY } from "./environment.ts"
import type { Findings } from "./findings.ts"
import { DEPLOY_FIELDS, JOB_FIELDS, type Override, SERVICE_FIELDS } from "./override.ts"
import type { DeployedWorkload } from "./reader.ts"
import { hasBudget, type ResourcePool } from "./resource-pool.ts"
import { BEFORE, FORGOTTEN } from "./rollout.ts"
import type { Workload } from "./workload.ts"

/** Records the assumptions and unknowns of a resource, and the values of its override. */
export function noteWorkload(
  address: string,
  workload: Workload | undefined,
  override: Override | undefined,
  pools: readonly ResourcePool[],
  { assumptions, explicit, unknowns, issues }: Findings,
): void {
  if (workload === undefined) return
  const has = (field: string) => override !== undefined && Object.hasOwn(override, field)
  const states = (field: string) => has(field) || (field === "timeout" && (has("duration") || has("maxRuns")))
  for (const { field, name, ...assumption } of workload.assumptions) {
    if (!states(field)) assumptions.push({ name: `${address}.${name}`, ...assumption })
  }
  for (const { field, name, lowest, highest, problem, between, remedy } of workload.unknowns) {
    if (states(field)) continue
    if (field === "instances" && highest === undefined && pools.length > 0 && pools.every(hasBudget)) {
      const budgets = new Set(pools.map(({ size }) => size.highest))
      const [budget] = budgets.size === 1 ? budgets : []
      assumptions.push({ name: `${address}.${name}`, ...unknownInstances(budget) })
      continue
    }
    unknowns.push({
      cause: field === "schedule" ? "schedule" : "count",
      address,
      attribute: name,
      field,
      name: `${address}.${name}`,
      problem: problem ?? `is ${AFTER_APPLY}`,
      between: between ?? (highest === undefined ? `${lowest} or any number` : `${lowest} to ${highest}`),
      remedy: remedy ?? `Set ${name} to a value that the plan shows, or override ${field}`,
      ...(highest === undefined ? { isUnbounded: true as const } : {}),
    })
  }
  if ("unknownSchedule" in workload.runs && !states("schedule")) {
    unknowns.push({
      cause: "schedule",
      address,
      attribute: "schedule",
      name: `${address}.schedule`,
      problem: `is ${workload.runs.unknownSchedule}`,
      between: workload.runs.between ?? "one run or a start every minute",
      remedy: "Set it to a value that the plan shows, or override schedule",
    })
  }
  if (override === undefined) return
  const { reason, ...fields } = override
  const inapplicable: readonly string[] =
    "instances" in workload.runs ? [...JOB_FIELDS, ...DEPLOY_FIELDS] : SERVICE_FIELDS
  for (const [name, value] of Object.entries(fields)) {
    if (inapplicable.includes(name)) {
      issues.push({
        name: `override.${address}.${name}`,
        problem: `is not a field of this resource, a ${"instances" in workload.runs ? "service" : "job"}`,
        remedy: "Leave it out",
      })
    }
    for (const stated of explicitValues(`${address}.${name}`, value)) explicit.push({ ...stated, reason })
  }
}

/** A value as it is shown; for an array, each of its entries. */
const explicitValues = (name: string, value: string | number | false | readonly string[]) =>
  typeof value === "object"
    ? value.map((each, index) => ({ name: `${name}[${index}]`, value: each }))
    : [{ name, value: value === false ? "none" : value }]

/**
 * Records the unknowns of the generation before this plan. They count only during the deploy, except for resources that
 * Terraform forgets. They do not count if an override sets what the deploy adds. A former environment that the client
 * refuses opens nothing, and the plan that fixes it must pass.
 */
export function noteFormer(
  { address, isForgotten }: Pick<DeployedWorkload, "address" | "isForgotten">,
  former: Findings,
  now: readonly ResourcePool[],
  override: Override | undefined,
  { unknowns }: Findings,
): void {
  if (now.length > 0 && override?.surge !== undefined && !isForgotten) return
  const when = isForgotten ? FORGOTTEN : BEFORE
  const own = unknowns.slice(unknowns.findLastIndex((unknown) => unknown.address !== address) + 1)
  for (const { pools, ...unknown } of former.unknowns) {
    // A pool after apply has the plain name, and may be known.
    const earlier = pools?.map((pool) => `${pool} (${when})`)
    const noted = { ...unknown, ...(earlier && { pools: earlier }) }
    const same = own.find(({ name, cause }) => name === unknown.name && cause === unknown.cause)
    if (same !== undefined) {
      if (earlier === undefined) continue
      unknowns[unknowns.lastIndexOf(same)] = { ...same, pools: [...(same.pools ?? []), ...earlier] }
    } else {
      const name = now.length === 0 ? unknown.name : `${unknown.name} (${when})`
      const remedy = now.length === 0 || isForgotten ? unknown.remedy : SURGE
      unknowns.push({ ...noted, name, remedy, ...(isForgotten ? {} : { isOfDeploy: true }) })
    }
  }
}

const SURGE = "Override surge with what this deploy adds, or first apply the change that makes it known"
