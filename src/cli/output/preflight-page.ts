import { label } from "../../error.ts"
import type { Attribution } from "../../monitor/inspect/attribution.ts"
import type { AutoResult } from "../../monitor/inspect/auto-preflight.ts"
import type { DatabaseReport } from "../../monitor/inspect/database-report.ts"
import type { DeployBound, PreflightResult } from "../../monitor/inspect/preflight.ts"
import { autoSections } from "./auto-lines.ts"
import { type Format, page } from "./formats.ts"
import { otherCeilingLines } from "./inspect-page.ts"
import { type PoolerVerdict, poolerVerdictLines } from "./pooler-verdicts.ts"
import { undeclaredName } from "./session-name.ts"

/** The verdict on a deploy, with everything that is printed of it. */
export interface JudgedDeploy {
  readonly result: PreflightResult
  readonly attribution: Attribution
  readonly report: DatabaseReport
  /** What may connect and cannot be counted. */
  readonly uncounted: readonly string[]
  /** What cannot work on any server. */
  readonly failures: readonly string[]
  /** What fits and will cause trouble. */
  readonly warnings: readonly string[]
  readonly nextSteps: readonly string[]
  /** What the server does for the consumers whose size is `auto`. */
  readonly auto: AutoResult
  /** The clients of the poolers whose consoles were given. */
  readonly poolers: readonly PoolerVerdict[]
}

/** Renders the sum of a deploy for the tightest bound, and the owners of its connections. */
export function preflightPage(judged: JudgedDeploy, format: Format): string {
  const { result, attribution, report, uncounted, failures, warnings, nextSteps, auto } = judged
  const { bounds } = result
  const [tightest] = bounds
  const { held, undeclared, surge, deploy } = tightest
  const sum = `${held} (the larger of declared and in use) + ${undeclared} undeclared + ${surge} for new instances = ${deploy.total}`
  return page(
    format,
    [
      [
        verdictLine(judged, `${sum}${ofBound(tightest, result.fits)}`, format),
        ...otherCeilingLines(attribution, report).map((line) => format.verdict(line, "bad")),
      ].join("\n"),
      attributionTable(result, attribution, format),
      ...poolerVerdictLines(judged.poolers, format),
    ],
    [
      { heading: "Cannot work", lines: failures },
      { heading: "Not known", lines: uncounted },
      ...autoSections(auto, { ...report.session, versionNumber: report.server.versionNumber }, warnings),
      { heading: "Too many: any one of these is enough", lines: nextSteps },
      {
        heading: "Bounds, the tightest first",
        lines: bounds.length > 1 ? bounds.map((bound) => `${bound.deploy.total}${ofBound(bound, true)}`) : [],
      },
    ].filter(({ lines }) => lines.length > 0),
  )
}

function verdictLine(
  { result: { fits }, failures, auto, uncounted }: JudgedDeploy,
  sum: string,
  format: Format,
): string {
  if (!fits) return format.verdict(`the deploy does not fit: ${sum}`, "bad")
  const why = [
    ...(failures.length > 0 ? ["what it declares cannot work"] : []),
    ...(auto.failures.length > 0 ? ["the budgets of auto do not hold"] : []),
  ]
  if (why.length > 0)
    return format.verdict(`the deploy must not go on: ${why.join(", and ")}. Its sum: ${sum}`, "bad")
  if (uncounted.length > 0) return format.verdict(`unknown: ${sum}, without what cannot be counted`, "unsure")
  return format.verdict(`the deploy fits: ${sum}`, "good")
}

/** Renders a bound: ` of 20 that the CONNECTION LIMIT of the role app allows`. */
function ofBound({ name, source, owner, limit }: DeployBound, fits: boolean): string {
  if (name === "maxConnections") return fits ? ` of ${limit} usable` : `, but only ${limit} are usable`
  const who =
    source === "declaration" ? `limits.${name}` : `the CONNECTION LIMIT of the ${name} ${label(owner ?? "")}`
  return fits ? ` of ${limit} that ${who} allows` : `, but ${who} allows only ${limit}`
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
  return format.table(["", "declared", "in use", "the larger", "new instances"], [...rows, ...others, sums])
}
