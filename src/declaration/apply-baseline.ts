import { matchesPattern } from "../deployments/address-pattern.ts"
import type { DeployedFleet, FleetPart, OpenFleetPart, Unknown } from "../deployments/index.ts"
import { ACKNOWLEDGEABLE, type AcknowledgedCause, type Baseline } from "./baseline.ts"

/** An unknown that adds nothing, since a baseline acknowledges it. */
export interface Acknowledged {
  readonly name: string
  readonly problem: string
  readonly reason: string
}

export interface BaselinedFleet extends DeployedFleet {
  readonly acknowledged: readonly Acknowledged[]
}

/**
 * Removes what a baseline acknowledges from the plans' fleet of each server. Everything else stays unknown. A
 * resource that the baseline counted, and that still exists but no longer connects, becomes unknown.
 */
export function applyBaseline(
  fleets: readonly DeployedFleet[],
  baseline: Baseline | undefined,
): readonly BaselinedFleet[] {
  if (baseline === undefined) return fleets.map((fleet) => ({ ...fleet, acknowledged: [] }))
  const counts = baseline.acknowledged.map((entry) => matchesOf(fleets, entry))
  const applied = baseline.acknowledged.filter(({ matches }, index) => (counts[index] ?? 0) <= matches)
  const mismatches = baseline.acknowledged.flatMap((entry, index) => mismatchOf(entry, counts[index] ?? 0))
  const baselined = fleets.map((fleet) => without(fleet, applied))
  return baselined.map((fleet, index) => ({
    ...fleet,
    unknowns: [...fleet.unknowns, ...noLongerCounted(baselined, fleet, baseline)],
    warnings:
      index === 0 ? [...fleet.warnings, ...mismatches, ...goneResources(fleet, baseline)] : fleet.warnings,
  }))
}

/** Counts the addresses that match an entry. An address on several servers counts once. */
const matchesOf = (fleets: readonly DeployedFleet[], entry: AcknowledgedCause): number =>
  new Set(
    fleets.flatMap(({ unknowns }) => unknowns.filter(matchesEntry(entry)).map(({ address }) => address)),
  ).size

export const matchesEntry =
  ({ cause, address, attribute }: AcknowledgedCause) =>
  (unknown: Unknown): boolean =>
    unknown.cause === cause &&
    unknown.attribute === attribute &&
    unknown.address !== undefined &&
    matchesPattern(address, unknown.address)

function mismatchOf({ cause, address, matches }: AcknowledgedCause, found: number): string[] {
  const entry = `pool.baseline.json: ${cause} of ${address}`
  if (found === 0) return [`${entry} is acknowledged, but no longer unknown: remove the entry`]
  if (found < matches)
    return [`${entry} is acknowledged for ${matches}, but there are only ${found}: lower matches`]
  return found > matches
    ? [`${entry} is acknowledged for ${matches}, but there are ${found}: none of them is acknowledged`]
    : []
}

/** The suffix in the name of a pool that is one of several of the same resource, container and variable. */
const ONE_OF_SEVERAL =
  / \((?:schedule \d+|started by the deploy)\)(?=(?: \((?:before this plan|forgotten)\))?$)/

function without(fleet: DeployedFleet, entries: readonly AcknowledgedCause[]): BaselinedFleet {
  const acknowledged: Acknowledged[] = []
  const left: Unknown[] = []
  const dropped = new Set<string>()
  for (const unknown of fleet.unknowns) {
    const entry = entries.find((each) => matchesEntry(each)(unknown))
    if (entry === undefined) {
      left.push(unknown)
      continue
    }
    acknowledged.push({ name: unknown.name, problem: unknown.problem, reason: entry.reason })
    for (const pool of unknown.pools ?? []) dropped.add(pool)
  }
  const isDropped = (name: string) => dropped.has(name.replace(ONE_OF_SEVERAL, ""))
  const kept = <Part extends FleetPart | OpenFleetPart>(part: Part): Part => ({
    ...part,
    consumers: Object.fromEntries(Object.entries(part.consumers).filter(([name]) => !isDropped(name))),
    jobs: part.jobs.filter(({ name }) => !isDropped(name)),
  })
  return {
    ...fleet,
    acknowledged,
    unknowns: left,
    lowest: kept(fleet.lowest),
    highest: kept(fleet.highest),
    open: kept(fleet.open),
  }
}

/** Causes of a resource that may have the variable, or whose URL may lead to another server. */
const MAY_CONNECT: readonly Unknown["cause"][] = ["environment", "server"]

/**
 * Returns the resources that connected when the baseline was written, still exist, and are not known to connect now.
 * Those that may connect and are not acknowledged are already among the unknowns.
 */
function noLongerCounted(
  fleets: readonly DeployedFleet[],
  fleet: DeployedFleet,
  { counted }: Baseline,
): Unknown[] {
  const connects = new Set(
    fleets.flatMap(({ resources, unknowns }) => [
      ...resources.flatMap((resource) => (resource.connects ? [resource.address] : [])),
      ...unknowns.flatMap(({ cause, address = [] }) => (MAY_CONNECT.includes(cause) ? address : [])),
    ]),
  )
  const isLeftOut = new Set(fleet.excluded.map(({ address }) => address))
  const isThere = new Set(fleet.resources.map(({ address }) => address))
  return counted
    .filter((address) => isThere.has(address) && !connects.has(address) && !isLeftOut.has(address))
    .map((address) => ({
      cause: "no longer counted",
      address,
      name: address,
      problem: `was counted and is still there, but no longer has a visible ${fleet.source.keys.join(" or ")}`,
      between: "0 or any number of connections",
      remedy:
        "If its variable was renamed, name the database with --database; if it no longer connects, write the baseline again",
      isUnbounded: true,
    }))
}

function goneResources({ resources }: DeployedFleet, { counted }: Baseline): string[] {
  const isThere = new Set(resources.map(({ address }) => address))
  return counted
    .filter((address) => !isThere.has(address))
    .map((address) => `pool.baseline.json: ${address} was counted, but is no longer there`)
}

export const isAcknowledgeable = ({ cause, address }: Unknown): boolean =>
  address !== undefined && (ACKNOWLEDGEABLE as readonly string[]).includes(cause)
