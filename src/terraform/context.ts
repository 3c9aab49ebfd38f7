import { isObject } from "./attributes.ts"
import type { Document, Resource } from "./document.ts"
import type { Context, Referred } from "./platform.ts"
import { POOL_VARIABLES } from "./pool-size.ts"

/** Finds what a resource refers to in its document. */
export function contextOf({ resources, configuration }: Document, keys: readonly string[]): Context {
  const byType = new Map<string, Resource[]>()
  for (const resource of resources) {
    const alike = byType.get(resource.type)
    if (alike === undefined) byType.set(resource.type, [resource])
    else alike.push(resource)
  }
  return {
    variables: [...keys, ...POOL_VARIABLES],
    referred(resource, attribute, type): Referred {
      const candidates = byType.get(type) ?? []
      const id = resource.attributes.get(attribute)
      if (id !== undefined) {
        const found = candidates.filter(({ attributes }) => sameId(attributes.get("id"), id))
        return { resources: found, isCertain: found.length === 1 }
      }
      // Before it is created, a resource has no id: the expression says which one is meant.
      const names = references(configuration, resource, attribute)
      const found = candidates.filter(
        ({ module, name, managed }) =>
          module === resource.module && names.includes(`${managed ? "" : "data."}${type}.${name}`),
      )
      return found.length > 0
        ? { resources: found, isCertain: found.length === 1 }
        : { resources: candidates, isCertain: false }
    },
  }
}

/** Scaleway writes an id with or without its region: `fr-par/1111…`. */
function sameId(one: unknown, other: unknown): boolean {
  if (typeof one !== "string" || typeof other !== "string") return false
  return one === other || one.split("/").at(-1) === other.split("/").at(-1)
}

/** What an expression of a resource names, as `type.name`, within its module. */
function references(configuration: unknown, resource: Resource, attribute: string): string[] {
  let module = configuration
  for (const [, name = ""] of resource.module.matchAll(/module\.([^.[]+)(?:\[[^\]]*\])?/g)) {
    module = field(field(field(module, "module_calls"), name), "module")
  }
  const own = listOf(field(module, "resources")).find(
    (candidate) => field(candidate, "type") === resource.type && field(candidate, "name") === resource.name,
  )
  const names = listOf(field(field(field(own, "expressions"), attribute), "references"))
  // `scaleway_container_namespace.main[0].id` is of that type and that name.
  return names.flatMap((name) => /^(?:data\.)?[^.]+\.[^.[]+/.exec(String(name))?.[0] ?? [])
}

const field = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
