// The PgBouncer of a way that goes through one: with its own defaults, or as this package plans it.
import { installed } from "../../test/support/client-tools.ts"
import { startPgBouncer } from "../../test/support/pgbouncer.ts"
import type { DemoServer } from "../../test/support/seeded-server.ts"
import type { Way } from "../processes/ways.ts"
import type { StormFleet } from "./fleet.ts"

/** What the processes of a way connect to. */
export interface Destination {
  readonly url: string
  /** Of each instance and each job, for this package; the other ways know no plan. */
  readonly sizes: Readonly<Record<"api" | "jobs", number>>
  close(): Promise<void>
}

/** PgBouncer's own: https://www.pgbouncer.org/config.html */
const DEFAULTS = { poolSize: 20, max_client_conn: 100 }

export async function destinationOf(way: Way, server: DemoServer, fleet: StormFleet): Promise<Destination> {
  if (way !== "pgbouncer" && way !== "plannedPgbouncer") {
    return { url: server.url("core"), sizes: fleet.sizing.sizes, close: async () => {} }
  }
  if (!installed("pgbouncer")) throw new Error("The storm needs PgBouncer: apt-get install pgbouncer")
  const { sizes, poolers } = fleet.pooled
  const { poolSize = Number.NaN, maxClientConnections = Number.NaN } = poolers?.["pgbouncer"] ?? {}
  const isPlanned = way === "plannedPgbouncer"
  const pooler = await startPgBouncer(server, {
    poolSize: isPlanned ? poolSize : DEFAULTS.poolSize,
    settings: isPlanned
      ? { max_client_conn: maxClientConnections, query_wait_timeout: 20, server_login_retry: 1 }
      : { max_client_conn: DEFAULTS.max_client_conn },
  })
  return {
    url: pooler.url("core", isPlanned ? { pgbouncer: "true" } : {}),
    sizes,
    close: () => pooler.destroy(),
  }
}
