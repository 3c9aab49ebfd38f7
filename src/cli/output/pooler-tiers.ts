import { label } from "../../error.ts"
import type { FleetCheck, PoolerSizes, PoolerSum } from "../../sizing/index.ts"
import type { ParsedFleet } from "../../sizing/parse-fleet.ts"
import { clientRows, type Ends, endsOf } from "./fleet-rows.ts"
import { type Format, fleetTable } from "./formats.ts"

/** A check at both ends of what is unknown. */
interface Checks {
  readonly lowest: FleetCheck
  readonly highest: FleetCheck
}

/** The clients of each pooler, for the line of the verdict; empty without poolers. */
export const clientsSummary = (checks: Checks): string =>
  poolersOf(checks)
    .map(({ name, clients, steady, deploy }) => {
      const during = `${endsOf(deploy)} during a deploy`
      return `; ${endsOf(steady)} of ${clients.capacity} clients of ${label(name)}, ${during}`
    })
    .join("")

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

function poolersOf({ lowest, highest }: Checks) {
  return Object.entries(highest.poolers ?? {}).map(([name, { clients }]) => {
    const low: PoolerSum["clients"] = lowest.poolers?.[name]?.clients ?? clients
    const steady: Ends = [low.total, clients.total]
    const deploy: Ends = [low.deploy.total, clients.deploy.total]
    return { name, clients, steady, deploy }
  })
}

/** The sizes of each pooler, by the names of PgBouncer's own settings. */
export const poolerSizes = (poolers: Readonly<Record<string, PoolerSizes>> = {}): string[] =>
  Object.entries(poolers).map(
    ([name, { poolSize, maxClientConnections }]) =>
      `${label(name)}: default_pool_size ${poolSize}, max_client_conn ${maxClientConnections}`,
  )

/** The heading of the next steps: each tier that does not fit needs one of its own. */
export const tooMany = ({ tiers = [] }: Pick<FleetCheck, "tiers">): string =>
  tiers.filter(({ fits, deploy }) => !(fits && deploy.fits)).length > 1
    ? "Too many in several tiers: one for each of them"
    : "Too many: any one of these is enough"
