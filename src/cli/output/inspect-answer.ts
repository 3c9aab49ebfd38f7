import { printable } from "../../error.ts"
import { attributionOf, type DeclaredFleet } from "../../monitor/inspect/attribution.ts"
import type { Answer, InspectFlags } from "../input/inspect-server.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"
import { textFormat } from "./formats.ts"
import { ALERT, inspectPage, type Sample } from "./inspect-page.ts"
import { monitoringSlots, suggestedSql } from "./suggested-sql.ts"

/** What was seen, with what goes with it. */
export function sampleOf(
  report: Extract<Answer, { report: unknown }>["report"],
  fleet: DeclaredFleet | undefined,
  failAbove = ALERT,
): Sample {
  return {
    report,
    attribution: fleet && attributionOf(report, fleet),
    remedies: suggestedSql(report, failAbove),
    alert: failAbove,
  }
}

export function textOf(
  answer: Answer,
  fleet: DeclaredFleet | undefined,
  { failAbove }: Pick<InspectFlags, "failAbove">,
  io: Io,
): string {
  const format = textFormat(io.hasColors)
  if ("report" in answer) return inspectPage(sampleOf(answer.report, fleet, failAbove), format, io.columns)
  const remedies = monitoringSlots().map(({ why, sql }) => `${sql}  -- ${why}`)
  return `${format.verdict(fullLine(answer), "bad")}\n\n${format.heading("Ready to paste, and not executed")}\n${format.list(remedies)}\n`
}

const BOUNDS = {
  maxConnections: "every slot that max_connections leaves to this role is taken",
  database: "the CONNECTION LIMIT of the database is reached",
  role: "the CONNECTION LIMIT of the role is reached",
  pooler: "the pooler in between takes no more clients",
} as const

export const fullLine = ({ fullBy, message }: Extract<Answer, { fullBy: unknown }>): string =>
  `full: ${fullBy === undefined ? "the server refused us" : BOUNDS[fullBy]} (SQLSTATE 53300: ${printable(message)})`

export function exitCodeOf(
  answer: Answer,
  fleet: DeclaredFleet | undefined,
  { failAbove, strict }: Pick<InspectFlags, "failAbove" | "strict">,
): ExitCode {
  if (!("report" in answer)) return EXIT.failed
  if (failAbove !== undefined && answer.report.percent > failAbove) return EXIT.failed
  if (!strict || fleet === undefined) return EXIT.ok
  const { undeclared, allocations, otherCeiling } = attributionOf(answer.report, fleet)
  const isMore = allocations.some(({ seen, declaredInDeploy }) => seen > declaredInDeploy)
  return undeclared.length > 0 || isMore || otherCeiling !== undefined ? EXIT.failed : EXIT.ok
}

export function jsonOf(answer: Answer, fleet: DeclaredFleet | undefined) {
  if (!("report" in answer)) return { full: true, limit: answer.fullBy ?? null, message: answer.message }
  const { report, attribution, remedies } = sampleOf(answer.report, fleet)
  return { full: false, report, attribution: attribution ?? null, remedies }
}
