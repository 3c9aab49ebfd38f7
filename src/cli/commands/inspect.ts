import { attributionOf, type DeclaredFleet } from "../../monitor/inspect/attribution.ts"
import { declaredFleet } from "../input/declared-fleet.ts"
import type { FleetFlags } from "../input/fleet-flags.ts"
import { type Answer, type ConnectFlags, inspectServer } from "../input/inspect-server.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"
import { textFormat } from "../output/formats.ts"
import { inspectPage, type Sample } from "../output/inspect-page.ts"
import { monitoringSlots, suggestedSql } from "../output/suggested-sql.ts"

export interface InspectFlags extends FleetFlags, ConnectFlags {
  readonly format: "text" | "json"
  /** Fail above so many per cent. */
  readonly failAbove?: number
  /** Fail for what nobody declared, too. */
  readonly strict?: boolean
  /** Seconds between two looks. */
  readonly watch?: number
  /** Seconds to watch for. */
  readonly for?: number
}

/** In per cent of what is usable: the threshold of the sizing document. */
export const ALERT = 80

/** `prisma-pool inspect` */
export async function inspect(flags: InspectFlags, io: Io): Promise<ExitCode> {
  const fleet = await declaredFleet(flags, io)
  if (flags.watch !== undefined) return (await import("./watch.ts")).watch(flags, fleet, io)
  const answer = await inspectServer(flags, io)
  const exitCode = exitCodeOf(answer, fleet, flags)
  if (flags.format === "json")
    io.stdout(`${JSON.stringify({ exitCode, ...jsonOf(answer, fleet) }, null, 2)}\n`)
  else io.stdout(textOf(answer, fleet, flags, io))
  return exitCode
}

/** What was seen, with what goes with it. */
export function sampleOf(
  report: Extract<Answer, { report: unknown }>["report"],
  fleet: DeclaredFleet | undefined,
  failAbove = ALERT,
): Sample {
  return {
    report,
    accounts: fleet && attributionOf(report, fleet),
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
  `full: ${fullBy === undefined ? "the server refused us" : BOUNDS[fullBy]} (SQLSTATE 53300: ${message})`

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
  const { report, accounts, remedies } = sampleOf(answer.report, fleet)
  return { full: false, report, accounts: accounts ?? null, remedies }
}
