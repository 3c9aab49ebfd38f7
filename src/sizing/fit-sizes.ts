import type { ConcurrentRuns } from "../schedule/concurrent-runs.ts"
import { peak } from "../schedule/peak.ts"
import { DEFAULT_FROM } from "../schedule/time.ts"
import { groupEqualWeights } from "./group-equal-weights.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import type { ParsedFleetJob } from "./parse-jobs.ts"
import type { ParsedSize } from "./parse-size.ts"
import { solveSizes } from "./solve-sizes.ts"
import { type Budget, isWithin, type JobTotals, type Totals, totalConnections } from "./totals.ts"

/** The sizes of a fleet, for every consumer, then every job, then every pooler, and their totals. */
export interface SizedFleet {
  readonly sizes: readonly number[]
  /** The jobs that connect to the server. */
  readonly runs: ConcurrentRuns
  /** The jobs behind each pooler. */
  readonly poolerRuns: readonly ConcurrentRuns[]
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

/** Returns the size rules of the consumers, then of the jobs, then of the poolers. */
export const sizesOf = ({ consumers, jobs, poolers }: ParsedFleet): ParsedSize[] =>
  [...consumers, ...jobs, ...poolers].map(({ size }) => size)

export function totalsFor(fleet: ParsedFleet, sizes: readonly number[]): SizedFleet {
  const { consumers, jobs, poolers } = fleet
  const [ofJobs, ofPoolers] = ofJobsAndPoolers(fleet, sizes.slice(consumers.length))
  const runsBehind = (pooler: string | undefined) => {
    const own = jobs.flatMap((job, index) =>
      job.pooler === pooler
        ? [{ ...job.single, connections: job.single.connections * (ofJobs[index] ?? 0) }]
        : [],
    )
    return own.length === 0 ? noRuns : peak(own, DEFAULT_FROM)
  }
  const runs = runsBehind(undefined)
  const poolerRuns = poolers.map(({ name }) => runsBehind(name))
  const behind = new Map(
    poolers.map(({ name }, index) => {
      const largest = largestRun(jobs, ofJobs, name)
      return [name, { clients: poolerRuns[index]?.connections ?? 0, largest }]
    }),
  )
  const direct = { direct: runs.connections, behind }
  return { sizes, runs, poolerRuns, sum: totalConnections(consumers, sizes, direct, poolers, ofPoolers) }
}

/** Splits the sizes behind those of the consumers. */
const ofJobsAndPoolers = ({ jobs }: ParsedFleet, sizes: readonly number[]) =>
  [sizes.slice(0, jobs.length), sizes.slice(jobs.length)] as const

/** The connections of the largest run behind a pooler. */
const largestRun = (jobs: readonly ParsedFleetJob[], sizes: readonly number[], pooler: string): number =>
  jobs.reduce(
    (most, job, index) =>
      job.pooler === pooler ? Math.max(most, job.single.connections * (sizes[index] ?? 0)) : most,
    0,
  )

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
      const [ofJobs, ofPoolers] = ofJobsAndPoolers(fleet, candidate.slice(merged.sizes.length))
      const jobs = connectionsAt(fleet, instant, ofJobs)
      return isWithin(totalConnections(merged.loads, candidate, jobs, fleet.poolers, ofPoolers), budget)
    })
    if (chosen === undefined) return undefined
    const ofConsumers = merged.places.map((place) => chosen[place] ?? 0)
    const solved = totalsFor(fleet, [...ofConsumers, ...chosen.slice(merged.sizes.length)])
    if (isWithin(solved.sum, budget)) return solved
    instant = instantOf(fleet, solved)
  }
}

/**
 * The factor of each job's pool size, by index: `runs × poolsPerInstance`. Of jobs behind a pooler, at the instant at which
 * most of its clients are theirs.
 */
type Instant = readonly number[]

function connectionsAt(
  { jobs, poolers }: ParsedFleet,
  instant: Instant,
  sizes: readonly number[],
): JobTotals {
  const behind = (pooler: string | undefined) =>
    instant.reduce(
      (sum, pools, index) => (jobs[index]?.pooler === pooler ? sum + pools * (sizes[index] ?? 0) : sum),
      0,
    )
  return {
    direct: behind(undefined),
    behind: new Map(
      poolers.map(({ name }) => [name, { clients: behind(name), largest: largestRun(jobs, sizes, name) }]),
    ),
  }
}

function instantOf({ jobs }: ParsedFleet, { runs, poolerRuns }: SizedFleet): Instant {
  const at = new Map([runs, ...poolerRuns].flatMap((each) => each.jobs).map((job) => [job.name, job.runs]))
  return jobs.map(({ single }) => (at.get(single.name) ?? 0) * single.connections)
}
