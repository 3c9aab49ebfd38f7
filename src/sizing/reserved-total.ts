import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import { integer } from "../validation/numbers.ts"
import {
  blankName,
  isPlain,
  notPlain,
  numberOf,
  ownField,
  rejectUnknownFields,
} from "../validation/plain-object.ts"
import type { Reservations } from "./fleet.ts"
import { reservedRule, serverRules } from "./fleet-rules.ts"
import type { OpenFleet } from "./open-fleet.ts"

const FLEET_FIELDS = [
  "maxConnections",
  "superuserReserved",
  "reservedConnections",
  "providerReserved",
  "reserved",
  "limits",
  "consumers",
  "jobs",
  "poolers",
  "fill",
] satisfies (keyof OpenFleet)[]

/**
 * Adds up every slot that no pool may use, in connections: the `reserved` of `connectionLimitBySlots`.
 *
 * `superuserReserved + reservedConnections + providerReserved + Σ reserved`. In a fleet, `reserved` are the connections of ordinary roles,
 * and the server's own slots are separate fields. In the formula, they are one number. Only this function converts, and
 * a size that the formula gives for its result passes `checkFleet`. 0 means that nothing is reserved.
 *
 * Accepts a whole fleet too, and reads only its reservations.
 *
 * @throws PoolConfigError naming every reservation that is not a whole number in range, and unknown fields.
 * @see https://www.postgresql.org/docs/current/runtime-config-connection.html
 * @example
 * ```ts
 * reservedTotal({ reserved: { metabase: 10, admin: 2 } }) // 15: 3 for superusers + 0 + 12
 * ```
 */
export function reservedTotal(fleet: Reservations): number {
  if (!isPlain(fleet)) throw new PoolConfigError([{ name: "fleet", ...notPlain(fleet) }])
  const issues: PoolConfigIssue[] = []
  rejectUnknownFields(fleet, FLEET_FIELDS, issues)
  const total =
    numberOf(fleet, "superuserReserved", integer(serverRules.superuserReserved), issues) +
    numberOf(fleet, "reservedConnections", integer(serverRules.reservedConnections), issues) +
    numberOf(fleet, "providerReserved", integer(serverRules.providerReserved), issues) +
    totalOutside(ownField(fleet, "reserved"), issues)
  if (issues.length > 0) throw new PoolConfigError(issues)
  return total
}

function totalOutside(reserved: unknown, issues: PoolConfigIssue[]): number {
  if (reserved === undefined) return 0
  if (!isPlain(reserved)) {
    issues.push({ name: "reserved", ...notPlain(reserved) })
    return 0
  }
  const read = integer(reservedRule)
  return Object.keys(reserved).reduce((sum, name) => {
    const blank = blankName(name)
    if (blank !== undefined) issues.push({ name: "reserved", ...blank })
    return sum + numberOf(reserved, name, read, issues, `reserved.${name}`)
  }, 0)
}
