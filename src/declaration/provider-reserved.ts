import { serverRules } from "../sizing/fleet-rules.ts"
import type { Reservations } from "../sizing/index.ts"

const SUPERUSER_RESERVED = serverRules.superuserReserved.default

/** The name of what the provider keeps, among what is reserved. A declaration that has it counts. */
const PROVIDER = "kept by the provider"

/**
 * Adds what the provider of a server keeps to what is reserved, as far as the declaration does not have it.
 *
 * @param kept the slots beyond the three that PostgreSQL keeps for superusers
 */
export function withProvider(
  kept: number,
  { superuserReserved = SUPERUSER_RESERVED, reservedConnections = 0, reserved = {} }: Reservations,
): Pick<Reservations, "reserved"> {
  const left = kept - Math.max(0, superuserReserved - SUPERUSER_RESERVED) - reservedConnections
  return left > 0 ? { reserved: { [PROVIDER]: left, ...reserved } } : {}
}
