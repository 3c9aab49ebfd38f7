import { AFTER_APPLY } from "../environment.ts"
import type { Findings } from "../findings.ts"
import { DEPLOY_FIELDS, JOB_FIELDS, type Override, SERVICE_FIELDS } from "../override.ts"
import type { Platform, Workload } from "../platform.ts"
import type { PoolQuery, ResourcePool } from "../resource-pool.ts"
import { BEFORE, FORGOTTEN } from "../rollout.ts"
import { connectsNothing, isCiSecret } from "./inert-types.ts"
import type { Resource } from "./resource.ts"

/**
 * A type that nobody here can count must not connect unseen. It is out where everything that could carry the variable is
 * known and does not name it.
 *
 * @returns whether anything was to be said of it
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
  const has = whatItHas(resource, query)
  if (has === undefined) return false
  if (isCiSecret(type)) {
    assumptions.push({
      name: address,
      assumed: "a value of CI: what its workflows open is not counted",
      remedy: "Declare it as a reserve where workflows connect beside the fleet",
    })
    return true
  }
  if (actions.length > 0 && actions.every((action) => action === "delete")) {
    warnings.push(`${address}: ${has}, and what it still opens until it is deleted is not counted`)
    return true
  }
  unknowns.push({
    cause: "type",
    address,
    name: address,
    problem: `${has}, and ${resource.isAction ? "actions" : "resources"} of type ${type} are not counted here`,
    between: "nothing, and any number of connections",
    isUnbounded: true,
    remedy: "Declare what it opens as a consumer, and exclude it with a reason",
  })
  return true
}

/** An action that starts a job of which these plans do not tell. */
export function noteStarter({ address }: Resource, { unknowns }: Findings): void {
  unknowns.push({
    cause: "type",
    address,
    isOfDeploy: true,
    name: address,
    problem: "starts a job that these plans do not tell",
    between: "nothing, and any number of connections",
    isUnbounded: true,
    remedy: "Give the plan that has the job beside this one, or exclude the action and set startedByDeploy",
  })
}

/** What holds the variable for others, where nothing that is counted here is known to read it. */
export function noteHolder(resource: Resource, query: PoolQuery, { unknowns }: Findings): void {
  const { address, actions } = resource
  const has = whatItHas(resource, query)
  if (has === undefined || (actions.length > 0 && actions.every((action) => action === "delete"))) return
  unknowns.push({
    cause: "namespace",
    address,
    name: address,
    problem: `${has} for what runs in it, and nothing that is counted here does`,
    between: "nothing, and any number of connections",
    isUnbounded: true,
    remedy: "Give the plan that has its containers beside this one, or exclude it with a reason",
  })
}

/** What of a resource may make something connect to the server; undefined where nothing does. */
function whatItHas(resource: Resource, { keys, servers }: PoolQuery): string | undefined {
  const { attributes, configuration } = resource
  const key = keys.find((name) => attributes.mentions(name) || configuration.mentions(resource, name))
  if (key !== undefined) return `has ${key}`
  // What runs on a machine and names itself has a server of its own there, more likely than a proxy.
  const urls = [...attributes.postgresUrls].filter((url) => !servers.isLoopback(url))
  const leads = new Set(urls.map((url) => servers.otherUrl(url)))
  if (leads.has("here")) return "has a URL of this server"
  if (leads.has("perhaps")) return "has a URL that may lead to this server"
  return mayMention(resource) ? `may have ${keys.join(" or ")}` : undefined
}

/** Whether text of it cannot be seen that may name the variable. */
function mayMention({ attributes, configuration, ...place }: Resource): boolean {
  if (attributes.hidesText || configuration.hidesProvisioner(place)) return true
  for (const path of attributes.unknownPaths()) if (!configuration.isName(place, path)) return true
  return false
}

/** What was taken for what a resource leaves open, and what an override puts in its place. */
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
      between: highest === undefined ? `${lowest}, and any number` : `${lowest} and ${highest}`,
      remedy: `Set ${name} where the plan shows it, or override ${field}`,
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
      between: "one run, and a start every minute",
      remedy: "Set it where the plan shows it, or override schedule",
    })
  }
  if (override === undefined) return
  const { reason, ...fields } = override
  const foreign: readonly string[] =
    "instances" in workload.runs ? [...JOB_FIELDS, ...DEPLOY_FIELDS] : SERVICE_FIELDS
  for (const [name, value] of Object.entries(fields)) {
    if (foreign.includes(name)) {
      issues.push({
        name: `override.${address}.${name}`,
        problem: `is not a field of this resource, a ${"instances" in workload.runs ? "service" : "job"}`,
        remedy: "Leave it out",
      })
    }
    for (const stated of explicitValues(`${address}.${name}`, value)) explicit.push({ ...stated, reason })
  }
}

/** A value as it is shown; of a list, each of its entries. */
const explicitValues = (name: string, value: string | number | readonly string[]) =>
  typeof value === "object"
    ? value.map((each, index) => ({ name: `${name}[${index}]`, value: each }))
    : [{ name, value }]

/**
 * What is not known of the generation before. It counts in the deploy only, but for what Terraform forgets, and not where
 * an override says what the deploy adds. A former environment that the client refuses opens nothing, and the plan that
 * mends it must pass.
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
    // A pool of after apply has the plain name, and may well be known.
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

const SURGE = "Override surge with what this deploy adds, or apply what makes it known by itself"
