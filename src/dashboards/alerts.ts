import { HIDDEN, PGBOUNCER_METRICS, POOL_METRICS, SERVER_METRICS } from "../monitor/metrics/metric-table.ts"
import { ALERT_PERCENT } from "../sizing/alert-threshold.ts"
import { LONG_WAIT_SECONDS } from "./long-wait.ts"
import { inAlert, PGBOUNCER_LABELS, POOL_LABELS, SERVER_LABELS, seriesOf } from "./prometheus-names.ts"

/** One alert rule of Prometheus. Durations are in whole minutes. */
interface Alert {
  readonly name: string
  readonly expr: string
  readonly forMinutes: number
  readonly severity: "warning" | "critical"
  /** The problem, on one line. */
  readonly summary: string
  /** The remedy, on one line. */
  readonly action: string
}

// Several instances may observe one server: take the highest of their values, never the sum.
const SERVER = `job, ${SERVER_LABELS.server}`
const POOL = `job, ${POOL_LABELS.pool}`

const server = inAlert(SERVER_LABELS.server)
const pool = `${inAlert(POOL_LABELS.pool)} of ${inAlert("job")}`

const pgbouncer = inAlert(PGBOUNCER_LABELS.pgbouncer)
const PGBOUNCER_POOL = `job, ${PGBOUNCER_LABELS.pgbouncer}, ${PGBOUNCER_LABELS.database}, ${PGBOUNCER_LABELS.user}`
const pgbouncerPool = `${pgbouncer} ${inAlert(PGBOUNCER_LABELS.database)} ${inAlert(PGBOUNCER_LABELS.user)}`

/** The used share of PgBouncer's limits, in per cent, of the fullest process. */
const percentOfLimit = (limits: string) =>
  `max by (${PGBOUNCER_POOL}, ${PGBOUNCER_LABELS.limit}) (100 * ${seriesOf(PGBOUNCER_METRICS.used, limits)} / ${seriesOf(PGBOUNCER_METRICS.usable, limits)})`

const { refusing, longestIdleInTransaction, undeclared } = SERVER_METRICS
const scraped = seriesOf(POOL_METRICS.max)

/** Far longer than Prisma lets a transaction run: 5 s by default. */
const IDLE_SECONDS = 60

