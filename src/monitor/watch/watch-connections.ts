import { PoolConfigError, type PoolConfigIssue, receivedArgument } from "../../error.ts"
import { warn } from "../../pool/warn.ts"
import { ALERT_PERCENT } from "../../sizing/alert-threshold.ts"
import { type NumberRange, readNumberOption, SECONDS_RANGE } from "../../validation/numbers.ts"
import { rejectUnknownFields } from "../../validation/plain-object.ts"
import { checkInspectable, type Inspectable } from "../inspect/inspect-database.ts"
import { poll, withTimeout } from "./poll.ts"
import { type ConnectionEvent, nextState, type Outcome, QUIET, type Thresholds } from "./watch-state.ts"

/** Options of {@link watchConnections}. */
export interface WatchOptions {
  /** What to ask through, as `inspectDatabase` takes it. A URL connects anew for each look, and holds no slot in between. */
  readonly client: Inspectable
  /**
   * Told what has changed: see {@link ConnectionEvent}. It is not waited for; when it throws or rejects, that is a process
   * warning.
   */
  readonly onEvent: (event: ConnectionEvent) => unknown
  /** Seconds from the end of one look to the next, 0.1 to 86,400. Default 30. */
  readonly interval?: number
  /** Percent of what this role may use, above 0 and at most 100: more than that is an alert. Default 80. */
  readonly threshold?: number
  /** Percent, above 0 and at most `threshold`: less than that ends the alert. Default nine tenths of `threshold`. */
  readonly clearBelow?: number
  /** Seconds after which a server that has not answered counts as down, 0.1 to 86,400. Default 30. */
  readonly timeout?: number
  /** Whether the process stays alive for this alone: in a process that only watches. Default false. */
  readonly keepProcessAlive?: boolean
}

/** What {@link watchConnections} returns. */
export interface ConnectionWatch {
  /** No callback is called any more. Resolves when the look that is under way, if there is one, is over. */
  stop(): Promise<void>
}

/**
 * Looks at a server's connections again and again, and calls back when something has changed: above the threshold,
 * clear again, down, up.
 *
 * - An alert comes once, and ends once less than `clearBelow` is in use: a figure around the threshold does not repeat it.
 * - A server that refuses us because it is full (SQLSTATE 53300) is an alert, whatever the last figure was. A server that
 *   cannot be asked for any other reason is down, which is said once, and leaves the alert as it was.
 * - A look begins when the last one has ended, however slow that was.
 * - It does not keep the process alive, unless it is told to.
 *
 * @throws {PoolConfigError} naming every option that is wrong, all at once
 * @example
 * ```ts
 * import { watchConnections } from "prisma-pool-config/monitor"
 *
 * const watch = watchConnections({
 *   client: prismaCore,
 *   onEvent: ({ kind, message }) => console.warn(kind, message),
 * })
 * process.once("SIGTERM", () => watch.stop())
 * ```
 */
export function watchConnections(options: WatchOptions): ConnectionWatch {
  const { client, onEvent, interval, timeout, keepProcessAlive, ...thresholds } = checked(options)
  let state = QUIET
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let polling = next()

  async function next(): Promise<void> {
    const inspection = poll(client)
    emit(await withTimeout(inspection, timeout))
    // One that was given up is still under way.
    await inspection
    if (isStopped) return
    timer = setTimeout(() => {
      polling = next()
    }, interval * 1000)
    if (!keepProcessAlive) timer.unref()
  }

  function emit(outcome: Outcome): void {
    if (isStopped) return
    const { state: now, events } = nextState(state, outcome, thresholds)
    state = now
    for (const event of events) void call(onEvent, event)
  }

  return {
    stop() {
      isStopped = true
      clearTimeout(timer)
      return polling
    },
  }
}

async function call(onEvent: WatchOptions["onEvent"], event: ConnectionEvent): Promise<void> {
  try {
    await onEvent(event)
  } catch (error) {
    // Its text may hold the address of a webhook, which is a secret.
    const name = error instanceof Error ? error.name : "not an Error"
    warn(
      `onEvent of watchConnections failed (${name}), so that an event (${event.kind}) may not have been seen.`,
    )
  }
}

const NAMES = ["client", "onEvent", "interval", "threshold", "clearBelow", "timeout", "keepProcessAlive"]

function checked(options: WatchOptions): Required<WatchOptions> & Thresholds {
  const issues: PoolConfigIssue[] = []
  if (typeof options !== "object" || options === null) {
    const remedy = "Give an object with client and onEvent"
    throw new PoolConfigError([{ name: "options", problem: receivedArgument(options), remedy }])
  }
  rejectUnknownFields(options, NAMES, issues)
  const { client, onEvent, keepProcessAlive = false } = options
  try {
    checkInspectable(client)
  } catch (error) {
    if (!(error instanceof PoolConfigError)) throw error
    issues.push(...error.issues)
  }
  if (typeof onEvent !== "function") {
    issues.push({
      name: "onEvent",
      problem: receivedArgument(onEvent),
      remedy: "Give a function of the event",
    })
  }
  if (typeof keepProcessAlive !== "boolean") {
    issues.push({
      name: "keepProcessAlive",
      problem: receivedArgument(keepProcessAlive),
      remedy: "Give true or false",
    })
  }
  const number = (
    name: "interval" | "timeout" | "threshold" | "clearBelow",
    fallback: number,
    range: NumberRange,
  ) => readNumberOption(options[name], name, fallback, range, issues)
  const interval = number("interval", 30, SECONDS_RANGE)
  const timeout = number("timeout", 30, SECONDS_RANGE)
  const threshold = number("threshold", ALERT_PERCENT, { min: 0.01, max: 100, unit: "percent" })
  const most = Number.isNaN(threshold) ? 100 : threshold
  const clearBelow = number("clearBelow", Math.round(90 * threshold) / 100, {
    min: 0.001,
    max: most,
    unit: "percent",
  })
  if (issues.length > 0) throw new PoolConfigError(issues)
  return { client, onEvent, keepProcessAlive, interval, timeout, threshold, clearBelow }
}
