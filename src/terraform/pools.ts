import { contextOf } from "./context.ts"
import { databaseServers } from "./database-servers.ts"
import type { Document, Resource } from "./document.ts"
import { entriesOf } from "./entries.ts"
import type { Entry } from "./entry.ts"
import type { Findings } from "./findings.ts"
import type { TerraformOptions } from "./fleet-from-terraform.ts"
import { deployed } from "./generations.ts"
import { forAddress, JOB_FIELDS, type Override, SERVICE_FIELDS } from "./override.ts"
import type { Context, Platform, Workload } from "./platform.ts"

type Options = TerraformOptions & { readonly keys: readonly string[] }

interface ReadResource {
  readonly resource: Resource
  readonly platform: Platform
  readonly after: Workload | undefined
  readonly before: Workload | undefined
}

/** Every pool that the resources of a document open. */
export function poolsOf(
  document: Document,
  platforms: readonly Platform[],
  options: Options,
  findings: Findings,
): Entry[] {
  const { keys, exclude = {}, override = {} } = options
  const context = contextOf(document, keys)
  const counted = [...document.resources, ...document.gone].filter(({ managed, address }) => {
    const exclusion = managed ? forAddress(exclude, address) : undefined
    if (exclusion !== undefined) findings.excluded.push({ address, reason: exclusion.value })
    return managed && exclusion === undefined
  })
  const isGone = new Set(document.gone)
  const read = counted.flatMap((resource): ReadResource[] => {
    const platform = platforms.find(({ workloads }) => Object.hasOwn(workloads, resource.type))
    if (platform === undefined) {
      uncounted(resource, platforms, keys, findings)
      return []
    }
    return [{ resource, platform, ...workloadsOf(resource, platform, isGone.has(resource), context) }]
  })
  const containers = read.flatMap(({ after, before }) =>
    [after, before].flatMap((workload) => workload?.containers ?? []),
  )
  const servers = databaseServers(containers, keys)
  const doubled = new Map<string, string[]>()
  const inherits = new Map<string, string[]>()

  const entries = read.flatMap(({ resource, platform, after, before }) => {
    const { address, actions } = resource
    const own = forAddress(override, address)?.value
    if (after?.inheritsFrom !== undefined) addTo(inherits, after.inheritsFrom, address)
    const pools = (workload: Workload | undefined, noted: Findings) =>
      workload === undefined ? [] : entriesOf(address, workload, keys, servers, own, noted)
    const now = pools(after, findings)
    // What is there already was noted when it came.
    const earlier = pools(before, { ...findings, unknowns: now.length > 0 ? [] : findings.unknowns })
    if (now.length + earlier.length === 0) return []
    noteWorkload(address, after ?? before, own, findings)
    const isForgotten = actions.includes("forget")
    if (isForgotten) findings.warnings.push(`${address}: is removed from the state, and goes on running`)
    const isService = after !== undefined && "instances" in after.runs
    if (isService && own?.surge === undefined && now.length > 0) addTo(doubled, platform.name, address)
    return deployed({
      after: now,
      before: earlier,
      isReplaced: actions.includes("delete") && actions.includes("create"),
      isForgotten,
      statesSurge: own?.surge !== undefined,
    })
  })
  for (const [platform, addresses] of doubled) {
    findings.assumptions.push({
      name: "surge",
      assumed: `a deploy on ${platform} starts new instances before it stops the old ones, so these count twice while it rolls: ${listed(addresses)}`,
      remedy: "Override surge where fewer are added",
    })
  }
  for (const [source, addresses] of inherits) {
    findings.assumptions.push({
      name: "environment",
      assumed: `nothing of the database comes from ${source}: ${listed(addresses)}`,
      remedy: "Check it together with the plan that has it",
    })
  }
  return entries
}

function addTo(lists: Map<string, string[]>, key: string, address: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [address])
  else list.push(address)
}

/** How many addresses a line names. */
const SHOWN = 5

function listed(addresses: readonly string[]): string {
  const more = addresses.length > SHOWN ? [`and ${addresses.length - SHOWN} more`] : []
  return [...addresses.slice(0, SHOWN), ...more].join(", ")
}

function workloadsOf(resource: Resource, platform: Platform, isGone: boolean, context: Context) {
  const read = platform.workloads[resource.type] as Platform["workloads"][string]
  const now = read(resource.attributes, resource, context)
  if (isGone) return { after: undefined, before: now }
  const { before } = resource
  return {
    after: now,
    before: before && read(before, { ...resource, attributes: before }, context),
  }
}

/** A type that nobody here can count must not connect unseen. */
function uncounted(
  { address, type, attributes, actions }: Resource,
  platforms: readonly Platform[],
  keys: readonly string[],
  { unknowns }: Findings,
): void {
  const isKnown = platforms.some(
    ({ servers, holders }) => Object.hasOwn(servers, type) || holders.includes(type),
  )
  const key = isKnown ? undefined : keys.find((name) => attributes.mentions(name))
  if (key === undefined || (actions.length > 0 && actions.every((action) => action === "delete"))) return
  unknowns.push({
    name: address,
    problem: `has ${key}, and resources of type ${type} are not counted here`,
    between: "nothing, and any number of connections",
    isUnbounded: true,
    remedy: `Declare what it opens as a consumer, and exclude ${address} with a reason`,
  })
}

function noteWorkload(
  address: string,
  workload: Workload | undefined,
  override: Override | undefined,
  { assumptions, stated, unknowns, issues }: Findings,
): void {
  if (workload === undefined) return
  const states = (field: string) => override !== undefined && Object.hasOwn(override, field)
  for (const { field, name, ...assumption } of workload.assumptions) {
    if (!states(field)) assumptions.push({ name: `${address}.${name}`, ...assumption })
  }
  if ("unknownSchedule" in workload.runs && !states("schedule")) {
    unknowns.push({
      name: `${address}.schedule`,
      problem: `is ${workload.runs.unknownSchedule}`,
      between: "one run, and a start every minute",
      remedy: "Set it where the plan shows it, or override schedule",
    })
  }
  if (override === undefined) return
  const { reason, ...fields } = override
  const foreign: readonly string[] = "instances" in workload.runs ? JOB_FIELDS : SERVICE_FIELDS
  for (const [name, value] of Object.entries(fields)) {
    if (foreign.includes(name)) {
      issues.push({
        name: `override.${address}.${name}`,
        problem: `is not a field of this resource, a ${"instances" in workload.runs ? "service" : "job"}`,
        remedy: "Leave it out",
      })
    }
    stated.push({ name: `${address}.${name}`, value, reason })
  }
}

/** What is excluded or overridden, and is in none of the documents: a name that was misspelt, or is of the past. */
export function unusedAddresses(documents: readonly Document[], options: TerraformOptions): string[] {
  const addresses = documents.flatMap(({ resources, gone }) =>
    [...resources, ...gone].map(({ address }) => address),
  )
  const { exclude = {}, override = {} } = options
  return Object.entries({ exclude, override }).flatMap(([field, table]) => {
    const used = new Set(addresses.map((address) => forAddress<unknown>(table, address)?.key))
    return Object.keys(table)
      .filter((address) => !used.has(address))
      .map((address) => `${field}: no resource has the address ${address}`)
  })
}
