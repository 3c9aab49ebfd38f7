import { buildCheck, type FleetCheck } from "./check-fleet.ts"
import { fitSizes, type SizedFleet, sizesOf, totalsFor } from "./fit-sizes.ts"
import type { ConsumerName, Fleet, Servers } from "./fleet.ts"
import { byName } from "./names.ts"
import { nextSteps } from "./next-steps.ts"
import type { OpenFleet, OpenServers } from "./open-fleet.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import { type ParsedFleets, parseFleets } from "./parse-servers.ts"
import { spareCapacity } from "./spare-capacity.ts"
import { budgetOf, isWithin } from "./totals.ts"
import type { NamedSizes } from "./with-sizes.ts"

/** The sizes of a fleet, in connections for each pool, and what they add up to. */
export interface FleetSizing<Name extends string = string> {
  /** Whether there are sizes that fit. If not, the ones below are the smallest allowed, and do not. */
  readonly fits: boolean
  /** The connections that the smallest sizes are too many; 0 when they fit. */
  readonly shortfall: number
  /** The pool size of every consumer, the stated ones too: its `PRISMA_POOL_SIZE_CORE`. */
  readonly sizes: { readonly [name in Name]: number }
  /** The pool size of every job, by its name. */
  readonly jobSizes: Readonly<Record<string, number>>
  /** The fleet with these sizes, as `checkFleet` takes it. */
  readonly fleet: Fleet<Name>
  /** What `checkFleet` says of that fleet. */
  readonly check: FleetCheck<Name>
  /** What stays free, and why no size takes it: `9 free: raising api by one needs 10`. Empty when nothing fits. */
  readonly leftover: readonly string[]
  /** When nothing fits, by how much, and what would: any one of them is enough. */
  readonly nextSteps: readonly string[]
}

/** The sizes for each server, and whether all of them fit. */
export interface ServersSizing<Fleets extends OpenServers["servers"] = OpenServers["servers"]> {
  readonly fits: boolean
  /** The fleets with these sizes, as `checkFleet` takes them. */
  readonly fleet: Servers<{ readonly [server in keyof Fleets]: Fleet<ConsumerName<Fleets[server]>> }>
  readonly servers: { readonly [server in keyof Fleets]: FleetSizing<ConsumerName<Fleets[server]>> }
}

/**
 * Solves for every pool size that a fleet leaves open, so that the whole fits its server.
 *
 * `size(t) = min(max, max(min, floor(weight × t)))` at the largest breakpoint `t = k / weight` that `checkFleet`
 * accepts: with one `t` for all, sizes are as their weights, and a higher ceiling lowers none. It fills `fill` (0.8, so
 * that nothing alerts) of the usable slots steadily, and all of them during a deploy. What is then left is reported,
 * and not handed out. Generalises the sizing document's formula by slots ("Scénario 3").
 *
 * A fleet that cannot fit is an answer with a shortfall, not an error.
 *
 * Takes O(n log n) time for n consumers and jobs: about 45 sums of the fleet, under 10 ms for 1,000 consumers. Jobs
 * are swept once for each instant that turns out to bind, in practice one to three times.
 *
 * @throws PoolConfigError naming, with its dotted path (`consumers.api.weight`), every field that is missing,
 * unknown, or not in range, and `weight`, `min` or `max` beside a `poolSize`.
 * @example
 * ```ts
 * const { sizes, leftover } = sizeFleet({
 *   maxConnections: 100,
 *   reserved: { metabase: 10 },
 *   consumers: { api: { instances: 3, weight: 2 }, worker: { instances: 2, max: 6 } },
 * }) // api 18, worker 6, for 3 × 18 + 2 × 6 + 10 = 76 of the 77; "1 free: raising api by one needs 3"
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
export function size(fleet: ParsedFleet): FleetSizing {
  const room = budgetOf(fleet, fleet.fill)
  const fitting = fitSizes(fleet, sizesOf(fleet), room)
  const chosen = fitting ?? smallest(fleet)
  const { sum } = chosen
  return {
    fits: fitting !== undefined,
    shortfall: Math.max(0, sum.steady - room.steady, sum.deploy - room.deploy),
    ...named(fleet, chosen),
    fleet: closed(fleet, chosen),
    check: buildCheck(fleet, chosen),
    leftover: fitting ? spareCapacity(fleet, chosen, room) : [],
    nextSteps: [...nextSteps(fleet, chosen, fleet.fill), ...fillAll(fleet, chosen)],
  }
}

/** Solves for the same sizes, and for nothing else. */
export const solveFleet = (fleet: ParsedFleet): NamedSizes =>
  named(fleet, fitSizes(fleet, sizesOf(fleet), budgetOf(fleet, fleet.fill)) ?? smallest(fleet))

function named({ consumers, jobs }: ParsedFleet, { sizes }: SizedFleet): NamedSizes {
  const ofJobs = sizes.slice(consumers.length)
  return {
    sizes: byName(consumers.map(({ name }, index) => [name, sizes[index] ?? 0])),
    jobSizes: byName(jobs.map(({ single }, index) => [single.name, ofJobs[index] ?? 0])),
  }
}

/** Where nothing fits, what is the least too many. */
const smallest = (fleet: ParsedFleet): SizedFleet =>
  totalsFor(
    fleet,
    sizesOf(fleet).map(({ min }) => min),
  )

function fillAll(fleet: ParsedFleet, { sum }: SizedFleet): string[] {
  const needed = !isWithin(sum, budgetOf(fleet, fleet.fill)) && isWithin(sum, budgetOf(fleet, 100))
  return needed ? ["Set fill to 1, which keeps nothing back: the smallest sizes then fit"] : []
}

function closed(fleet: ParsedFleet, { sizes }: SizedFleet): Fleet {
  const { maxConnections, superuserReserved, reservedConnections, reserved, limits, consumers, jobs } = fleet
  const sizeOfJob = sizes.slice(consumers.length)
  return {
    maxConnections,
    superuserReserved,
    reservedConnections,
    reserved: byName(reserved),
    limits,
    consumers: byName(
      consumers.map(({ name, instances, poolsPerInstance, surge }, index) => [
        name,
        { instances, poolSize: sizes[index] ?? 0, poolsPerInstance, surge },
      ]),
    ),
    jobs: jobs.map(({ stated }, index) => ({ ...stated, poolSize: sizeOfJob[index] ?? 0 })),
  }
}
