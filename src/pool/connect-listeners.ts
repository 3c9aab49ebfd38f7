import { setImmediate } from "node:timers/promises"
import type { PostgresClient } from "./postgres-client.ts"

/** The longest wait for the statements of listeners. A caller then gets the connection as it is: its own statements follow them. */
const LONGEST_MS = 5_000

/** The part of node-postgres's client that its types leave out. */
interface Internals {
  readonly _queryQueue: readonly unknown[]
}

/** True if listeners of a pool's `connect` event have sent statements over a connection that nobody else has had yet. */
export const hasStatements = (connection: PostgresClient): boolean =>
  (connection as unknown as Internals)._queryQueue.length > 0

/**
 * Resolves when the statements of `connect` listeners are answered, and those that they send upon the answers: a connection that is
 * busy cannot be kept, and to close it would cancel them.
 *
 * @param millis the time that it may take, if that is less than 5 s
 */
export async function statementsEnd(connection: PostgresClient, millis: number): Promise<void> {
  const until = performance.now() + Math.min(millis, LONGEST_MS)
  do {
    await drained(connection, Math.max(0, until - performance.now()))
    await setImmediate()
  } while (connection.isBusy && performance.now() < until)
}

function drained(connection: PostgresClient, millis: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      connection.off("drain", end).off("end", end)
      resolve()
    }
    const timer = setTimeout(end, millis).unref()
    connection.once("drain", end).once("end", end)
  })
}
