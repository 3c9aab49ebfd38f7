import { KEPT_SLOTS, TAKES_SLOT } from "../../pool/auto/slot-sql.ts"

// A pool whose size follows its server counts slots by the same rules as a report.
export { KEPT_SLOTS, TAKES_SLOT }

/** pg_blocking_pids() takes lock-manager locks for each row, so limit it; the longest waiters show the culprit. */
const MOST_BLOCKED = 20

const SINCE = (column: string) => `extract(epoch FROM clock_timestamp() - ${column})::float8`

/** JSON has ISO 8601 whatever DateStyle the role has: the time is compared in a session with another. */
const STARTED_AT = `replace(to_json(backend_start) #>> '{}', 'T', ' ')`

/** The columns of a session, without its query, which may contain secrets. */
const SESSION = `pid, backend_type AS type, application_name AS application, usename AS "user", datname AS database, client, state,
  ${SINCE("state_change")} AS seconds, ${SINCE("xact_start")} AS transaction, ${STARTED_AT} AS "startedAt",
  coalesce((SELECT session.rolsuper OR (NOT owner.rolsuper AND (pg_has_role(owner.oid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')))
    FROM pg_roles owner WHERE owner.oid = usesysid), false) AS "mayEnd"`

/** The query of {@link inspectDatabase} for PostgreSQL 13 and later: one read-only statement. */
export const INSPECTION = `WITH activity AS MATERIALIZED (
  SELECT *, CASE WHEN client_port = -1 THEN 'local' ELSE host(client_addr) END AS client FROM pg_stat_activity
), backend AS MATERIALIZED (
  SELECT * FROM activity
  WHERE ${TAKES_SLOT}
), blocked AS MATERIALIZED (
  SELECT *, pg_blocking_pids(pid) AS "blockedBy" FROM (
    SELECT * FROM backend WHERE wait_event_type = 'Lock' ORDER BY query_start LIMIT ${MOST_BLOCKED}
  ) longest
), waiting AS MATERIALIZED (
  SELECT * FROM blocked
  UNION ALL
  SELECT *, pg_blocking_pids(pid) FROM (
    SELECT * FROM backend
    WHERE wait_event_type = 'Lock' AND pid IN (SELECT unnest("blockedBy") FROM blocked)
      AND pid NOT IN (SELECT pid FROM blocked)
    LIMIT ${MOST_BLOCKED}
  ) blocking
)
SELECT json_build_object(
  'version', current_setting('server_version'),
  'versionNumber', current_setting('server_version_num')::int,
  'sharedBuffers', current_setting('shared_buffers'),
  'sharedBuffersBytes', pg_size_bytes(current_setting('shared_buffers')),
  'isReplica', pg_is_in_recovery(),
  'maxConnections', current_setting('max_connections')::int,
  'superuserReserved', ${KEPT_SLOTS.superuserReserved},
  'reservedConnections', ${KEPT_SLOTS.reservedConnections},
  'providerReserved', ${KEPT_SLOTS.providerReserved},
  'pid', pg_backend_pid(),
  'database', current_database(),
  'role', session_user,
  'isSuperuser', session.rolsuper,
  'mayUseReserved', EXISTS (
    SELECT FROM pg_roles WHERE rolname = 'pg_use_reserved_connections' AND pg_has_role(session_user, oid, 'USAGE')),
  'seesEverything', pg_has_role('pg_read_all_stats', 'USAGE'),
  'databaseLimit', (SELECT datconnlimit FROM pg_database WHERE datname = current_database()),
  'roleLimit', session.rolconnlimit,
  'rowsOfDatabase', (SELECT count(*) FROM activity WHERE datname = current_database()),
  'groups', (SELECT json_agg(alike) FROM (
    SELECT datname AS database, usename AS "user", application_name AS application, client, state,
      backend_type IS NULL AS hidden, pid = pg_backend_pid() AS own, count(*) AS connections, ${SINCE("min(backend_start)")} AS oldest,
      count(*) FILTER (WHERE wait_event_type = 'Lock') AS "onLocks",
      count(*) FILTER (WHERE state LIKE 'idle in transaction%' OR (state = 'active' AND wait_event_type = 'Client')) AS "onClient"
    FROM backend GROUP BY 1, 2, 3, 4, 5, 6, 7) alike),
  'databaseLimits', (SELECT coalesce(json_object_agg(datname, datconnlimit), '{}') FROM pg_database WHERE datconnlimit >= 0),
  'roleLimits', (
    SELECT coalesce(json_object_agg(rolname, rolconnlimit), '{}') FROM pg_roles WHERE rolconnlimit >= 0 AND NOT rolsuper),
  'superusers', (SELECT coalesce(json_agg(rolname), '[]') FROM pg_roles WHERE rolsuper),
  'longestQuery', (SELECT row_to_json(longest) FROM (
    SELECT ${SESSION.replace("state_change", "query_start")} FROM backend
    WHERE state = 'active' AND pid <> pg_backend_pid() ORDER BY query_start LIMIT 1) longest),
  'longestIdleInTransaction', (SELECT row_to_json(longest) FROM (
    SELECT ${SESSION} FROM backend
    WHERE state LIKE 'idle in transaction%' ORDER BY state_change LIMIT 1) longest),
  'blocked', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT ${SESSION.replace("state_change", "query_start")}, "blockedBy" FROM waiting ORDER BY query_start) one),
  'blockers', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT ${SESSION}, coalesce(wait_event_type = 'Lock', false) AS waits
    FROM activity WHERE pid IN (SELECT unnest("blockedBy") FROM waiting)) one)
)::text AS report
FROM pg_roles session WHERE session.rolname = session_user`
