import { label } from "../../error.ts"
import type { Attribution } from "../../monitor/inspect/attribution.ts"
import type { DatabaseReport } from "../../monitor/inspect/database-report.ts"
import type { DeployBound, PreflightResult } from "../../monitor/inspect/preflight.ts"
import { type Format, page } from "./formats.ts"
import { undeclaredName } from "./inspect-page.ts"

/** Renders the sum of a deploy for the tightest bound, and the owners of its connections. */
export function preflightPage(
  result: PreflightResult,
  attribution: Attribution,
  { session }: Pick<DatabaseReport, "session">,
  format: Format,
): string {
  const { fits, bounds } = result
  const [{ held, undeclared, surge }] = bounds
  const sum = `${held} held + ${undeclared} that nobody declared + ${surge} that it adds`
  const lines = bounds.map((bound) => boundLine(bound, session))
  return page(
    format,
    [
      format.verdict(
        `the deploy ${fits ? "fits" : "does not fit"}: ${sum} = ${lines[0]}`,
        fits ? "good" : "bad",
      ),
      attributionTable(result, attribution, format),
    ],
    bounds.length > 1 ? [{ heading: "Bounds, the tightest first", lines }] : [],
  )
}

/** Renders a bound: `60 of 20 that the CONNECTION LIMIT of the role app allows`. */
function boundLine(
  { name, source, limit, deploy }: DeployBound,
  { database, role }: DatabaseReport["session"],
): string {
  const total = `${deploy.total} of ${limit}`
  if (name === "maxConnections") return `${total} usable`
  if (source === "declaration") return `${total} that limits.${name} declares`
  const owner = { database, role }[name]
  return `${total} that the CONNECTION LIMIT of the ${name} ${label(owner)} allows`
}

/** Renders every connection to the server: all of them count against its slots. */
function attributionTable(
  { held, undeclared, surge }: PreflightResult,
  attribution: Attribution,
  format: Format,
): string {
  const rows = attribution.allocations.map(({ name, declared, declaredInDeploy, seen }) => [
    name,
    `${declared}`,
    `${seen}`,
    `${Math.max(declared, seen)}`,
    `${declaredInDeploy - declared}`,
  ])
  const others = attribution.undeclared.map((each) => [
    `${undeclaredName(each)}, not declared`,
    "",
    `${each.connections}`,
    `${each.connections}`,
    "",
  ])
  const sums = ["total", "", "", `${held + undeclared}`, `${surge}`]
  return format.table(["", "declared", "in use", "the larger", "the deploy adds"], [...rows, ...others, sums])
}
