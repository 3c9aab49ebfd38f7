import { type PlannedResource, plan } from "./terraform-plan.ts"

type Tree = Readonly<Record<string, unknown>>

/** A resource of a first plan, with what the code says of it. */
export interface StackResource extends PlannedResource {
  readonly expressions?: Tree
  readonly provisioners?: readonly object[]
}

/** A resource that is created: its id is known only after apply, like whatever else is in `unknown`. */
export const created = (
  address: string,
  values: Tree,
  unknown: Tree,
  expressions: Tree = {},
  more: Partial<StackResource> = {},
): StackResource => ({ address, values, unknown: { id: true, ...unknown }, expressions, ...more })

/** An expression, as Terraform writes it: `a.b.c` stands beside the `a.b` that it begins with. */
export const refersTo = (...references: readonly string[]) => ({
  references: [...new Set(references.flatMap(withParents))],
})

function withParents(reference: string): string[] {
  const steps = reference.match(/^(?:data\.)?[^.[]+\.[^.[]+|\.[^.[]+|\[[^\]]*\]/g) ?? [reference]
  return steps.map((_, index) => steps.slice(0, steps.length - index).join(""))
}

export const constant = (value: unknown) => ({ constant_value: value })

/** What the root passes to its modules, and what they return, by the name of the module. */
export type Calls = Readonly<Record<string, { readonly passed: Tree; readonly returned?: Tree }>>

/** The first plan of a stack: nothing is there yet, and the code stands beside it. */
export const firstPlan = (resources: readonly StackResource[], calls: Calls = {}) =>
  plan(resources, {
    variables: { environment: { value: "production" } },
    resource_drift: [],
    relevant_attributes: [],
    configuration: { provider_config: providers(resources), root_module: rootModule(resources, calls) },
  })

const MODULE = /^module\.([^.[]+)(?:\[[^\]]*\])?\./

function rootModule(resources: readonly StackResource[], calls: Calls) {
  const inModule = (name: string | undefined) =>
    resources.filter(({ address }) => MODULE.exec(address)?.[1] === name)
  return {
    resources: blocks(inModule(undefined)),
    module_calls: Object.fromEntries(
      Object.entries(calls).map(([name, { passed, returned = {} }]) => {
        const outputs = Object.entries(returned).map(([output, expression]) => [output, { expression }])
        const module = { resources: blocks(inModule(name)), outputs: Object.fromEntries(outputs) }
        return [name, { source: `./${name}`, expressions: passed, module }]
      }),
    ),
    variables: { environment: {} },
  }
}

/** One block for all instances of a resource. */
function blocks(resources: readonly StackResource[]) {
  const found = new Map<string, object>()
  for (const { address, mode = "managed", expressions = {}, provisioners } of resources) {
    const own = address.replace(MODULE, "").replace(/\[[^\]]*\]$/, "")
    const [type = "", name = ""] = own.replace(/^data\./, "").split(".")
    found.set(own, {
      address: own,
      mode,
      type,
      name,
      provider_config_key: type.split("_")[0],
      expressions,
      schema_version: 0,
      ...(provisioners === undefined ? {} : { provisioners }),
    })
  }
  return [...found.values()]
}

/** Every provider that is used, and one that is not. */
function providers(resources: readonly StackResource[]) {
  const used = resources.map(
    ({ address }) =>
      address
        .replace(MODULE, "")
        .replace(/^data\./, "")
        .split("_")[0] ?? "",
  )
  return Object.fromEntries(
    [...new Set([...used, "kubernetes"])].map((name) => [
      name,
      { name, full_name: `registry.terraform.io/x/${name}` },
    ]),
  )
}
