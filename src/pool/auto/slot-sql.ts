/** The `backend_type` of processes that take a slot of `max_connections`. */
export const CLIENT_BACKEND = "client backend"

/**
 * Matches the rows of `pg_stat_activity` that take a slot of `max_connections`: the client backends of all databases.
 * Walsenders, autovacuum, parallel and background workers have slots of their own. A role that may not see everything
 * gets NULL as the type of other roles' processes: each with a database and a user may be a client, and counts.
 *
 * https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
 */
export const TAKES_SLOT = `(backend_type = '${CLIENT_BACKEND}' OR (backend_type IS NULL AND datid IS NOT NULL AND usesysid IS NOT NULL))`

/**
 * Slots that a server reserves, by the names in a report's `ceiling`. PostgreSQL before 16 does not have the second
 * setting, and the third is Amazon's. The names are qualified, since a pool asks with the application's `search_path`.
 *
 * https://www.postgresql.org/docs/current/runtime-config-connection.html
 */
export const KEPT_SLOTS = {
  superuserReserved: "pg_catalog.current_setting('superuser_reserved_connections')::int",
  reservedConnections: "coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int",
  providerReserved:
    "coalesce(pg_catalog.current_setting('rds.rds_reserved_connections', true), pg_catalog.current_setting('rds.rds_superuser_reserved_connections', true), '0')::int",
} as const
