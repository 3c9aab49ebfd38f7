import { type PoolConfigIssue, shown } from "../error.ts"
import { Attributes, isObject } from "./attributes.ts"
import { Configuration, type Place } from "./configuration.ts"

/** An instance of a resource. */
export interface Resource {
  /** `module.backend.scaleway_container.api[0]`, behind the document's name where there are several. */
  readonly address: string
  /** The same as it stands in its document; of what is left of a replacement, that of the resource. */
  readonly ownAddress: string
  readonly type: string
  /** `api` */
  readonly name: string
  /** The module's address: `module.backend`, empty for the root. */
  readonly module: string
  readonly managed: boolean
  /** As it will be after apply. Of a state, as it is. */
  readonly attributes: Attributes
  /** As it is before apply; undefined where it does not exist yet, and of a state. */
  readonly before: Attributes | undefined
  /** `["no-op"]`, `["delete", "create"]`; empty for a state. */
  readonly actions: readonly string[]
  /** Of its document. */
  readonly configuration: Configuration
}

/** What `terraform show -json` printed, a plan or a state. */
export interface Document {
  /** What will be there after apply. */
  readonly resources: readonly Resource[]
  /** What will not be there any more, and what Terraform will only forget; their attributes are those of now. */
  readonly gone: readonly Resource[]
  /** Why the plan does not show everything. */
  readonly incomplete: readonly string[]
}

/** A parsed document with a name to tell it from the others, empty where it is the only one. */
export interface NamedDocument {
  readonly name: string
  readonly json: unknown
}

const REMEDY = "Give what `terraform show -json PLANFILE` prints, a plan or a state"

/** Reads a parsed JSON document; what is wrong with it becomes issues, under the path in it. */
export function readDocument({ name, json }: NamedDocument, issues: PoolConfigIssue[]): Document {
  const prefix = name === "" ? "" : `${name}: `
  const problem = shapeProblem(json)
  if (problem !== undefined || !isObject(json)) {
    issues.push({ name: name || "terraform", problem: problem ?? "", remedy: REMEDY })
    return { resources: [], gone: [], incomplete: [] }
  }
  const refuse = (path: string) => issues.push(unreadable(prefix + path))
  const configuration = new Configuration(
    isObject(json["configuration"]) ? json["configuration"]["root_module"] : undefined,
  )
  const reader = { prefix, configuration, refuse }
  const changes = readChanges(json["resource_changes"], reader)
  const tree = isObject(json["planned_values"]) ? "planned_values" : "values"
  const resources = readModules(json[tree], tree, changes, reader)
  // Data sources that were read already stand in the prior state only.
  const prior =
    json["prior_state"] === undefined || json["prior_state"] === null
      ? []
      : isObject(json["prior_state"])
        ? readModules(json["prior_state"]["values"] ?? NOTHING, "prior_state.values", changes, reader)
        : [refuse("prior_state")].flatMap(() => [])
  const planned = new Set(resources.map(({ address }) => address))
  return {
    resources: [...resources, ...prior.filter(({ managed, address }) => !managed && !planned.has(address))],
    gone: changes.filter(({ actions }) => !actions.includes("create") && leaves(actions)).map(gone(reader)),
    incomplete: [
      ...incomplete(json),
      ...(tree === "planned_values" ? unplanned(resources, prior, changes) : []),
    ].map((reason) => prefix + reason),
  }
}

/** The values of a state that has no resource yet. */
const NOTHING = { root_module: {} }

const leaves = (actions: readonly string[]) => actions.includes("delete") || actions.includes("forget")

function shapeProblem(json: unknown): string | undefined {
  // Without the value: a text would be a part of the plan.
  if (!isObject(json))
    return typeof json === "string" ? "is a text, not parsed JSON" : `received ${shown(json)}`
  if (json["lineage"] !== undefined) return "is a state file in Terraform's own format"
  if (json["@level"] !== undefined || json["@message"] !== undefined)
    return "is a log of `terraform plan -json`"
  const version = json["format_version"]
  if (typeof version !== "string") return "has no format_version, so it is another tool's JSON"
  if (!/^[01]\.\d/.test(version)) return "has a format_version of another major version"
  if (isObject(json["planned_values"]) || isObject(json["values"])) return undefined
  return "has neither planned_values nor values, as the state of nothing has"
}

/** What reading a part of a document needs of the whole. */
interface Reader {
  readonly prefix: string
  readonly configuration: Configuration
  readonly refuse: (path: string) => void
}

interface Identity {
  readonly address: string
  readonly type: string
  readonly name: string
  readonly managed: boolean
}

