import type { PoolConfigIssue } from "../error.ts"
import { maxRunsPerJob } from "../schedule/max-concurrent-runs.ts"
import { isService, type JobUse, type ResourcePool, type ServiceUse } from "./resource-pool.ts"

/** What a pool of before this plan is called: one that ends, and one that Terraform forgets and that goes on. */
export const BEFORE = "before this plan"
export const FORGOTTEN = "forgotten"

/** A resource's pools after apply and before it. */
export interface Rollout {
  readonly after: readonly ResourcePool[]
  readonly before: readonly ResourcePool[]
  /** Whether a new one takes the place of the old, so that their jobs may overlap. */
  readonly isReplaced: boolean
  /** Whether the old one goes on running, out of Terraform's sight. */
  readonly isForgotten: boolean
  /** Whether an override says what a deploy adds. */
  readonly statesSurge: boolean
}

/**
 * The pools of resources with what a deploy adds: platforms start the new instances before they stop the old ones, so
 * for a moment both hold their pools. The larger of the two generations is the one that is there twice: the old one
 * during this deploy, or the new one during the next.
 */
export function addRollout(resources: readonly Rollout[], issues: PoolConfigIssue[]): ResourcePool[] {
  const leaving = resources.map(retired)
  const runs = runsOf(leaving.flat(), issues)
  return resources.flatMap(({ after, before, isForgotten, statesSurge }, index) => {
    const left = leaving[index] ?? []
    const grown = (entry: ResourcePool) => (isForgotten || !outlives(left, entry) ? withSurge(entry) : entry)
    return [
      ...(statesSurge ? after : after.map(grown)),
      ...(isForgotten ? before.map((entry) => renamed(entry, FORGOTTEN)) : []),
      ...left.flatMap((entry) => retiredPools(entry, runs.get(entry))),
    ]
  })
}

/** What ends with the deploy, and is not there twice as the new one then is. */
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

const outlives = (left: readonly ResourcePool[], { name }: ResourcePool) =>
  left.some((entry) => entry.name === name)

function withSurge(entry: ResourcePool): ResourcePool {
  const { use } = entry
  return isService(use) ? { ...entry, use: { ...use, surge: Math.max(use.surge, use.instances) } } : entry
}

/** It counts while the deploy rolls; of a job, with the most of its runs at once. */
function retiredPools(entry: ResourcePool, runs: number | undefined): ResourcePool[] {
  const use: ServiceUse = { instances: 0, surge: isService(entry.use) ? entry.use.instances : (runs ?? 0) }
  // Where it leads decides nothing any more: it ends, and counts here in the meantime.
  const { destination: _, ...pool } = renamed(entry, BEFORE)
  return use.surge === 0 ? [] : [{ ...pool, use }]
}

/** A pool of before this plan, which is none of what its resource opens after it. */
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
