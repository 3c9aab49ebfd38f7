import type { PoolConfigIssue } from "../error.ts"
import { maxRunsPerJob } from "../schedule/max-concurrent-runs.ts"
import { isService, type JobUse, type ResourcePool, type ServiceUse } from "./resource-pool.ts"

/** Suffixes for a pool from before this plan: one that ends, and one that Terraform forgets and that keeps running. */
export const BEFORE = "before this plan"
export const FORGOTTEN = "forgotten"

/** A resource's pools after apply and before it. */
export interface Rollout {
  readonly after: readonly ResourcePool[]
  readonly before: readonly ResourcePool[]
  /** True if a new resource replaces the old one, so that their jobs may overlap. */
  readonly isReplaced: boolean
  /** True if the old resource keeps running, no longer managed by Terraform. */
  readonly isForgotten: boolean
  /** True if an override sets what a deploy adds. */
  readonly statesSurge: boolean
}

/**
 * Adds what a deploy adds to the pools of resources. Platforms start the new instances before they stop the old ones,
 * so for a moment both hold their pools. The larger of the two generations counts twice: the old one during this
 * deploy, or the new one during the next.
 */
export function addRollout(resources: readonly Rollout[], issues: PoolConfigIssue[]): ResourcePool[] {
  const retiring = resources.map(retired)
  const runs = runsOf(retiring.flat(), issues)
  return resources.flatMap(({ after, before, isForgotten, statesSurge }, index) => {
    const ending = retiring[index] ?? []
    const grown = (entry: ResourcePool) =>
      isForgotten || !outlives(ending, entry) ? withSurge(entry) : entry
    return [
      ...(statesSurge ? after : after.map(grown)),
      ...(isForgotten ? before.map((entry) => renamed(entry, FORGOTTEN)) : []),
      ...ending.flatMap((entry) => retiredPools(entry, runs.get(entry))),
    ]
  })
}

/** Pools that end with the deploy. They count beside the new ones, which then do not count twice. */
function retired({ after, before, isReplaced, isForgotten, statesSurge }: Rollout): readonly ResourcePool[] {
  if (isForgotten || (statesSurge && after.length > 0)) return []
  const now = new Map(after.map((entry) => [entry.name, entry]))
  return before.filter((former) => {
    const entry = now.get(former.name)
    if (entry === undefined) return true
    if (!isService(former.use) || !isService(entry.use)) return isReplaced
    return connections(former, former.use) > connections(entry, entry.use)
  })
}

const outlives = (ending: readonly ResourcePool[], { name }: ResourcePool) =>
  ending.some((entry) => entry.name === name)

function withSurge(entry: ResourcePool): ResourcePool {
  const { use } = entry
  return isService(use) ? { ...entry, use: { ...use, surge: Math.max(use.surge, use.instances) } } : entry
}

/** A retired pool counts during the deploy; that of a job with its highest number of concurrent runs. */
function retiredPools(entry: ResourcePool, runs: number | undefined): ResourcePool[] {
  const use: ServiceUse = { instances: 0, surge: isService(entry.use) ? entry.use.instances : (runs ?? 0) }
  // Its destination no longer matters: the pool ends, and counts here until then.
  const { destination: _, ...pool } = renamed(entry, BEFORE)
  return use.surge === 0 ? [] : [{ ...pool, use }]
}

/** Renames a pool from before this plan, which its resource no longer opens after it. */
function renamed({ address: _, sizeVariable: __, ...entry }: ResourcePool, when: string): ResourcePool {
  return { ...entry, name: `${entry.name} (${when})` }
}

const connections = (entry: ResourcePool, { instances }: ServiceUse): number =>
  instances * entry.poolsPerInstance * entry.size.highest

function runsOf(
  entries: readonly ResourcePool[],
  issues: PoolConfigIssue[],
): ReadonlyMap<ResourcePool, number> {
  const jobs = entries.filter(
    (entry): entry is ResourcePool & { readonly use: JobUse } => !isService(entry.use),
  )
  const runs = maxRunsPerJob(
    jobs.map(({ name, use }) => ({ ...use.job, name, poolSize: 1 })),
    issues,
  )
  return new Map(jobs.map((entry, index) => [entry, runs[index] ?? 0]))
}
