import { label } from "../../error.ts"
import { nameOf } from "../name-of.ts"
import { isFullOfClients, percentOfClients, sideOf } from "../pgbouncer/fullness.ts"
import type { PgBouncerReport } from "../pgbouncer/pgbouncer-report.ts"
import { limitLine, poolerLine } from "../pgbouncer/pooler-line.ts"
import { oneLine } from "./one-line.ts"
import type { Outcome } from "./poll.ts"
import type { Thresholds } from "./watch-state.ts"

/**
 * An event about a PgBouncer, sent once until the state changes. Its two sides have alerts of their own: more clients than the
 * threshold, and clients that wait for the server side. `message` is one line, ready to be posted.
 */
export type PgBouncerEvent = {
  /** PgBouncer, as opposed to the server behind it: see `ConnectionEvent`. */
  readonly tier: "pgbouncer"
  readonly message: string
} & (
  | {
      readonly kind: "alert"
      /**
       * `threshold`: more than the threshold of a limit on clients is used. `full`: such a limit is reached, so that further
       * clients are refused. `waiting`: two polls in succession have found clients that wait for a server connection.
       */
      readonly reason: "threshold" | "full" | "waiting"
      readonly report: PgBouncerReport
    }
  | {
      readonly kind: "clear"
      /**
       * The alert that has ended. `clients`: that of `threshold` or `full`, since less than `clearBelow` of every limit on clients is
       * used. `waiting`: two polls in succession have found none that waits.
       */
      readonly of: "clients" | "waiting"
      readonly report: PgBouncerReport
    }
  /** The console cannot be asked. The last known alerts remain. */
  | { readonly kind: "down"; readonly error: unknown }
  /** It can be asked again. */
  | { readonly kind: "up" }
)

/** The state after the events sent so far. */
export interface PgBouncerState {
  readonly clients: "none" | "threshold" | "full"
  readonly isWaiting: boolean
  /** True if the last answer said otherwise than `isWaiting`. A second such answer in succession changes it. */
  readonly isInDoubt: boolean
  readonly isDown: boolean
}

export const CALM: PgBouncerState = { clients: "none", isWaiting: false, isInDoubt: false, isDown: false }

interface Next {
  readonly state: PgBouncerState
  readonly events: readonly PgBouncerEvent[]
}

const tier = "pgbouncer"

/** Computes the next state, and the events to send. Pure. */
export function nextPgBouncerState(
  state: PgBouncerState,
  outcome: Outcome<PgBouncerReport>,
  thresholds: Thresholds,
): Next {
  if (!("report" in outcome)) {
    const { error } = outcome
    const message = `PgBouncer's console cannot be asked: ${oneLine(error)}`
    const events = state.isDown ? [] : [{ tier, kind: "down", message, error } as const]
    return { state: { ...state, isDown: true }, events }
  }
  const { report } = outcome
  const up = { tier, kind: "up", message: "PgBouncer's console can be asked again" } as const
  const clients = nextClients(state, report, thresholds)
  const waiting = nextWaiting(clients.state, report)
  return {
    state: { ...waiting.state, isDown: false },
    events: [...(state.isDown ? [up] : []), ...clients.events, ...waiting.events],
  }
}

const RANKS = { none: 0, threshold: 1, full: 2 } as const

function nextClients(
  state: PgBouncerState,
  report: PgBouncerReport,
  { threshold, clearBelow }: Thresholds,
): Next {
  const percent = percentOfClients(report)
  const found = isFullOfClients(report) ? "full" : percent > threshold ? "threshold" : "none"
  if (RANKS[found] > RANKS[state.clients] && found !== "none") {
    const what = found === "full" ? "no further clients are taken" : `above ${threshold} %`
    const message = `PgBouncer: ${clientsLine(report)}, ${what}. ${mostClients(report)}`
    const event = { tier, kind: "alert", reason: found, message, report } as const
    return { state: { ...state, clients: found }, events: [event] }
  }
  if (state.clients === "none" || percent >= clearBelow) return { state, events: [] }
  const message = `PgBouncer: ${clientsLine(report)}, below ${clearBelow} % again`
  return {
    state: { ...state, clients: "none" },
    events: [{ tier, kind: "clear", of: "clients", message, report }],
  }
}

/** A busy pool lets a client wait for milliseconds now and then, so that one answer says little. */
function nextWaiting(state: PgBouncerState, report: PgBouncerReport): Next {
  const isWaiting = report.clients.waiting > 0
  if (isWaiting === state.isWaiting) return { state: { ...state, isInDoubt: false }, events: [] }
  if (!state.isInDoubt) return { state: { ...state, isInDoubt: true }, events: [] }
  const message = `PgBouncer: ${poolerLine(report)}`
  const event: PgBouncerEvent = isWaiting
    ? { tier, kind: "alert", reason: "waiting", message: `${message}. ${mostWaiting(report)}`, report }
    : { tier, kind: "clear", of: "waiting", message, report }
  return { state: { ...state, isWaiting, isInDoubt: false }, events: [event] }
}

/** The limits are sorted: the first on clients is the fullest. */
function clientsLine({ limits }: PgBouncerReport): string {
  const fullest = limits.find((limit) => sideOf(limit) === "clients")
  return fullest === undefined ? "" : limitLine(fullest)
}

const SHOWN = 3

function mostClients({ applications }: PgBouncerReport): string {
  const top = applications.slice(0, SHOWN).map(({ name, clients }) => `${nameOf(name)} ${clients}`)
  return `Most are of ${top.join(", ") || "no application"}`
}

function mostWaiting({ pools }: PgBouncerReport): string {
  const top = pools
    .filter(({ waiting }) => waiting > 0)
    .slice(0, SHOWN)
    .map(({ database, user, waiting }) => `${label(database)}, ${label(user)} ${waiting}`)
  return `They wait in ${top.join("; ")}`
}
