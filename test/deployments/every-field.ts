import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import { type Verdict, verdictOf } from "../../src/declaration/verdict.ts"
import { readTerraform } from "../../src/deployments/terraform/terraform-reader.ts"
import { PoolConfigError } from "../../src/error.ts"
import { type Path, pathsIn, put } from "../support/paths.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import type { Code, Tree } from "./hiding.ts"
import { configurationOf } from "./ordinary-resources.ts"

/** What a plan comes to, at both ends of what is not known. */
export interface Judged {
  readonly verdict: Verdict["verdict"]
  readonly steady: readonly [lowest: number, highest: number]
  readonly deploy: readonly [lowest: number, highest: number]
  /** What ordinary roles may use: the most, and the fewest. Without a ceiling, what at most it may be. */
  readonly usable: readonly [most: number, fewest: number]
  /** True if any number may be added to the highest sum. */
  readonly isUnbounded: boolean
  /** Names of what is assumed, and of what is not known. */
  readonly named: readonly string[]
}

export function judgedIn(json: unknown): Judged {
  const [[, bounds] = []] = findFleetBounds({}, [readTerraform([{ name: "", json }])])
  if (bounds === undefined) throw new Error("no server")
  const { verdict, lowest, highest } = verdictOf(bounds, { deploy: "fail" })
  return {
    verdict,
    steady: [lowest.total, highest.total],
    deploy: [lowest.deploy.total, highest.deploy.total],
    usable: [lowest.usable, bounds.maxConnections === undefined ? 0 : highest.usable],
    isUnbounded: bounds.unknowns.some(({ isUnbounded }) => isUnbounded === true),
    named: [...bounds.unknowns, ...bounds.assumptions].map(({ name }) => name),
  }
}

/** The sums of a plan, or the problem that it is refused with. */
export function judgedOrRefused(json: unknown): Judged | PoolConfigError {
  try {
    return judgedIn(json)
  } catch (error) {
    if (error instanceof PoolConfigError) return error
    throw error
  }
}

/** A resource with a path in its values. */
export interface Field {
  readonly address: string
  readonly path: Path
}

export const nameOf = ({ address, path }: Field) =>
  `${address}.${path.map((key) => (typeof key === "number" ? `[${key}]` : key)).join(".")}`

/** Every field of every resource: attributes, and those of blocks. Terraform hides a block as a whole, and no item of them. */
export const fieldsOf = (resources: readonly PlannedResource[]): readonly Field[] =>
  resources.flatMap(({ address, values = {} }) =>
    pathsIn(values)
      .filter((path) => typeof path.at(-1) === "string" || !isBlock(at(values, path)))
      .map((path) => ({ address, path })),
  )

const isBlock = (value: unknown): value is Tree => typeof value === "object" && value !== null

export const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((within, key) => (isBlock(within) ? within[String(key)] : undefined), value)

/** The plan of some resources, with the code that Terraform would have for it. */
export const planOf = (resources: readonly PlannedResource[], hidden?: Field) => {
  const coded = resources.map((each): Code => {
    const path = hidden?.address === each.address ? hidden.path : undefined
    const unseen = path === undefined ? {} : { values: without(each.values, path) as Tree }
    const unknown = path === undefined ? {} : { unknown: unknownAt(each.values, path) as Tree }
    return { ...each, ...unseen, ...unknown, expressions: codeOf(each.values ?? {}, path) }
  })
  return plan(coded, configurationOf(coded))
}

/** The same with a null in place of a value, as where the code omits it. */
export const planWithNull = (resources: readonly PlannedResource[], { address, path }: Field) =>
  planOf(
    resources.map((each) =>
      each.address === address ? { ...each, values: put(each.values, path, null) as Tree } : each,
    ),
  )

/** The same with every value marked as sensitive: `terraform show -json` prints them all the same. */
export function planWithSensitive(resources: readonly PlannedResource[]) {
  const json = planOf(resources)
  const { root_module } = json.planned_values
  const own = (root_module as { readonly resources: readonly { readonly values: unknown }[] }).resources
  const marked = own.map((each) => ({ ...each, sensitive_values: markedIn(each.values) }))
  const changes = json.resource_changes.map((each) => ({
    ...each,
    change: { ...each.change, after_sensitive: markedIn(each.change.after) },
  }))
  return { ...json, planned_values: { root_module: { resources: marked } }, resource_changes: changes }
}

const markedIn = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(markedIn)
    : isBlock(value)
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, markedIn(each)]))
      : true

/** As Terraform leaves out what is not known: an attribute is gone, and an item of a list is null. */
function without(value: unknown, [key, ...rest]: Path): unknown {
  if (Array.isArray(value))
    return value.map((item, index) => (index !== key ? item : rest.length === 0 ? null : without(item, rest)))
  const { [String(key)]: own, ...others } = value as Tree
  return rest.length === 0 ? others : { ...others, [String(key)]: without(own, rest) }
}

/** The shape of the values, with true at a path: an item that is known is `{}`, and a known scalar false. */
function unknownAt(value: unknown, [key, ...rest]: Path): unknown {
  const within = (own: unknown) => (rest.length === 0 ? true : unknownAt(own, rest))
  if (Array.isArray(value))
    return value.map((item, index) => (index === key ? within(item) : isBlock(item) ? {} : false))
  return { [String(key)]: within((value as Tree)[String(key)]) }
}

/** What is not known comes from another resource, or is an expression that has none. */
const UNSEEN = { references: ["terraform_data.outside.output", "terraform_data.outside"] }

/** Attributes that providers compute, and code never sets. */
const COMPUTED = /^(id|arn|address|endpoint|fqdn|dns_name|connection_name|revision)$/

/** The code of some attributes: blocks have their own, and a `dynamic` block none. */
function codeOf(values: Tree, hidden?: Path): Tree {
  const entries = Object.entries(values).flatMap(([name, value]): [string, unknown][] => {
    const path = hidden?.[0] === name ? hidden.slice(1) : undefined
    if (COMPUTED.test(name)) return []
    if (Array.isArray(value) && value.length > 0 && value.every(isBlock)) {
      if (path?.length === 0) return []
      return [
        [name, value.map((block, index) => codeOf(block, path?.[0] === index ? path.slice(1) : undefined))],
      ]
    }
    if (path !== undefined) return [[name, UNSEEN]]
    const isOmitted = value === null || (Array.isArray(value) && value.length === 0)
    return isOmitted ? [] : [[name, { constant_value: value }]]
  })
  return Object.fromEntries(entries)
}
