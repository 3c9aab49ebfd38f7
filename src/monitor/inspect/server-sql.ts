/** The `backend_type` of what takes a slot of `max_connections`. */
export const CLIENT_BACKEND = "client backend"

/**
 * A row of `pg_stat_activity` that takes a slot of `max_connections`: each client backend, of any database, and nothing else, since
 * walsenders, autovacuum, parallel and background workers have places of their own. To a role that may not see everything the
 * type of other roles' processes is NULL, so whatever has a database and a user counts for one that may be a client.
 *
 * https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
 */
export const TAKES_SLOT = `(backend_type = '${CLIENT_BACKEND}' OR (backend_type IS NULL AND datid IS NOT NULL AND usesysid IS NOT NULL))`

/**
 * What a server keeps from ordinary roles, by the names of a report's ceiling. PostgreSQL before 16 does not know the second one,
 * and the third is Amazon's.
 *
 * https://www.postgresql.org/docs/current/runtime-config-connection.html
 */
export const KEPT_SLOTS = {
  superuserReserved: "current_setting('superuser_reserved_connections')::int",
  reservedConnections: "coalesce(current_setting('reserved_connections', true), '0')::int",
  providerReserved:
    "coalesce(current_setting('rds.rds_reserved_connections', true), current_setting('rds.rds_superuser_reserved_connections', true), '0')::int",
} as const
