import { serverRules } from "../sizing/fleet-rules.ts"
import type { Reservations } from "../sizing/index.ts"

const SUPERUSER_RESERVED = serverRules.superuserReserved.default

/**
 * Returns what the provider of a server keeps beyond what is declared. A declaration of `providerReserved` counts. So do
 * the other two: a server that was asked may show the provider's slots as its own settings.
 *
 * @param kept the slots beyond the three that PostgreSQL keeps for superusers
 */
export function providerReservedOf(
  kept: number,
  { superuserReserved = SUPERUSER_RESERVED, reservedConnections = 0, providerReserved }: Reservations,
): number {
  const left = kept - Math.max(0, superuserReserved - SUPERUSER_RESERVED) - reservedConnections
  return providerReserved ?? Math.max(0, left)
}
