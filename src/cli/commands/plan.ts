import type { FleetBounds } from "../../declaration/fleet-bounds.ts"
import { USUAL_PGBOUNCER_VERSION } from "../../deployments/pgbouncer/versions.ts"
import { label, PoolConfigError, printable } from "../../error.ts"
import { parseFleet } from "../../sizing/parse-fleet.ts"
import { size } from "../../sizing/size-fleet.ts"
import { withSizes } from "../../sizing/with-sizes.ts"
import type { FleetFlags } from "../input/fleet-flags.ts"
import { loadConfig, loadFleet } from "../input/load-fleet.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"
import { NoVerdictError } from "../no-verdict-error.ts"
import { environmentLines, variableSizes } from "../output/environment-lines.ts"
import { fleetRows } from "../output/fleet-rows.ts"
import { type Format, fleetTable, markdownFormat, page, textFormat } from "../output/formats.ts"
import { allJobs, jobsPeak } from "../output/jobs-peak.ts"
import type { LimitedRole } from "../output/limits-sql.ts"
import { clientTables, poolerSizes } from "../output/pooler-tiers.ts"
import { reportSections } from "../output/report-sections.ts"
import { sizeLines } from "../output/size-lines.ts"
import { clientsSummary, tooMany } from "../output/verdict-summary.ts"
import { plannedIni } from "./plan-pgbouncer.ts"
import { limitsOn, type Planned } from "./planned.ts"

export interface PlanFlags extends FleetFlags {
  readonly format: "text" | "env" | "json" | "markdown" | "sql" | "pgbouncer"
  /** The share of the usable slots to fill. */
  readonly fill?: number
  /** The one consumer or job to print; of the format `pgbouncer` the pooler, or something behind it. */
  readonly for?: string
}

/** Runs `prisma-pool plan`. */
export async function plan(flags: PlanFlags, io: Io): Promise<ExitCode> {
  const config = await loadConfig(flags, io)
  const ranges = await loadFleet(readFlags(flags), io, config)
  const planned = ranges.map(([server, range]) => planOf(server, range, flags))
  const inFormat = (format: Format) => planned.map((each) => reportOf(each, format)).join("\n")
  switch (flags.format) {
    case "text":
      io.stdout(inFormat(textFormat(io.hasColors)))
      break
    case "markdown":
      io.stdout(inFormat(markdownFormat))
      break
    case "env":
      io.stdout(planned.map(environmentLines).join("\n"))
      break
    case "sql":
      io.stdout(limitsOf(planned, flags))
      break
    case "pgbouncer":
      io.stdout(plannedIni(planned, config, flags.pgbouncerVersion ?? USUAL_PGBOUNCER_VERSION, flags.for))
      break
    case "json":
      io.stdout(`${JSON.stringify({ fits: fits(planned), servers: planned.map(jsonOf) }, null, 2)}\n`)
  }
  if (fits(planned)) return EXIT.ok
  for (const { sizing } of planned) {
    if (!sizing.fits && FOR_PROGRAMS.has(flags.format))
      io.stderr(`It does not fit: ${printable(sizing.nextSteps.join("; "))}\n`)
  }
  return EXIT.failed
}

/** The formats that have no room for a verdict. */
const FOR_PROGRAMS: ReadonlySet<PlanFlags["format"]> = new Set(["env", "sql", "pgbouncer"])

/** A version without a file is of the file that is printed. */
function readFlags({ pgbouncerVersion, ...flags }: PlanFlags): FleetFlags {
  const isPrinted = flags.format === "pgbouncer" && flags.pgbouncer === undefined
  return isPrinted || pgbouncerVersion === undefined ? flags : { ...flags, pgbouncerVersion }
}

const fits = (planned: readonly Planned[]) => planned.every(({ sizing }) => sizing.fits)

