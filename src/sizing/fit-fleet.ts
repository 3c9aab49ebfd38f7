import type { ConcurrentRuns } from "./cron/concurrent-runs.ts"
import { peak } from "./cron/peak.ts"
import { DEFAULT_FROM } from "./cron/read-from.ts"
import type { ReadFleet } from "./read-fleet.ts"
import type { ReadSize } from "./read-size.ts"
import { solveSizes } from "./solve-sizes.ts"
import { isWithin, type Room, type Sum, sumFleet } from "./sum-fleet.ts"

/** A fleet with a size for every consumer, then every job, and what it adds up to. */
export interface SizedFleet {
  readonly sizes: readonly number[]
  readonly runs: ConcurrentRuns
  readonly sum: Sum
}

const noRuns: ConcurrentRuns = {
  runs: 0,
  connections: 0,
  at: undefined,
  jobs: [],
  assumptions: [],
  stated: [],
}

/** The sizes of the consumers, then of the jobs. */
export const sizesOf = ({ consumers, jobs }: ReadFleet): ReadSize[] =>
  [...consumers, ...jobs].map(({ size }) => size)

export function sized(fleet: ReadFleet, sizes: readonly number[]): SizedFleet {
  const { consumers, jobs } = fleet
  const own = sizes.slice(consumers.length)
  const withSize = jobs.map(({ single }, index) => ({
    ...single,
    connections: single.connections * (own[index] ?? 0),
  }))
  const runs = jobs.length === 0 ? noRuns : peak(withSize, DEFAULT_FROM)
  return { sizes, runs, sum: sumFleet(fleet, sizes, runs.connections) }
}

/**
 * Solves for `sizes` within `room`; undefined when not even the smallest fit.
 *
 * Which jobs meet at their peak depends on their sizes, and a sweep of their calendar is dear. So the sizes are solved
 * for the instants that are known, and swept: when those sizes fit, they are the largest, for more instants could only
 * lower them. Otherwise the sweep has found one more instant to heed, and they are solved for again.
 */
export function fitFleet(fleet: ReadFleet, sizes: readonly ReadSize[], room: Room): SizedFleet | undefined {
  const instants: Instant[] = []
  const accepts = (chosen: readonly number[]) => {
    const own = chosen.slice(fleet.consumers.length)
    const jobs = Math.max(0, ...instants.map((instant) => connectionsAt(instant, own)))
    return isWithin(sumFleet(fleet, chosen, jobs), room)
  }
  for (;;) {
    const chosen = solveSizes(sizes, accepts)
    if (chosen === undefined) return undefined
    const fleetSized = sized(fleet, chosen)
    if (isWithin(fleetSized.sum, room)) return fleetSized
    instants.push(instantOf(fleet, fleetSized))
  }
}

/** Connections of each job, by its place, for each connection in its pools: `runs × poolsPerInstance`. */
type Instant = readonly number[]

const connectionsAt = (instant: Instant, sizes: readonly number[]): number =>
  instant.reduce((sum, pools, index) => sum + pools * (sizes[index] ?? 0), 0)

function instantOf({ jobs }: ReadFleet, { runs }: SizedFleet): Instant {
  const at = new Map(runs.jobs.map((job) => [job.name, job.runs]))
  return jobs.map(({ single }) => (at.get(single.name) ?? 0) * single.connections)
}
