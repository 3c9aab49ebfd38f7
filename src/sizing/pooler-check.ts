import type { ConcurrentRuns } from "../schedule/concurrent-runs.ts"
import type { Phases } from "./auto-budget.ts"
import type { SizedFleet } from "./fit-sizes.ts"
import { byName } from "./names.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import { clientExcess, type PoolerTotals, takenBy } from "./pooler-totals.ts"
import type { Bound } from "./totals.ts"

/** Both sides of a pooler when every pool is full, in connections. */
export interface PoolerSum {
  /** What it takes of the server: the pools of all its processes, and `orphans`. */
  readonly total: number
  /** Of these, backends that run on without their client. */
  readonly orphans: number
  readonly deploy: {
    /** The same during a deploy, in which `surge` more processes have pools of their own. */
    readonly total: number
    readonly orphans: number
  }
  /** Its clients: the connections of the consumers and jobs behind it. */
  readonly clients: {
    readonly total: number
    /** The clients that its processes take: 80 % of `instances × maxClientConnections`. */
    readonly capacity: number
    /** True if `total` is within `capacity`. */
    readonly fits: boolean
    readonly deploy: {
      readonly total: number
      /** True if that is within `capacity`: a deploy of the clients may find no more processes of the pooler. */
      readonly fits: boolean
    }
  }
  /** The jobs behind it: the result of `maxConcurrentRuns`. */
  readonly jobs: ConcurrentRuns
}

/** The verdict on one tier: the server, or the clients of a pooler. */
export interface Tier {
  /** `server`, or the pooler by its path, `poolers.pgbouncer`. */
  readonly name: TierName
  /** The usable slots of the server, or a limit of its database or role that is fuller; of a pooler, the clients that it takes. */
  readonly limit: number
  /** The connections that count against it. */
  readonly total: number
  readonly fits: boolean
  readonly deploy: { readonly total: number; readonly fits: boolean }
}

export type TierName = "server" | `poolers.${string}`

/** The verdict on the server's own tier. */
interface ServerVerdict {
  readonly bounds: readonly [Bound, ...Bound[]]
  readonly fits: boolean
  readonly deployFits: boolean
}

/** Adds up each pooler, by its name. */
export const poolerSums = ({ poolers }: ParsedFleet, { sum, poolerRuns }: SizedFleet) =>
  byName(
    poolers.flatMap(({ name }, index) => {
      const [totals, jobs] = [sum.poolers[index], poolerRuns[index]]
      return totals === undefined || jobs === undefined ? [] : [[name, poolerSum(totals, jobs)] as const]
    }),
  )

function poolerSum(totals: PoolerTotals, jobs: ConcurrentRuns): PoolerSum {
  const { orphans, clients, capacity } = totals
  const [taken, over] = [takenBy(totals), clientExcess(totals)]
  return {
    total: taken.steady,
    orphans: orphans.steady,
    deploy: { total: taken.deploy, orphans: orphans.deploy },
    clients: {
      total: clients.all.steady,
      capacity,
      fits: over.steady <= 0,
      deploy: { total: clients.all.deploy, fits: over.deploy <= 0 },
    },
    jobs,
  }
}

/** Returns the tiers of a fleet with poolers, the one that is nearest to its limit, or farthest above it, first. */
export function tiersOf(
  sums: Readonly<Record<string, PoolerSum>>,
  { bounds, fits, deployFits }: ServerVerdict,
): readonly [Tier, ...Tier[]] {
  const fullest = bounds.reduce((most, each) => (use(each) > use(most) ? each : most))
  const { limit, total, deploy } = fullest
  const server: Tier = {
    name: "server",
    limit,
    total,
    fits,
    deploy: { total: deploy.total, fits: deployFits },
  }
  const clients = Object.entries(sums).map(
    ([name, { clients: own }]): Tier => ({
      name: `poolers.${name}`,
      limit: own.capacity,
      total: own.total,
      fits: own.fits,
      deploy: own.deploy,
    }),
  )
  const [first = server, ...others] = [server, ...clients].sort((one, other) => use(other) - use(one))
  return [first, ...others]
}

/** The used share of a tier. What is left of each could not be compared: their limits differ by orders of magnitude. */
function use({ limit, total, deploy }: Pick<Bound, "limit" | "total" | "deploy">): number {
  const most = Math.max(total, deploy.total)
  return most === 0 ? 0 : most / limit
}

/** True if the clients of every pooler are within what it takes. */
export const areClientsWithin = (
  sums: Readonly<Record<string, PoolerSum>>,
): Record<keyof Phases, boolean> => ({
  steady: Object.values(sums).every(({ clients }) => clients.fits),
  deploy: Object.values(sums).every(({ clients }) => clients.deploy.fits),
})
