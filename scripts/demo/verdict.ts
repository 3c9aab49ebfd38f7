import { type FleetPlan, sumWithPools } from "./fleet.ts"
import type { FleetRun } from "./run-fleet.ts"
import type { Row } from "./screen.ts"

/** A sentence about the run. `holds` tells whether it is true. */
export interface Claim {
  readonly holds: boolean
  readonly text: string
}

/** The claims about a run, each true or not. */
export function judge(plan: FleetPlan, fleet: FleetRun, oldWay: Row, samples: number): Claim[] {
  const { limited, concurrentRequests, failedRequests, refusals, peakOfAll, left, failed } = fleet
  const { usable } = plan.check
  const unlimited = sumWithPools(plan.ceiling, oldWay.peak)
  return [
    {
      holds: limited.every(({ peak, limit }) => peak === limit),
      text: `Each pool filled up to its limit and was never seen above it, in ${samples} samples of pg_stat_activity.`,
    },
    {
      holds:
        refusals === 0 &&
        limited.every(({ refused }) => !refused) &&
        failedRequests === 0 &&
        failed.length === 0 &&
        peakOfAll <= usable,
      text: `${concurrentRequests} requests at a time and two jobs took ${peakOfAll} of ${usable} connections at most: ${refusals} refused (the server's log), ${failedRequests} requests and ${failed.length} processes failed.`,
    },
    {
      holds: left === 0,
      text: `On SIGTERM the API finished its requests and left ${left} connections behind.`,
    },
    {
      holds: oldWay.peak > oldWay.limit,
      text: `The old way asked for connection_limit=${oldWay.limit} and held ${oldWay.peak}: Prisma 7 ignores it. This fleet with ${oldWay.peak} in each pool would need ${unlimited.total} of ${unlimited.usable}.`,
    },
  ]
}
