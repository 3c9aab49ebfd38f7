import type { PoolConfigIssue } from "../error.ts"
import { mostRuns } from "../schedule/max-concurrent-runs.ts"
import { type Entry, isService, type JobUse, type ServiceUse } from "./resource-pool.ts"

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
 * The pools of resources with what a deploy adds: platforms start the new instances before they stop the old ones, so
 * for a moment both hold their pools. The larger of the two generations is the one that is there twice: the old one
 * during this deploy, or the new one during the next.
 */
export function deployed(resources: readonly Generations[], issues: PoolConfigIssue[]): Entry[] {
  const leaving = resources.map(leavers)
  const runs = runsOf(leaving.flat(), issues)
  return resources.flatMap(({ after, before, isForgotten, statesSurge }, index) => {
    const left = leaving[index] ?? []
    const grown = (entry: Entry) => (isForgotten || !outlives(left, entry) ? doubled(entry) : entry)
    return [
      ...(statesSurge ? after : after.map(grown)),
      ...(isForgotten ? before.map((entry) => renamed(entry, "forgotten")) : []),
      ...left.flatMap((entry) => leaver(entry, runs.get(entry))),
    ]
  })
}

/** What ends with the deploy, and is not there twice as the new one then is. */
function leavers({ after, before, isReplaced, isForgotten, statesSurge }: Generations): readonly Entry[] {
  if (isForgotten || (statesSurge && after.length > 0)) return []
  const now = new Map(after.map((entry) => [entry.name, entry]))
  return before.filter((former) => {
    const entry = now.get(former.name)
    if (entry === undefined) return true
    if (!isService(former.use) || !isService(entry.use)) return isReplaced
    return connections(former, former.use) > connections(entry, entry.use)
  })
}

const outlives = (left: readonly Entry[], { name }: Entry) => left.some((entry) => entry.name === name)

function doubled(entry: Entry): Entry {
  const { use } = entry
  return isService(use) ? { ...entry, use: { ...use, surge: use.instances } } : entry
}

/** It counts while the deploy rolls; of a job, with the most of its runs at once. */
function leaver(entry: Entry, runs: number | undefined): Entry[] {
  const use: ServiceUse = { instances: 0, surge: isService(entry.use) ? entry.use.instances : (runs ?? 0) }
  return use.surge === 0 ? [] : [{ ...renamed(entry, "before this plan"), use, isOpen: false }]
}

const renamed = (entry: Entry, when: string): Entry => ({
  ...entry,
  name: `${entry.name} (${when})`,
  isOpen: false,
})

const connections = (entry: Entry, { instances }: ServiceUse): number =>
  instances * entry.poolsPerInstance * entry.size.highest

function runsOf(entries: readonly Entry[], issues: PoolConfigIssue[]): ReadonlyMap<Entry, number> {
  const jobs = entries.filter((entry): entry is Entry & { readonly use: JobUse } => !isService(entry.use))
  const runs = mostRuns(
    jobs.map(({ name, use }) => ({ ...use.job, name, poolSize: 1 })),
    issues,
  )
  return new Map(jobs.map((entry, index) => [entry, runs[index] ?? 0]))
}
