import type { FleetBounds } from "../../declaration/fleet-bounds.ts"
import { sum } from "../../monitor/inspect/group-connections.ts"
import type { FleetSizing } from "../../sizing/index.ts"
import type { ParsedFleet } from "../../sizing/parse-fleet.ts"
import { limitedRoles } from "../output/limited-roles.ts"
import { type LimitedRole, limitsSql } from "../output/limits-sql.ts"

/** The plan of a fleet on one server. */
export interface Planned {
  /** Empty for a single server. */
  readonly server: string
  readonly range: FleetBounds
  /** The fleet with the computed sizes. */
  readonly fleet: ParsedFleet
  readonly sizing: FleetSizing
  /** The value for each pool's variable, by consumer and job. */
  readonly sizes: readonly (readonly [name: string, size: number])[]
}

/** Renders the statements for some of the fleet's roles. */
export function limitsOn(
  { range, fleet, sizing }: Planned,
  isWanted: (role: LimitedRole) => boolean = () => true,
): string {
  const all = limitedRoles({ range, fleet, check: sizing.check })
  const limited = all.filter(isWanted)
  const others = sum(all, ({ limit }) => limit) - sum(limited, ({ limit }) => limit)
  return limitsSql(limited, { usable: fleet.usable, reserved: fleet.reservedOutside, others })
}