const ALERTS: readonly Alert[] = [
  {
    name: "PrismaPoolNearlyFull",
    expr: `max by (${SERVER}, ${SERVER_LABELS.limit}) (100 * ${seriesOf(SERVER_METRICS.used)} / ${seriesOf(SERVER_METRICS.usable)}) > ${ALERT_PERCENT}`,
    forMinutes: 5,
    severity: "warning",
    summary: `${server}: {{ $value | printf "%.0f" }} % of the usable connections are in use (limit: ${inAlert(SERVER_LABELS.limit)})`,
    action:
      "See which applications use them (prisma-pool inspect). End unneeded ones, lower the pool sizes (prisma-pool plan), or raise the limit if the server has the memory.",
  },
  {
    name: "PrismaPoolWaiting",
    expr: `sum by (${POOL}, instance) (${seriesOf(POOL_METRICS.pendingRequests)}) > 0`,
    forMinutes: 2,
    severity: "warning",
    summary: `${pool}: {{ $value }} callers wait for a connection on ${inAlert("instance")}`,
    action:
      "Every connection of this pool is in use. Look for slow queries, locks and long transactions first; then raise PRISMA_POOL_SIZE_CORE, if prisma-pool check allows it.",
  },
  {
    name: "PrismaPoolTimeouts",
    expr: `sum by (${POOL}) (increase(${seriesOf(POOL_METRICS.timeouts)}[5m])) > 0`,
    forMinutes: 1,
    severity: "critical",
    summary: `${pool}: callers got no connection within pool_timeout (P2024)`,
    action:
      "Requests fail. Look for slow queries, locks and long transactions; then raise PRISMA_POOL_SIZE_CORE, if prisma-pool check allows it.",
  },
  {
    name: "PrismaPoolRefusals",
    expr: `sum by (job) (increase(${seriesOf(POOL_METRICS.refusals)}[5m])) > 0 or max by (job) (${seriesOf(refusing)}) > 0`,
    forMinutes: 1,
    severity: "critical",
    summary: `${inAlert("job")}: PostgreSQL refuses connections, it has no slot left (SQLSTATE 53300)`,
    action:
      "The fleet is larger than the server: add it up (prisma-pool check), with a deploy in progress and undeclared connections. Stop jobs that can wait, then lower the pool sizes or raise max_connections.",
  },
  {
    name: "PrismaPoolDown",
    expr: `sum by (${POOL}) (${seriesOf(POOL_METRICS.down)}) > 0`,
    forMinutes: 1,
    severity: "critical",
    summary: `${pool}: the database cannot be reached from {{ $value }} instances, whose callers fail at once (P1001)`,
    action:
      "Look whether PostgreSQL or the pooler in between runs, then at host, port and network. The pools connect again by themselves. Where restarts and failovers take longer than the callers wait, raise PRISMA_RECONNECT_TIMEOUT.",
  },
  {
    name: "PrismaPoolIdleInTransaction",
    expr: `max by (${SERVER}) (${seriesOf(longestIdleInTransaction)}) > ${IDLE_SECONDS}`,
    forMinutes: 1,
    severity: "warning",
    summary: `${server}: a connection has been idle in a transaction for {{ $value | humanizeDuration }}`,
    action:
      "It keeps its connection and its locks. Find it (prisma-pool inspect has the pid) and fix the code that did not end it; idle_in_transaction_session_timeout ends such sessions.",
  },
  {
    name: "PrismaPoolUndeclared",
    // Hidden ones are logging in.
    expr: `max by (${SERVER}, ${SERVER_LABELS.application}) (${seriesOf(undeclared, `${SERVER_LABELS.application}!="${HIDDEN}"`)}) > 0`,
    forMinutes: 10,
    severity: "warning",
    summary: `${server}: ${inAlert(SERVER_LABELS.application)} holds {{ $value }} connections, but is not declared`,
    action:
      "Find its owner (prisma-pool inspect has users and addresses). Declare it in pool.config.json, as a consumer or as reserved, or end it.",
  },
  {
    name: "PrismaPoolCeilingDiffers",
    // Not !=, which is true for NaN.
    expr: `abs(max by (${SERVER}) (${seriesOf(SERVER_METRICS.declaredMaxConnections)}) - max by (${SERVER}) (${seriesOf(SERVER_METRICS.maxConnections)})) > 0`,
    forMinutes: 10,
    severity: "warning",
    summary: `${server}: max_connections differs from the declared one by {{ $value }}`,
    action:
      "Every size was computed for another ceiling: correct maxConnections in pool.config.json, then run prisma-pool check.",
  },
  {
    name: "PrismaPoolServerUnknown",
    expr: `max by (${SERVER}) (${seriesOf(SERVER_METRICS.up)}) < 1 unless max by (${SERVER}) (${seriesOf(refusing)}) > 0`,
    forMinutes: 5,
    severity: "critical",
    summary: `${server}: PostgreSQL cannot be asked for its connections`,
    action:
      "It is down or unreachable, or every connection of the observing pool is in use (PrismaPoolWaiting). Until it answers, the other alerts on it cannot fire.",
  },
  {
    name: "PrismaPoolPgBouncerWaiting",
    expr: `max by (${PGBOUNCER_POOL}) (${seriesOf(PGBOUNCER_METRICS.waiting)}) > 0`,
    forMinutes: 2,
    severity: "warning",
    summary: `${pgbouncerPool}: {{ $value }} clients wait for a server connection`,
    action:
      "See whether the pool is full (PrismaPoolPgBouncerPoolFull). Look for slow queries, locks and long transactions on the server first; then raise default_pool_size, if prisma-pool check allows it. With room in the pool PgBouncer opens no connections: its log says why.",
  },
  {
    name: "PrismaPoolPgBouncerLongWait",
    expr: `max by (${PGBOUNCER_POOL}) (${seriesOf(PGBOUNCER_METRICS.longestWait)}) > ${LONG_WAIT_SECONDS}`,
    forMinutes: 1,
    severity: "critical",
    summary: `${pgbouncerPool}: a client has waited for a server connection for {{ $value | humanizeDuration }}`,
    action:
      "Requests fail at pool_timeout, and at query_wait_timeout PgBouncer cuts the client off. End what holds the connections (prisma-pool inspect names it), or RESUME a database that is paused.",
  },
  {
    name: "PrismaPoolPgBouncerClients",
    expr: `${percentOfLimit(`${PGBOUNCER_LABELS.limit}=~".*client.*"`)} > ${ALERT_PERCENT}`,
    forMinutes: 5,
    severity: "warning",
    summary: `${pgbouncer}: {{ $value | printf "%.0f" }} % of the clients that ${inAlert(PGBOUNCER_LABELS.limit)} allows are connected`,
    action:
      "At 100 % further clients are refused. See whose they are (prisma-pool inspect --console). Lower the pool sizes behind it (prisma-pool plan), or raise the limit, with LimitNOFILE above it.",
  },
  {
    name: "PrismaPoolPgBouncerPoolFull",
    expr: `${percentOfLimit(`${PGBOUNCER_LABELS.limit}!~".*client.*"`)} >= 100`,
    forMinutes: 5,
    severity: "warning",
    summary: `${pgbouncerPool}: all server connections that ${inAlert(PGBOUNCER_LABELS.limit)} allows are in use`,
    action:
      "The next query waits. Look for slow queries, locks and long transactions on the server first; then raise default_pool_size, if prisma-pool check allows it.",
  },
  {
    name: "PrismaPoolPgBouncerUnknown",
    expr: `max by (job, ${PGBOUNCER_LABELS.pgbouncer}) (${seriesOf(PGBOUNCER_METRICS.up)}) < 1`,
    forMinutes: 5,
    severity: "critical",
    summary: `${pgbouncer}: PgBouncer's console cannot be asked`,
    action:
      "It is down or unreachable, or the role is not in stats_users any more. Until it answers, the other alerts on it cannot fire.",
  },
  {
    name: "PrismaPoolNotScraped",
    expr: `group by (job) (last_over_time(${scraped}[1d])) unless group by (job) (${scraped}) or absent_over_time(${scraped}[1d])`,
    forMinutes: 10,
    severity: "warning",
    summary: "No metrics of connection pools{{ with $labels.job }} from {{ . }}{{ end }}",
    action:
      "No other alert can fire now. Check that the application runs, and the state of its target in Prometheus; if it is scaled to zero, silence this alert.",
  },
]

/** Renders alert rules for `rule_files` of Prometheus, as YAML. */
export function alertRules(): string {
  const rules = ALERTS.map(
    ({ name, expr, forMinutes, severity, summary, action }) => `  - alert: ${name}
    expr: ${quoted(expr)}
    for: ${forMinutes}m
    labels:
      severity: ${severity}
    annotations:
      summary: ${quoted(summary)}
      description: ${quoted(action)}
`,
  )
  return `groups:\n- name: prisma-pool\n  rules:\n${rules.join("")}`
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
