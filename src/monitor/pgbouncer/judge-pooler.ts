import { label } from "../../error.ts"
import { mostInProcess } from "../../sizing/capped-pools.ts"
import type { ParsedPooler } from "../../sizing/parse-poolers.ts"
import { clientCapacity } from "../../sizing/pooler-totals.ts"
import { sum } from "../inspect/group-connections.ts"
import type { PgBouncerReport } from "./pgbouncer-report.ts"
import type { PoolerAttribution } from "./pooler-attribution.ts"
import { mostServers } from "./pooler-line.ts"

/** The verdict on a deploy for the clients of one pooler. */
export interface PoolerPreflight {
  readonly name: string
  /** True if the clients fit, and nothing is in `problems`. */
  readonly fits: boolean
  /** Declared or connected, the larger of the two for each: Σ max(declared, seen). */
  readonly held: number
  /** Connected and not declared. */
  readonly undeclared: number
  /** Added by the deploy. */
  readonly surge: number
  /** `held + undeclared + surge`. */
  readonly total: number
  /** The clients that its processes take, with the slack of `checkFleet`, by the `max_client_conn` that they have. */
  readonly capacity: number
  /** What the pooler has other than declared, so that the declaration's sums do not hold. */
  readonly problems: readonly string[]
}

/**
 * Judges a deploy by the clients of a pooler as they are now. Pure. Processes that were not asked count as the smallest of those
 * that were.
 */
export function judgePooler(
  { processes, pools }: Pick<PgBouncerReport, "processes" | "pools">,
  { allocations, undeclared: others }: Pick<PoolerAttribution, "allocations" | "undeclared">,
  { name, instances, pools: declaredPools }: Pick<ParsedPooler, "name" | "instances" | "pools">,
  size: number,
): PoolerPreflight {
  const capacity = clientCapacity(instances, Math.min(...processes.map(({ clients }) => clients.limit)))
  const held = sum(allocations, ({ declared, seen }) => Math.max(declared, seen))
  const undeclared = sum(others, ({ connections }) => connections)
  const surge = sum(allocations, ({ declared, declaredInDeploy }) => declaredInDeploy - declared)
  const total = held + undeclared + surge
  const most = Math.max(...processes.map(({ servers }) => servers.limit))
  const declared = mostInProcess(declaredPools, size)
  const problems = [
    ...(most > declared
      ? [
          `its ${pools.length === 1 ? "pool" : `${pools.length} pools`} may open ${mostServers(most)} connections to the server from one process, and ${declared} are declared: ${pools
            .slice(0, 3)
            .map(
              ({ database, user, servers }) =>
                `${label(database)}, ${label(user)} ${Number.isFinite(servers.limit) ? servers.limit : "without a limit"}`,
            )
            .join("; ")}`,
        ]
      : []),
    ...(processes.length > instances
      ? [`${processes.length} processes run, and ${instances} are declared`]
      : []),
  ]
  return {
    name,
    fits: total <= capacity && problems.length === 0,
    ...{ held, undeclared, surge, total, capacity, problems },
  }
}
