import { KEPT_SLOTS, TAKES_SLOT } from "../monitor/inspect/inspection-query.ts"
import { POOL_METRICS } from "../monitor/metrics/metric-table.ts"
import { ALERT_PERCENT } from "../sizing/alert-threshold.ts"

/** The processes that take a slot, of all databases. A pool whose size is auto has its id at the end of its name. */
const BACKEND = `backend AS (
  SELECT *, regexp_replace(regexp_replace(application_name, '(.)#[0-9a-z]{6}$', '\\1'), '(.)@.*$', '\\1') AS application,
    substring(application_name, '.#([0-9a-z]{6})$') AS pool
  FROM pg_stat_activity
  WHERE ${TAKES_SLOT}
)`

/**
 * The limits for ordinary roles, with the connections that count against each. Those of databases and roles have a
 * name.
 */
const LIMITS = `limits AS (
  SELECT 'max_connections' AS "limit", '' AS name, (SELECT count(*) FROM backend) AS used,
    current_setting('max_connections')::int - ${Object.values(KEPT_SLOTS).join("\n    - ")} AS usable
  UNION ALL SELECT 'database', datname, (SELECT count(*) FROM backend WHERE backend.datid = pg_database.oid), datconnlimit
  FROM pg_database WHERE datconnlimit >= 0
  UNION ALL SELECT 'role', rolname, (SELECT count(*) FROM backend WHERE usesysid = pg_roles.oid), rolconnlimit
  FROM pg_roles WHERE rolconnlimit >= 0 AND NOT rolsuper
)`

interface Question {
  readonly title: string
  /** Comment lines. */
  readonly comments: readonly string[]
  readonly sql: string
}

/** The four things that the sizing document wants to monitor ("Dashboard Grafana/Metabase"), and its alert. */
const QUESTIONS: readonly Question[] = [
  {
    title: `Used of usable, in percent: alert above ${ALERT_PERCENT}`,
    comments: [
      "naive_percent is the usual query (rows of this database, as a percentage of max_connections), for comparison: it",
      "ignores other databases and reserved slots, and counts processes that are not clients.",
    ],
    sql: `WITH ${BACKEND}, ${LIMITS}
SELECT "limit", name, used, usable, coalesce(round(100.0 * used / nullif(usable, 0), 2), 100) AS percent_used,
  CASE "limit" WHEN 'max_connections' THEN round(100.0 * (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())
    / current_setting('max_connections')::int, 2) END AS naive_percent
FROM limits ORDER BY percent_used DESC, "limit", name`,
  },
  {
    title: "Active connections by service",
    comments: [
      "By application_name (PRISMA_APPLICATION_NAME), without versions. auto_pools are those whose size is auto, by the ids in their names.",
    ],
    sql: `WITH ${BACKEND}
SELECT coalesce(nullif(application, ''), '(no name)') AS service, count(*) FILTER (WHERE state = 'active') AS active,
  count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction,
  count(*) FILTER (WHERE state = 'idle') AS idle, count(*) AS connections,
  count(DISTINCT pool) AS auto_pools
FROM backend GROUP BY 1 ORDER BY connections DESC, service`,
  },
  {
    title: "Idle against active",
    comments: ["unknown: connections of other roles, if the role has no pg_monitor."],
    sql: `WITH ${BACKEND}
SELECT CASE WHEN backend_type IS NULL THEN 'unknown' ELSE coalesce(state, 'other') END AS state, count(*) AS connections
FROM backend GROUP BY 1 ORDER BY connections DESC, state`,
  },
  {
    title: "Waiting",
    comments: [
      "For locks, and for applications that keep a transaction open. The wait for a connection of a pool (pool_timeout) is",
      `in the application, where no SQL sees it: ${POOL_METRICS.waitTime.name} and ${POOL_METRICS.pendingRequests.name} measure it.`,
    ],
    sql: `WITH ${BACKEND}
SELECT count(*) FILTER (WHERE wait_event_type = 'Lock') AS waiting_on_locks,
  round(coalesce(extract(epoch FROM max(clock_timestamp() - query_start) FILTER (WHERE wait_event_type = 'Lock')), 0)::numeric, 1)
    AS longest_wait_seconds,
  count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction,
  round(coalesce(extract(epoch FROM max(clock_timestamp() - state_change) FILTER (WHERE state LIKE 'idle in transaction%')), 0)::numeric, 1)
    AS longest_idle_in_transaction_seconds
FROM backend`,
  },
  {
    title: "Refusals, as far as SQL can know",
    comments: [
      `PostgreSQL does not count refused connections (SQLSTATE 53300): ${POOL_METRICS.refusals.name} does, in the application.`,
      "SQL knows only how many more each limit allows; at 0 it refuses the next one, and an ordinary role cannot ask any more.",
    ],
    sql: `WITH ${BACKEND}, ${LIMITS}
SELECT "limit", name, greatest(usable - used, 0) AS free, used >= usable AS refuses
FROM limits ORDER BY free, "limit", name`,
  },
]

/** Renders the questions of a Metabase dashboard, one statement each. They run in `psql` too. */
export function metabaseQuestions(): string {
  const blocks = QUESTIONS.map(
    ({ title, comments, sql }) => `${[title, ...comments].map((line) => `-- ${line}\n`).join("")}${sql};\n`,
  )
  return `${HEADER}\n${blocks.join("\n")}`
}

const HEADER = `-- The present connections of a PostgreSQL server: one Metabase question for each statement. GRANT pg_monitor to the role that
-- runs them, or it does not see everything. For history, waits and refusals use the metrics.
`
