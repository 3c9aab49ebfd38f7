import type { Answer, InspectFlags } from "../input/inspect-server.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"
import { type Format, markdownFormat, page, textFormat } from "./formats.ts"
import { inspectPage, remedySections, usedLine } from "./inspect-page.ts"
import { line } from "./line.ts"
import type { Sample } from "./sample.ts"

/** Renders the screen of `inspect`. */
export const textOf = (sample: Sample, io: Pick<Io, "hasColors" | "columns">): string =>
  pageOf(sample, textFormat(io.hasColors), io.columns)

/** Renders the same for a channel or an issue, where it must say when it was. */
export const markdownOf = (sample: Sample, now: number): string =>
  `${pageOf(sample, markdownFormat, undefined)}\n${markdownFormat.list([`prisma-pool inspect, ${new Date(now).toISOString()}`])}\n`

function pageOf(sample: Sample, format: Format, columns: number | undefined): string {
  if ("report" in sample) return inspectPage(sample, format, columns)
  return page(format, [format.verdict(fullLine(sample), "bad")], remedySections(sample.remedies))
}

/** Renders a sample on one line, for a pipe. */
export function lineOf(sample: Sample): string {
  if (!("report" in sample)) return fullLine(sample)
  const { waiting } = sample.report
  return `${usedLine(sample.report)}; ${waiting.onLocks} wait for a lock, ${waiting.onClient} for their application`
}

/** Converts a sample to JSON data. */
export function jsonOf(sample: Sample) {
  const { remedies } = sample
  if (!("report" in sample)) {
    return { full: true, limit: sample.fullBy ?? null, message: sample.message, remedies }
  }
  return { full: false, report: sample.report, attribution: sample.attribution ?? null, remedies }
}

/** Computes the exit code. A full server fails; a threshold below that fails only if it was given. */
export function exitCodeOf(
  sample: Sample,
  { failAbove, strict }: Pick<InspectFlags, "failAbove" | "strict">,
): ExitCode {
  if (!("report" in sample)) return EXIT.failed
  const { report, attribution, threshold } = sample
  if (report.percent >= FULL_PERCENT) return EXIT.failed
  if (failAbove !== undefined && report.percent > threshold) return EXIT.failed
  if (!strict || attribution === undefined) return EXIT.ok
  const { undeclared, allocations, otherCeiling } = attribution
  const isMore = allocations.some(({ seen, declaredInDeploy }) => seen > declaredInDeploy)
  return undeclared.length > 0 || isMore || otherCeiling !== undefined ? EXIT.failed : EXIT.ok
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
