import { PoolConfigError } from "../../error.ts"
import { WATCH_SECONDS } from "../input/flag-values.ts"
import type { InspectFlags } from "../input/inspect-server.ts"
import type { ExitCode, Io } from "../io.ts"
import { NoVerdictError } from "../no-verdict-error.ts"
import { textFormat } from "../output/formats.ts"
import { jsonOf, lineOf } from "../output/inspect-answer.ts"
import { LiveScreen } from "../output/live-screen.ts"
import type { Sample } from "../output/sample.ts"
import { watchPage } from "../output/watch-page.ts"
import { addCheck, NO_CHECKS, watchExitCode, watchSummary } from "../output/watch-summary.ts"

/** One check: when it was made, and its sample or why there is none. */
interface Check {
  readonly at: string
  readonly sample: Sample | Error
}

/** Shows each check as it is made. */
interface Display {
  readonly show: (check: Check) => void
  /** Gives the terminal back; called once, after an error too. */
  readonly close: () => void
  readonly end: (summary: string) => void
}

/**
 * Runs `prisma-pool inspect --watch`: checks the server until the time is over or it is interrupted, and ends with the
 * peak, the waits, the refusals and a verdict.
 */
export async function watch(flags: InspectFlags, poll: () => Promise<Sample>, io: Io): Promise<ExitCode> {
  const { watch: every = true, for: seconds } = flags
  const interval = every === true ? WATCH_SECONDS : every
  const totals = { ...NO_CHECKS }
  const interrupted = io.interruption()
  const end = seconds === undefined ? Number.POSITIVE_INFINITY : io.monotonic() + seconds * 1_000
  let isOver = false
  // The first check may throw: input that is wrong at the start ends the watch, before it takes the terminal. So does a server
  // that does not answer, unless `--tolerate` allows for it.
  const first = flags.tolerate ? poll().catch(failureOf) : poll()
  let sample: Sample | Error | undefined = await unlessInterrupted(first, interrupted)
  const display = displayFor(flags, io)
  try {
    while (sample !== undefined) {
      addCheck(totals, sample, flags)
      display.show({ at: new Date(io.now()).toISOString(), sample })
      isOver = io.monotonic() + interval * 1_000 > end
      if (isOver) break
      await io.sleep(interval * 1_000, interrupted)
      sample = await unlessInterrupted(poll().catch(failureOf), interrupted)
    }
  } finally {
    display.close()
  }
  // Without `--for`, an interruption is the normal end of a watch.
  const exitCode = watchExitCode(totals, flags, !isOver && seconds !== undefined)
  display.end(
    flags.format === "json"
      ? `${JSON.stringify({ ...totals, exitCode })}\n`
      : watchSummary(totals, exitCode, flags, textFormat(io.hasColors)),
  )
  return exitCode
}

/** Waits for a check, or resolves to undefined when the watch is interrupted: an outage does not hold up its end. */
function unlessInterrupted<Result>(
  work: Promise<Result>,
  interrupted: AbortSignal,
): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined)
    if (interrupted.aborted) stop()
    interrupted.addEventListener("abort", stop)
    void work.then(resolve, reject).finally(() => interrupted.removeEventListener("abort", stop))
  })
}

/** A server that cannot be asked at this moment is a result; an error of ours ends the watch. */
function failureOf(error: unknown): Error {
  if (error instanceof NoVerdictError || error instanceof PoolConfigError) return error
  throw error
}

/** A terminal is redrawn in place. A pipe gets one line for each check. */
function displayFor({ format }: InspectFlags, io: Io): Display {
  const print = (text: string) => io.stdout(text)
  if (format === "json") {
    return {
      show({ at, sample }) {
        const line = sample instanceof Error ? { failed: sample.message } : jsonOf(sample)
        print(`${JSON.stringify({ at, ...line })}\n`)
      },
      close: () => {},
      end: print,
    }
  }
  if (!io.isTerminal) {
    return {
      show: ({ at, sample }) =>
        print(`${at} ${sample instanceof Error ? sample.message.split("\n")[0] : lineOf(sample)}\n`),
      close: () => {},
      end: print,
    }
  }
  const screen = new LiveScreen(io)
  const pageOf = watchPage(io)
  return {
    show: ({ at, sample }) => screen.show(pageOf(at, sample)),
    close: () => screen.close(),
    end: (summary) => screen.leave(summary),
  }
}
