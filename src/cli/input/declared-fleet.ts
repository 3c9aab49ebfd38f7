import { verdictOf } from "../../declaration/verdict.ts"
import { PoolConfigError } from "../../error.ts"
import { type DeclaredFleet, namesWithoutOwner } from "../../monitor/inspect/attribution.ts"
import { UNKNOWN_OWNER } from "../../monitor/metrics/observed-fleet.ts"
import { byName } from "../../sizing/names.ts"
import type { Io } from "../io.ts"
import type { FleetFlags } from "./fleet-flags.ts"
import { findFleet } from "./load-fleet.ts"

/** Reads the declared fleet of the inspected server, at its highest; undefined if none is declared. */
export async function declaredFleet(flags: FleetFlags, io: Io): Promise<DeclaredFleet | undefined> {
  const ranges = await findFleet(flags, io)
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
  const { highest: check, fleets } = verdictOf(range, { deploy: "fail" })
  const declared: DeclaredFleet = {
    maxConnections: range.maxConnections,
    reserved: byName(fleets.highest.reserved),
    check,
    jobs: fleets.highest.jobs.map(({ single }) => single.name),
    applications: range.applications,
    roles: range.roles,
  }
  const ownerless = namesWithoutOwner(declared)
  if (ownerless.length > 0) {
    throw new PoolConfigError(ownerless.map((name) => ({ name, ...UNKNOWN_OWNER })))
  }
  return declared
}
