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
import { noteFormer, noteHolder, noteUncounted, noteWorkload } from "./record-findings.ts"
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

/** Every pool that the resources of some documents open. */
export function collectPools(
  documents: readonly Document[],
  platforms: readonly Platform[],
  options: Options,
  ties: ServerTies,
  findings: Findings,
): ResourcePool[] {
  const { keys, exclude = {}, override = {} } = options
  const used = new Set<Resource>()
  const contexts = noting(resolveReferences(documents, keys), used)
  const isGone = new Set(documents.flatMap(({ gone }) => gone))
  const resources = documents.flatMap((document) => [...document.resources, ...document.gone])
  const held: Resource[] = []
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
      if (platforms.some(({ holders }) => holders.includes(resource.type))) held.push(resource)
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
  const question = { keys, servers, sizeOf: poolSizes(parseUrl) }
  for (const resource of held) if (!used.has(resource)) noteHolder(resource, question, findings)
  for (const resource of uncounted) noteUncounted(resource, platforms, question, findings)
  const started = startedJobs(documents, platforms, exclude, question, contexts.after, findings)
  const startedPools: ResourcePool[] = []
  const doubled = new Map<string, string[]>()

  const generations = read.flatMap(({ resource, platform, after, before }): Rollout[] => {
    const { address, actions } = resource
    const own = forResource(override, resource)?.value
    const pools = (workload: Workload | undefined, noted: Findings) =>
      workload === undefined ? [] : poolsOf(address, workload, question, own, noted)
    const now = pools(after, findings)
    const former = noFindings()
    const earlier = pools(before, former)
    if (now.length + earlier.length === 0) return []
    noteWorkload(address, after ?? before, own, findings)
    noteFormer(resource, former, now, own, findings)
    startedPools.push(...startedByDeploy(now, own?.startedByDeploy ?? started.get(resource) ?? 0))
    const isForgotten = actions.includes("forget")
    if (isForgotten) findings.warnings.push(`${address}: is removed from the state, and goes on running`)
    const isService = after !== undefined && "instances" in after.runs
    if (isService && own?.surge === undefined && now.length > 0) addTo(doubled, platform.name, address)
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
  for (const [platform, addresses] of doubled) {
    findings.assumptions.push({
      name: "surge",
      assumed: `a deploy on ${platform} starts new instances before it stops the old ones, so these count twice while it rolls: ${listed(addresses)}`,
      remedy: "Override surge where fewer are added",
    })
  }
  return [...addRollout(generations, findings.issues), ...startedPools]
}

/** The same, with what is found in them noted. */
function noting(contexts: ReturnType<typeof resolveReferences>, used: Set<Resource>) {
  const noted = (context: Context): Context => ({
    ...context,
    resolve(...reference) {
      const found = context.resolve(...reference)
      for (const resource of found.resources) used.add(resource)
      return found
    },
  })
  return { after: noted(contexts.after), before: noted(contexts.before) }
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

/** What is excluded or overridden, and is in none of the documents: a name that was misspelt, or is of the past. */
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
