import { label } from "../../error.ts"
import { type AllocationKind, type Attribution, JOBS } from "../../monitor/inspect/attribution.ts"
import type { DatabaseReport } from "../../monitor/inspect/database-report.ts"
import { sum } from "../../monitor/inspect/group-connections.ts"
import type { DeployBound, PreflightResult } from "../../monitor/inspect/preflight.ts"
import { deploySteps } from "../../sizing/next-steps.ts"
import type { ParsedFleet } from "../../sizing/parse-fleet.ts"
import { undeclaredName } from "./session-name.ts"
import { identifier } from "./sql-identifier.ts"

/** The number of undeclared names in a step. */
const SHOWN = 3

/** Lists what makes a deploy fit its tightest bound, as `check` does: each is enough. Empty if it fits. */
export function stepsFor(
  { fits, bounds: [tightest] }: PreflightResult,
  attribution: Attribution,
  report: DatabaseReport,
  fleet: ParsedFleet,
): string[] {
  if (fits) return []
  const { undeclared, limit, deploy, grows } = tightest
  const grown = (kind: AllocationKind, name: string) =>
    grows.some((each) => each.kind === kind && each.name === name)
  const own = attribution.allocations.filter(({ kind, name }) => grown(kind, name))
  // What counts beside the fleet as it is declared: reserved and undeclared connections, and those beyond a share.
  const beside = deploy.total - sum(own, ({ declaredInDeploy }) => declaredInDeploy)
  const counted = {
    ...fleet,
    consumers: fleet.consumers.filter(({ name, pooler }) =>
      pooler === undefined ? grown("consumer", name) : grown("pooler", pooler),
    ),
    jobs: fleet.jobs.filter(({ pooler }) =>
      pooler === undefined ? grown("jobs", JOBS) : grown("pooler", pooler),
    ),
    poolers: fleet.poolers.filter(({ name }) => grown("pooler", name)),
  }
  const smaller = deploySteps(counted, limit - beside)
  return [
    ...(undeclared >= deploy.total - limit ? [`Stop what is not declared: ${namesOf(attribution)}`] : []),
    ...smaller,
    ...raise(tightest, report),
    ...(smaller.length > 0 && own.some(({ seen }) => seen > 0)
      ? ["(Smaller pools count once the instances that hold more now are gone: run preflight again then)"]
      : []),
  ]
}

const namesOf = ({ undeclared }: Attribution): string =>
  [
    ...undeclared.slice(0, SHOWN).map((each) => `${undeclaredName(each)} ${each.connections}`),
    ...(undeclared.length > SHOWN ? [`and ${undeclared.length - SHOWN} more`] : []),
  ].join(", ")

function raise(
  { name, source, owner = "", limit, deploy: { total } }: DeployBound,
  { ceiling }: DatabaseReport,
): string[] {
  if (name === "maxConnections") {
    const { maxConnections } = ceiling
    return [
      `Raise max_connections from ${maxConnections} to ${maxConnections + total - limit} for the deploy, if the server has the memory`,
    ]
  }
  if (source === "declaration") return [`Raise limits.${name} from ${limit} to ${total}`]
  const quoted = identifier(owner)
  const statement =
    quoted === undefined ? "" : `: ALTER ${name.toUpperCase()} ${quoted} CONNECTION LIMIT ${total};`
  return [`Raise the CONNECTION LIMIT of the ${name} ${label(owner)} from ${limit} to ${total}${statement}`]
}
