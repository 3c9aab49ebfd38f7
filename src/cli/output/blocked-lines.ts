import { label } from "../../error.ts"
import { duration } from "../../monitor/duration.ts"
import type {
  BlockedSession,
  BlockingSession,
  DatabaseReport,
} from "../../monitor/inspect/database-report.ts"
import { sessions } from "./remedies.ts"
import { sessionName } from "./session-name.ts"

/** The number of blocked sessions on a screen. */
const SHOWN = 5

/** `pg_blocking_pids()` has it for a transaction that was prepared, and that no process holds. */
const PREPARED = 0

/** Renders who blocks whom: the start of each chain with what its end frees, then those that wait longest. */
export function blockedLines({ blocked, blockers, waiting }: DatabaseReport): string[] {
  // Not all that wait are in the report.
  const isPart = waiting.onLocks > blocked.length
  const prepared = blocked.filter(({ blockedBy }) => blockedBy.includes(PREPARED))
  return [
    ...blockers.filter(({ isRoot }) => isRoot).map((root) => rootLine(root, isPart)),
    ...(prepared.length > 0
      ? [`a prepared transaction blocks ${sessions(prepared.length)}: see pg_prepared_xacts`]
      : []),
    ...blocked
      .slice(0, SHOWN)
      .map(
        (session) =>
          `${sessionName(session)} has waited ${duration(session.seconds)} for ${chainOf(session, blocked)}`,
      ),
    ...(blocked.length > SHOWN || isPart
      ? [
          `and ${Math.max(waiting.onLocks, blocked.length) - Math.min(SHOWN, blocked.length)} more wait for a lock`,
        ]
      : []),
  ]
}

function rootLine(root: BlockingSession, isPart: boolean): string {
  const freed =
    root.frees === 0 ? "" : `: ending it frees ${isPart ? "at least " : ""}${sessions(root.frees)}`
  return `${sessionName(root)} ${doing(root)} and blocks ${sessions(root.blocks)}${freed}`
}

function doing({ state, seconds, type }: BlockingSession): string {
  if (state === null) return `(${type === null ? "hidden from this role" : label(type)})`
  return state.startsWith("idle in transaction")
    ? `has been idle in a transaction for ${duration(seconds)}`
    : `has been ${label(state)} for ${duration(seconds)}`
}

/** Renders the way to the start of a chain: `pid 3, which waits for pid 2, which waits for pid 1`. */
function chainOf(session: BlockedSession, blocked: readonly BlockedSession[]): string {
  const byPid = new Map(blocked.map((each) => [each.pid, each]))
  const chain: number[] = []
  for (let next: BlockedSession | undefined = session; next !== undefined; ) {
    const [pid] = next.blockedBy.filter((each) => each !== session.pid && !chain.includes(each))
    if (pid === undefined) break
    chain.push(pid)
    next = byPid.get(pid)
  }
  if (chain.length === 0) return "a lock"
  return chain
    .map((pid) => (pid === PREPARED ? "a prepared transaction" : `pid ${pid}`))
    .join(", which waits for ")
}
