import { maxConcurrentRuns } from "../sizing/cron/max-concurrent-runs.ts"
import { type Entry, isService, type ServiceUse } from "./entry.ts"

/** A resource's pools after apply and before it. */
export interface Generations {
  readonly after: readonly Entry[]
  readonly before: readonly Entry[]
  /** Whether a new one takes the place of the old, so that their jobs may overlap. */
  readonly isReplaced: boolean
  /** Whether the old one goes on running, out of Terraform's sight. */
  readonly isForgotten: boolean
  /** Whether an override says what a deploy adds. */
  readonly statesSurge: boolean
}

/**
 * The pools of a resource with what a deploy adds: platforms start the new instances before they stop the old ones, so
 * for a moment both hold their pools. The larger of the two generations is the one that is there twice: the old one
 * during this deploy, or the new one during the next.
 */
export function deployed({ after, before, isReplaced, isForgotten, statesSurge }: Generations): Entry[] {
  if (isForgotten) return [...after.map(doubled), ...before.map((entry) => renamed(entry, "forgotten"))]
  if (statesSurge) return [...after]
  const old = new Map(before.map((entry) => [entry.name, entry]))
  const now = after.flatMap((entry) => {
    const former = old.get(entry.name)
    old.delete(entry.name)
    if (!isService(entry.use)) return [entry, ...(former && isReplaced ? leaving(former) : [])]
    if (former === undefined || connections(former) <= connections(entry)) return [doubled(entry)]
    return [entry, ...leaving(former)]
  })
  return [...now, ...[...old.values()].flatMap(leaving)]
}

function doubled(entry: Entry): Entry {
  const { use } = entry
  return isService(use) ? { ...entry, use: { ...use, surge: use.instances } } : entry
}

/** What ends with the deploy: it counts while that rolls. */
function leaving(entry: Entry): Entry[] {
  const use: ServiceUse = { instances: 0, surge: instancesOf(entry) }
  return use.surge === 0 ? [] : [{ ...renamed(entry, "before this plan"), use, isOpen: false }]
}

const renamed = (entry: Entry, when: string): Entry => ({
  ...entry,
  name: `${entry.name} (${when})`,
  isOpen: false,
})

const connections = (entry: Entry): number => instancesOf(entry) * entry.poolsPerInstance * entry.size.highest

/** Of a job, the most of its runs at once. */
function instancesOf({ name, use }: Entry): number {
  if (isService(use)) return use.instances
  return maxConcurrentRuns([{ ...use.job, name, poolSize: 1 }]).runs
}
