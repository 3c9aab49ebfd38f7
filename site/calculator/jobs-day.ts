import { runsThroughDay } from "../../src/schedule/runs-through-day.ts"
import type { ConcurrentRuns, FleetCheck } from "../../src/sizing/index.ts"
import type { ParsedFleet } from "../../src/sizing/parse-fleet.ts"
import type { ParsedFleetJob } from "../../src/sizing/parse-jobs.ts"

/** So many at a time, from a minute of the day to another, which is not in it any more. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly value: number
}

/** The jobs of one tier through the day of their peak, in UTC. */
export interface JobsDay {
  /** The pooler that they connect through; empty for those that connect to the server. */
  readonly pooler: string
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** The first minute with the most connections. */
  readonly peakAt: number
  readonly peak: number
  /** The runs of each job. */
  readonly jobs: readonly { readonly name: string; readonly runs: readonly Span[] }[]
  /** The connections of all of them. */
  readonly sum: readonly Span[]
}

const DAY = 1_440
const MILLISECONDS = 86_400_000

/** Returns the days of the peaks: one for the server, and one for each pooler with jobs behind it. */
export function jobsDays(fleet: ParsedFleet, check: FleetCheck): readonly JobsDay[] {
  const tiers: (readonly [pooler: string, peak: ConcurrentRuns])[] = [
    ["", check.jobs],
    ...Object.entries(check.poolers ?? {}).map(([name, { jobs }]) => [name, jobs] as const),
  ]
  return tiers.flatMap(([pooler, peak]) => {
    const jobs = fleet.jobs.filter((job) => (job.pooler ?? "") === pooler)
    return peak.at === undefined ? [] : [jobsDay(pooler, jobs, new Date(peak.at))]
  })
}

function jobsDay(pooler: string, jobs: readonly ParsedFleetJob[], peak: Date): JobsDay {
  const day = Math.floor(peak.getTime() / MILLISECONDS)
  const sum = new Float64Array(DAY)
  const rows = jobs.map(({ single, size }) => {
    const runs = runsThroughDay(single, day)
    const connections = single.connections * size.min
    for (let minute = 0; minute < DAY; minute++) {
      sum[minute] = (sum[minute] ?? 0) + (runs[minute] ?? 0) * connections
    }
    return { name: single.name, runs: spans(runs).filter(({ value }) => value > 0) }
  })
  const most = Math.max(...sum)
  return {
    pooler,
    date: peak.toISOString().slice(0, 10),
    peakAt: sum.indexOf(most),
    peak: most,
    jobs: rows,
    sum: spans(sum),
  }
}

/** Joins equal minutes. */
function spans(minutes: Float64Array): Span[] {
  const found: Span[] = []
  let from = 0
  for (let minute = 1; minute <= minutes.length; minute++) {
    if (minute < minutes.length && minutes[minute] === minutes[from]) continue
    found.push({ from, to: minute, value: minutes[from] ?? 0 })
    from = minute
  }
  return found
}

/** `03:05`. The end of a day is `24:00`. */
export const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`