interface Change extends Identity {
  /** Where it stands in the document. */
  readonly path: string
  readonly module: string
  readonly previousAddress: string | undefined
  readonly actions: readonly string[]
  readonly before: unknown
  readonly afterUnknown: unknown
  /** What is left of an earlier replacement: it stands beside the resource of its address. */
  readonly deposed: string | undefined
}

function readChanges(value: unknown, { refuse }: Reader): Change[] {
  return list(value, "resource_changes", refuse).flatMap((change, index) => {
    const path = `resource_changes[${index}]`
    const own = isObject(change) ? change["change"] : undefined
    const identity = isObject(change) ? readIdentity(change) : undefined
    if (!isObject(change) || identity === undefined) {
      refuse(path)
      return []
    }
    if (!isObject(own) || !Array.isArray(own["actions"])) {
      refuse(`${path}.change${isObject(own) ? ".actions" : ""}`)
      return []
    }
    const { before, after_unknown: afterUnknown } = own
    if (before !== undefined && before !== null && !isObject(before)) refuse(`${path}.change.before`)
    if (Array.isArray(afterUnknown)) refuse(`${path}.change.after_unknown`)
    return [
      {
        ...identity,
        path,
        module: text(change["module_address"]),
        previousAddress: text(change["previous_address"]),
        actions: own["actions"].map(String),
        before: before ?? undefined,
        afterUnknown,
        deposed: deposedKey(change["deposed"]),
      },
    ]
  })
}

/** Every resource of a tree of modules. */
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
  for (const [module, at] of left) {
    if (!isObject(module)) {
      refuse(at)
      continue
    }
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
      const own = { ...identity, module: text(module["address"]) }
      read.push({
        ...own,
        address,
        ownAddress: identity.address,
        attributes: new Attributes(attributes, unknownOf(change, own, configuration), (name) =>
          refuse(`${place}.values.${name}`),
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

/** What the code leaves out is not unknown: the provider fills its own default in. */
function unknownOf(change: Change | undefined, place: Place, configuration: Configuration): unknown {
  const unknown = change?.afterUnknown
  if (!isObject(unknown)) return unknown
  const left = Object.entries(unknown).filter(
    ([name, value]) => value !== true || !configuration.omits(place, name),
  )
  return Object.fromEntries(left)
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

/** Terraform numbers what is left of replacements at random. */
const deposedKey = (key: unknown): string | undefined =>
  key === undefined ? undefined : (/^[0-9a-f]{8}$/.exec(text(key))?.[0] ?? "object")

/**
 * What the plan is silent on: a plan of some targets, and one that only refreshes, have in them no word of what is
 * there and stays.
 */
function unplanned(
  resources: readonly Resource[],
  prior: readonly Resource[],
  changes: readonly Change[],
): string[] {
  const changed = new Set(changes.flatMap(({ address, previousAddress }) => [address, previousAddress]))
  const missing = (of: readonly Resource[]) =>
    of.filter(({ managed, ownAddress }) => managed && !changed.has(ownAddress)).length
  const [unseen, silent] = [missing(resources), missing(prior)]
  return [
    ...(unseen > 0
      ? [
          `resource_changes: ${counted(unseen)} of planned_values are not in it, and so not what is unknown of them`,
        ]
      : []),
    ...(silent > 0
      ? [
          `resource_changes: ${counted(silent)} of prior_state are not in it, as with -target and -refresh-only`,
        ]
      : []),
  ]
}

const counted = (resources: number) => `${resources} ${resources === 1 ? "resource" : "resources"}`

function incomplete(json: Readonly<Record<string, unknown>>): string[] {
  const deferred = json["deferred_changes"]
  return [
    ...(json["errored"] === true ? ["errored: planning ended with an error"] : []),
    ...(json["complete"] === false ? ["complete: false, the plan leaves changes for a later one"] : []),
    ...(Array.isArray(deferred) && deferred.length > 0
      ? [`deferred_changes: ${counted(deferred.length)} not planned yet`]
      : []),
  ]
}

function readIdentity(resource: Readonly<Record<string, unknown>>): Identity | undefined {
  const { address, type, name, mode } = resource
  if (typeof address !== "string" || typeof type !== "string" || address === "" || type === "")
    return undefined
  return { address, type, name: text(name), managed: mode !== "data" }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "")

const field = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined)

function list(value: unknown, path: string, refuse: Reader["refuse"]): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value !== undefined && value !== null) refuse(path)
  return []
}

/** Without the value, which may be anything that a plan holds. */
const unreadable = (name: string): PoolConfigIssue => ({
  name,
  problem: "is not what Terraform's JSON format has there",
  remedy: REMEDY,
})
