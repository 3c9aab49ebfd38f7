import { type CallSite, describeCallSite, type Entry, takeCallSite } from "./call-site.ts"
import { followStatements, forgetStatement, lastStatement } from "./last-statement.ts"
import type { PostgresClient } from "./postgres-client.ts"
import { sqlExcerpt } from "./sql-excerpt.ts"
import { setTimeoutAfterIo } from "./timeouts.ts"
import type { Callback } from "./waiting-callers.ts"
import { warnEachTime } from "./warn.ts"

/** What `$connect()` asks, of which no caller of the application knows. */
export const CONNECT_CHECK = "SELECT current_setting('search_path')"

/** A connection that a caller holds. */
interface Hold {
  readonly since: number
  readonly callSite: CallSite
  readonly timer: NodeJS.Timeout
  /** Who took it, once it has been reported. */
  takenBy: string | undefined
}

/**
 * Reports each connection that a caller holds for longer than a threshold, and once more when it comes back. The stack of
 * every caller is taken for it.
 */
export class HeldTooLong {
  readonly #thresholdMillis: number
  readonly #pool: string
  readonly #holds = new Map<PostgresClient, Hold>()

  /** @param pool the name of the pool */
  constructor(thresholdMillis: number, pool: string) {
    this.#thresholdMillis = thresholdMillis
    this.#pool = pool
  }

  /** Follows the connection that a caller of `entry` gets. Returns what to call in its callback's place. */
  follow(callback: Callback, entry: Entry): Callback {
    const callSite = takeCallSite(entry)
    return (error, client, done) => {
      if (client !== undefined) this.#begin(client as unknown as PostgresClient, callSite)
      callback(error, client, done)
    }
  }

  #begin(connection: PostgresClient, callSite: CallSite): void {
    followStatements(connection)
    const timer = setTimeoutAfterIo(() => this.#report(connection, hold), this.#thresholdMillis)
    const hold: Hold = { since: performance.now(), callSite, timer: timer.unref(), takenBy: undefined }
    this.#holds.set(connection, hold)
  }

  /** Ends a hold: its caller gives the connection back, or it is taken away, or closed. */
  end(connection: PostgresClient): void {
    const hold = this.#holds.get(connection)
    if (hold === undefined) return
    this.#holds.delete(connection)
    clearTimeout(hold.timer)
    forgetStatement(connection)
    if (hold.takenBy === undefined) return
    warnEachTime(
      `${this.#nameOf(connection)} is no longer held, after ${secondsSince(hold)} s in all. ${hold.takenBy}`,
    )
  }

  #report(connection: PostgresClient, hold: Hold): void {
    const statement = lastStatement(connection)
    // It may have come back meanwhile.
    if (this.#holds.get(connection) !== hold || statement === CONNECT_CHECK) return
    const site = describeCallSite(hold.callSite)
    hold.takenBy =
      site === undefined
        ? "No frame of the application is on the stack of the call that took it."
        : `It was taken by ${site}.`
    warnEachTime(
      `${this.#nameOf(connection)} has been held for ${secondsSince(hold)} s, longer than the leak threshold of ${this.#thresholdMillis / 1000} s. ${hold.takenBy} ${stateOf(connection, statement)}`,
    )
  }

  #nameOf(connection: PostgresClient): string {
    const pid = connection.reportedPid
    return `A connection to ${this.#pool}${pid ? ` (pid ${pid})` : ""}`
  }
}

const secondsSince = ({ since }: Hold) => ((performance.now() - since) / 1000).toFixed(1)

/** Says what a connection does, and what to do about it. */
function stateOf(connection: PostgresClient, statement: string | undefined): string {
  const text = statement === undefined ? "" : sqlExcerpt(statement)
  if (connection.isBusy) return `It is running: ${text}`
  if (statement === undefined) return "No statement was sent over it: release it."
  return connection.isIdleInTransaction
    ? `Its transaction is open and sends nothing: end it. Its last statement: ${text}`
    : `It sends nothing: release it. Its last statement: ${text}`
}
