import { PoolConfigError, type PoolConfigIssue, receivedArgument } from "../../error.ts"
import { warn } from "../../pool/warn.ts"
import { ALERT_PERCENT } from "../../sizing/alert-threshold.ts"
import { type NumberRange, readNumberOption, SECONDS_RANGE } from "../../validation/numbers.ts"
import { rejectUnknownFields } from "../../validation/plain-object.ts"
import { attempt } from "../attempt.ts"
import type { DatabaseReport } from "../inspect/database-report.ts"
import { checkInspectable, inspectDatabase } from "../inspect/inspect-database.ts"
import type { Inspectable } from "../inspect/inspectable.ts"
import { type PgBouncerConsole, preparePgBouncer } from "../pgbouncer/inspect-pgbouncer.ts"
import type { PgBouncerReport } from "../pgbouncer/pgbouncer-report.ts"
import { CALM, nextPgBouncerState, type PgBouncerEvent, type PgBouncerState } from "./pgbouncer-state.ts"
import type { Outcome } from "./poll.ts"
import { type ConnectionEvent, nextState, QUIET, type Thresholds, type WatchState } from "./watch-state.ts"
import { type Timing, watchTier } from "./watch-tier.ts"

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
   * Percent of the connections that this role may use, and of a PgBouncer's limits on clients, above 0 and at most 100. More in
   * use is an alert. Default 80.
   */
  readonly threshold?: number
  /** Percent, above 0 and at most `threshold`. Less in use ends the alert. Default: nine tenths of `threshold`. */
  readonly clearBelow?: number
  /** Seconds after which a server or a console that has not answered counts as down, 0.1 to 86,400. Default 30. */
  readonly timeout?: number
  /** True to keep the process alive for this alone, in a process that only watches. Default false. */
  readonly keepProcessAlive?: boolean
}

/** Options of {@link watchConnections} for a PgBouncer, with the server behind it or alone. */
export interface WatchWithConsoleOptions extends Omit<WatchOptions, "client" | "onEvent"> {
  /** The console of PgBouncer, or those of its processes, as `inspectPgBouncer` takes them. A URL connects for each poll. */
  readonly console: PgBouncerConsole | readonly PgBouncerConsole[]
  /** The server, as above. Left out, PgBouncer is polled alone. */
  readonly client?: Inspectable
  /** Called with each change of either tier, which `event.tier` names: see {@link ConnectionEvent} and {@link PgBouncerEvent}. */
  readonly onEvent: (event: ConnectionEvent | PgBouncerEvent) => unknown
}

/** The options of either kind. */
interface AnyWatchOptions extends Omit<WatchWithConsoleOptions, "console" | "onEvent"> {
  readonly console?: WatchWithConsoleOptions["console"]
  readonly onEvent: WatchOptions["onEvent"] | WatchWithConsoleOptions["onEvent"]
}

/** The result of {@link watchConnections}. */
export interface ConnectionWatch {
  /** Stops all callbacks at once. Resolves when the poll in progress, if any, has ended. */
  stop(): Promise<void>
}

/**
 * Polls a server's connections, and those of a PgBouncer before it, and calls back on each change: above the threshold, clear
 * again, down, up.
 *
 * - An alert is sent once. It ends when less than `clearBelow` is in use, so values around the threshold do not repeat
 *   it.
 * - A server that refuses the poll because it is full (SQLSTATE 53300) is an alert, regardless of the last value. A
 *   server that cannot be asked for any other reason is down. That is sent once, and leaves the alert unchanged.
 * - With `console`, PgBouncer is polled too, by itself: neither tier waits for the other, and what one says counts although the other
 *   cannot be asked. More clients than `threshold` of a limit, or clients that wait in two polls in succession, are an alert.
 *   Server connections that are all in use are none before a client waits.
 * - A poll begins only after the last one of its tier has ended.
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
 * @example
 * ```ts
 * import { watchConnections } from "prisma-pool-config/monitor"
 *
 * watchConnections({
 *   client: prismaCore,
 *   console: process.env.PGBOUNCER_CONSOLE_URL ?? "",
 *   onEvent: ({ tier, kind, message }) => console.warn(tier, kind, message),
 * })
 * ```
 */
export function watchConnections(options: WatchWithConsoleOptions): ConnectionWatch
export function watchConnections(options: WatchOptions): ConnectionWatch
export function watchConnections(options: AnyWatchOptions): ConnectionWatch {
  const { client, askConsole, onEvent, timing, thresholds } = readOptions(options)
  const emit = (event: ConnectionEvent | PgBouncerEvent) => void call(onEvent, event)
  const stops: (() => Promise<void>)[] = []
  if (client !== undefined) {
    const next = (state: WatchState, outcome: Outcome<DatabaseReport>) =>
      nextState(state, outcome, thresholds)
    stops.push(watchTier({ inspect: () => inspectDatabase(client), initial: QUIET, next, emit }, timing))
  }
  if (askConsole !== undefined) {
    const next = (state: PgBouncerState, outcome: Outcome<PgBouncerReport>) =>
      nextPgBouncerState(state, outcome, thresholds)
    stops.push(watchTier({ inspect: askConsole, initial: CALM, next, emit }, timing))
  }
  return {
    async stop() {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}

async function call(
  onEvent: WatchWithConsoleOptions["onEvent"],
  event: ConnectionEvent | PgBouncerEvent,
): Promise<void> {
  try {
    await onEvent(event)
  } catch (error) {
    // Its message may contain the URL of a webhook, which is a secret.
    const name = error instanceof Error ? error.name : "not an Error"
    warn(`onEvent of watchConnections failed (${name}), so an event (${event.kind}) may have been missed.`)
  }
}

const NAMES = [
  "client",
  "console",
  "onEvent",
  "interval",
  "threshold",
  "clearBelow",
  "timeout",
  "keepProcessAlive",
]

function readOptions(options: AnyWatchOptions) {
  const issues: PoolConfigIssue[] = []
  if (typeof options !== "object" || options === null) {
    const remedy = "Give an object with onEvent, and with client, console or both"
    throw new PoolConfigError([{ name: "options", problem: receivedArgument(options), remedy }])
  }
  rejectUnknownFields(options, NAMES, issues)
  const { client, console, onEvent, keepProcessAlive = false } = options
  // One that is given as undefined, such as a variable that is not set, is missed: the tier would go unwatched.
  const hasConsole = Object.hasOwn(options, "console")
  if (Object.hasOwn(options, "client") || !hasConsole) attempt(issues, () => checkInspectable(client))
  const askConsole = hasConsole
    ? attempt(issues, () => preparePgBouncer(console as PgBouncerConsole))
    : undefined
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
  return {
    client,
    askConsole,
    // Without a console there is no event of PgBouncer.
    onEvent: onEvent as WatchWithConsoleOptions["onEvent"],
    timing: { interval, timeout, keepProcessAlive } satisfies Timing,
    thresholds: { threshold, clearBelow } satisfies Thresholds,
  }
}
