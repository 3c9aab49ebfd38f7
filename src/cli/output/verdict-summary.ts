import type { CheckedServer, Verdict, VerdictOptions } from "../../declaration/verdict.ts"
import { label } from "../../error.ts"
import type { FleetCheck, PoolerSum } from "../../sizing/index.ts"
import { type Ends, endsOf } from "./fleet-rows.ts"

/** A check at both ends of what is unknown. */
export interface Checks {
  readonly lowest: FleetCheck
  readonly highest: FleetCheck
}

/** Renders the verdict on one line. */
export function summaryOf({ server, range, verdict: { verdict, lowest, highest } }: CheckedServer): string {
  const name = server === "" ? "" : `${label(server)}: `
  const total = endsOf([lowest.total, highest.total])
  const deploy = `${endsOf([lowest.deploy.total, highest.deploy.total])} during a deploy${clientsSummary({ lowest, highest })}`
  if (range.maxConnections === undefined) {
    const { maxConnectionsAtMost } = range
    return maxConnectionsAtMost === undefined
      ? `${name}${verdict}: ${total} connections, ${deploy}; cannot check: max_connections is not known`
      : `${name}${verdict}: ${total} of at most ${highest.usable} usable connections, ${deploy}; max_connections is not known, and at most ${maxConnectionsAtMost}`
  }
  const percent = endsOf([lowest.percentUsable, highest.percentUsable])
  return `${name}${verdict}: ${total} of ${highest.usable} usable connections (${percent} %), ${deploy}`
}

/** The clients of each pooler, for the line of the verdict; empty without poolers. */
export const clientsSummary = (checks: Checks): string =>
  poolersOf(checks)
    .map(({ name, clients, steady, deploy }) => {
      const during = `${endsOf(deploy)} during a deploy`
      return `; ${endsOf(steady)} of ${clients.capacity} clients of ${label(name)}, ${during}`
    })
    .join("")

/** The clients of each pooler at both ends. */
export function poolersOf({ lowest, highest }: Checks) {
  return Object.entries(highest.poolers ?? {}).map(([name, { clients }]) => {
    const low: PoolerSum["clients"] = lowest.poolers?.[name]?.clients ?? clients
    const steady: Ends = [low.total, clients.total]
    const deploy: Ends = [low.deploy.total, clients.deploy.total]
    return { name, clients, steady, deploy }
  })
}

/** The heading of the next steps of a verdict. */
export function stepsHeading(
  { lowest, highest, verdict }: Verdict,
  deploy: VerdictOptions["deploy"],
): string {
  if (verdict !== "fits") return tooMany(verdict === "unknown" ? highest : lowest)
  return deploy === "warn" && !lowest.deploy.fits
    ? "Too many during a deploy, which only warns (--deploy=warn)"
    : "Above the alert threshold"
}

/** The heading of the next steps: each tier that does not fit needs one of its own. */
export const tooMany = ({ tiers = [] }: Pick<FleetCheck, "tiers">): string =>
  tiers.filter(({ fits, deploy }) => !(fits && deploy.fits)).length > 1
    ? "Too many in several tiers: one for each of them"
    : "Too many: any one of these is enough"
