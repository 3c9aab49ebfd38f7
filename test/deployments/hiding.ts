import fc from "fast-check"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import { verdictOf } from "../../src/declaration/verdict.ts"
import { readTerraform } from "../../src/deployments/terraform/terraform-reader.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { configurationOf } from "./ordinary-resources.ts"
import { CORE } from "./resources.ts"

export type Tree = Readonly<Record<string, unknown>>

/** A resource of a plan, with what the code says of it. */
export type Code = PlannedResource & { readonly expressions?: Tree }

/** A way to hide something of a resource; undefined if that removes it. */
export type Hide = (resource: Code) => Code | undefined

export type Hiding = readonly [what: string, address: string, how: Hide]

/** Code that sets each of these attributes. */
export const set = (values: Tree): Tree =>
  Object.fromEntries(Object.keys(values).map((name) => [name, { constant_value: "x" }]))

export const written = (address: string, values: Tree): Code => ({
  address,
  values,
  expressions: set(values),
})

/** An environment with a URL, and a pool of up to 20. */
export const variables = fc.record({ size: fc.integer({ min: 1, max: 20 }) }).map(({ size }) => ({
  DATABASE_URL_CORE: CORE,
  PRISMA_POOL_SIZE_CORE: String(size),
}))

export function judged(resources: readonly Code[], declaration: Parameters<typeof findFleetBounds>[0] = {}) {
  const json = plan(resources, configurationOf(resources))
  const [[, bounds] = []] = findFleetBounds(declaration, [readTerraform([{ name: "", json }])])
  if (bounds === undefined) throw new Error("no server")
  return verdictOf(bounds, { deploy: "fail" }).verdict
}

export const change = (resources: readonly Code[], address: string, how: Hide) =>
  resources.flatMap((resource) => (resource.address === address ? (how(resource) ?? []) : [resource]))

/** The value at a path is gone, and the code that sets it is still there. */
export const unknown =
  (...path: readonly (string | number)[]) =>
  (resource: Code): Code => ({
    ...resource,
    values: without(resource.values, path) as Tree,
    unknown: path.reduceRight<unknown>(
      (within, key) => (typeof key === "number" ? [within] : { [key]: within }),
      true,
    ) as Tree,
  })

function without(value: unknown, [key, ...rest]: readonly (string | number)[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? without(item, rest) : item))
  const { [String(key)]: at, ...others } = value as Tree
  return rest.length === 0 ? others : { ...others, [String(key)]: without(at, rest) }
}

/** Of a provider that nobody reads. */
export const renamed = (resource: Code) => ({
  ...resource,
  address: resource.address.replace(/^[a-z]+/, "acme"),
})

/** With an attribute that has another value. */
export const with_ = (values: Tree) => (resource: Code) => ({
  ...resource,
  values: { ...resource.values, ...values },
})

export const removed = () => undefined
