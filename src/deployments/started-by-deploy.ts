import { isService, type ResourcePool } from "./resource-pool.ts"

/**
 * The pools of the runs that a deploy starts. They are there beside those that the schedule starts, and while the deploy
 * rolls only.
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
