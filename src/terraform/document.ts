import { type PoolConfigIssue, shown } from "../error.ts"
import { Attributes, isObject } from "./attributes.ts"

/** An instance of a resource. */
export interface Resource {
  /** `module.backend.scaleway_container.api[0]` */
  readonly address: string
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
}

/** What `terraform show -json` printed, a plan or a state. */
export interface Document {
  /** What will be there after apply. */
  readonly resources: readonly Resource[]
  /** What will not be there any more, and what Terraform will only forget; their attributes are those of now. */
  readonly gone: readonly Resource[]
  /** Why the plan does not show everything. */
  readonly incomplete: readonly string[]
  /** The root module of `configuration`, for what an expression refers to. */
  readonly configuration: unknown
}

const REMEDY = "Give what `terraform show -json PLANFILE` prints, a plan or a state"

/** Reads a parsed JSON document; what is wrong with it becomes issues, under the path in it. */
export function readDocument(json: unknown, issues: PoolConfigIssue[]): Document {
  const nothing: Document = { resources: [], gone: [], incomplete: [], configuration: undefined }
  const problem = shapeProblem(json)
  if (problem !== undefined || !isObject(json)) {
    issues.push({ name: "terraform", problem: problem ?? "", remedy: REMEDY })
    return nothing
  }
  const changes = readChanges(json["resource_changes"], issues)
  const tree = json["planned_values"] === undefined ? "values" : "planned_values"
  const resources: Resource[] = []
  readModule(json[tree], tree, changes, resources, issues)
  // Data sources that were read already stand in the prior state only.
  const prior: Resource[] = []
  if (isObject(json["prior_state"]))
    readModule(json["prior_state"]["values"], "prior_state.values", changes, prior, issues)
  const planned = new Set(resources.map(({ address }) => address))
  return {
    resources: [...resources, ...prior.filter(({ managed, address }) => !managed && !planned.has(address))],
    gone: changes.filter(({ actions }) => !actions.includes("create") && leaves(actions)).map(gone),
    incomplete: incomplete(json),
    configuration: isObject(json["configuration"]) ? json["configuration"]["root_module"] : undefined,
  }
}

const leaves = (actions: readonly string[]) => actions.includes("delete") || actions.includes("forget")

function shapeProblem(json: unknown): string | undefined {
  if (!isObject(json)) return `received ${shown(json)}`
  if (json["lineage"] !== undefined) return "is a state file in Terraform's own format"
  if (json["@level"] !== undefined || json["@message"] !== undefined)
    return "is a log of `terraform plan -json`"
  const version = json["format_version"]
  if (typeof version !== "string") return "has no format_version, so it is another tool's JSON"
  if (!/^[01]\./.test(version)) return "has a format_version of another major version"
  if (isObject(json["planned_values"]) || isObject(json["values"])) return undefined
  return "has neither planned_values nor values, as the state of nothing has"
}

interface Change {
  readonly address: string
  readonly type: string
  readonly name: string
  readonly module: string
  readonly managed: boolean
  readonly actions: readonly string[]
  readonly before: unknown
  readonly afterUnknown: unknown
  /** What is left of an earlier replacement: it stands beside the resource of its address. */
  readonly deposed: boolean
}

function readChanges(value: unknown, issues: PoolConfigIssue[]): Change[] {
  return list(value, "resource_changes", issues).flatMap((change, index) => {
    const path = `resource_changes[${index}]`
    const own = isObject(change) ? change["change"] : undefined
    const identity = isObject(change) ? readIdentity(change, path, issues) : undefined
    if (!isObject(change) || !isObject(own) || identity === undefined) {
      if (identity !== undefined || !isObject(change)) issues.push(unreadable(path))
      return []
    }
    return [
      {
        ...identity,
        module: text(change["module_address"]),
        actions: list(own["actions"], `${path}.change.actions`, issues).map(String),
        before: own["before"] ?? undefined,
        afterUnknown: own["after_unknown"],
        deposed: change["deposed"] !== undefined,
      },
    ]
  })
}

function readModule(
  root: unknown,
  path: string,
  changes: readonly Change[],
  into: Resource[],
  issues: PoolConfigIssue[],
): void {
  const changeOf = new Map(
    changes.filter(({ deposed }) => !deposed).map((change) => [change.address, change]),
  )
  function walk(module: unknown, at: string): void {
    if (module === undefined || module === null) return
    if (!isObject(module)) {
      issues.push(unreadable(at))
      return
    }
    for (const [index, resource] of list(module["resources"], `${at}.resources`, issues).entries()) {
      const place = `${at}.resources[${index}]`
      if (!isObject(resource)) {
        issues.push(unreadable(place))
        continue
      }
      const identity = readIdentity(resource, place, issues)
      if (identity === undefined) continue
      const change = changeOf.get(identity.address)
      into.push({
        ...identity,
        module: text(module["address"]),
        attributes: new Attributes(resource["values"], change?.afterUnknown),
        before: change?.before === undefined ? undefined : new Attributes(change.before),
        actions: change?.actions ?? [],
      })
    }
    for (const [index, child] of list(module["child_modules"], `${at}.child_modules`, issues).entries()) {
      walk(child, `${at}.child_modules[${index}]`)
    }
  }
  if (isObject(root)) walk(root["root_module"], `${path}.root_module`)
}

function gone(change: Change): Resource {
  return {
    ...change,
    address: change.deposed ? `${change.address} (deposed)` : change.address,
    attributes: new Attributes(change.before),
    before: undefined,
  }
}

function incomplete(json: Readonly<Record<string, unknown>>): string[] {
  const deferred = json["deferred_changes"]
  return [
    ...(json["errored"] === true ? ["errored: planning ended with an error"] : []),
    ...(json["complete"] === false ? ["complete: false, the plan leaves changes for a later one"] : []),
    ...(Array.isArray(deferred) && deferred.length > 0
      ? [`deferred_changes: ${deferred.length} resources are not planned yet`]
      : []),
  ]
}

function readIdentity(
  resource: Readonly<Record<string, unknown>>,
  path: string,
  issues: PoolConfigIssue[],
): Pick<Resource, "address" | "type" | "name" | "managed"> | undefined {
  const { address, type, name, mode } = resource
  if (typeof address === "string" && typeof type === "string" && address !== "" && type !== "") {
    return { address, type, name: text(name), managed: mode !== "data" }
  }
  issues.push(unreadable(path))
  return undefined
}

const text = (value: unknown): string => (typeof value === "string" ? value : "")

function list(value: unknown, path: string, issues: PoolConfigIssue[]): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value !== undefined && value !== null) issues.push(unreadable(path))
  return []
}

/** Without the value, which may be anything that a plan holds. */
const unreadable = (name: string): PoolConfigIssue => ({
  name,
  problem: "is not what Terraform's JSON format has there",
  remedy: REMEDY,
})
