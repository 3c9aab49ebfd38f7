import { variableSizes } from "../../src/cli/output/environment-lines.ts"
import { clientRows, fleetRows, type Row } from "../../src/cli/output/fleet-rows.ts"
import { allJobs, jobsPeak } from "../../src/cli/output/jobs-peak.ts"
import { type ReportSection, reportSections } from "../../src/cli/output/report-sections.ts"
import { stepsHeading, summaryOf } from "../../src/cli/output/verdict-summary.ts"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import { sharedFleet } from "../../src/declaration/fleet-link.ts"
import { readFleetConfig } from "../../src/declaration/read-fleet-config.ts"
import { type CheckedServer, type Verdict, verdictOf } from "../../src/declaration/verdict.ts"
import { PoolConfigError, type PoolConfigIssue } from "../../src/error.ts"
import { type ParsedFleet, parseFleet } from "../../src/sizing/parse-fleet.ts"
import { size } from "../../src/sizing/size-fleet.ts"
import { type Copy, copiesOf } from "./copies.ts"
import { type JobsDay, jobsDays } from "./jobs-day.ts"
import { type Load, type LoadDraft, type LoadPools, loadOf } from "./load.ts"
import { type RollingDeploy, rollingDeploy } from "./rolling-deploy.ts"
import { type Slots, slotsOf } from "./slots.ts"

/** What the calculator shows of a fleet: everything is of the functions behind `prisma-pool check` and `plan`. */
export interface Evaluation {
  readonly verdict: Verdict["verdict"]
  /** The first line of `prisma-pool check`. */
  readonly summary: string
  /** The steady total in per cent of `max_connections`, as most dashboards have it. */
  readonly percent: number
  readonly alert: boolean
  readonly total: number
  readonly usable: number
  readonly rows: readonly Row[]
  /** The clients of each pooler. */
  readonly clients: readonly { readonly name: string; readonly rows: readonly Row[] }[]
  /** The sum as text, the peak of the jobs, and what is left over. */
  readonly lines: readonly string[]
  readonly nextSteps: { readonly heading: string; readonly lines: readonly string[] }
  readonly sections: readonly ReportSection[]
  readonly slots: Slots
  readonly deploy: RollingDeploy
  readonly days: readonly JobsDay[]
  readonly copies: readonly Copy[]
  /** The consumers that a load may be of. */
  readonly pools: readonly LoadPools[]
}

/** The answer to a change of the form. */
export interface Answer {
  readonly fleet: { readonly evaluation: Evaluation } | { readonly issues: readonly PoolConfigIssue[] }
  readonly load: { readonly load: Load } | { readonly issues: readonly PoolConfigIssue[] }
}

/** What the form asks for. */
export interface Question {
  readonly declaration: unknown
  readonly load: LoadDraft
}

/** Answers what the form asks, by the declaration in it and by the load. */
export function answer({ declaration, load }: Question): Answer {
  const fleet = evaluate(declaration)
  const pools = "evaluation" in fleet ? fleet.evaluation.pools : []
  return { fleet, load: loadOf(load, pools.find(({ name }) => name === load.consumer) ?? pools[0]) }
}

/** Evaluates what a declaration says, or returns everything that is wrong with it. */
export function evaluate(declaration: unknown): Answer["fleet"] {
  try {
    return { evaluation: evaluated(readFleetConfig(declaration)) }
  } catch (error) {
    if (!(error instanceof PoolConfigError)) throw error
    return { issues: error.issues }
  }
}

function evaluated(config: FleetConfig): Evaluation {
  const [server = "", range] = findFleetBounds(sharedFleet(config), [])[0] ?? []
  if (range === undefined) throw new Error("unreachable: a declaration without servers has one fleet")
  const verdict = verdictOf(range, { deploy: "fail" })
  const checked: CheckedServer = { server, range, verdict }
  const { highest: check, fleets } = verdict
  const { highest: fleet } = fleets
  const maxConnections = fleet.maxConnections
  const sizing = size(parseFleet({ ...range.highest, maxConnections }, "open"))
  const rows = fleetRows(fleets, verdict)
  const [sum = ""] = check.arithmetic
  return {
    verdict: verdict.verdict,
    summary: summaryOf(checked),
    percent: check.percent,
    alert: check.alert,
    total: check.total,
    usable: check.usable,
    rows,
    clients: fleet.poolers.map(({ name }) => ({ name, rows: clientRows(fleets, verdict, name) })),
    lines: [sum, ...jobsPeak(check), ...sizing.leftover],
    nextSteps: { heading: stepsHeading(verdict, "fail"), lines: verdict.nextSteps },
    sections: reportSections(
      { ...range, warnings: [...range.warnings, ...check.warnings] },
      allJobs(check),
      fleets.planned,
      verdict.verdict === "unknown",
    ),
    slots: slotsOf(rows, maxConnections, check),
    deploy: rollingDeploy(check, fleet.reservedOutside),
    days: jobsDays(fleet, check),
    copies: copiesOf({
      config,
      range,
      sizes: variableSizes(range.sizeVariables, sizing),
      fleet: sizing.fleet,
    }),
    pools: poolsOf(fleet),
  }
}

const poolsOf = ({ consumers }: ParsedFleet): LoadPools[] =>
  consumers.flatMap(({ name, instances, shared, poolsPerInstance, size: { min } }) =>
    instances === undefined || shared !== undefined
      ? []
      : [{ name, instances: instances * poolsPerInstance, size: min }],
  )
