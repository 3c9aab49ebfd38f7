import type { Context, Resolved, Target } from "../platform.ts"
import { valueAt } from "./attribute-path.ts"
import type { Document } from "./document.ts"
import type { Reference } from "./expressions.ts"
import { pointersBy } from "./pointers.ts"
import { referrersBy } from "./referrers.ts"
import type { Resource } from "./resource.ts"

/** Resolves references between resources, as they are after apply and as they are before it. */
export function resolveReferences(
  documents: readonly Document[],
  variables: readonly string[],
  isOther: (type: string) => boolean = () => false,
): { readonly after: Context; readonly before: Context } {
  const resources = documents.flatMap((document) => document.resources)
  const existing = resources.flatMap((resource) => {
    if (resource.before !== undefined) return [{ ...resource, attributes: resource.before }]
    return resource.managed ? [] : [resource]
  })
  const others = resources.filter(({ managed, type }) => managed && isOther(type))
  const pointers = pointersBy(others, resources)
  return {
    after: { variables, pointers, ...finder(resources) },
    before: { variables, pointers, ...finder([...existing, ...documents.flatMap(({ gone }) => gone)]) },
  }
}

function finder(resources: readonly Resource[]): Omit<Context, "variables" | "pointers"> {
  const byType = groupedBy(resources, ({ type }) => [type])
  const ofType = (type: string) => byType.get(type) ?? []
  const resolve = resolver(ofType)
  return { resolve, ofType, referrers: referrersBy(ofType, resolve) }
}

type Table = ReadonlyMap<string | undefined, readonly Resource[]>

function resolver(ofType: Context["ofType"]): Context["resolve"] {
  const byName = new Map<Target, Table>()
  const byPlace = new Map<string, Table>()
  const byKey = new Map<string, Table>()
  const ids = new Map<string, Target>()
  const lookUp = <Key>(tables: Map<Key, Table>, key: Key, make: () => Table): Table => {
    const table = tables.get(key) ?? make()
    tables.set(key, table)
    return table
  }
  return function resolve(resource, attribute, referred): Resolved {
    const type = typeof referred === "string" ? referred : referred.type
    const path = attribute.split(".")
    const value = valueAt(resource.attributes, path)
    if (typeof value === "string" && value !== "") {
      const target = typeof referred === "string" ? (ids.get(type) ?? byId(type)) : referred
      ids.set(type, target)
      const names = lookUp(byName, target, () => namesOf(ofType(type), target, resolve))
      const found = (target.keys?.(value) ?? [value]).flatMap((key) => names.get(key) ?? [])
      if (found.length > 0) return one(found)
      const unnamed = names.get(undefined) ?? []
      const resources =
        typeof referred === "string" ? unnamed.filter((each) => mayHaveId(each, value)) : unnamed
      return { resources, isCertain: false }
    }
    // A resource has no id before it is created: the expression says which one is meant.
    const places = lookUp(byPlace, type, () => groupedBy(ofType(type), (each) => [placeOf(each)]))
    const references = resource.configuration.references(resource, ...path)
    const keyed = lookUp(byKey, type, () =>
      groupedBy(ofType(type), (each) => [`${placeOf(each)} ${indexOf(each.ownAddress)}`]),
    )
    const found = (of: (reference: Reference) => readonly Resource[]) => {
      const referring = references.filter((reference) => reference.type === type).flatMap(of)
      return [...new Set(referring)].filter(({ configuration }) => configuration === resource.configuration)
    }
    const key = keyOf(resource, references)
    const same =
      key === undefined
        ? []
        : found((each) => ((each.index ?? key) === key ? (keyed.get(`${placeOf(each)} ${key}`) ?? []) : []))
    const instances =
      same.length === 1 ? same : found((each) => instancesOf(each, places.get(placeOf(each)) ?? []))
    const distinct = typeof referred === "string" ? instances : withoutRead(instances, referred, resolve)
    return distinct.length > 0
      ? { resources: distinct, isCertain: distinct.length === 1 }
      : { resources: ofType(type), isCertain: false }
  }
}

const byId = (type: string): Target => ({
  type,
  names({ attributes }) {
    const id = idOf(attributes.get("id"))
    return id === undefined ? undefined : [id]
  },
  keys: (value) => [idOf(value) ?? []].flat(),
})

/** True for a resource without an id that may get this one: an id that is a path ends with the name, and any other is new. */
function mayHaveId({ attributes }: Resource, id: string): boolean {
  const parts = id.toLowerCase().split("/")
  const name = attributes.get("name")
  return parts.length > 2 && (typeof name !== "string" || parts.at(-1) === name.toLowerCase())
}

/** The resources by each of their names; under no name those whose names are not known. */
const namesOf = (resources: readonly Resource[], target: Target, resolve: Context["resolve"]): Table =>
  groupedBy<string | undefined>(resources, (resource) => target.names(resource, { resolve }) ?? [undefined])

/** One stack may create a resource, and another read it. Two that are created are two, although their names are equal. */
function one(found: readonly Resource[]): Resolved {
  const distinct = [...new Set(found)]
  const managed = distinct.filter((each) => each.managed)
  const resources = managed.length > 0 ? managed : distinct.slice(0, 1)
  return { resources, isCertain: resources.length === 1 }
}

const instancesOf = ({ index }: Reference, resources: readonly Resource[]): readonly Resource[] =>
  index === undefined ? resources : resources.filter(({ ownAddress }) => indexOf(ownAddress) === index)

/** `api[each.key]` and `api[count.index]` are the instance with the key of the resource that refers to it. */
function keyOf({ ownAddress }: Resource, references: readonly Reference[]): string | undefined {
  const isByKey = references.some(({ type, name }) => type === "count" || (type === "each" && name === "key"))
  return isByKey ? indexOf(ownAddress) : undefined
}

/** Leaves out data sources that read what is managed beside them: they have a name in common. */
function withoutRead(
  found: readonly Resource[],
  { names }: Target,
  resolve: Context["resolve"],
): readonly Resource[] {
  if (found.length < 2) return found
  const of = (each: Resource) => names(each, { resolve }) ?? []
  const managed = new Set(found.filter((each) => each.managed).flatMap(of))
  return found.filter((each) => each.managed || !of(each).some((name) => managed.has(name)))
}

/** The index of an instance: `[0]`, `["key"]`. */
export const indexOf = (address: string): string | undefined =>
  /\[(?:\d+|"(?:[^"\\]|\\.)*")\]$/.exec(address)?.[0]

const placeOf = ({ module, managed, name }: Pick<Resource, "module" | "managed" | "name">): string =>
  `${managed ? "" : "data."}${name} ${module}`

/**
 * Returns an id as it is compared. Scaleway writes one with or without its region: `fr-par/1111…`. A longer path is the
 * id as a whole, and Azure does not tell the cases of its letters apart.
 */
export function idOf(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") return undefined
  const parts = value.split("/")
  return parts.length > 2 ? value.toLowerCase() : parts.at(-1)
}

function groupedBy<Key>(
  resources: readonly Resource[],
  keysOf: (resource: Resource) => readonly Key[],
): ReadonlyMap<Key, readonly Resource[]> {
  const groups = new Map<Key, Resource[]>()
  for (const resource of resources) {
    for (const key of new Set(keysOf(resource))) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [resource])
      else group.push(resource)
    }
  }
  return groups
}
