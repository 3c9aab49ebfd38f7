import type { PoolConfigIssue } from "../../error.ts"
import { Attributes } from "../attributes.ts"
import { field, isObject, textOf } from "../json-value.ts"
import { remedyForOther } from "../other-format.ts"
import type { NamedDocument } from "../reader.ts"
import { type ActionInvocation, readActions } from "./action-invocations.ts"
import { REMEDY, shapeProblem, unreadable } from "./document-shape.ts"
import { Expressions } from "./expressions.ts"
import { incomplete, unplanned } from "./plan-completeness.ts"
import type { Resource } from "./resource.ts"
import { type Change, deposedKey, list, type Reader, readChanges, readIdentity } from "./resource-changes.ts"

/** The output of `terraform show -json`, a plan or a state. */
export interface Document {
  /** Resources that exist after apply. */
  readonly resources: readonly Resource[]
  /** Resources that are deleted, or that Terraform only forgets, with their present attributes. */
  readonly gone: readonly Resource[]
  /** Actions that the plan invokes beside its changes. */
  readonly actions: readonly ActionInvocation[]
  /** The reasons why the plan does not show everything. */
  readonly incomplete: readonly string[]
  readonly kind: "plan" | "state"
}

/** Reads a parsed JSON document. Everything wrong with it becomes an issue with its path. */
export function readDocument({ name, json }: NamedDocument, issues: PoolConfigIssue[]): Document {
  const prefix = name === "" ? "" : `${name}: `
  const problem = shapeProblem(json)
  if (problem !== undefined || !isObject(json)) {
    issues.push({
      name: name || "terraform",
      problem: problem ?? "",
      remedy: remedyForOther(json, "terraform") ?? REMEDY,
    })
    return { resources: [], gone: [], actions: [], incomplete: [], kind: "plan" }
  }
  const refuse = (path: string) => issues.push(unreadable(prefix + path))
  const configuration = new Expressions(field(json["configuration"], "root_module"))
  const reader = { prefix, configuration, refuse }
  const changes = readChanges(json["resource_changes"], reader)
  const tree = isObject(json["planned_values"]) ? "planned_values" : "values"
  const resources = readModules(json[tree], tree, changes, reader)
  // Data sources that were already read are only in the prior state.
  const before = json["prior_state"] ?? {}
  if (!isObject(before)) refuse("prior_state")
  const prior = readModules(field(before, "values") ?? NOTHING, "prior_state.values", changes, reader)
  const planned = new Set(resources.map(({ address }) => address))
  return {
    resources: [...resources, ...prior.filter(({ managed, address }) => !managed && !planned.has(address))],
    gone: changes.filter(({ actions }) => !actions.includes("create") && leaves(actions)).map(gone(reader)),
    actions: readActions(json["action_invocations"], reader),
    incomplete: [
      ...incomplete(json),
      ...(tree === "planned_values" ? unplanned(resources, prior, changes) : []),
    ].map((reason) => prefix + reason),
    kind: tree === "planned_values" ? "plan" : "state",
  }
}

/** The values of a state that has no resource yet. */
const NOTHING = { root_module: {} }

const leaves = (actions: readonly string[]) => actions.includes("delete") || actions.includes("forget")

/** Reads every resource of a tree of modules. */
function readModules(
  values: unknown,
  path: string,
  changes: readonly Change[],
  { prefix, configuration, refuse }: Reader,
): Resource[] {
  const changeOf = new Map(
    changes.filter(({ deposed }) => deposed === undefined).map((change) => [change.address, change]),
  )
  const seen = new Set<string>()
  const read: Resource[] = []
  // Not by recursion: nothing bounds how deep the modules of a document go.
  const left: [module: unknown, at: string][] = [[field(values, "root_module"), `${path}.root_module`]]
  // A value that was not parsed from JSON may contain itself.
  const visited = new Set<unknown>()
  for (const [module, at] of left) {
    if (!isObject(module) || visited.has(module)) {
      refuse(at)
      continue
    }
    visited.add(module)
    for (const [index, resource] of list(module["resources"], `${at}.resources`, refuse).entries()) {
      const place = `${at}.resources[${index}]`
      const identity = isObject(resource) ? readIdentity(resource) : undefined
      const attributes = isObject(resource) ? (resource["values"] ?? {}) : undefined
      if (!isObject(resource) || identity === undefined || !isObject(attributes)) {
        refuse(identity === undefined ? place : `${place}.values`)
        continue
      }
      const deposed = deposedKey(resource["deposed_key"])
      const address = prefix + identity.address + suffix(deposed)
      if (seen.has(address)) refuse(`${place}.address`)
      seen.add(address)
      const change = deposed === undefined ? changeOf.get(identity.address) : undefined
      const own = { ...identity, module: textOf(module["address"]) }
      read.push({
        ...own,
        address,
        ownAddress: identity.address,
        attributes: new Attributes(
          attributes,
          configuration.withoutOmitted(own, change?.afterUnknown),
          (name) => refuse(`${place}.values.${name}`),
        ),
        before: change?.before === undefined ? undefined : beforeOf(change, refuse),
        actions: change?.actions ?? [],
        configuration,
      })
    }
    for (const [index, child] of list(module["child_modules"], `${at}.child_modules`, refuse).entries()) {
      left.push([child, `${at}.child_modules[${index}]`])
    }
  }
  return read
}

const beforeOf = ({ before, path }: Change, refuse: Reader["refuse"]) =>
  new Attributes(before, undefined, (name) => refuse(`${path}.change.before.${name}`))

const gone =
  ({ prefix, configuration, refuse }: Reader) =>
  (change: Change): Resource => ({
    ...change,
    address: prefix + change.address + suffix(change.deposed),
    ownAddress: change.address,
    attributes: beforeOf(change, refuse),
    before: undefined,
    configuration,
  })

const suffix = (deposed: string | undefined) => (deposed === undefined ? "" : ` (deposed ${deposed})`)
