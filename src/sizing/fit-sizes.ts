import type { ConcurrentRuns } from "../schedule/concurrent-runs.ts"
import { peak } from "../schedule/peak.ts"
import { DEFAULT_FROM } from "../schedule/time.ts"
import { groupEqualWeights } from "./group-equal-weights.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import type { ParsedSize } from "./parse-size.ts"
import { solveSizes } from "./solve-sizes.ts"
import { type Budget, isWithin, type Totals, totalConnections } from "./totals.ts"

/** The sizes of a fleet, for every consumer and then every job, and their totals. */
export interface SizedFleet {
  readonly sizes: readonly number[]
  readonly runs: ConcurrentRuns
  readonly sum: Totals
}

const noRuns: ConcurrentRuns = {
  ordinaryDay: { runs: 0, connections: 0, at: undefined, jobs: [] },
  runs: 0,
  connections: 0,
  at: undefined,
  jobs: [],
  assumptions: [],
  explicit: [],
}

/** Returns the size rules of the consumers, then of the jobs. */
export const sizesOf = ({ consumers, jobs }: ParsedFleet): ParsedSize[] =>
  [...consumers, ...jobs].map(({ size }) => size)

export function totalsFor(fleet: ParsedFleet, sizes: readonly number[]): SizedFleet {
  const { consumers, jobs } = fleet
  const own = sizes.slice(consumers.length)
  const withSize = jobs.map(({ single }, index) => ({
    ...single,
    connections: single.connections * (own[index] ?? 0),
  }))
  const runs = jobs.length === 0 ? noRuns : peak(withSize, DEFAULT_FROM)
  return { sizes, runs, sum: totalConnections(consumers, sizes, runs.connections) }
}

/**
 * Solves for `sizes` within `budget`; undefined if not even the smallest fit.
 *
 * The jobs that run together at the peak depend on their sizes, and a sweep of their calendar is expensive. So the
 * sizes are solved for one instant, and then swept. If they fit, they are the largest, since considering more instants
 * could only lower them. Otherwise the sweep has found an instant that requires smaller sizes, and they are solved for
 * that one. Earlier instants still fit, since the sizes only become smaller.
 */
export function fitSizes(
  fleet: ParsedFleet,
  sizes: readonly ParsedSize[],
  budget: Budget,
): SizedFleet | undefined {
  const merged = groupEqualWeights(fleet.consumers, sizes)
  const rules = [...merged.sizes, ...sizes.slice(fleet.consumers.length)]
  let instant: Instant = []
  for (;;) {
    const chosen = solveSizes(rules, (candidate) => {
      const jobs = connectionsAt(instant, candidate.slice(merged.sizes.length))
      return isWithin(totalConnections(merged.loads, candidate, jobs), budget)
    })
    if (chosen === undefined) return undefined
    const ofConsumers = merged.places.map((place) => chosen[place] ?? 0)
    const solved = totalsFor(fleet, [...ofConsumers, ...chosen.slice(merged.sizes.length)])
    if (isWithin(solved.sum, budget)) return solved
    instant = instantOf(fleet, solved)
  }
}

/** The factor of each job's pool size, by index: `runs × poolsPerInstance`. */
type Instant = readonly number[]

const connectionsAt = (instant: Instant, sizes: readonly number[]): number =>
  instant.reduce((sum, pools, index) => sum + pools * (sizes[index] ?? 0), 0)

function instantOf({ jobs }: ParsedFleet, { runs }: SizedFleet): Instant {
  const at = new Map(runs.jobs.map((job) => [job.name, job.runs]))
  return jobs.map(({ single }) => (at.get(single.name) ?? 0) * single.connections)
}
