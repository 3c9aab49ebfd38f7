import { readInput } from "../validation/object-reader.ts"
import type { Reservations } from "./fleet.ts"
import { readReservations } from "./parse-fleet.ts"

/**
 * Every slot that no pool may use, in connections: what `connectionLimitBySlots` calls `reserved`.
 *
 * `superuserReserved + reservedConnections + Σ reserved`. In a fleet `reserved` is what ordinary roles use and
 * the server's own slots stand beside it; in the formula they are one number. This is the one place that
 * converts, and a size that the formula gives for it passes `checkFleet`. 0 means that nothing is reserved.
 *
 * Takes a whole fleet too, and reads its reservations only.
 *
 * @throws PoolConfigError naming every reservation that is not a whole number in range, and unknown fields.
 * @see https://www.postgresql.org/docs/current/runtime-config-connection.html
 * @example
 * ```ts
 * reservedTotal({ reserved: { metabase: 10, admin: 2 } }) // 15: 3 for superusers + 0 + 12
 * ```
 */
export function reservedTotal(fleet: Reservations): number {
  const { server, outside } = readInput(fleet, "fleet", readReservations)
  return server + outside
}
