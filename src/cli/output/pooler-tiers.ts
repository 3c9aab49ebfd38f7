import { label } from "../../error.ts"
import type { PoolerSizes } from "../../sizing/index.ts"
import type { ParsedFleet } from "../../sizing/parse-fleet.ts"
import { clientRows } from "./fleet-rows.ts"
import { type Format, fleetTable } from "./formats.ts"
import { type Checks, poolersOf } from "./verdict-summary.ts"

/** A table of the clients of each pooler, below a heading. */
export const clientTables = (
  fleets: { readonly lowest: ParsedFleet; readonly highest: ParsedFleet },
  checks: Checks,
  format: Format,
): string[] =>
  poolersOf(checks).map(({ name, clients, steady, deploy }) => {
    const rows = clientRows(fleets, checks, name)
    const table = fleetTable(format, "pool size", rows, clients.capacity, { steady, deploy })
    return `${format.heading(`Clients of ${label(name)}`)}\n${table}`
  })

/** The sizes of each pooler, by the names of PgBouncer's own settings. */
export const poolerSizes = (poolers: Readonly<Record<string, PoolerSizes>> = {}): string[] =>
  Object.entries(poolers).map(
    ([name, { poolSize, maxClientConnections }]) =>
      `${label(name)}: default_pool_size ${poolSize}, max_client_conn ${maxClientConnections}`,
  )
