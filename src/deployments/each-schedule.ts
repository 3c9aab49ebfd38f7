import type { Override } from "./override.ts"
import { isService, type JobUse, type ResourcePool } from "./resource-pool.ts"

/** Repeats the pools of a job for each schedule of its override. */
export function eachSchedule(
  pools: readonly ResourcePool[],
  schedule: Override["schedule"],
): readonly ResourcePool[] {
  if (typeof schedule !== "object") return pools
  return pools.flatMap((pool) => {
    const { name, use } = pool
    if (isService(use)) return [pool]
    return schedule.map((each, index) => ({
      ...pool,
      // The first has the plain name, so that it keeps its name when another schedule is added.
      name: index === 0 ? name : `${name} (schedule ${index + 1})`,
      use: withSchedule(use, each),
    }))
  })
}

const withSchedule = ({ job, lowestJob }: JobUse, schedule: string): JobUse => ({
  job: { ...job, schedule },
  ...(lowestJob === undefined ? {} : { lowestJob: { ...lowestJob, schedule } }),
})
