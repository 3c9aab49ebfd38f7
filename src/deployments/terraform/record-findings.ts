import { ANY_NUMBER, COUNT_BY_HAND, type Findings } from "../findings.ts"
import type { Platform } from "../platform.ts"
import type { PoolQuery } from "../resource-pool.ts"
import { connectsNothing, isCiSecret } from "./inert-types.ts"
import type { Resource } from "./resource.ts"

/**
 * Records a resource of a type that is not read: it must not connect unseen. Nothing is recorded if every attribute
 * that could hold the variable is known and does not name it.
 *
 * @param reason why it is not counted
 * @returns true if something was recorded
 */
export function noteUncounted(
  resource: Resource,
  platforms: readonly Platform[],
  query: PoolQuery,
  { unknowns, warnings, assumptions }: Findings,
  reason = `${resource.isAction ? "actions" : "resources"} of type ${resource.type} are not read`,
): boolean {
  const { address, type, actions } = resource
  if (connectsNothing(type) || platforms.some((platform) => Object.hasOwn(platform.servers, type)))
    return false
  const passing = platforms.flatMap(({ attached = {} }) =>
    Object.hasOwn(attached, type) ? [attached[type]] : [],
  )[0]
  const has = connectionHint(resource, query, passing)
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
    problem: `${has}, and ${reason}`,
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

/** Says what in a resource may lead to a connection to the server; undefined if nothing does. */
function connectionHint(
  resource: Resource,
  { leading: keys, servers }: PoolQuery,
  passing?: readonly string[],
): string | undefined {
  const { attributes, configuration } = resource
  const key = keys.find((name) => attributes.mentions(name) || configuration.mentions(resource, name))
  if (key !== undefined) return `has ${key}`
  // A loopback URL more likely leads to a server on the same machine than to a proxy.
  const urls = [...attributes.postgresUrls].filter((url) => !servers.isLoopback(url))
  const leads = new Set(urls.map((url) => servers.otherUrl(url)))
  if (leads.has("here")) return "has a URL of this server"
  if (leads.has("perhaps")) return "has a URL that may lead to this server"
  return mayMention(resource, passing) ? `may have ${keys.join(" or ")}` : undefined
}

/**
 * True if it has text that cannot be seen and may name the variable.
 *
 * @param passing the attributes that may pass variables; by default any
 */
function mayMention(resource: Resource, passing: readonly string[] | undefined): boolean {
  const { attributes, configuration, ...place } = resource
  if (attributes.hidesText || configuration.hidesProvisioner(place)) return true
  return hidesScript(resource) || hidesText(resource, passing)
}

/** True if a plan has only the hash of a machine's script, and its code not the text. */
function hidesScript({ attributes, configuration, ...place }: Resource): boolean {
  const script = attributes.get("user_data")
  return typeof script === "string" && HASH.test(script) && !configuration.isLiteral(place, "user_data")
}

/** SHA-1, in which providers store a script. */
const HASH = /^[0-9a-f]{40}$/

/** True if it has text that is known only after apply. */
export function hidesText(
  { attributes, configuration, ...place }: Resource,
  passing?: readonly string[],
): boolean {
  for (const path of attributes.unknownPaths()) {
    const mayPass = passing === undefined || passing.some((each) => meets(each, path))
    if (mayPass && !configuration.isName(place, path)) return true
  }
  return false
}

/** True if a path leads to an attribute, into it, or to a block that it is in: `http_target.body`. */
function meets(attribute: string, path: readonly (string | number)[]): boolean {
  const names = path.filter((key) => typeof key === "string")
  return attribute.split(".").every((name, index) => names[index] === undefined || names[index] === name)
}
