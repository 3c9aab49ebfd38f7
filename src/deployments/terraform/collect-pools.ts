import { poolsOf } from "../container-pools.ts"
import { databaseServers, type ServerTies } from "../database-servers.ts"
import { eachSchedule } from "../each-schedule.ts"
import { type Findings, noFindings } from "../findings.ts"
import { forResource } from "../override.ts"
import { planUrls } from "../plan-urls.ts"
import type { Context, Platform, Workload } from "../platform.ts"
import { poolSizes } from "../pool-size.ts"
import type { ResourcePool } from "../resource-pool.ts"
import { addRollout, type Rollout } from "../rollout.ts"
import { startedByDeploy } from "../started-by-deploy.ts"
import type { Document } from "./document.ts"
import type { TerraformOptions } from "./read-options.ts"
import { noteFormer, noteSharedEnvironment, noteUncounted, noteWorkload } from "./record-findings.ts"
import { resolveReferences } from "./references.ts"
import type { Resource } from "./resource.ts"
import { startedJobs } from "./started-jobs.ts"

type Options = TerraformOptions & { readonly keys: readonly string[] }

interface ReadResource {
  readonly resource: Resource
  readonly platform: Platform
  readonly after: Workload | undefined
  readonly before: Workload | undefined
}

/** Collects every pool that the resources of some documents open. */
export function collectPools(
  documents: readonly Document[],
  platforms: readonly Platform[],
  options: Options,
  ties: ServerTies,
  findings: Findings,
): ResourcePool[] {
  const { keys, exclude = {}, override = {} } = options
  const used = new Set<Resource>()
  const contexts = recordUse(resolveReferences(documents, keys), used)
  const isGone = new Set(documents.flatMap(({ gone }) => gone))
  const resources = documents.flatMap((document) => [...document.resources, ...document.gone])
  const shared: Resource[] = []
  const uncounted: Resource[] = []
  const read = resources.flatMap((resource): ReadResource[] => {
    if (!resource.managed) return []
    const exclusion = forResource(exclude, resource)
    if (exclusion !== undefined) {
      findings.excluded.push({ address: resource.address, reason: exclusion.value })
      return []
    }
    const platform = platforms.find(({ workloads }) => Object.hasOwn(workloads, resource.type))
    if (platform === undefined) {
      if (platforms.some(({ sharedEnvironments }) => sharedEnvironments.includes(resource.type)))
        shared.push(resource)
      else uncounted.push(resource)
      return []
    }
    return [{ resource, platform, ...workloadsOf(resource, platform, isGone.has(resource), contexts) }]
  })
  const containers = read.flatMap(({ after, before }) =>
    [after, before].flatMap((workload) => workload?.containers ?? []),
  )
  const parseUrl = planUrls()
  const servers = databaseServers(containers, keys, ties, parseUrl)
  const query = { keys, servers, sizeOf: poolSizes(parseUrl) }
  for (const resource of shared) if (!used.has(resource)) noteSharedEnvironment(resource, query, findings)
  for (const resource of uncounted) noteUncounted(resource, platforms, query, findings)
  const started = startedJobs(documents, platforms, exclude, query, contexts.after, findings)
  const startedPools: ResourcePool[] = []
  const surging = new Map<string, string[]>()

  const rollouts = read.flatMap(({ resource, platform, after, before }): Rollout[] => {
    const { address, actions } = resource
    const own = forResource(override, resource)?.value
    const pools = (workload: Workload | undefined, recorded: Findings) =>
      workload === undefined ? [] : poolsOf(address, workload, query, own, recorded)
    const now = pools(after, findings)
    const former = noFindings()
    const earlier = pools(before, former)
    if (now.length + earlier.length === 0) return []
    noteWorkload(address, after ?? before, own, findings)
    noteFormer(resource, former, now, own, findings)
    startedPools.push(...startedByDeploy(now, own?.startedByDeploy ?? started.get(resource) ?? 0))
    const isForgotten = actions.includes("forget")
    if (isForgotten) findings.warnings.push(`${address}: is removed from the state, but keeps running`)
    const isService = after !== undefined && "instances" in after.runs
    if (isService && own?.surge === undefined && now.length > 0) addTo(surging, platform.name, address)
    return [
      {
        after: eachSchedule(now, own?.schedule),
        before: eachSchedule(earlier, own?.schedule),
        isReplaced: actions.includes("delete") && actions.includes("create"),
        isForgotten,
        statesSurge: own?.surge !== undefined,
      },
    ]
  })
  for (const [platform, addresses] of surging) {
    findings.assumptions.push({
      name: "surge",
      assumed: `a deploy on ${platform} starts new instances before it stops the old ones, so these count twice during a deploy: ${listed(addresses)}`,
      remedy: "If fewer are added, override surge",
    })
  }
  return [...addRollout(rollouts, findings.issues), ...startedPools]
}

/** Wraps the contexts so that every resource found through them is recorded as used. */
function recordUse(contexts: ReturnType<typeof resolveReferences>, used: Set<Resource>) {
  const recording = (context: Context): Context => ({
    ...context,
    resolve(...reference) {
      const found = context.resolve(...reference)
      for (const resource of found.resources) used.add(resource)
      return found
    },
  })
  return { after: recording(contexts.after), before: recording(contexts.before) }
}

function addTo(lists: Map<string, string[]>, key: string, address: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [address])
  else list.push(address)
}

/** The number of addresses in a line. */
const SHOWN = 5

function listed(addresses: readonly string[]): string {
  const more = addresses.length > SHOWN ? [`and ${addresses.length - SHOWN} more`] : []
  return [...addresses.slice(0, SHOWN), ...more].join(", ")
}

function workloadsOf(
  resource: Resource,
  platform: Platform,
  isGone: boolean,
  contexts: ReturnType<typeof resolveReferences>,
) {
  const read = platform.workloads[resource.type] as Platform["workloads"][string]
  const { attributes, before } = resource
  if (isGone) return { after: undefined, before: read(attributes, resource, contexts.before) }
  return {
    after: read(attributes, resource, contexts.after),
    before: before && read(before, { ...resource, attributes: before }, contexts.before),
  }
}

/** Warns about excluded or overridden addresses that no document has: misspelt, or no longer there. */
export function unusedAddresses(documents: readonly Document[], options: TerraformOptions): string[] {
  const resources = documents.flatMap(({ resources, gone, actions }) => [...resources, ...gone, ...actions])
  const { exclude = {}, override = {} } = options
  return Object.entries({ exclude, override }).flatMap(([field, table]) => {
    const used = new Set(resources.map((resource) => forResource<unknown>(table, resource)?.key))
    return Object.keys(table)
      .filter((address) => !used.has(address))
      .map((address) => `${field}: no resource has the address ${address}`)
  })
}
