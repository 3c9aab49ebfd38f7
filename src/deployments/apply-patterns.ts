import { matchesPattern } from "./address-pattern.ts"
import type { Findings, Unknown } from "./findings.ts"
import { type Addressed, forResource, type Override } from "./override.ts"
import type { ResourcePool } from "./resource-pool.ts"

/** Finds the first pattern with `*` that matches an address, or the address without its document or namespace. */
function forPattern<Value>(
  table: Readonly<Record<string, Value>>,
  { address, ownAddress }: Addressed,
): { readonly key: string; readonly value: Value } | undefined {
  const key = Object.keys(table).find(
    (each) => each.includes("*") && (matchesPattern(each, address) || matchesPattern(each, ownAddress)),
  )
  return key === undefined ? undefined : { key, value: table[key] as Value }
}

/** Finds the entry for a resource: by its address, else by a pattern. */
export const forAddress = <Value>(table: Readonly<Record<string, Value>>, place: Addressed) =>
  forResource(table, place) ?? forPattern(table, place)

/** Causes of what may connect, and is not known to. */
const MAY_CONNECT: readonly Unknown["cause"][] = ["type", "namespace", "environment", "variable"]

/**
 * Leaves out what a pattern of `exclude` matches, if it is not known to connect. What is known to connect is left out by
 * its own address only, so that no pattern takes it along.
 *
 * @returns the pools that are left
 */
export function excludeByPattern(
  pools: readonly ResourcePool[],
  places: readonly Addressed[],
  exclude: Readonly<Record<string, string>>,
  findings: Findings,
): readonly ResourcePool[] {
  const byAddress = new Map(places.map((place) => [place.address, place]))
  const dropped = new Set<string>()
  const excluded = new Map<string, string>()
  const left = findings.unknowns.filter((unknown) => {
    const { cause, address = "" } = unknown
    if (!MAY_CONNECT.includes(cause)) return true
    const pattern = forPattern(exclude, byAddress.get(address) ?? { address, ownAddress: address })
    if (pattern === undefined) return true
    excluded.set(address, pattern.value)
    for (const pool of unknown.pools ?? []) dropped.add(pool)
    return false
  })
  const counted = pools.filter(({ name, certain }) => certain || !dropped.has(name))
  // Where nothing is left to count, its number no longer matters.
  const isCounted = new Set(counted.map(({ address }) => address))
  const isGone = ({ address = "" }: Unknown) => excluded.has(address) && !isCounted.has(address)
  findings.unknowns.splice(0, findings.unknowns.length, ...left.filter((unknown) => !isGone(unknown)))
  for (const [address, reason] of excluded) findings.excluded.push({ address, reason })
  return counted
}

/** The field of an override that makes an unknown known. */
const FIELDS: Partial<Record<Unknown["cause"], keyof Override>> = {
  environment: "poolSize",
  processes: "poolsPerInstance",
  schedule: "schedule",
  size: "poolSize",
  surge: "surge",
}

/** Returns the field of an override that makes an unknown known; undefined if none does. */
export const overriddenField = ({ cause, field }: Pick<Unknown, "cause" | "field">) => field ?? FIELDS[cause]

/**
 * Returns the override for a resource: the one for its address, or what a pattern sets of it. A pattern sets what would be
 * unknown, and replaces nothing that is known.
 *
 * @param unknownsOf finds what is unknown without an override
 */
export function overrideFor(
  table: Readonly<Record<string, Override>>,
  place: Addressed,
  unknownsOf: () => readonly Unknown[],
): Override | undefined {
  const own = forResource(table, place)?.value
  const pattern = own === undefined ? forPattern(table, place)?.value : undefined
  if (pattern === undefined) return own
  const { reason, ...fields } = pattern
  const open = new Set<string | undefined>(unknownsOf().map(overriddenField))
  // A size of auto comes with its budget.
  const isAuto = fields.poolSize === "auto" && open.has("poolSize")
  const set = Object.entries(fields).filter(([name]) => open.has(name) || (name === "budget" && isAuto))
  return set.length === 0 ? undefined : { ...Object.fromEntries(set), reason }
}
