import type { FleetCheck } from "../../sizing/index.ts"
import { byName } from "../../sizing/names.ts"
import { type Attribution, attribute, type DeclaredFleet } from "../inspect/attribution.ts"
import type { PgBouncerReport } from "./pgbouncer-report.ts"

/** The clients of a pooler, attributed to what is declared behind it, and what both of its sides may come to. */
export interface PoolerAttribution extends Omit<Attribution, "otherCeiling"> {
  /** What is declared for its clients, and for what it takes of the server. */
  readonly declared: NonNullable<FleetCheck["poolers"]>[string]
}

/**
 * Attributes the clients of a pooler to the consumers and jobs behind it, by the rules for sessions of a server. Undefined for a
 * pooler that is not declared.
 */
export function poolerAttributionOf(
  { applications }: Pick<PgBouncerReport, "applications">,
  fleet: DeclaredFleet,
  name: string,
): PoolerAttribution | undefined {
  const declared = fleet.check.poolers?.[name]
  if (declared === undefined) return undefined
  const behind = Object.entries(fleet.check.consumers).filter(([, { pooler }]) => pooler === name)
  const jobs = Object.entries(fleet.jobsBehind ?? {}).filter(([, pooler]) => pooler === name)
  const clients: DeclaredFleet = {
    ...fleet,
    maxConnections: undefined,
    reserved: {},
    check: {
      ...fleet.check,
      // To the pooler they connect directly.
      consumers: byName(behind.map(([of, { total, deploy }]) => [of, { total, deploy }])),
      poolers: {},
      jobs: declared.jobs,
    },
    jobs: jobs.map(([of]) => of),
    jobsBehind: {},
  }
  return { ...attribute(applications, clients), declared }
}
