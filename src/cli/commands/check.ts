import { resolve } from "node:path"
import {
  type CheckedServer,
  type Verdict,
  type VerdictOptions,
  verdictOf,
  worstVerdict,
} from "../../declaration/verdict.ts"
import { label } from "../../error.ts"
import type { CheckFlags } from "../input/check-flags.ts"
import { loadConfig, loadFleet } from "../input/load-fleet.ts"
import { relaxedSinceBase } from "../input/relaxed-since-base.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"
import { endsOf, fleetRows } from "../output/fleet-rows.ts"
import { type Format, fleetTable, markdownFormat, page, textFormat } from "../output/formats.ts"
import { annotations, relaxedAnnotations } from "../output/github.ts"
import { guarded } from "../output/guard-output.ts"
import { allJobs, jobsPeak } from "../output/jobs-peak.ts"
import { clientsSummary, clientTables, tooMany } from "../output/pooler-tiers.ts"
import { relaxedSections } from "../output/relaxed.ts"
import { reportSections } from "../output/report-sections.ts"

const EXIT_CODES = {
  fits: EXIT.ok,
  "does not fit": EXIT.failed,
  unknown: EXIT.unknown,
} as const satisfies Record<Verdict["verdict"], ExitCode>

/** Runs `prisma-pool check`. */
export async function check(flags: CheckFlags, io: Io): Promise<ExitCode> {
  const config = await loadConfig(flags, io)
  const relaxed = await relaxedSinceBase(flags, config, io)
  const ranges = await loadFleet(flags, io, config)
  const checked = ranges.map(([server, range]) => {
    const verdict = verdictOf(range, flags)
    return {
      server,
      range: { ...range, warnings: [...range.warnings, ...verdict.highest.warnings] },
      verdict,
    }
  })
  const verdict = worstVerdict(checked.map((each) => each.verdict.verdict))
  const relaxations = relaxed?.relaxations ?? null
  const isRefused = relaxed?.isAccepted === false && relaxed.relaxations.length > 0
  const exitCode = isRefused ? EXIT.failed : EXIT_CODES[verdict]
  const inFormat = (format: Format) =>
    [
      ...relaxedSections(relaxed).map((section) => page(format, [], [section])),
      ...checked.map((each) => reportOf(each, flags, format)),
    ].join("\n")
  switch (flags.format) {
    case "text":
      io.stdout(inFormat(textFormat(io.hasColors)))
      break
    case "markdown":
      io.stdout(inFormat(markdownFormat))
      break
    case "json":
      io.stdout(
        `${JSON.stringify({ relaxed: relaxations, verdict, exitCode, servers: checked.map(jsonOf) }, null, 2)}\n`,
      )
      break
    case "github":
      io.control(
        [
          ...relaxedAnnotations(relaxed),
          ...checked.flatMap((each) => annotations(each, summaryOf(each))),
        ].join(""),
      )
      await writeSummary(inFormat(markdownFormat), io)
  }
  return exitCode
}

function reportOf(checked: CheckedServer, { deploy }: VerdictOptions, format: Format): string {
  const { range, verdict } = checked
  const { lowest, highest } = verdict
  const hasCeiling = (range.maxConnections ?? range.maxConnectionsAtMost) !== undefined
  const usable = hasCeiling ? highest.usable : undefined
  const table = fleetTable(format, "pool size", fleetRows(verdict.fleets, verdict), usable, {
    steady: [lowest.total, highest.total],
    deploy: [lowest.deploy.total, highest.deploy.total],
  })
  const tone = { fits: "good", "does not fit": "bad", unknown: "unsure" } as const
  const [sum = ""] = highest.arithmetic
  const blocks = [
    format.verdict(summaryOf(checked), tone[verdict.verdict]),
    table,
    ...clientTables(verdict.fleets, verdict, format),
    format.list([...(range.maxConnections === undefined ? [] : [sum]), ...jobsPeak(highest)]),
    steps(checked, deploy, format),
  ]
  return page(
    format,
    blocks,
    reportSections(range, allJobs(highest), verdict.fleets.planned, verdict.verdict === "unknown"),
  )
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

/** Remedies if the fleet is too large or close to it. */
function steps(
  { verdict: { lowest, highest, verdict, nextSteps } }: CheckedServer,
  deploy: string,
  format: Format,
): string {
  if (nextSteps.length === 0) return ""
  const isWarning = verdict === "fits"
  const heading = isWarning
    ? deploy === "warn" && !lowest.deploy.fits
      ? "Too many during a deploy, which only warns (--deploy=warn)"
      : "Above the alert threshold"
    : tooMany(verdict === "unknown" ? highest : lowest)
  return `${format.heading(heading)}\n${format.list(nextSteps)}`
}

function jsonOf({ server, range, verdict: { verdict, lowest, highest, fleets } }: CheckedServer) {
  const {
    maxConnections,
    maxConnectionsAtMost,
    unknowns,
    explicit,
    excluded,
    acknowledged,
    warnings,
    failures,
    incomplete,
    servers,
  } = range
  return {
    server: server === "" ? null : server,
    verdict,
    maxConnections: maxConnections ?? null,
    maxConnectionsAtMost: maxConnectionsAtMost ?? null,
    lowest,
    highest,
    unknowns,
    assumptions: [...range.assumptions, ...fleets.planned, ...allJobs(highest).assumptions],
    explicit,
    excluded,
    acknowledged,
    warnings,
    failures,
    incomplete,
    servers,
    source: range.source ?? null,
  }
}

async function writeSummary(markdown: string, io: Io): Promise<void> {
  const file = io.env["GITHUB_STEP_SUMMARY"]
  if (!file) return
  try {
    await io.files.append(resolve(io.cwd, file), guarded(`${markdown}\n`))
  } catch {
    io.stderr("The job summary could not be written: GITHUB_STEP_SUMMARY does not name a writable file\n")
  }
}
