import { label } from "../../error.ts"
import { isTooManyConnections, refusedLimit } from "../../pool/classify-error.ts"
import type { LimitName } from "../../pool/refusal-texts.ts"
import type { DatabaseReport } from "../inspect/database-report.ts"
import { nameOf } from "../name-of.ts"
import { oneLine } from "./one-line.ts"
import type { Outcome } from "./poll.ts"

/**
 * An event about the server, sent once until the state changes. `message` is one line, ready to be posted.
 */
export type ConnectionEvent = {
  /** The server, as opposed to a pooler before it: see `PgBouncerEvent`. */
  readonly tier: "server"
  readonly message: string
} & (
  | {
      /** More than the threshold is in use. */
      readonly kind: "alert"
      readonly reason: "threshold"
      readonly report: DatabaseReport
    }
  | {
      /** The server refused the poll, because it has no slot left. */
      readonly kind: "alert"
      readonly reason: "full"
      /** The limit that was reached, if the server names it in English. */
      readonly limit: LimitName | "pooler" | undefined
      readonly error: unknown
    }
  /** Less than `clearBelow` is in use again. */
  | { readonly kind: "clear"; readonly report: DatabaseReport }
  /** The server cannot be asked, for any other reason. The last known alert state remains. */
  | { readonly kind: "down"; readonly error: unknown }
  /** It can be asked again. */
  | { readonly kind: "up" }
)

/** The state after the events sent so far. */
export interface WatchState {
  readonly alert: "none" | "threshold" | "full"
  readonly isDown: boolean
}

export const QUIET: WatchState = { alert: "none", isDown: false }

/** Thresholds in percent of the usable connections. */
export interface Thresholds {
  readonly threshold: number
  readonly clearBelow: number
}

const tier = "server"

/** Computes the next state, and the events to send. Pure. */
export function nextState(
  state: WatchState,
  outcome: Outcome<DatabaseReport>,
  thresholds: Thresholds,
): { readonly state: WatchState; readonly events: readonly ConnectionEvent[] } {
  if ("report" in outcome) return answered(state, outcome.report, thresholds)
  const { error } = outcome
  if (!isTooManyConnections(error)) {
    const message = `PostgreSQL cannot be asked for its connections: ${oneLine(error)}`
    const events = state.isDown ? [] : [{ tier, kind: "down", message, error } as const]
    return { state: { ...state, isDown: true }, events }
  }
  const limit = refusedLimit(error)
  const message = `PostgreSQL refuses connections (${limit ?? "SQLSTATE 53300"}): ${oneLine(error)}`
  const full = { tier, kind: "alert", reason: "full", message, limit, error } as const
  return {
    state: { alert: "full", isDown: false },
    events: [...upAgain(state), ...(state.alert === "full" ? [] : [full])],
  }
}

function answered(
  state: WatchState,
  report: DatabaseReport,
  { threshold, clearBelow }: Thresholds,
): ReturnType<typeof nextState> {
  const { percent } = report
  if (state.alert === "none" && percent > threshold) {
    const message = `${inUse(report)}, above ${threshold} %. ${topHolders(report)}`
    const alert = { tier, kind: "alert", reason: "threshold", message, report } as const
    return { state: { alert: "threshold", isDown: false }, events: [...upAgain(state), alert] }
  }
  if (state.alert !== "none" && percent < clearBelow) {
    const message = `${inUse(report)}, below ${clearBelow} % again`
    return { state: QUIET, events: [...upAgain(state), { tier, kind: "clear", message, report }] }
  }
  return { state: { ...state, isDown: false }, events: upAgain(state) }
}

function upAgain({ isDown }: WatchState): readonly ConnectionEvent[] {
  return isDown ? [{ tier, kind: "up", message: "PostgreSQL can be asked for its connections again" }] : []
}

const LIMITS: Readonly<Record<LimitName, string>> = {
  maxConnections: "PostgreSQL",
  database: "PostgreSQL, database limit",
  role: "PostgreSQL, role limit",
}

function inUse({ binding, used, usable, percent, isUpperBound, session }: DatabaseReport): string {
  const most = isUpperBound && binding !== "role" ? "at most " : ""
  return `${LIMITS[binding]} (${label(session.database)}): ${most}${used} of ${usable} connections in use, ${percent} %`
}

function topHolders({ applications }: DatabaseReport): string {
  const top = applications.slice(0, 3).map(({ name, connections }) => `${nameOf(name)} ${connections}`)
  return `Most are held by ${top.join(", ")}`
}
