import { label } from "../../error.ts"
import type { Attribution } from "../../monitor/inspect/attribution.ts"
import { isFull, percentOfClients } from "../../monitor/pgbouncer/fullness.ts"
import { poolerLine } from "../../monitor/pgbouncer/pooler-line.ts"
import type { Answer, InspectFlags } from "../input/inspect-server.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"
import { type Format, markdownFormat, page, textFormat } from "./formats.ts"
import { inspectPage, poolersBlocks, remedySections, usedLine } from "./inspect-page.ts"
import { line } from "./line.ts"
import type { PoolerSample, Sample } from "./sample.ts"

/** Renders the screen of `inspect`. */
export const textOf = (sample: Sample, io: Pick<Io, "hasColors" | "columns">): string =>
  pageOf(sample, textFormat(io.hasColors), io.columns)

/** Renders the same for a channel or an issue, where it must say when it was. */
export const markdownOf = (sample: Sample, now: number): string =>
  `${pageOf(sample, markdownFormat, undefined)}\n${markdownFormat.list([`prisma-pool inspect, ${new Date(now).toISOString()}`])}\n`

function pageOf(sample: Sample, format: Format, columns: number | undefined): string {
  if ("report" in sample) return inspectPage(sample, format, columns)
  const full = "fullBy" in sample ? [format.verdict(fullLine(sample), "bad")] : []
  return page(format, [...full, ...poolersBlocks(sample, format, columns)], remedySections(sample.remedies))
}

/** Renders a sample on one line, for a pipe. */
export function lineOf(sample: Sample): string {
  const poolers = (sample.poolers ?? []).map((pooler) =>
    "report" in pooler
      ? `${label(pooler.name)}: ${poolerLine(pooler.report)}`
      : `${label(pooler.name)}: ${line(pooler.failure.problem)}`,
  )
  return [...serverLine(sample), ...poolers].join("; ")
}

function serverLine(sample: Sample): string[] {
  if ("fullBy" in sample) return [fullLine(sample)]
  if (!("report" in sample)) return []
  const { waiting } = sample.report
  return [
    `${usedLine(sample.report)}; ${waiting.onLocks} wait for a lock, ${waiting.onClient} for their application`,
  ]
}

/** Converts a sample to JSON data. */
export function jsonOf(sample: Sample) {
  const { remedies, poolers = [] } = sample
  if ("fullBy" in sample) {
    return { full: true, limit: sample.fullBy ?? null, message: sample.message, remedies, poolers }
  }
  if (!("report" in sample)) return { full: null, report: null, attribution: null, remedies, poolers }
  return { full: false, report: sample.report, attribution: sample.attribution ?? null, remedies, poolers }
}

type Strictness = Pick<InspectFlags, "failAbove" | "strict">

/**
 * Computes the exit code. A full server fails, and so does a full pooler; a threshold below that fails only if it was given. What one
 * tier says counts, although another could not be asked.
 */
export function exitCodeOf(sample: Sample, strictness: Strictness): ExitCode {
  const { poolers = [] } = sample
  const codes = [
    serverCode(sample, strictness),
    ...poolers.map((each) => poolerCode(each, sample, strictness)),
  ]
  return codes.find((code) => code === EXIT.failed) ?? codes.find((code) => code === EXIT.unknown) ?? EXIT.ok
}

function poolerCode(
  pooler: PoolerSample,
  { threshold }: Pick<Sample, "threshold">,
  { failAbove, strict }: Strictness,
): ExitCode {
  if (!("report" in pooler)) return EXIT.unknown
  const { report, attribution } = pooler
  if (isFull(report) || (failAbove !== undefined && percentOfClients(report) > threshold)) return EXIT.failed
  return strict && attribution !== undefined && isBeyond(attribution) ? EXIT.failed : EXIT.ok
}

/** True if more is connected than is declared. */
const isBeyond = ({ undeclared, allocations }: Pick<Attribution, "undeclared" | "allocations">): boolean =>
  undeclared.length > 0 || allocations.some(({ seen, declaredInDeploy }) => seen > declaredInDeploy)

function serverCode(sample: Sample, { failAbove, strict }: Strictness): ExitCode {
  if ("fullBy" in sample) return EXIT.failed
  if (!("report" in sample)) return EXIT.ok
  const { report, attribution, threshold } = sample
  if (report.percent >= FULL_PERCENT) return EXIT.failed
  if (failAbove !== undefined && report.percent > threshold) return EXIT.failed
  if (!strict || attribution === undefined) return EXIT.ok
  return isBeyond(attribution) || attribution.otherCeiling !== undefined ? EXIT.failed : EXIT.ok
}

const FULL_PERCENT = 100

const BOUNDS = {
  maxConnections: "every slot that max_connections leaves to this role is taken",
  database: "the CONNECTION LIMIT of the database is reached",
  role: "the CONNECTION LIMIT of the role is reached",
  pooler: "the pooler in between takes no more clients",
} as const

export const fullLine = ({ fullBy, message }: Extract<Answer, { fullBy: unknown }>): string =>
  `full: ${fullBy === undefined ? "the server refused us" : BOUNDS[fullBy]} (SQLSTATE 53300: ${line(message)})`
