import type { Context, Resolved } from "../platform.ts"
import { poolVariables } from "../pool-size.ts"
import type { Document } from "./document.ts"
import type { Resource } from "./resource.ts"

/** Resolves references between resources, as they are after apply and as they are before it. */
export function resolveReferences(
  documents: readonly Document[],
  keys: readonly string[],
): { readonly after: Context; readonly before: Context } {
  const resources = documents.flatMap((document) => document.resources)
  const existing = resources.flatMap((resource) => {
    if (resource.before !== undefined) return [{ ...resource, attributes: resource.before }]
    return resource.managed ? [] : [resource]
  })
  const variables = [...keys, ...new Set(keys.flatMap(poolVariables))]
  return {
    after: { variables, resolve: finder(resources) },
    before: { variables, resolve: finder([...existing, ...documents.flatMap(({ gone }) => gone)]) },
  }
}

function finder(resources: readonly Resource[]): Context["resolve"] {
  const byType = grouped(resources, ({ type }) => type)
  const byId = new Map<string, ReadonlyMap<string, readonly Resource[]>>()
  const byPlace = new Map<string, ReadonlyMap<string, readonly Resource[]>>()
  const lookUp = (tables: typeof byId, type: string, keyOf: (resource: Resource) => string | undefined) => {
    const table = tables.get(type) ?? grouped(byType.get(type) ?? [], keyOf)
    tables.set(type, table)
    return table
  }
  return (resource, attribute, type): Resolved => {
    const id = idOf(resource.attributes.get(attribute))
    if (id !== undefined) {
      // One stack may create it and another read it: take the first.
      const found =
        lookUp(byId, type, (each) => idOf(each.attributes.get("id")))
          .get(id)
          ?.slice(0, 1) ?? []
      return { resources: found, isCertain: found.length > 0 }
    }
    // A resource has no id before it is created: the expression says which one is meant.
    const places = lookUp(byPlace, type, placeOf)
    const found = resource.configuration
      .references(resource, attribute)
      .filter((place) => place.type === type)
      .flatMap((place) => places.get(placeOf(place)) ?? [])
      .filter(({ configuration }) => configuration === resource.configuration)
    const distinct = [...new Set(found)]
    return distinct.length > 0
      ? { resources: distinct, isCertain: distinct.length === 1 }
      : { resources: byType.get(type) ?? [], isCertain: false }
  }
}

const placeOf = ({ module, managed, name }: Pick<Resource, "module" | "managed" | "name">): string =>
  `${managed ? "" : "data."}${name} ${module}`

/** Scaleway writes an id with or without its region: `fr-par/1111…`. */
const idOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value.split("/").at(-1) : undefined

function grouped(
  resources: readonly Resource[],
  keyOf: (resource: Resource) => string | undefined,
): ReadonlyMap<string, readonly Resource[]> {
  const groups = new Map<string, Resource[]>()
  for (const resource of resources) {
    const key = keyOf(resource)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [resource])
    else group.push(resource)
  }
  return groups
}
