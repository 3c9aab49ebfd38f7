import type { FleetPart, OpenFleetPart, TerraformFleet, Unknown } from "../deployments/index.ts"
import { ACKNOWLEDGEABLE, type AcknowledgedCause, type Baseline } from "./baseline.ts"

/** An unknown that adds nothing, since somebody has taken note of it. */
export interface Acknowledged {
  readonly name: string
  readonly problem: string
  readonly reason: string
}

export interface BaselinedFleet extends TerraformFleet {
  readonly acknowledged: readonly Acknowledged[]
}

/**
 * What the plans say of each server, without what a baseline acknowledges. What it does not is unknown as before, and so
 * is what it counted once and what connects no longer, though it is still there.
 */
export function applyBaseline(
  fleets: readonly TerraformFleet[],
  baseline: Baseline | undefined,
): readonly BaselinedFleet[] {
  if (baseline === undefined) return fleets.map((fleet) => ({ ...fleet, acknowledged: [] }))
  const counts = baseline.acknowledged.map((entry) => matchesOf(fleets, entry))
  const applied = baseline.acknowledged.filter(({ matches }, index) => (counts[index] ?? 0) <= matches)
  const notes = baseline.acknowledged.flatMap((entry, index) => noteOf(entry, counts[index] ?? 0))
  const baselined = fleets.map((fleet) => without(fleet, applied))
  return baselined.map((fleet, index) => ({
    ...fleet,
    unknowns: [...fleet.unknowns, ...renamedOf(baselined, fleet, baseline)],
    warnings: index === 0 ? [...fleet.warnings, ...notes, ...goneOf(fleet, baseline)] : fleet.warnings,
  }))
}

/** An address that several servers have is one. */
const matchesOf = (fleets: readonly TerraformFleet[], entry: AcknowledgedCause): number =>
  new Set(fleets.flatMap(({ unknowns }) => unknowns.filter(isOf(entry)).map(({ address }) => address))).size

export const isOf =
  ({ cause, address, attribute }: AcknowledgedCause) =>
  (unknown: Unknown): boolean =>
    unknown.cause === cause &&
    unknown.attribute === attribute &&
    unknown.address !== undefined &&
    fits(address, unknown.address)

/** Whether a text is as a pattern has it, in time in proportion to both. */
function fits(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*")
  const last = rest.pop()
  if (last === undefined) return pattern === text
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

function noteOf({ cause, address, matches }: AcknowledgedCause, found: number): string[] {
  const entry = `pool.baseline.json: ${cause} of ${address}`
  if (found === 0) return [`${entry} is acknowledged, and is not unknown any more: remove the entry`]
  if (found < matches)
    return [`${entry} is acknowledged for ${matches}, and there are ${found}: lower matches`]
  return found > matches
    ? [`${entry} is acknowledged for ${matches}, and there are ${found}: none of them is acknowledged`]
    : []
}

/** What is added to the name of a pool that is one of several of the same resource, container and variable. */
const ONE_OF_SEVERAL =
  / \((?:schedule \d+|started by the deploy)\)(?=(?: \((?:before this plan|forgotten)\))?$)/

function without(fleet: TerraformFleet, entries: readonly AcknowledgedCause[]): BaselinedFleet {
  const acknowledged: Acknowledged[] = []
  const left: Unknown[] = []
  const dropped = new Set<string>()
  for (const unknown of fleet.unknowns) {
    const entry = entries.find((each) => isOf(each)(unknown))
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

/** Of a resource that may have the variable that is looked for, or whose URL may lead to another server. */
const MAY_CONNECT: readonly Unknown["cause"][] = ["environment", "server"]

/**
 * What connected when the baseline was written, is still there, and is not known to connect now. What may connect, and is
 * not acknowledged, is among the unknown already.
 */
function renamedOf(
  fleets: readonly TerraformFleet[],
  fleet: TerraformFleet,
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
      problem: `was counted, is still there, and has no ${fleet.source.keys.join(" or ")} any more that can be seen`,
      between: "nothing, and any number of connections",
      remedy:
        "Name the database with --database where its variable was renamed, or write the baseline again where it connects no longer",
      isUnbounded: true,
    }))
}

function goneOf({ resources }: TerraformFleet, { counted }: Baseline): string[] {
  const isThere = new Set(resources.map(({ address }) => address))
  return counted
    .filter((address) => !isThere.has(address))
    .map((address) => `pool.baseline.json: ${address} was counted, and is not there any more`)
}

export const isAcknowledgeable = ({ cause, address }: Unknown): boolean =>
  address !== undefined && (ACKNOWLEDGEABLE as readonly string[]).includes(cause)
