import type { Override } from "./override.ts"
import { isService, type JobUse, type ResourcePool } from "./resource-pool.ts"

/** The pools of a job once for each schedule that its override states. */
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
      // The first has the plain name, so that it keeps it when another one comes.
      name: index === 0 ? name : `${name} (schedule ${index + 1})`,
      use: withSchedule(use, each),
    }))
  })
}

const withSchedule = ({ job, lowestJob }: JobUse, schedule: string): JobUse => ({
  job: { ...job, schedule },
  ...(lowestJob === undefined ? {} : { lowestJob: { ...lowestJob, schedule } }),
})
