import type { ConcurrentRuns } from "../schedule/concurrent-runs.ts"
import { peak } from "../schedule/peak.ts"
import { DEFAULT_FROM } from "../schedule/time.ts"
import { mergeAlike } from "./group-equal-weights.ts"
import type { ReadFleet } from "./parse-fleet.ts"
import type { ReadSize } from "./parse-size.ts"
import { solveSizes } from "./solve-sizes.ts"
import { isWithin, type Room, type Sum, sumLoads } from "./totals.ts"

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
  return { sizes, runs, sum: sumLoads(consumers, sizes, runs.connections) }
}

/**
 * Solves for `sizes` within `room`; undefined when not even the smallest fit.
 *
 * Which jobs meet at their peak depends on their sizes, and a sweep of their calendar is dear. So the sizes are solved
 * for one instant, and swept: if they fit, they are the largest, since to heed more instants could only lower them.
 * Otherwise the sweep has found an instant that asks for less, and they are solved for that one. What fitted at the
 * instants before fits with smaller sizes too.
 */
export function fitFleet(fleet: ReadFleet, sizes: readonly ReadSize[], room: Room): SizedFleet | undefined {
  const merged = mergeAlike(fleet.consumers, sizes)
  const rules = [...merged.sizes, ...sizes.slice(fleet.consumers.length)]
  let instant: Instant = []
  for (;;) {
    const chosen = solveSizes(rules, (candidate) => {
      const jobs = connectionsAt(instant, candidate.slice(merged.sizes.length))
      return isWithin(sumLoads(merged.loads, candidate, jobs), room)
    })
    if (chosen === undefined) return undefined
    const ofConsumers = merged.places.map((place) => chosen[place] ?? 0)
    const solved = sized(fleet, [...ofConsumers, ...chosen.slice(merged.sizes.length)])
    if (isWithin(solved.sum, room)) return solved
    instant = instantOf(fleet, solved)
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
