import { PoolConfigError } from "../../error.ts"
import { ALERT_PERCENT } from "../../sizing/alert-threshold.ts"
import type { InspectFlags } from "../input/inspect-server.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"
import { NoVerdictError } from "../no-verdict-error.ts"
import { textFormat } from "../output/formats.ts"
import { exitCodeOf, jsonOf, lineOf, textOf } from "../output/inspect-answer.ts"
import { usedLine } from "../output/inspect-page.ts"
import { LiveScreen } from "../output/live-screen.ts"
import type { Sample } from "../output/sample.ts"

/** The totals of all polls. */
interface WatchTotals {
  looks: number
  /** The highest percentage, with its line of text. */
  peak: { readonly percent: number; readonly line: string } | undefined
  mostOnLocks: number
  mostOnClient: number
  refusals: number
  /** Polls that the server did not answer. */
  failures: number
  /** Polls that fail the watch on their own: a full server and, with `--strict`, undeclared connections. */
  failed: number
}

/**
 * Runs `prisma-pool inspect --watch`: polls until the time is over or it is interrupted, and ends with the peak, the
 * waits, the refusals and a verdict.
 */
export async function watch(flags: InspectFlags, poll: () => Promise<Sample>, io: Io): Promise<ExitCode> {
  const { watch: interval = 2, for: seconds } = flags
  const totals: WatchTotals = {
    looks: 0,
    peak: undefined,
    mostOnLocks: 0,
    mostOnClient: 0,
    refusals: 0,
    failures: 0,
    failed: 0,
  }
  const interrupted = io.interruption()
  const end = seconds === undefined ? Number.POSITIVE_INFINITY : io.now() + seconds * 1_000
  let isCutShort = false
  const screen = io.isTerminal ? new LiveScreen(io) : undefined
  // The first poll may throw: input that is wrong at the start ends the watch.
  let sample: Sample | Error = await poll()
  for (;;) {
    add(totals, sample, flags)
    show(sample, flags, screen, io)
    if (io.now() + interval * 1_000 > end) break
    await io.sleep(interval * 1_000, interrupted)
    // Without `--for`, an interruption is the normal end of a watch.
    if (interrupted.aborted && seconds !== undefined) isCutShort = true
    if (interrupted.aborted) break
    sample = await poll().catch(failureOf)
  }
  screen?.erase()
  const exitCode = ended(totals, flags, io)
  return isCutShort && exitCode !== EXIT.failed ? EXIT.interrupted : exitCode
}

/** A server that cannot be asked at this moment is a result; an error of ours ends the watch. */
function failureOf(error: unknown): Error {
  if (error instanceof NoVerdictError || error instanceof PoolConfigError) return error
  throw error
}

function add(totals: WatchTotals, sample: Sample | Error, { strict }: InspectFlags): void {
  totals.looks += 1
  if (!(sample instanceof Error) && exitCodeOf(sample, { strict: strict === true }) !== EXIT.ok)
    totals.failed += 1
  if (sample instanceof Error) totals.failures += 1
  else if (!("report" in sample)) totals.refusals += 1
  else {
    const { percent, waiting } = sample.report
    if (totals.peak === undefined || percent > totals.peak.percent) {
      totals.peak = { percent, line: usedLine(sample.report) }
    }
    totals.mostOnLocks = Math.max(totals.mostOnLocks, waiting.onLocks)
    totals.mostOnClient = Math.max(totals.mostOnClient, waiting.onClient)
  }
}

/** Redraws in place on a terminal. A pipe gets one line for each poll, because it cannot be redrawn. */
function show(
  sample: Sample | Error,
  { format }: InspectFlags,
  screen: LiveScreen | undefined,
  io: Io,
): void {
  const at = new Date(io.now()).toISOString()
  if (format === "json") {
    const line = sample instanceof Error ? { failed: sample.message } : jsonOf(sample)
    io.stdout(`${JSON.stringify({ at, ...line })}\n`)
  } else if (screen !== undefined) {
    screen.draw(`${at}\n${sample instanceof Error ? `${sample.message}\n` : textOf(sample, io)}`)
  } else {
    io.stdout(`${at} ${sample instanceof Error ? sample.message.split("\n")[0] : lineOf(sample)}\n`)
  }
}

function ended(totals: WatchTotals, flags: InspectFlags, io: Io): ExitCode {
  const { failAbove = ALERT_PERCENT, tolerate = 0, format } = flags
  const { looks, peak, refusals, failures, failed, mostOnLocks, mostOnClient } = totals
  const isOver = peak !== undefined && peak.percent > failAbove
  const isUnseen = peak === undefined || failures > tolerate
  const exitCode = failed > 0 || isOver ? EXIT.failed : isUnseen ? EXIT.unknown : EXIT.ok
  if (format === "json") {
    io.stdout(`${JSON.stringify({ ...totals, exitCode })}\n`)
    return exitCode
  }
  const verdict = {
    0: `stayed within ${failAbove} %`,
    1: isOver || refusals > 0 ? `did not stay within ${failAbove} %` : "did not stay as declared",
    2: `unknown whether it stayed within ${failAbove} %`,
  }[exitCode]
  const tone = ({ 0: "good", 1: "bad", 2: "unsure" } as const)[exitCode]
  const form = textFormat(io.hasColors)
  io.stdout(
    `${form.verdict(`${verdict} in ${looks - failures} of ${looks} looks`, tone)}\n${form.list([
      `peak: ${peak === undefined ? "never seen" : peak.line}`,
      `waits: at most ${mostOnLocks} for a lock, ${mostOnClient} for the client`,
      `refusals: ${refusals} of ${looks} looks`,
      ...(failures === 0 ? [] : [`no answer: ${failures} of ${looks} looks${tolerated(tolerate)}`]),
    ])}\n`,
  )
  return exitCode
}

const tolerated = (most: number) =>
  most === 0 ? "; --tolerate N lets N of them pass" : `, of which ${most} may be`
