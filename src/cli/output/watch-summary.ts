import { ALERT_PERCENT } from "../../sizing/alert-threshold.ts"
import type { InspectFlags } from "../input/inspect-server.ts"
import { EXIT, type ExitCode } from "../io.ts"
import { type Format, page } from "./formats.ts"
import { exitCodeOf } from "./inspect-answer.ts"
import { usedLine } from "./inspect-page.ts"
import type { Sample } from "./sample.ts"

/** The totals of all checks of a watch. */
export interface WatchTotals {
  checks: number
  /** The highest percentage, with its line of text. */
  peak: { readonly percent: number; readonly line: string } | undefined
  mostOnLocks: number
  mostOnClient: number
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
  const isFull = exitCodeOf(sample, {}) !== EXIT.ok
  if (isFull) totals.full += 1
  else if (strict && exitCodeOf(sample, { strict }) !== EXIT.ok) totals.undeclared += 1
  if (!("report" in sample)) {
    totals.refusals += 1
    return
  }
  const { percent, waiting } = sample.report
  if (percent > sample.threshold) totals.above += 1
  if (totals.peak === undefined || percent > totals.peak.percent) {
    totals.peak = { percent, line: usedLine(sample.report) }
  }
  totals.mostOnLocks = Math.max(totals.mostOnLocks, waiting.onLocks)
  totals.mostOnClient = Math.max(totals.mostOnClient, waiting.onClient)
}

/** Judges a watch. An interruption before its time is over leaves no verdict but a failure. */
export function watchExitCode(
  { full, above, undeclared, failures, peak }: WatchTotals,
  { tolerate = 0 }: InspectFlags,
  isCutShort: boolean,
): ExitCode {
  if (full + above + undeclared > 0) return EXIT.failed
  if (isCutShort) return EXIT.interrupted
  return peak === undefined || failures > tolerate ? EXIT.unknown : EXIT.ok
}

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
    [EXIT.unknown]:
      peak === undefined ? "unknown: no check got an answer" : `unknown: ${kept}, ${failures} got no answer`,
    [EXIT.interrupted]: `interrupted before --for was over${peak === undefined ? "" : `: ${kept} so far`}`,
    [EXIT.invalid]: "",
  }
  const tone = exitCode === EXIT.ok ? "good" : exitCode === EXIT.failed ? "bad" : "unsure"
  const lines = [
    `peak: ${peak === undefined ? "unknown" : peak.line}`,
    `most at once: ${mostOnLocks} waited for a lock, ${mostOnClient} for their application`,
    `refused as full: ${refusals} of ${checks} checks`,
    ...(failures === 0
      ? []
      : [`no answer from the server: ${failures} of ${checks} checks; --tolerate allows ${tolerate}`]),
  ]
  return page(format, [`${format.verdict(verdicts[exitCode], tone)}\n${format.list(lines)}`], [])
}
