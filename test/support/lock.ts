import pg from "pg"
import { sharedPostgres } from "./helpers.ts"

/** A statement that the server is running until the lock is released that {@link lock} takes. */
export const LOCKED = "SELECT 1 AS one FROM pg_advisory_xact_lock_shared(1)"

/** Makes {@link LOCKED} wait in a database, until the function that it returns is called. */
export async function lock(database: string): Promise<() => Promise<void>> {
  const holder = new pg.Client(sharedPostgres().adminUrl(database))
  await holder.connect()
  await holder.query("SELECT pg_advisory_lock(1)")
  return () => holder.end()
}

/** How many statements wait for a lock in a database. */
export async function waitingForLock(database: string): Promise<number> {
  const waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'"
  return (await sharedPostgres().sql(waiting, [database])).length
}
