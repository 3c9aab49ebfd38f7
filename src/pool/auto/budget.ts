import { joiningSlots, sharedSlots } from "../../config/auto-size.ts"
import type { Look } from "./look.ts"

/** What the environment says of the connections that all pools of a service may have together. */
export interface BudgetSettings {
  /** `PRISMA_POOL_BUDGET`; undefined where it is unset. */
  readonly budget?: number | undefined
  /** `PRISMA_RESERVED_CONNECTIONS`: slots kept for everything else, the superuser's included. */
  readonly reserved: number
}

/** The connections that all pools of a service may have together, by one look. */
export interface Budget {
  /** The most that there may be at any instant. */
  readonly ceiling: number
  /** What of the ceiling is left to newcomers, so that each finds a slot for its first connection. */
  readonly joining: number
  /** What the pools share: `ceiling` without `joining`, and at least 1. */
  readonly shared: number
  /** What of the ceiling is taken; more than the ceiling where a limit was lowered. */
  readonly used: number
  /** The server's limit that refuses what is beyond it; undefined where only this library counts. */
  readonly enforcedBy: "role" | "database" | undefined
}

/** A limit, and the connections that count against it. */
interface Bound {
  readonly limit: number
  readonly used: number
}

/**
 * The budget by one look, which has the limits of that moment.
 *
 * Different connections count against each limit: the role's in all databases, the database's of all roles, a budget's of
 * the service. `used` is therefore measured from the limit that is nearest: the ceiling less the room that is left.
 */
export function budgetOf(look: Look, { budget, reserved }: BudgetSettings): Budget {
  const { ofRole, ofService } = look
  const kept = look.superuserReserved + look.reservedConnections + look.providerReserved
  const limits = serverLimits(look, look.maxConnections - kept)
  const bounds: Bound[] = limits.map(({ bound }) => bound)
  if (bounds.length === 0) {
    const others = look.connections - ofRole
    bounds.push({ limit: look.maxConnections - Math.max(reserved, kept + others), used: ofRole })
  }
  if (budget !== undefined) bounds.push({ limit: budget, used: ofService })
  const ceiling = Math.max(0, Math.min(...bounds.map(({ limit }) => limit)))
  const room = Math.min(...bounds.map(({ limit, used }) => limit - used))
  return {
    ceiling,
    joining: joiningSlots(ceiling),
    shared: sharedSlots(ceiling),
    used: ceiling - room,
    enforcedBy: limits[0]?.by,
  }
}

/** The limits that the server enforces, the tightest first. One that it has no slots for enforces nothing. */
function serverLimits(
  look: Look,
  usable: number,
): { readonly by: "role" | "database"; readonly bound: Bound }[] {
  const { roleLimit, databaseLimit, ofRole, ofRoleInDatabase, ofOthersInDatabase } = look
  const isLimit = (limit: number) => limit >= 0 && limit <= usable
  return [
    ...(isLimit(roleLimit) ? [{ by: "role" as const, bound: { limit: roleLimit, used: ofRole } }] : []),
    ...(isLimit(databaseLimit)
      ? [
          {
            by: "database" as const,
            bound: { limit: databaseLimit - ofOthersInDatabase, used: ofRoleInDatabase },
          },
        ]
      : []),
  ].sort((one, other) => one.bound.limit - other.bound.limit)
}
