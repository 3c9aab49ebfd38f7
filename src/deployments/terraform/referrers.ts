import type { Context, Referrers, Target } from "../platform.ts"
import { isUnknownAt, valueAt } from "./attribute-path.ts"
import type { Resource } from "./resource.ts"

/** Returns the inverse of `resolve`: what refers to a resource. Each attribute is resolved once. */
export function referrersBy(
  ofType: Context["ofType"],
  resolve: Context["resolve"],
): (resource: Resource, type: string, attribute: string, target?: string | Target) => Referrers {
  const known = new Map<string | Target, Map<string, ReadonlyMap<string, Referrers>>>()
  return (resource, type, attribute, target = resource.type) => {
    const own = known.get(target) ?? new Map<string, ReadonlyMap<string, Referrers>>()
    known.set(target, own)
    const key = `${type}.${attribute}`
    const found = own.get(key) ?? inverse(ofType(type), attribute, target, resolve)
    own.set(key, found)
    return found.get(resource.address) ?? { certain: [], possible: [] }
  }
}

function inverse(
  referring: readonly Resource[],
  attribute: string,
  target: string | Target,
  resolve: Context["resolve"],
): ReadonlyMap<string, Referrers> {
  const found = new Map<string, { readonly certain: Resource[]; readonly possible: Resource[] }>()
  const path = attribute.split(".")
  for (const each of referring) {
    const value = valueAt(each.attributes, path)
    if (value === undefined && !isUnknownAt(each.attributes, path) && !mayBeUnknown(each, path)) continue
    const { resources, isCertain } = resolve(each, attribute, target)
    if (!isCertain && value === undefined && refersElsewhere(each, path, target)) continue
    for (const { address } of resources) {
      const entry = found.get(address) ?? { certain: [], possible: [] }
      found.set(address, entry)
      entry[isCertain ? "certain" : "possible"].push(each)
    }
  }
  return found
}

/** Code that sets an attribute without a value in the plan: it is not there yet. */
const mayBeUnknown = (resource: Resource, path: readonly string[]): boolean =>
  resource.configuration.references(resource, ...path).length > 0

/**
 * True if an attribute refers to resources of the same provider, and none of them is of that type. Others only carry a
 * text, which may name anything.
 */
function refersElsewhere(resource: Resource, path: readonly string[], target: string | Target): boolean {
  const type = typeof target === "string" ? target : target.type
  const provider = type.slice(0, type.indexOf("_") + 1)
  const places = resource.configuration.references(resource, ...path)
  const leads = places.filter((place) => place.type.startsWith(provider) && !CARRIERS.test(place.type))
  return leads.length > 0 && places.every((place) => place.type.includes("_") && place.type !== type)
}

/** Resources that hold a text of somebody else's, or what others are in: a name is written beside theirs. */
const CARRIERS =
  /_(parameter|secret|secret_version|secretsmanager_secret_version|key_vault_secret|resource_group|project|cluster|region|caller_identity|client_config|subscription)$/
