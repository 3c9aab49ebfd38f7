import { fitSizes, type SizedFleet, sizesOf, totalsFor } from "./fit-sizes.ts"
import { poolerRules } from "./fleet-rules.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import { fixedSize, type ParsedSize } from "./parse-size.ts"
import { clientConnectionsFor } from "./pooler-totals.ts"
import type { Budget } from "./totals.ts"

/** Sizes that fit, and the fleet with the poolers' client connections that they need. */
export interface FittedFleet {
  readonly fleet: ParsedFleet
  readonly sized: SizedFleet
}

/**
 * Solves for the sizes that a fleet leaves open, one tier after the other; undefined if not even the smallest fit.
 *
 * First the clients of each pooler, within what it takes of them, while everything else has its smallest size. They come
 * first because the largest of them may leave backends behind, for which the pools of the server's own tier leave room.
 * Then that tier: the poolers' pools, and what connects directly. Each is in proportion to the weights within its tier.
 */
export function fitFleet(fleet: ParsedFleet, budget: Budget): FittedFleet | undefined {
  const rules = sizesOf(fleet)
  if (fleet.poolers.length === 0) {
    const sized = fitSizes(fleet, rules, budget)
    return sized && { fleet, sized }
  }
  let sizes: readonly number[] = rules.map(({ min }) => min)
  const tiers = tiersOf(fleet)
  for (const tier of [...fleet.poolers.map(({ name }) => name), undefined]) {
    const solved = rules.map(
      (rule, index): ParsedSize => (tiers[index] === tier ? rule : fixedSize(sizes[index] ?? 0)),
    )
    const fitted = fitSizes(fleet, solved, budget)
    if (fitted === undefined) return undefined
    sizes = fitted.sizes
  }
  return withClientConnections(fleet, sizes)
}

/** The pooler in whose client tier each size is; undefined in that of the server. */
const tiersOf = ({ consumers, jobs, poolers }: ParsedFleet): (string | undefined)[] => [
  ...[...consumers, ...jobs].map(({ pooler }) => pooler),
  ...poolers.map(() => undefined),
]

/** PgBouncer's own `max_client_conn`, below which a planned one never is. */
const LEAST_CLIENT_CONNECTIONS = 100

/** Fills in the client connections of poolers that leave them out: as many as their clients need. */
export function withClientConnections(fleet: ParsedFleet, sizes: readonly number[]): FittedFleet {
  const sized = totalsFor(fleet, sizes)
  if (fleet.poolers.every(({ maxClientConnections }) => maxClientConnections !== undefined)) {
    return { fleet, sized }
  }
  const poolers = fleet.poolers.map((pooler, index) => {
    const { steady = 0, deploy = 0 } = sized.sum.poolers[index]?.clients.all ?? {}
    const needed = clientConnectionsFor(pooler.minInstances, Math.max(steady, deploy))
    const { maxClientConnections = clamp(needed, LEAST_CLIENT_CONNECTIONS) } = pooler
    return { ...pooler, maxClientConnections }
  })
  const filled = { ...fleet, poolers }
  return { fleet: filled, sized: totalsFor(filled, sizes) }
}

/** More than a field accepts are refused as clients, not as input. */
const clamp = (value: number, least: number): number =>
  Math.min(poolerRules.maxClientConnections.max, Math.max(least, value))
