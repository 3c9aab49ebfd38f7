import { isObject } from "../json-value.ts"
import type { Pointer } from "../platform.ts"
import type { Resource } from "./resource.ts"

/**
 * Finds what points at each resource, among those of types that are not read: by an expression in the code, or by its id
 * or ARN in a value. These may scale it, or start it.
 *
 * @param others resources of types that are not read, and that do something
 */
export function pointersBy(
  others: readonly Resource[],
  resources: readonly Resource[],
): (resource: Pick<Resource, "address">) => readonly Pointer[] {
  let known: ReadonlyMap<string, readonly Pointer[]> | undefined
  return ({ address }) => {
    known ??= others.length === 0 ? new Map() : found(others, resources)
    return known.get(address) ?? []
  }
}

function found(
  others: readonly Resource[],
  resources: readonly Resource[],
): ReadonlyMap<string, readonly Pointer[]> {
  const addresses = new Map<string, string[]>()
  const add = (name: string, address: string) =>
    addresses.set(name, [...(addresses.get(name) ?? []), address])
  for (const { address, type, name, module, attributes } of resources) {
    add(`${type}.${name} ${module}`, address)
    for (const attribute of ["id", "arn"]) {
      const value = attributes.get(attribute)
      if (typeof value === "string" && value.length > SHORTEST) add(normal(value), address)
    }
  }
  const pointers = new Map<string, Pointer[]>()
  for (const resource of others) {
    const named = [
      ...resource.configuration
        .everyReference(resource)
        .map(({ path, reference: { type, name, module } }) => ({ path, name: `${type}.${name} ${module}` })),
      ...textsIn(resource.attributes.values),
    ]
    for (const { path, name } of named) {
      for (const address of addresses.get(name) ?? []) {
        const own = pointers.get(address)
        if (own === undefined) pointers.set(address, [{ resource, path }])
        else own.push({ resource, path })
      }
    }
  }
  return pointers
}

/** A shorter id, such as a name, may be anything. */
const SHORTEST = 20

/** Every string in some values, and the ARNs in it, each with the names that lead to it. */
function* textsIn(root: unknown): Generator<{ readonly path: readonly string[]; readonly name: string }> {
  // Not by recursion: nothing bounds how deep the values of a document go.
  const left: [value: unknown, path: readonly string[]][] = [[root, []]]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [value, path] = next
    if (typeof value === "string") {
      yield { path, name: normal(value) }
      for (const [arn] of value.matchAll(ARN)) if (arn !== value) yield { path, name: normal(arn) }
      for (const [own] of value.matchAll(ID_PATH))
        for (const name of idsIn(own)) yield { path, name: normal(name) }
    } else if (path.length > DEEPEST) continue
    else if (Array.isArray(value)) for (const item of value) left.push([item, path])
    else if (isObject(value)) for (const key in value) left.push([value[key], [...path, key]])
  }
}

/** Azure does not tell the cases of letters in an id apart, and no provider has two ids that differ in them alone. */
const normal = (id: string): string => id.toLowerCase()

/** The ids of Google Cloud and of Azure, which are paths, in the URL of a call or in a script. */
const ID_PATH = /(?:\bprojects|\/subscriptions)\/[\w./-]+/gi

/** What a call names is before its verb: `…/jobs/sync:run`, `…/jobs/sync/start`. */
const idsIn = (path: string): readonly string[] => [path, path.slice(0, path.lastIndexOf("/"))]

const ARN = /arn:aws[\w-]*:[^\s"'\\,]+/g

const DEEPEST = 100
