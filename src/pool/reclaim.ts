import type { LostBackend } from "./lost-backend.ts"
import type { PostgresClient } from "./postgres-client.ts"

/** How far the server's clock and ours may have drifted apart, in milliseconds, while a connection was open. */
const CLOCK_DRIFT_MS = 2_000

/**
 * Ends those of the given backends that still exist, and returns them. A process id may belong to another backend by now,
 * or this may be another server, after a failover: the session must be of this role and database, and have begun while the
 * connection was being opened. One that began at another time is left alone: it is a stranger's, or the clock was set.
 */
const TERMINATE = `
  SELECT found.pid, found.is_ours, CASE WHEN found.is_ours THEN pg_catalog.pg_terminate_backend(found.pid) END
  FROM (
    SELECT lost.pid, activity.backend_start
      BETWEEN pg_catalog.clock_timestamp() - (lost.since_opening + ${CLOCK_DRIFT_MS}) * interval '1 millisecond'
      AND pg_catalog.clock_timestamp() - (lost.since_login - ${CLOCK_DRIFT_MS}) * interval '1 millisecond' AS is_ours
    FROM ROWS FROM (
      pg_catalog.unnest($1::int[]), pg_catalog.unnest($2::float8[]),
      pg_catalog.unnest($3::float8[]), pg_catalog.unnest($4::float8[])
    ) AS lost (pid, since_opening, since_login, since_loss)
    JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = lost.pid
      AND activity.datname = pg_catalog.current_database() AND activity.usename = SESSION_USER
    WHERE activity.backend_start <= pg_catalog.clock_timestamp() - lost.since_loss * interval '1 millisecond'
  ) AS found`

const TERMINATE_INTERVAL_MS = 20

/**
 * Ends the backends of lost connections over one that works, and frees their slots when they are gone; those of overdue ones
 * also where they cannot be ended. False if the server does not answer within `millis`. Behind a pooler it ends none: process
 * ids are made up there, and may be those of other backends.
 */
export async function reclaim(
  connection: PostgresClient,
  lost: readonly LostBackend[],
  millis: number,
): Promise<boolean> {
  const until = performance.now() + millis
  const own = await connection.ask({ text: "SELECT pg_catalog.pg_backend_pid() AS pid", values: [] }, millis)
  if (typeof own === "string") return false
  const [{ pid } = {}] = own as { readonly pid?: number }[]
  let left = pid === connection.reportedPid ? lost : []
  while (left.length > 0 && performance.now() < until) {
    const alive = await terminate(connection, left, millis)
    if (alive === "late") return false
    if (alive === "refused") {
      // Only after one more answer is the server ready for a caller's statement.
      if (!(await connection.answersWithin(millis))) return false
      break
    }
    for (const backend of left) if (!alive.has(backend.processID)) backend.free()
    left = left.filter(({ processID }) => alive.get(processID) === true)
    if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, TERMINATE_INTERVAL_MS))
  }
  for (const backend of lost) if (backend.isOverdue) backend.free()
  return true
}

/**
 * Ends lost backends, and returns the process ids of those that may still exist, each with true if it is being ended; or why
 * the server does not do it.
 */
async function terminate(
  connection: PostgresClient,
  lost: readonly LostBackend[],
  millis: number,
): Promise<ReadonlyMap<number, boolean> | "refused" | "late"> {
  const values = [
    lost.map(({ processID }) => processID),
    lost.map(({ sinceOpening }) => sinceOpening),
    lost.map(({ sinceLogin }) => sinceLogin),
    lost.map(({ sinceLoss }) => sinceLoss),
  ]
  const answer = await connection.ask({ text: TERMINATE, values }, millis)
  if (typeof answer === "string") return answer
  const rows = answer as readonly { readonly pid: number; readonly is_ours: boolean }[]
  return new Map(rows.map(({ pid, is_ours: isOurs }) => [pid, isOurs]))
}
