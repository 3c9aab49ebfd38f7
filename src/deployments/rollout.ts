import type { PoolConfigIssue } from "../error.ts"
import { maxRunsPerJob } from "../schedule/max-concurrent-runs.ts"
import { hasBudget, isService, type JobUse, type ResourcePool, type ServiceUse } from "./resource-pool.ts"

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
  /**
   * The rule for what a deploy adds: as many instances again (`doubled`), what the workload says itself (`own`), or what
   * an override sets (`stated`).
   */
  readonly surge: "doubled" | "own" | "stated"
}

/**
 * Adds what a deploy adds to the pools of resources. Platforms start the new instances before they stop the old ones,
 * so for a moment both hold their pools. The larger of the two generations counts twice: the old one during this
 * deploy, or the new one during the next.
 */
export function addRollout(resources: readonly Rollout[], issues: PoolConfigIssue[]): ResourcePool[] {
  const retiring = resources.map(retired)
  const runs = runsOf(retiring.flat(), issues)
  return resources.flatMap(({ after, before, isForgotten, surge }, index) => {
    const ending = retiring[index] ?? []
    const grown = (entry: ResourcePool) => {
      if (surge === "stated") return entry
      const former = isForgotten ? undefined : ending.find(({ name }) => name === entry.name)
      // The next deploy doubles what this one only moves, to another ceiling or from fewer.
      if (former === undefined || !covers(former, entry)) return surge === "own" ? entry : doubled(entry)
      // All old instances count below, so the new ones do not count twice.
      return surge === "own" && !startsFirst(entry) ? entry : withoutSurge(entry)
    }
    return [
      ...after.map(grown),
      ...(isForgotten ? before.map((entry) => renamed(entry, FORGOTTEN)) : []),
      ...ending.flatMap((entry) => {
        const next = surge === "own" ? after.find(({ name }) => name === entry.name) : undefined
        return retiredPools(entry, next, runs.get(entry))
      }),
    ]
  })
}

/** Pools that end with the deploy. They count beside the new ones, which then do not count twice. */
function retired({ after, before, isReplaced, isForgotten, surge }: Rollout): readonly ResourcePool[] {
  if (isForgotten || (surge === "stated" && after.length > 0)) return []
  const now = new Map(after.map((entry) => [entry.name, entry]))
  return before.filter((former) => {
    const entry = now.get(former.name)
    if (entry === undefined) return true
    if (!isService(former.use) || !isService(entry.use)) return isReplaced
    return isMoved(former, entry) || connections(former, former.use) > connections(entry, entry.use)
  })
}

/**
 * True if a deploy puts a pool behind a pooler, or into another pool of it: what the old instances hold is then beside that,
 * however large it is.
 */
const isMoved = (former: ResourcePool, { pooler, destination }: ResourcePool): boolean =>
  pooler !== undefined &&
  (former.pooler !== pooler ||
    former.destination?.database !== destination?.database ||
    former.destination?.user !== destination?.user)

/** True if the old instances of a service hold as much as the new ones, at the same place. */
const covers = (former: ResourcePool, entry: ResourcePool): boolean =>
  !isService(former.use) ||
  !isService(entry.use) ||
  (former.pooler === entry.pooler && connections(former, former.use) >= connections(entry, entry.use))

function doubled(entry: ResourcePool): ResourcePool {
  const { use } = entry
  return isService(use) ? { ...entry, use: { ...use, surge: Math.max(use.surge, use.instances) } } : entry
}

function withoutSurge(entry: ResourcePool): ResourcePool {
  const { use } = entry
  if (!isService(use)) return entry
  const { lowestSurge: _, ...rest } = use
  return { ...entry, use: { ...rest, surge: 0 } }
}

/** True if new instances start before the old ones stop. */
const startsFirst = ({ use }: ResourcePool): boolean => isService(use) && use.surge > 0

/**
 * A retired pool counts during the deploy; that of a job with its highest number of concurrent runs. If old instances
 * stop before new ones start, only what they have more than those counts.
 */
function retiredPools(
  entry: ResourcePool,
  next: ResourcePool | undefined,
  runs: number | undefined,
): ResourcePool[] {
  const surge = isService(entry.use) ? instancesRetired(entry, entry.use, next) : (runs ?? 0)
  const ending = renamed(entry, BEFORE)
  const { destination: _, ...elsewhere } = ending
  // The pool ends, and counts here until then: where it leads matters only to a pooler, which has a pool for it.
  const pool = entry.pooler === undefined ? elsewhere : ending
  return surge === 0 ? [] : [{ ...pool, use: { instances: 0, surge } }]
}

function instancesRetired(entry: ResourcePool, use: ServiceUse, next: ResourcePool | undefined): number {
  if (next === undefined || !isService(next.use) || startsFirst(next) || hasBudget(entry))
    return use.instances
  const more = connections(entry, use) - connections(next, next.use)
  return Math.ceil(more / (entry.poolsPerInstance * entry.size.highest))
}

/** Renames a pool from before this plan, which its resource no longer opens after it. */
function renamed({ address: _, sizeVariable: __, ...entry }: ResourcePool, when: string): ResourcePool {
  return { ...entry, name: `${entry.name} (${when})` }
}

const connections = (entry: ResourcePool, { instances }: ServiceUse): number =>
  (hasBudget(entry) ? Math.min(1, instances) : instances * entry.poolsPerInstance) * entry.size.highest

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
