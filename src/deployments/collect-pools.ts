import { excludeByPattern, forAddress, overrideFor } from "./apply-patterns.ts"
import { poolsOf } from "./container-pools.ts"
import { databaseServers, onlyServer, type ServerTies } from "./database-servers.ts"
import { deployedPoolers } from "./deployed-pooler.ts"
import type { DeploymentOptions } from "./deployment-options.ts"
import { normalHost } from "./destination.ts"
import { eachSchedule } from "./each-schedule.ts"
import { type Findings, noFindings } from "./findings.ts"
import { type FrontPoolers, throughPoolers } from "./front-poolers.ts"
import { listed } from "./listed.ts"
import { type Addressed, forResource, type Override } from "./override.ts"
import { planUrls } from "./plan-urls.ts"
import { poolSizes } from "./pool-size.ts"
import { poolerPools } from "./provided-poolers.ts"
import type { DeployedWorkload, Reader } from "./reader.ts"
import { noteFormer, noteWorkload } from "./record-workload.ts"
import { hasBudget, isService, type PoolQuery, type ResourcePool } from "./resource-pool.ts"
import { addRollout, type Rollout } from "./rollout.ts"
import { soughtVariables } from "./sought-variables.ts"
import { startedByDeploy } from "./started-by-deploy.ts"
import { noteUnmarked, type UnmarkedAddress, unmarkedAddresses } from "./unmarked-addresses.ts"
import type { Workload } from "./workload.ts"

type Options = DeploymentOptions & { readonly keys: readonly string[] }

/** Finds the pooler that each pool of a workload connects through. */
type Through = (
  deployed: DeployedWorkload,
  pools: readonly ResourcePool[],
  stated: Override["pooler"],
  recorded: Findings,
) => ResourcePool[]

