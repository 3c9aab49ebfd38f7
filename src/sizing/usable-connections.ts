/** The slots of a server, and those that it reserves. */
interface ServerSlots {
  readonly maxConnections: number
  /** `superuser_reserved_connections` */
  readonly superuserReserved: number
  /** `reserved_connections`; 0 for a role that may use them. */
  readonly reservedConnections: number
  /** Further slots that the provider keeps. */
  readonly providerReserved: number
}

/**
 * Returns the slots that ordinary roles may use. Below 1 if the settings leave none.
 *
 * https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-SUPERUSER-RESERVED-CONNECTIONS
 */
export function usableConnections({
  maxConnections,
  superuserReserved,
  reservedConnections,
  providerReserved,
}: ServerSlots): number {
  return maxConnections - superuserReserved - reservedConnections - providerReserved
}
