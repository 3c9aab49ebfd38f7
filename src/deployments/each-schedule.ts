import type { Override } from "./override.ts"
import { isService, type JobUse, type ResourcePool } from "./resource-pool.ts"
import type { FurtherSchedule, Workload } from "./workload.ts"

/** Repeats the pools of a job for each schedule: those of its override, or else those of the documents. */
export function eachSchedule(
  pools: readonly ResourcePool[],
  stated: Override["schedule"],
  workload: Workload | undefined,
): readonly ResourcePool[] {
  const further =
    stated === undefined
      ? furtherOf(workload)
      : [stated]
          .flat()
          .slice(1)
          .map((schedule) => ({ timing: { schedule }, isCertain: true, isInZone: true }))
  if (further.length === 0) return pools
  return pools.flatMap((pool) => {
    const { name, use } = pool
    if (isService(use)) return [pool]
    // The first has the plain name, so that it keeps its name when another schedule is added.
    const others = further.map((each, index) => ({
      ...pool,
      name: `${name} (schedule ${index + 2})`,
      use: withSchedule(use, each),
    }))
    return [pool, ...others]
  })
}

/** A schedule of an override has the time zone of the job. */
type Further = FurtherSchedule & { readonly isInZone?: boolean }

const furtherOf = (workload: Workload | undefined): readonly Further[] =>
  workload !== undefined && "job" in workload.runs ? (workload.runs.further ?? []) : []

function withSchedule({ job, lowestJob }: JobUse, { timing, isCertain, isInZone }: Further): JobUse {
  const timed = (own: JobUse["job"]) => (isInZone ? { ...own, ...timing } : { ...untimed(own), ...timing })
  if (!isCertain) return { job: timed(job), lowestJob: { ...untimed(lowestJob ?? job), concurrent: 0 } }
  return { job: timed(job), ...(lowestJob === undefined ? {} : { lowestJob: timed(lowestJob) }) }
}

function untimed({ schedule: _, timezone: __, concurrent: ___, ...job }: JobUse["job"]): JobUse["job"] {
  return job
}
