import { ceilingOfSize } from "../../src/deployments/app-spec/cluster-ceiling.ts"
import { PROVIDER_SLOTS } from "../../src/deployments/provider-slots.ts"
import { scalewayPlans } from "../../src/sizing/index.ts"

/** A server as its provider makes it. */
export interface Preset {
  readonly name: string
  /** Undefined where it depends on the size of the server. */
  readonly maxConnections: number | undefined
  /** What the provider keeps beyond the three slots of PostgreSQL. */
  readonly providerReserved: number
  readonly note: string
}

const ASK = "Ask the server: SHOW max_connections."

/** What is known of providers, by the readers of their documents. The server's own answer is always better. */
export const PRESETS: readonly Preset[] = [
  {
    name: "PostgreSQL as it is installed",
    maxConnections: 100,
    providerReserved: 0,
    note: `100 connections, of which PostgreSQL keeps 3 for superusers. ${ASK}`,
  },
  {
    name: "Amazon RDS or Aurora",
    maxConnections: undefined,
    providerReserved: PROVIDER_SLOTS.amazonRds,
    note: `RDS keeps ${PROVIDER_SLOTS.amazonRds} more for the members of rds_superuser. max_connections follows from the instance's memory. ${ASK}`,
  },
  {
    name: "Azure Database for PostgreSQL",
    maxConnections: undefined,
    providerReserved: PROVIDER_SLOTS.azure,
    note: `Azure keeps ${PROVIDER_SLOTS.azure} more for replication and monitoring. max_connections was fixed when the server was created. ${ASK}`,
  },
  ...[1, 2, 4, 8].map((gib): Preset => {
    const { maxConnections } = ceilingOfSize(`db-s-1vcpu-${gib}gb`)
    return {
      name: `DigitalOcean, ${gib} GiB`,
      maxConnections,
      providerReserved: 0,
      note: `DigitalOcean gives 25 connections for each GiB of memory, of which 3 are kept for maintenance. ${ASK}`,
    }
  }),
  ...Object.entries(scalewayPlans).map(
    ([plan, maxConnections]): Preset => ({
      name: `Scaleway ${plan}`,
      maxConnections,
      providerReserved: 0,
      note: `By the sizing document; Scaleway publishes no such table, and servers have been seen with other values. ${ASK}`,
    }),
  ),
]
