import { isService, type ResourcePool } from "./resource-pool.ts"

/**
 * Returns the pools of the runs that a deploy starts. They count only during the deploy, in addition to the runs that
 * the schedule starts.
 */
export function startedByDeploy(pools: readonly ResourcePool[], starts: number): ResourcePool[] {
  if (starts === 0) return []
  return pools.flatMap(({ destination: _, ...pool }) => {
    const { name, use } = pool
    if (isService(use)) return []
    const { job, lowestJob = job } = use
    return [
      {
        ...pool,
        name: `${name} (started by the deploy)`,
        use: {
          instances: 0,
          surge: starts * (job.replicas ?? 1),
          lowestSurge: starts * (lowestJob.replicas ?? 1),
        },
      },
    ]
  })
}
