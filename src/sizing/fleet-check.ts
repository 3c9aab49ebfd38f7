import { PoolConfigError } from "../error.ts"
import type { ConcurrentRuns } from "../schedule/concurrent-runs.ts"
import { type Bound, type BoundName, boundsOf } from "./bounds.ts"
import { byName } from "./by-name.ts"
import { arithmetic } from "./explain-totals.ts"
import type { SizedFleet } from "./fit-sizes.ts"
import { nextSteps } from "./next-steps.ts"
import type { ReadFleet } from "./parse-fleet.ts"
import { roomOf } from "./totals.ts"

/** What one consumer holds when every pool of every instance is full. */
export interface ConsumerSum {
  /** `instances × poolSize × poolsPerInstance`, in connections. */
  readonly total: number
  readonly deploy: {
    /** The same with `instances + surge`. */
    readonly total: number
  }
}

/** The sums of a fleet when every pool is full, in connections, and the verdicts on them. */
export interface FleetCheck<Name extends string = string> {
  /** Everything that ordinary roles open: the reserved ones outside the fleet, all consumers, and the jobs' peak. */
  readonly total: number
  /** What ordinary roles may open: the ceiling without the server's own slots. Always 1 or more. */
  readonly usable: number
  /** `total` in per cent of `maxConnections`, rounded, for display: 100 may be just above, so ask `fits`. */
  readonly percent: number
  /** `total` in per cent of `usable`, rounded, for display. */
  readonly percentUsable: number
  /** `usable − total`; below 0, the shortfall. A limit may leave less: ask `bounds`. */
  readonly free: number
  /** Whether `total` is within `usable`, and consumers and jobs within the limits; the deploy has its own verdict. */
  readonly fits: boolean
  /** Whether `total` is above 80 % of `usable`: the sizing document's threshold ("Alertes à mettre en place"). */
  readonly alert: boolean
  /** The tightest of the bounds, by the field to raise. */
  readonly binding: BoundName
  /** All of them, the tightest first: the usable slots, and every limit that is stated. */
  readonly bounds: readonly Bound[]
  /** The same fleet while a deploy rolls. */
  readonly deploy: {
    /** `total` with the `surge` of every consumer beside its instances. */
    readonly total: number
    /** Whether that is within `usable` and the limits. The 80 % are for the steady total only. */
    readonly fits: boolean
  }
  /** The part of each consumer, under its own name. */
  readonly consumers: { readonly [name in Name]: ConsumerSum }
  /** The part of the jobs, the same in both sums: what `maxConcurrentRuns` answers. */
  readonly jobs: ConcurrentRuns
  /** The sums as text, one to a line. */
  readonly arithmetic: readonly string[]
  /** By how much it does not fit (or alerts), and what would: any one of them is enough. Empty when all is well. */
  readonly nextSteps: readonly string[]
}

/** In per cent of `usable`: the alert threshold of the sizing document, and what `sizeFleet` fills to by default. */
const ALERT = 80

export function fleetCheck(fleet: ReadFleet, sized: SizedFleet): FleetCheck {
  const { sum, sizes, runs } = sized
  const { maxConnections, usable, outside } = fleet
  const total = outside + sum.steady
  const deployTotal = outside + sum.deploy
  refuseInexact(fleet, deployTotal)

  const { deploy: room } = roomOf(fleet, 100)
  const bounds = boundsOf(fleet, sum)
  const fits = sum.steady <= room
  const deployFits = sum.deploy <= room
  const alert = sum.steady > roomOf(fleet, ALERT).steady
  return {
    total,
    usable,
    percent: Math.round((100 * total) / maxConnections),
    percentUsable: Math.round((100 * total) / usable),
    free: usable - total,
    fits,
    alert,
    binding: bounds[0]?.name ?? "maxConnections",
    bounds,
    deploy: { total: deployTotal, fits: deployFits },
    consumers: byName(
      fleet.consumers.map(({ name, pools, deployPools }, index) => {
        const size = sizes[index] ?? 0
        return [name, { total: pools * size, deploy: { total: deployPools * size } }] as const
      }),
    ),
    jobs: runs,
    arithmetic: arithmetic(fleet, sized),
    nextSteps: nextSteps(fleet, sized, fits && deployFits ? ALERT : 100),
  }
}

function refuseInexact({ path }: ReadFleet, total: number): void {
  if (Number.isSafeInteger(total)) return
  throw new PoolConfigError([
    {
      name: path,
      problem: `adds up to more than ${Number.MAX_SAFE_INTEGER} connections, beyond exact numbers`,
      remedy: "Give the instances, pools and runs that there really are",
    },
  ])
}