/** Collects every pool that the workloads of all documents open. */
export function collectPools(
  readers: readonly Reader[],
  options: Options,
  ties: ServerTies,
  front: FrontPoolers,
  findings: Findings,
): readonly ResourcePool[] {
  const { keys, markers = [], sizeVariable, exclude = {}, override = {} } = options
  const sought = soughtVariables(options)
  const readings = readers.map((reader) => reader.read(sought, exclude, findings))
  const workloads = readings.flatMap((reading) => reading.workloads)
  const containers = workloads.flatMap(({ after, before }) =>
    [after, before].flatMap((workload) => workload?.containers ?? []),
  )
  const ownHosts = ties.hosts.map(normalHost)
  const through: Through = (deployed, pools, stated, recorded) =>
    throughPoolers(pools, deployed, stated, front, ownHosts, recorded)
  const parseUrl = planUrls()
  const servers = databaseServers(containers, { keys, markers }, ties, parseUrl)
  const direct = databaseServers(containers, { keys, markers }, onlyServer([]), parseUrl)
  const { leading } = sought
  const query = { keys, markers, sizeVariable, leading, servers, sizeOf: poolSizes(parseUrl) }
  const started = new Map(readings.flatMap((reading) => [...reading.recordUncounted(query, findings)]))
  const startedPools: ResourcePool[] = []
  const clients: ResourcePool[] = []
  const surging = new Map<string, string[]>()
  const unmarked: UnmarkedAddress[] = []

  const rollouts = workloads.flatMap((deployed): Rollout[] => {
    const { address, platform, notation, after, before, isReplaced, isForgotten } = deployed
    const own = overrideFor(override, deployed, () => unknownsWithout(deployed, query, through))
    const pools = (workload: Workload | undefined, recorded: Findings) =>
      workload === undefined
        ? []
        : through(
            deployed,
            poolsOf(address, workload, query, own, recorded).map((pool) => ({ ...pool, notation })),
            own?.pooler,
            recorded,
          )
    const now = pools(after, findings)
    if (servers.poolers.length > 0 && after !== undefined)
      clients.push(...poolsOf(address, after, { ...query, servers: direct }, own, noFindings()))
    const former = noFindings()
    const earlier = pools(before, former)
    if (after !== undefined) unmarked.push(...unmarkedAddresses(address, after, query, now.length > 0))
    if (now.length + earlier.length === 0) return []
    noteWorkload(address, after ?? before, own, now, findings)
    noteFormer(deployed, former, now, own, findings)
    startedPools.push(
      ...startedByDeploy(
        now,
        own?.startedByDeploy ?? (started.get(deployed) ?? 0) + (after?.startedByDeploy ?? 0),
      ),
    )
    if (isForgotten) findings.warnings.push(`${address}: is removed from the state, but keeps running`)
    const doubles = after !== undefined && "instances" in after.runs && after.runs.surge === undefined
    if (doubles && own?.surge === undefined && now.length > 0) addTo(surging, platform, address)
    if (own?.surge === undefined) noteSurge(address, now, findings)
    return [
      {
        after: eachSchedule(now, own?.schedule, after),
        before: eachSchedule(earlier, own?.schedule, before),
        isReplaced,
        isForgotten,
        surge: own?.surge !== undefined ? "stated" : doubles ? "doubled" : "own",
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
  const elsewhere = readers
    .flatMap((reader) => reader.servers.flatMap((server) => server.poolers ?? []))
    .filter(({ address }) => ties.poolers?.every((pooler) => pooler.address !== address) !== false)
  const overridable = [...workloads, ...servers.poolers, ...elsewhere, ...deployedPoolers(readers)]
  findings.warnings.push(...idleOverrides(override, exclude, overridable, placesOf(readers)))
  noteUnmarked(unmarked, rollouts.length === 0 && ties.isOnly, findings)
  const all = [
    ...addRollout(rollouts, findings.issues),
    ...startedPools,
    ...poolerPools(servers, clients, findings),
  ]
  return excludeByPattern(all, placesOf(readers), exclude, findings)
}

const placesOf = (readers: readonly Reader[]) => readers.flatMap((reader) => reader.places)

/** Finds what is unknown of a workload without an override. */
function unknownsWithout(
  deployed: DeployedWorkload,
  query: PoolQuery,
  through: Through,
): Findings["unknowns"] {
  const { address, after, before } = deployed
  const workload = after ?? before
  if (workload === undefined) return []
  const recorded = noFindings()
  const pools = poolsOf(address, workload, query, undefined, recorded)
  through(deployed, pools, undefined, recorded)
  noteWorkload(address, workload, undefined, pools, recorded)
  noteSurge(address, pools, recorded)
  return recorded.unknowns
}

/** Records a surge that the platform's rule leaves open. */
function noteSurge(address: string, pools: readonly ResourcePool[], { unknowns }: Findings): void {
  const use = pools.map((pool) => pool.use).find(isService)
  if (use?.lowestSurge === undefined || use.lowestSurge === use.surge) return
  // Among any number of instances it is no number of its own.
  if (use.isEndless && pools.every(hasBudget)) return
  // An unknown number of instances, all of which a deploy doubles, is recorded as such.
  if (use.lowestSurge === use.lowestInstances && use.surge === use.instances) return
  unknowns.push({
    cause: "surge",
    address,
    attribute: "surge",
    name: `${address}.surge`,
    problem: "depends on how long instances that are ending keep their connections",
    between: `${use.lowestSurge} to ${use.surge} more instances during a deploy`,
    remedy: "Override surge with the lower number if the application closes its pool on SIGTERM at once",
    isOfDeploy: true,
  })
}

function addTo(lists: Map<string, string[]>, key: string, address: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [address])
  else list.push(address)
}

/** Warns about an override of something that is in the documents, and of which nothing counts. */
function idleOverrides(
  override: Options["override"] = {},
  exclude: Options["exclude"] = {},
  overridable: readonly Addressed[],
  places: readonly Addressed[],
): string[] {
  const used = new Set(overridable.map((each) => forAddress(override, each)?.key))
  const idle = new Set(
    places
      .filter((place) => forAddress(exclude, place) === undefined)
      .flatMap((place) => forResource(override, place)?.key ?? [])
      .filter((key) => !used.has(key)),
  )
  return [...idle].map(
    (key) => `override: ${key} opens no pool that is counted, so that nothing of it changes`,
  )
}

/**
 * Warns about addresses that no document has, among the excluded and overridden ones and those behind a pooler: misspelt, or no
 * longer there.
 */
export function unusedAddresses(
  readers: readonly Reader[],
  options: DeploymentOptions,
  behind: FrontPoolers["stated"],
): string[] {
  const places = readers.flatMap((reader) => reader.places)
  const { exclude = {}, override = {} } = options
  return Object.entries({ exclude, override, behind }).flatMap(([field, table]) => {
    const used = new Set(places.map((place) => forAddress<unknown>(table, place)?.key))
    return Object.keys(table)
      .filter((address) => !used.has(address))
      .map((address) => `${field}: no resource has the address ${address}`)
  })
}
