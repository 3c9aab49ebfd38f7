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
  /**
   * The client, pool or URL to poll, as `inspectDatabase` takes it. A URL connects for each poll, without a slot in
   * between.
   */
  readonly client: Inspectable
  /**
   * Called with each change: see {@link ConnectionEvent}. It is not awaited; if it throws or rejects, a process warning
   * is emitted.
   */
  readonly onEvent: (event: ConnectionEvent) => unknown
  /** Seconds from the end of one poll to the next, 0.1 to 86,400. Default 30. */
  readonly interval?: number
  /**
   * Percent of the connections that this role may use, above 0 and at most 100. More in use is an alert. Default 80.
   */
  readonly threshold?: number
  /** Percent, above 0 and at most `threshold`. Less in use ends the alert. Default: nine tenths of `threshold`. */
  readonly clearBelow?: number
  /** Seconds after which a server that has not answered counts as down, 0.1 to 86,400. Default 30. */
  readonly timeout?: number
  /** True to keep the process alive for this alone, in a process that only watches. Default false. */
  readonly keepProcessAlive?: boolean
}

/** The result of {@link watchConnections}. */
export interface ConnectionWatch {
  /** Stops all callbacks at once. Resolves when the poll in progress, if any, has ended. */
  stop(): Promise<void>
}

/**
 * Polls a server's connections, and calls back on each change: above the threshold, clear again, down, up.
 *
 * - An alert is sent once. It ends when less than `clearBelow` is in use, so values around the threshold do not repeat
 *   it.
 * - A server that refuses the poll because it is full (SQLSTATE 53300) is an alert, regardless of the last value. A
 *   server that cannot be asked for any other reason is down. That is sent once, and leaves the alert unchanged.
 * - A poll begins only after the last one has ended.
 * - It does not keep the process alive, unless `keepProcessAlive` is set.
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
  const { client, onEvent, interval, timeout, keepProcessAlive, ...thresholds } = readOptions(options)
  let state = QUIET
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let polling = next()

  async function next(): Promise<void> {
    const inspection = poll(client)
    emit(await withTimeout(inspection, timeout))
    // After a timeout the poll is still running.
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
    // Its message may contain the URL of a webhook, which is a secret.
    const name = error instanceof Error ? error.name : "not an Error"
    warn(`onEvent of watchConnections failed (${name}), so an event (${event.kind}) may have been missed.`)
  }
}

const NAMES = ["client", "onEvent", "interval", "threshold", "clearBelow", "timeout", "keepProcessAlive"]

function readOptions(options: WatchOptions): Required<WatchOptions> & Thresholds {
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
      remedy: "Give a function that takes the event",
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
    defaultValue: number,
    range: NumberRange,
  ) => readNumberOption(options[name], name, defaultValue, range, issues)
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
