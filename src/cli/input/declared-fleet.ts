import { type FleetBounds, onServer, type ServerSlots } from "../../declaration/fleet-bounds.ts"
import { verdictOf } from "../../declaration/verdict.ts"
import { label, PoolConfigError } from "../../error.ts"
import { type DeclaredFleet, namesWithoutOwner } from "../../monitor/inspect/attribution.ts"
import { UNKNOWN_OWNER } from "../../monitor/metrics/observed-fleet.ts"
import { crowdsOf } from "../../sizing/crowding.ts"
import { byName } from "../../sizing/names.ts"
import { jobNames, type ParsedFleet } from "../../sizing/parse-fleet.ts"
import type { Io } from "../io.ts"
import { byCause } from "../output/by-cause.ts"
import type { FleetFlags } from "./fleet-flags.ts"
import { findFleet } from "./load-fleet.ts"

/** A declared fleet at its highest, for a server that is asked. */
export interface InspectedFleet extends DeclaredFleet {
  readonly parsed: ParsedFleet
  /** What may connect and cannot be counted. */
  readonly uncounted: readonly string[]
  /** What cannot work on any server: `auto` in a job or behind a pooler, and a budget with fewer connections than pools. */
  readonly failures: readonly string[]
  /** What fits and will cause trouble. */
  readonly warnings: readonly string[]
}

/** The fleet that is declared for the server that is asked. */
export interface ServerFleet {
  /** The fleet on a server with these slots, which count if no ceiling is declared. */
  readonly on: (slots: ServerSlots) => InspectedFleet
  /** The fleet where no server is asked; undefined if its ceiling is to be that of the server. */
  readonly alone: InspectedFleet | undefined
  /** The names of its poolers. */
  readonly poolers: readonly string[]
}

/**
 * Reads the declared fleet of the inspected server; undefined if none is declared. Everything that is wrong in it is
 * refused here, before a server is asked.
 */
export async function declaredFleet(flags: FleetFlags, io: Io): Promise<ServerFleet | undefined> {
  const ranges = await findFleet(flags, io, undefined, "server")
  if (ranges === undefined) return undefined
  const [first, ...others] = ranges
  if (first === undefined || others.length > 0) {
    throw new PoolConfigError([
      {
        name: "servers",
        problem: `has ${ranges.length} entries, but one server is inspected`,
        remedy: "Give the declaration of that server, with --config",
      },
    ])
  }
  const [, range] = first
  const declared = fleetOf(range)
  const ownerless = namesWithoutOwner(declared)
  if (ownerless.length > 0) {
    throw new PoolConfigError(ownerless.map((name) => ({ name, ...UNKNOWN_OWNER })))
  }
  const poolers = Object.keys(declared.check.poolers ?? {})
  if (range.maxConnections !== undefined) return { on: () => declared, alone: declared, poolers }
  const on = (slots: ServerSlots) => ({ ...fleetOf(onServer(range, slots)), maxConnections: undefined })
  return { on, alone: undefined, poolers }
}

function fleetOf(range: FleetBounds): InspectedFleet {
  const { highest: check, fleets } = verdictOf(range, { deploy: "fail" })
  const unbounded = range.unknowns.filter(({ isUnbounded }) => isUnbounded)
  return {
    maxConnections: range.maxConnections,
    reserved: byName(fleets.highest.reserved),
    check,
    ...jobNames(fleets.highest),
    applications: range.applications,
    roles: range.roles,
    parsed: fleets.highest,
    failures: [
      ...range.failures.map(({ name, problem, remedy }) => `${label(name)}: ${problem}. ${remedy}.`),
      ...crowdsOf(
        fleets.highest.consumers,
        fleets.highest.consumers.map(({ size }) => size.min),
      ).flatMap(({ isOver, text }) => (isOver.deploy ? [text] : [])),
    ],
    warnings: check.warnings,
    uncounted: [
      ...range.incomplete,
      ...byCause(unbounded).map(({ names, problem, remedy }) => `${names}: ${problem}. ${remedy}.`),
    ],
  }
}
