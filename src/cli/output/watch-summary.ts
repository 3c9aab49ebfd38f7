import { label } from "../../error.ts"
import { duration } from "../../monitor/duration.ts"
import { sum } from "../../monitor/inspect/group-connections.ts"
import { percentOfClients } from "../../monitor/pgbouncer/fullness.ts"
import { poolerLine } from "../../monitor/pgbouncer/pooler-line.ts"
import { ALERT_PERCENT } from "../../sizing/alert-threshold.ts"
import type { InspectFlags } from "../input/inspect-server.ts"
import { EXIT, type ExitCode } from "../io.ts"
import { type Format, page } from "./formats.ts"
import { exitCodeOf } from "./inspect-answer.ts"
import { usedLine } from "./inspect-page.ts"
import type { Sample } from "./sample.ts"

/** The highest percentage, with its line of text. */
interface Peak {
  readonly percent: number
  readonly line: string
}

/** The totals of all checks of a watch. */
export interface WatchTotals {
  checks: number
  /** Of the server; undefined if it never answered. */
  peak: Peak | undefined
  mostOnLocks: number
  mostOnClient: number
  /** Clients of all poolers that waited at once, and the longest that any of them had waited. */
  mostClientsWaiting: number
  longestClientWaitSeconds: number
  /** The same as `peak` of each pooler that answered, for the limits on its clients. */
  poolerPeaks: Readonly<Record<string, Peak>>
  refusals: number
  /** Checks that the server did not answer. */
  failures: number
  /** Checks that found every slot taken, refusals included. */
  full: number
  /** Checks above the threshold. */
  above: number
  /** With `--strict`, checks that found undeclared connections. */
  undeclared: number
}

export const NO_CHECKS: Readonly<WatchTotals> = {
  checks: 0,
  peak: undefined,
  mostOnLocks: 0,
  mostOnClient: 0,
  mostClientsWaiting: 0,
  longestClientWaitSeconds: 0,
  poolerPeaks: {},
  refusals: 0,
  failures: 0,
  full: 0,
  above: 0,
  undeclared: 0,
}

/** Adds one check: its sample, or why there is none. */
export function addCheck(totals: WatchTotals, sample: Sample | Error, { strict }: InspectFlags): void {
  totals.checks += 1
  if (sample instanceof Error) {
    totals.failures += 1
    return
  }
  const code = exitCodeOf(sample, {})
  if (code === EXIT.failed) totals.full += 1
  else if (strict && exitCodeOf(sample, { strict }) === EXIT.failed) totals.undeclared += 1
  // What a pooler did not say is missing from the check.
  if (code === EXIT.unknown) totals.failures += 1
  addPoolers(totals, sample)
  if (percentsOf(sample).some((percent) => percent > sample.threshold)) totals.above += 1
  if ("fullBy" in sample) totals.refusals += 1
  if (!("report" in sample)) return
  const { waiting, percent } = sample.report
  totals.mostOnLocks = Math.max(totals.mostOnLocks, waiting.onLocks)
  totals.mostOnClient = Math.max(totals.mostOnClient, waiting.onClient)
  if (totals.peak !== undefined && percent <= totals.peak.percent) return
  totals.peak = { percent, line: usedLine(sample.report) }
}

/** The percentage that a threshold is about, of each tier that has answered. */
const percentsOf = (sample: Sample): number[] => [
  ...("report" in sample ? [sample.report.percent] : []),
  ...(sample.poolers ?? []).flatMap((each) => ("report" in each ? [percentOfClients(each.report)] : [])),
]

function addPoolers(totals: WatchTotals, { poolers = [] }: Sample): void {
  const reports = poolers.flatMap((each) => ("report" in each ? [each] : []))
  const waiting = sum(reports, ({ report }) => report.clients.waiting)
  const longest = Math.max(0, ...reports.map(({ report }) => report.clients.longestWaitSeconds))
  totals.mostClientsWaiting = Math.max(totals.mostClientsWaiting, waiting)
  totals.longestClientWaitSeconds = Math.max(totals.longestClientWaitSeconds, longest)
  for (const { name, report } of reports) {
    const [percent, before] = [percentOfClients(report), totals.poolerPeaks[name]]
    if (before !== undefined && percent <= before.percent) continue
    const peak = { percent, line: `${label(name)}: ${poolerLine(report)}` }
    totals.poolerPeaks = { ...totals.poolerPeaks, [name]: peak }
  }
}

/** Judges a watch. An interruption before its time is over leaves no verdict but a failure. */
export function watchExitCode(
  { full, above, undeclared, failures, ...totals }: WatchTotals,
  { tolerate = 0 }: InspectFlags,
  isCutShort: boolean,
): ExitCode {
  if (full + above + undeclared > 0) return EXIT.failed
  if (isCutShort) return EXIT.interrupted
  return !hasAnswer(totals) || failures > tolerate ? EXIT.unknown : EXIT.ok
}

const hasAnswer = ({ peak, poolerPeaks }: Pick<WatchTotals, "peak" | "poolerPeaks">): boolean =>
  peak !== undefined || Object.keys(poolerPeaks).length > 0

/** Renders the end of a watch: the verdict, the peak, the waits, the refusals and what got no answer. */
export function watchSummary(
  totals: WatchTotals,
  exitCode: ExitCode,
  { failAbove = ALERT_PERCENT, tolerate = 0 }: InspectFlags,
  format: Format,
): string {
  const { checks, peak, refusals, failures, mostOnLocks, mostOnClient } = totals
  const answered = checks - failures
  const which = failures > 0 ? `${answered} of ${checks}` : checks === 1 ? "the one" : `all ${checks}`
  const kept = `stayed within ${failAbove} % in ${which} ${checks === 1 ? "check" : "checks"}`
  const verdicts = {
    [EXIT.ok]: kept,
    [EXIT.failed]: [
      [totals.full, "full"],
      [totals.above, `above ${failAbove} %`],
      [totals.undeclared, "not as declared"],
    ]
      .flatMap(([count, what]) => (count === 0 ? [] : [`${what} in ${count} of ${checks} checks`]))
      .join(", "),
    [EXIT.unknown]: !hasAnswer(totals)
      ? "unknown: no check got an answer"
      : `unknown: ${kept}, ${failures} got no answer`,
    [EXIT.interrupted]: `interrupted before --for was over${!hasAnswer(totals) ? "" : `: ${kept} so far`}`,
    [EXIT.invalid]: "",
  }
  const tone = exitCode === EXIT.ok ? "good" : exitCode === EXIT.failed ? "bad" : "unsure"
  const poolers = Object.values(totals.poolerPeaks)
  const waited = totals.mostClientsWaiting
  const lines = [
    // Without a server there is no peak of it.
    ...(peak === undefined && poolers.length > 0
      ? []
      : [
          `peak: ${peak === undefined ? "unknown" : peak.line}`,
          `most at once: ${mostOnLocks} waited for a lock, ${mostOnClient} for their application`,
        ]),
    ...poolers.map((each) => `peak of ${each.line}`),
    ...(poolers.length > 0
      ? [
          `most at once: ${waited} ${waited === 1 ? "client" : "clients"} of a pooler waited, for up to ${duration(totals.longestClientWaitSeconds)}`,
        ]
      : []),
    `refused as full: ${refusals} of ${checks} checks`,
    ...(failures === 0
      ? []
      : [`no answer from the server: ${failures} of ${checks} checks; --tolerate allows ${tolerate}`]),
  ]
  return page(format, [`${format.verdict(verdicts[exitCode], tone)}\n${format.list(lines)}`], [])
}
