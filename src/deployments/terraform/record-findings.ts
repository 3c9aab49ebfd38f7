import { AFTER_APPLY } from "../environment.ts"
import type { Findings } from "../findings.ts"
import { DEPLOY_FIELDS, JOB_FIELDS, type Override, SERVICE_FIELDS } from "../override.ts"
import type { Platform, Workload } from "../platform.ts"
import type { PoolQuery, ResourcePool } from "../resource-pool.ts"
import { BEFORE, FORGOTTEN } from "../rollout.ts"
import { connectsNothing, isCiSecret } from "./inert-types.ts"
import type { Resource } from "./resource.ts"

/**
 * Records a resource of a type that is not read: it must not connect unseen. Nothing is recorded if every attribute
 * that could hold the variable is known and does not name it.
 *
 * @returns true if something was recorded
 */
export function noteUncounted(
  resource: Resource,
  platforms: readonly Platform[],
  query: PoolQuery,
  { unknowns, warnings, assumptions }: Findings,
): boolean {
  const { address, type, actions } = resource
  if (connectsNothing(type) || platforms.some((platform) => Object.hasOwn(platform.servers, type)))
    return false
  const has = connectionHint(resource, query)
  if (has === undefined) return false
  if (isCiSecret(type)) {
    assumptions.push({
      name: address,
      assumed: "a value for CI: connections of its workflows are not counted",
      remedy: "If workflows connect while the fleet runs, declare them in reserved",
    })
    return true
  }
  if (actions.length > 0 && actions.every((action) => action === "delete")) {
    warnings.push(`${address}: ${has}, and its connections until it is deleted are not counted`)
    return true
  }
  unknowns.push({
    cause: "type",
    address,
    name: address,
    problem: `${has}, and ${resource.isAction ? "actions" : "resources"} of type ${type} are not read`,
    between: ANY_NUMBER,
    isUnbounded: true,
    remedy: COUNT_BY_HAND,
  })
  return true
}

/** Records an action that starts a job which these plans do not contain. */
export function noteStarter({ address }: Resource, { unknowns }: Findings): void {
  unknowns.push({
    cause: "type",
    address,
    isOfDeploy: true,
    name: address,
    problem: "starts a job that is not in these plans",
    between: ANY_NUMBER,
    isUnbounded: true,
    remedy: "Also give the plan that has the job, or exclude the action and set startedByDeploy",
  })
}

/** Records a resource that holds the variable for others, if no counted resource is known to read it. */
export function noteSharedEnvironment(resource: Resource, query: PoolQuery, { unknowns }: Findings): void {
  const { address, actions } = resource
  const has = connectionHint(resource, query)
  if (has === undefined || (actions.length > 0 && actions.every((action) => action === "delete"))) return
  unknowns.push({
    cause: "namespace",
    address,
    name: address,
    problem: `${has} for its containers, and none of them is counted`,
    between: ANY_NUMBER,
    isUnbounded: true,
    remedy: "Also give the plan that has its containers, or exclude it with a reason",
  })
}

const ANY_NUMBER = "0 or any number of connections"

const COUNT_BY_HAND =
  "Count it by hand: add --consumer NAME=INSTANCESxSIZE and --exclude 'ADDRESS=counted by hand', or declare both"

/** Says what in a resource may lead to a connection to the server; undefined if nothing does. */
function connectionHint(resource: Resource, { keys, servers }: PoolQuery): string | undefined {
  const { attributes, configuration } = resource
  const key = keys.find((name) => attributes.mentions(name) || configuration.mentions(resource, name))
  if (key !== undefined) return `has ${key}`
  // A loopback URL more likely leads to a server on the same machine than to a proxy.
  const urls = [...attributes.postgresUrls].filter((url) => !servers.isLoopback(url))
  const leads = new Set(urls.map((url) => servers.otherUrl(url)))
  if (leads.has("here")) return "has a URL of this server"
  if (leads.has("perhaps")) return "has a URL that may lead to this server"
  return mayMention(resource) ? `may have ${keys.join(" or ")}` : undefined
}

/** True if it has text that cannot be seen and may name the variable. */
function mayMention({ attributes, configuration, ...place }: Resource): boolean {
  if (attributes.hidesText || configuration.hidesProvisioner(place)) return true
  for (const path of attributes.unknownPaths()) if (!configuration.isName(place, path)) return true
  return false
}

/** Records the assumptions and unknowns of a resource, and the values of its override. */
export function noteWorkload(
  address: string,
  workload: Workload | undefined,
  override: Override | undefined,
  { assumptions, explicit, unknowns, issues }: Findings,
): void {
  if (workload === undefined) return
  const states = (field: string) => override !== undefined && Object.hasOwn(override, field)
  for (const { field, name, ...assumption } of workload.assumptions) {
    if (!states(field)) assumptions.push({ name: `${address}.${name}`, ...assumption })
  }
  for (const { field, name, lowest, highest } of workload.unknowns) {
    if (states(field)) continue
    unknowns.push({
      cause: "count",
      address,
      attribute: name,
      name: `${address}.${name}`,
      problem: `is ${AFTER_APPLY}`,
      between: highest === undefined ? `${lowest} or any number` : `${lowest} to ${highest}`,
      remedy: `Set ${name} to a value that the plan shows, or override ${field}`,
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
      between: "one run or a start every minute",
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
const explicitValues = (name: string, value: string | number | readonly string[]) =>
  typeof value === "object"
    ? value.map((each, index) => ({ name: `${name}[${index}]`, value: each }))
    : [{ name, value }]

/**
 * Records the unknowns of the generation before this plan. They count only during the deploy, except for resources that
 * Terraform forgets. They do not count if an override sets what the deploy adds. A former environment that the client
 * refuses opens nothing, and the plan that fixes it must pass.
 */
export function noteFormer(
  { address, actions }: Pick<Resource, "address" | "actions">,
  former: Findings,
  now: readonly ResourcePool[],
  override: Override | undefined,
  { unknowns }: Findings,
): void {
  const isForgotten = actions.includes("forget")
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