function planOf(server: string, range: FleetBounds, flags: PlanFlags): Planned {
  const { maxConnections, open, unknowns, incomplete, sizeVariables } = range
  const unbounded = unknowns.filter(({ isUnbounded }) => isUnbounded)
  if (maxConnections === undefined || incomplete.length > 0 || unbounded.length > 0) {
    const ceiling = unknowns.filter(({ cause }) => cause === "ceiling")
    throw new NoVerdictError([
      ...incomplete.map((reason) => ({
        name: "documents",
        problem: reason,
        remedy: "Print them again, without leaving anything out",
      })),
      ...[...unbounded, ...ceiling].map(({ name, problem, remedy }) => ({ name, problem, remedy })),
    ])
  }
  const fill = flags.fill === undefined ? {} : { fill: flags.fill }
  const parsed = parseFleet({ ...open, maxConnections, ...fill }, "open")
  const sizing = size(parsed)
  const fleet = withSizes(parsed, sizing)
  const all = variableSizes(sizeVariables, sizing)
  // What a pooler has behind it is all in its file.
  const only = flags.format === "pgbouncer" ? undefined : flags.for
  const sizes = all.filter(([name]) => only === undefined || name === only)
  if (sizes.length === 0 && only !== undefined) {
    throw new PoolConfigError([
      {
        name: "--for",
        problem: "is not a consumer or a job of this fleet",
        remedy: `Use one of ${all.map(([name]) => label(name)).join(", ")}`,
      },
    ])
  }
  const warnings = [...range.warnings, ...sizing.check.warnings]
  return { server, range: { ...range, warnings }, fleet, sizing, sizes }
}

function reportOf({ server, range, fleet, sizing, sizes }: Planned, format: Format): string {
  const { check, leftover, nextSteps } = sizing
  const name = server === "" ? "" : `${label(server)}: `
  const summary = sizing.fits
    ? `${name}${check.total} of ${check.usable} usable connections (${check.percentUsable} %), ${check.deploy.total} during a deploy${clientsSummary({ lowest: check, highest: check })}`
    : sizing.shortfall > 0
      ? `${name}no sizes fit: ${sizing.shortfall} too many even with the smallest sizes, shown here`
      : `${name}does not fit: a budget has fewer connections than pools that share it`
  const ends = { lowest: check, highest: check }
  const blocks = [
    format.verdict(summary, sizing.fits ? "good" : "bad"),
    fleetTable(
      format,
      variables(range, sizes).join(", ") || "pool size",
      fleetRows({ lowest: fleet, highest: fleet }, ends),
      check.usable,
      {
        steady: [check.total, check.total],
        deploy: [check.deploy.total, check.deploy.total],
      },
    ),
    ...clientTables({ lowest: fleet, highest: fleet }, ends, format),
    format.list([...poolerSizes(sizing.poolers), ...jobsPeak(check), ...leftover]),
    nextSteps.length > 0 ? `${format.heading(tooMany(check))}\n${format.list(nextSteps)}` : "",
    ...sizeLines(range, sizes).map(
      ({ heading, language, lines }) => `${format.heading(heading)}\n${format.code(lines, language)}`,
    ),
  ]
  // What is unknown of the present sizes, or wrong with them, does not matter for the planned ones.
  return page(format, blocks, reportSections({ ...range, unknowns: [], failures: [] }, allJobs(check)))
}

/** Statements run on one server: those of several would each be tried on all of them. */
function limitsOf([first, ...more]: readonly Planned[], { for: only }: PlanFlags): string {
  if (first === undefined || more.length > 0) {
    throw new PoolConfigError([
      {
        name: "--format",
        problem: `is sql, which is for one server, and there are ${more.length + 1}`,
        remedy: "Give the declaration of one server, with --config",
      },
    ])
  }
  const { fleet } = first
  const named = [
    ...fleet.consumers,
    ...fleet.jobs.map(({ single, ...job }) => ({ ...job, name: single.name })),
  ]
  const poolers = new Set(named.flatMap(({ name, pooler }) => (name === only ? (pooler ?? []) : [])))
  const isDirectJob = fleet.jobs.some(({ single, pooler }) => pooler === undefined && single.name === only)
  const isNamed = {
    consumer: (name: string) => name === only,
    jobs: () => isDirectJob,
    pooler: (name: string) => poolers.has(name),
  }
  const isOne = ({ kind, name }: LimitedRole) => only === undefined || isNamed[kind](name)
  return limitsOn(first, isOne)
}

/** Lists each variable once. */
const variables = ({ sizeVariables }: FleetBounds, sizes: Planned["sizes"]): string[] => [
  ...new Set(sizes.map(([name]) => sizeVariables[name] ?? "")),
]

function jsonOf({ server, range, sizing, sizes }: Planned) {
  const { fits, shortfall, leftover, nextSteps, fleet, check } = sizing
  return {
    server: server === "" ? null : server,
    fits,
    shortfall,
    sizes: Object.fromEntries(sizes),
    ...(sizing.poolers === undefined ? {} : { poolers: sizing.poolers }),
    leftover,
    nextSteps,
    assumptions: [...range.assumptions, ...allJobs(check).assumptions],
    warnings: range.warnings,
    fleet,
    check,
  }
}
