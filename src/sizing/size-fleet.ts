import { budgetAt, type SharedBudget } from "./auto-budget.ts"
import { buildCheck, type FleetCheck } from "./check-fleet.ts"
import { crowdsOf, withCrowds } from "./crowding.ts"
import { fitFleet, withClientConnections } from "./fit-fleet.ts"
import { type SizedFleet, sizesOf } from "./fit-sizes.ts"
import type { ConsumerName, Fleet, FleetConsumer, Servers } from "./fleet.ts"
import { byName } from "./names.ts"
import { nextSteps } from "./next-steps.ts"
import type { OpenFleet, OpenServers } from "./open-fleet.ts"
import type { ParsedConsumer } from "./parse-consumers.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import { type ParsedFleets, parseFleets } from "./parse-servers.ts"
import type { Pooler } from "./pooler.ts"
import { clientExcess } from "./pooler-totals.ts"
import { spareCapacity } from "./spare-capacity.ts"
import { budgetOf, excess, isWithin } from "./totals.ts"
import { type NamedSizes, type PoolerSizes, withAllSizes } from "./with-sizes.ts"

/** The sizes of a fleet, in connections for each pool, and their check. */
export interface FleetSizing<Name extends string = string> {
  /** True if there are sizes that fit. If not, the ones below are the smallest allowed, and do not fit. */
  readonly fits: boolean
  /** The number of connections by which the smallest sizes are too large; 0 if they fit. */
  readonly shortfall: number
  /**
   * The pool size of every consumer, fixed ones included: its `PRISMA_POOL_SIZE_CORE`. With `poolSize: "auto"` the budget: its
   * `PRISMA_POOL_BUDGET_CORE`, and the `CONNECTION LIMIT` of its role.
   */
  readonly sizes: { readonly [name in Name]: number }
  /** The pool size of every job, by its name. */
  readonly jobSizes: Readonly<Record<string, number>>
  /** Only with poolers: the sizes of each, fixed ones included. */
  readonly poolers?: Readonly<Record<string, PoolerSizes>>
  /** The fleet with these sizes, as `checkFleet` accepts it. */
  readonly fleet: Fleet<Name>
  /** The result of `checkFleet` for that fleet. */
  readonly check: FleetCheck<Name>
  /**
   * Connections left over, and why no size uses them: `9 left over; one more per api instance would take 10`. Empty if
   * nothing fits.
   */
  readonly leftover: readonly string[]
  /** If nothing fits: the excess, and the remedies, any one of which is enough. */
  readonly nextSteps: readonly string[]
}

/** The sizes for each server, and one verdict for all of them. */
export interface ServersSizing<Fleets extends OpenServers["servers"] = OpenServers["servers"]> {
  readonly fits: boolean
  /** The fleets with these sizes, as `checkFleet` accepts them. */
  readonly fleet: Servers<{ readonly [server in keyof Fleets]: Fleet<ConsumerName<Fleets[server]>> }>
  readonly servers: { readonly [server in keyof Fleets]: FleetSizing<ConsumerName<Fleets[server]>> }
}

/**
 * Solves for every pool size that a fleet leaves open, so that the whole fits its server.
 *
 * `size(t) = min(max, max(min, floor(weight × t)))` at the largest breakpoint `t = k / weight` that `checkFleet`
 * accepts. With one `t` for all, sizes are proportional to their weights, and a higher ceiling never lowers a size. It
 * fills `fill` (0.8, so that nothing alerts) of the usable slots steadily, and all of them during a deploy. The rest is
 * reported, and not handed out. Generalises the formula by slots (`connectionLimitBySlots`).
 *
 * A consumer with `poolSize: "auto"` and a `weight` gets a budget: as much as pools of that weight would have, and at least a
 * connection for each of them.
 *
 * With poolers, the pool sizes that they leave out are solved for with what connects directly, and the sizes of their clients
 * before, within what the poolers take: one `t` for each tier. A `maxClientConnections` that is left out is as much as the clients need.
 *
 * A fleet that cannot fit is a result with a shortfall, not an error.
 *
 * Takes O(n log n) time for n consumers and jobs: about 45 totals of the fleet, under 10 ms for 1,000 consumers. Jobs
 * are swept once for each instant that turns out to bind, in practice one to three times.
 *
 * @throws PoolConfigError naming, with its dotted path (`consumers.api.weight`), every field that is missing, unknown,
 * or not in range, and `weight`, `min` or `max` together with a `poolSize`.
 * @example
 * ```ts
 * const { sizes, leftover } = sizeFleet({
 *   maxConnections: 100,
 *   reserved: { metabase: 10 },
 *   consumers: { api: { instances: 3, weight: 2 }, worker: { instances: 2, max: 6 } },
 * }) // api 18, worker 6, for 3 × 18 + 2 × 6 + 10 = 76 of the 77; "1 left over; one more per api instance would take 3"
 * // With a surge of 3 and 2, as the command assumes: api 11, worker 5
 * ```
 */
export function sizeFleet<Name extends string>(fleet: OpenFleet<Name>): FleetSizing<Name>
export function sizeFleet<Fleets extends OpenServers["servers"]>(
  servers: OpenServers<Fleets>,
): ServersSizing<Fleets>
export function sizeFleet(input: OpenFleet | OpenServers): FleetSizing | ServersSizing {
  return sizeFleets(parseFleets(input, "open"))
}

