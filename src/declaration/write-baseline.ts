import type { DeployedFleet, Unknown } from "../deployments/index.ts"
import { PoolConfigError } from "../error.ts"
import { isAcknowledgeable, matchesEntry } from "./apply-baseline.ts"
import type { AcknowledgedCause, Baseline } from "./baseline.ts"

/**
 * Makes a baseline of the unknowns in some plans, and of the resources counted in them. Reasons in the former
 * baseline are kept.
 *
 * @param reason for new entries
 * @throws PoolConfigError naming the new entries, if there is no reason for them
 */
export function baselineOf(
  fleets: readonly DeployedFleet[],
  former: Baseline | undefined,
  reason: string | undefined,
): Baseline {
  const groups = new Map<string, Unknown[]>()
  for (const unknown of fleets.flatMap(({ unknowns }) => unknowns).filter(isAcknowledgeable)) {
    const key = JSON.stringify([unknown.cause, patternOf(unknown.address ?? ""), unknown.attribute])
    groups.set(key, [...(groups.get(key) ?? []), unknown])
  }
  const entries = [...groups.values()].map((group) => entryOf(group, former, reason))
  const without = entries.filter((entry) => entry.reason === "")
  if (without.length > 0) {
    throw new PoolConfigError(
      without.map(({ address, cause }) => ({
        name: address,
        problem: `is new in the baseline (${cause}), and has no reason`,
        remedy: "Give the reason why it may be left out, with --reason",
      })),
    )
  }
  const counted = fleets.flatMap(({ resources }) =>
    resources.flatMap(({ address, connects }) => (connects ? [address] : [])),
  )
  return { acknowledged: entries, counted: [...new Set(counted)].sort() }
}

function entryOf(group: readonly Unknown[], former: Baseline | undefined, reason = ""): AcknowledgedCause {
  const [first] = group as [Unknown, ...Unknown[]]
  const addresses = [...new Set(group.map(({ address = "" }) => address))]
  const known = former?.acknowledged.find((entry) => group.every(matchesEntry(entry)))
  return {
    cause: first.cause as AcknowledgedCause["cause"],
    address: addresses.length === 1 ? (addresses[0] as string) : patternOf(addresses[0] ?? ""),
    ...(first.attribute === undefined ? {} : { attribute: first.attribute }),
    reason: known?.reason ?? reason,
    matches: addresses.length,
  }
}

/** Returns the pattern for all instances of a resource: `module.api[*].scaleway_container.web[*]`. */
const patternOf = (address: string) => address.replace(/\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g, "[*]")