function sizeFleets(fleets: ParsedFleets): FleetSizing | ServersSizing {
  if ("fleet" in fleets) return size(fleets.fleet)
  const servers = fleets.servers.map(([name, fleet]) => [name, size(fleet)] as const)
  return {
    fits: servers.every(([, { fits }]) => fits),
    fleet: { servers: byName(servers.map(([name, { fleet }]) => [name, fleet])) },
    servers: byName(servers),
  }
}

/** Solves for the sizes that a fleet leaves open. */
export function size(open: ParsedFleet): FleetSizing {
  const budget = budgetOf(open, open.fill)
  const { fleet, sized } = fitFleet(open, budget) ?? smallest(open)
  const isFitting = isWithin(sized.sum, budget)
  const over = [excess(sized.sum, budget), ...sized.sum.poolers.map(clientExcess)]
  const crowds = crowdsOf(fleet.consumers, sized.sizes).filter(({ isOver }) => isOver.deploy)
  const { sizes, jobSizes, poolers } = namedSizes(fleet, sized)
  return {
    fits: isFitting && crowds.length === 0,
    shortfall: Math.max(0, ...over.flatMap(({ steady, deploy }) => [steady, deploy])),
    sizes,
    jobSizes,
    ...(fleet.poolers.length === 0 ? {} : { poolers }),
    fleet: withChosenSizes(fleet, sized),
    check: buildCheck(withAllSizes(fleet, sized.sizes), sized),
    leftover: isFitting ? spareCapacity(fleet, sized, budget) : [],
    nextSteps: withCrowds(crowds, [...nextSteps(fleet, sized, fleet.fill), ...fillAll(fleet, sized)]),
  }
}

/** Solves only for the sizes. */
export function solveFleet(open: ParsedFleet): AllSizes {
  const { fleet, sized } = fitFleet(open, budgetOf(open, open.fill)) ?? smallest(open)
  return namedSizes(fleet, sized)
}

/** The sizes of everything in a fleet. */
interface AllSizes extends NamedSizes {
  readonly poolers: Readonly<Record<string, PoolerSizes>>
}

/** The size of a consumer's pools, or the budget that they share. */
const sizedAt = (shared: SharedBudget | undefined, size: number): number =>
  shared === undefined ? size : budgetAt(shared, size)

function namedSizes({ consumers, jobs, poolers }: ParsedFleet, { sizes }: SizedFleet): AllSizes {
  const ofJobs = sizes.slice(consumers.length)
  const ofPoolers = ofJobs.slice(jobs.length)
  return {
    sizes: byName(consumers.map(({ name, shared }, index) => [name, sizedAt(shared, sizes[index] ?? 0)])),
    jobSizes: byName(jobs.map(({ single }, index) => [single.name, ofJobs[index] ?? 0])),
    poolers: byName(
      poolers.map(({ name, maxClientConnections = 0 }, index) => [
        name,
        { poolSize: ofPoolers[index] ?? 0, maxClientConnections },
      ]),
    ),
  }
}

/** Returns the smallest sizes, for a fleet that does not fit. */
const smallest = (fleet: ParsedFleet) =>
  withClientConnections(
    fleet,
    sizesOf(fleet).map(({ min }) => min),
  )

function fillAll(fleet: ParsedFleet, { sum }: SizedFleet): string[] {
  const needed = !isWithin(sum, budgetOf(fleet, fleet.fill)) && isWithin(sum, budgetOf(fleet, 100))
  return needed ? ["Set fill to 1, which keeps nothing in reserve: the smallest sizes then fit"] : []
}

function withChosenSizes(fleet: ParsedFleet, sized: SizedFleet): Fleet {
  const { maxConnections, superuserReserved, reservedConnections, providerReserved } = fleet
  const { reserved, limits, consumers, jobs, poolers } = fleet
  const chosen = namedSizes(fleet, sized)
  return {
    maxConnections,
    superuserReserved,
    reservedConnections,
    ...(providerReserved > 0 ? { providerReserved } : {}),
    reserved: byName(reserved),
    limits,
    consumers: byName(
      consumers.map((consumer, index) => [consumer.name, chosenConsumer(consumer, sized.sizes[index] ?? 0)]),
    ),
    jobs: jobs.map(({ given, single }) => ({ ...given, poolSize: chosen.jobSizes[single.name] ?? 0 })),
    ...(poolers.length === 0
      ? {}
      : {
          poolers: byName(
            poolers.map(({ name, given, surge }): readonly [string, Pooler] => {
              const { poolSize = 0, maxClientConnections = 0 } = chosen.poolers[name] ?? {}
              return [name, { ...given, surge, poolSize, maxClientConnections }]
            }),
          ),
        }),
  }
}

function chosenConsumer(consumer: ParsedConsumer, size: number): FleetConsumer {
  const { instances, poolsPerInstance, surge, shared, pooler } = consumer
  const count = instances === undefined ? {} : { instances }
  if (shared !== undefined) {
    return { ...count, poolSize: "auto", budget: budgetAt(shared, size), poolsPerInstance, surge }
  }
  const behind = pooler === undefined ? {} : { pooler }
  return { instances: 0, ...count, poolSize: size, poolsPerInstance, surge, ...behind }
}
