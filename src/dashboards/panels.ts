import {
  LIMIT_VALUES,
  type Metric,
  PGBOUNCER_METRICS,
  POOL_METRICS,
  POOL_STATES,
  SERVER_METRICS,
  STATE_VALUES,
} from "../monitor/metrics/metric-table.ts"
import { ALERT_PERCENT } from "../sizing/alert-threshold.ts"
import { LONG_WAIT_SECONDS } from "./long-wait.ts"
import { inLegend, PGBOUNCER_LABELS, POOL_LABELS, SERVER_LABELS, seriesOf } from "./prometheus-names.ts"

/** One panel of the dashboard. */
export interface Panel {
  readonly title: string
  readonly description: string
  /** Grafana's name of the unit. */
  readonly unit: "short" | "percent" | "s" | "cpm"
  /** Queries, each with the legend of its lines. */
  readonly queries: readonly (readonly [expr: string, legend: string])[]
  readonly isStacked?: boolean
  /** The value at which it becomes red. */
  readonly threshold?: number
  /** The text shown without data. */
  readonly nothing?: string
}

const OF_POOL = 'job=~"$job"'
const OF_SERVER = `${OF_POOL},${SERVER_LABELS.server}=~"$server"`

const server = (metric: Metric, more = "") => seriesOf(metric, `${OF_SERVER}${more}`)
const pool = (metric: Metric, more = "") => seriesOf(metric, `${OF_POOL}${more}`)

/** The highest value of several instances, which observe the same server. */
const highest = (labels: string, query: string) =>
  `max by (${SERVER_LABELS.server}${labels && `, ${labels}`}) (${query})`

const byPool = (query: string) => `sum by (job, ${POOL_LABELS.pool}) (${query})`

/** The highest value of several instances, each of which counts all of them. */
const highestOfPool = (query: string) => `max by (job, ${POOL_LABELS.pool}) (${query})`

const perMinute = (counter: Metric) => byPool(`60 * rate(${pool(counter)}[$__rate_interval])`)

/** The time that a share of the callers did not exceed. */
const quantile = (share: number, histogram: Metric) =>
  `histogram_quantile(${share}, sum by (le, job, ${POOL_LABELS.pool}) (rate(${pool(histogram)}[$__rate_interval])))`

/** The sum of one instance's values, by a label. */
const added = (label: string) =>
  `sum by (job, instance, ${SERVER_LABELS.server}, ${label}) (${server(SERVER_METRICS.connections)})`

const ofSlots = `,${SERVER_LABELS.limit}="${LIMIT_VALUES.maxConnections}"`

const SERVER = inLegend(SERVER_LABELS.server)
const APPLICATION = `${SERVER} ${inLegend(SERVER_LABELS.application)}`
const POOL = `${inLegend("job")} ${inLegend(POOL_LABELS.pool)}`

/** The highest value of several instances, which observe the same PgBouncer. */
const highestOfPgBouncer = (labels: string, query: string) =>
  `max by (${PGBOUNCER_LABELS.pgbouncer}, ${labels}) (${query})`

const OWNER = `${PGBOUNCER_LABELS.database}, ${PGBOUNCER_LABELS.user}`
const PGBOUNCER = inLegend(PGBOUNCER_LABELS.pgbouncer)
const OF_OWNER = `${inLegend(PGBOUNCER_LABELS.database)} ${inLegend(PGBOUNCER_LABELS.user)}`
const NO_PGBOUNCER = "no PgBouncer"

/** All panels: first the server's, then the pools', then PgBouncer's. */
export const PANELS: readonly Panel[] = [
  {
    title: "Used share of usable connections",
    description: `By limit: the server's slots, the database's, the role's. ${ALERT_PERCENT} % is the alert.`,
    unit: "percent",
    threshold: ALERT_PERCENT,
    queries: [
      [
        highest(
          SERVER_LABELS.limit,
          `100 * ${server(SERVER_METRICS.used)} / ${server(SERVER_METRICS.usable)}`,
        ),
        `${SERVER} ${inLegend(SERVER_LABELS.limit)}`,
      ],
    ],
  },
  {
    title: "Connections and ceilings",
    description: "Connections in use, usable by ordinary roles, and max_connections, actual and declared.",
    unit: "short",
    queries: [
      [highest("", server(SERVER_METRICS.used, ofSlots)), `${SERVER} used`],
      [highest("", server(SERVER_METRICS.usable, ofSlots)), `${SERVER} usable`],
      [highest("", server(SERVER_METRICS.maxConnections)), `${SERVER} max_connections`],
      [highest("", server(SERVER_METRICS.declaredMaxConnections)), `${SERVER} declared`],
    ],
  },
  {
    title: "Active connections by application",
    description: "Connections that run a query now.",
    unit: "short",
    isStacked: true,
    queries: [
      [
        highest(
          SERVER_LABELS.application,
          server(SERVER_METRICS.connections, `,${SERVER_LABELS.state}="${STATE_VALUES.active}"`),
        ),
        APPLICATION,
      ],
    ],
  },
  {
    title: "Connections by application",
    description: "Each connection takes a slot, idle or not.",
    unit: "short",
    isStacked: true,
    queries: [[highest(SERVER_LABELS.application, added(SERVER_LABELS.application)), APPLICATION]],
  },
  {
    title: "Idle against active",
    description: "Many idle connections: the pools are larger than needed.",
    unit: "short",
    isStacked: true,
    queries: [
      [
        highest(SERVER_LABELS.state, added(SERVER_LABELS.state)),
        `${SERVER} ${inLegend(SERVER_LABELS.state)}`,
      ],
    ],
  },
  {
    title: "Undeclared connections",
    description: "Connections of undeclared applications.",
    unit: "short",
    nothing: "none",
    queries: [[highest(SERVER_LABELS.application, server(SERVER_METRICS.undeclared)), APPLICATION]],
  },
  {
    title: "Waiting on locks",
    description: "Connections that wait for a lock that another one holds.",
    unit: "short",
    queries: [[highest("", server(SERVER_METRICS.waitingOnLocks)), SERVER]],
  },
  {
    title: "Longest idle in transaction",
    description: "It keeps its connection and its locks while no query runs.",
    unit: "s",
    threshold: 60,
    queries: [[highest("", server(SERVER_METRICS.longestIdleInTransaction)), SERVER]],
  },
  {
    title: "The server can be asked",
    description: "1: it answers. Refusing is 1 while it has no slot left for the observer (SQLSTATE 53300).",
    unit: "short",
    queries: [
      [highest("", server(SERVER_METRICS.up)), `${SERVER} answers`],
      [highest("", server(SERVER_METRICS.refusing)), `${SERVER} refuses`],
    ],
  },
  {
    title: "Use of the pools",
    description: "The sum of all instances.",
    unit: "short",
    queries: [
      ...[POOL_STATES.used, POOL_STATES.idle].map(
        (state) =>
          [byPool(pool(POOL_METRICS.count, `,${POOL_LABELS.state}="${state}"`)), `${POOL} ${state}`] as const,
      ),
      [byPool(pool(POOL_METRICS.max)), `${POOL} max`],
    ],
  },
  {
    title: "Callers waiting for a connection",
    description: "Every connection of their pool is in use, or being opened for them.",
    unit: "short",
    queries: [[byPool(pool(POOL_METRICS.pendingRequests)), POOL]],
  },
  {
    title: "Wait for a connection",
    description: "For callers who got one; those who got none within pool_timeout are timeouts.",
    unit: "s",
    queries: [0.5, 0.95, 0.99].map(
      (share) => [quantile(share, POOL_METRICS.waitTime), `${POOL} p${100 * share}`] as const,
    ),
  },
  {
    title: "Refusals, timeouts and errors",
    description:
      "A refusal: the server has no slot left (53300). A timeout: the pool had none in time (P2024). A rejection: too many callers waited already (P2024). Errors are all connections that could not be opened. A reconnect: a connection was opened after the pool had waited out such errors.",
    unit: "cpm",
    queries: [
      [perMinute(POOL_METRICS.refusals), `${POOL} refusals`],
      [perMinute(POOL_METRICS.timeouts), `${POOL} timeouts`],
      [perMinute(POOL_METRICS.rejections), `${POOL} rejections`],
      [perMinute(POOL_METRICS.errors), `${POOL} errors`],
      [perMinute(POOL_METRICS.reconnects), `${POOL} reconnects`],
    ],
  },
  {
    title: "Pools that are down",
    description:
      "The instances whose pool has no working connection, and has waited for PRISMA_RECONNECT_TIMEOUT: their callers fail at once (P1001).",
    unit: "short",
    threshold: 1,
    queries: [[byPool(pool(POOL_METRICS.down)), POOL]],
  },
  {
    title: "Sizes that follow the instances",
    description:
      "With PRISMA_POOL_SIZE=auto: the connections that each pool may hold, the pools, and what they may hold together. More pools than half of the budget: each has 1.",
    unit: "short",
    nothing: "none",
    queries: [
      [highestOfPool(pool(POOL_METRICS.share)), `${POOL} share`],
      [highestOfPool(pool(POOL_METRICS.instances)), `${POOL} instances`],
      [highestOfPool(pool(POOL_METRICS.budget)), `${POOL} budget`],
    ],
  },
  {
    title: "Time in use and time to open, p95",
    description: "How long a query or a transaction keeps its connection, and how long a new one takes.",
    unit: "s",
    queries: [
      [quantile(0.95, POOL_METRICS.useTime), `${POOL} in use`],
      [quantile(0.95, POOL_METRICS.createTime), `${POOL} opening`],
    ],
  },
  {
    title: "Longest hold of a connection",
    description:
      "For how long the connection that has been held longest has been held. What keeps rising was not given back: PRISMA_POOL_LEAK_THRESHOLD names the code that took it.",
    unit: "s",
    queries: [[highestOfPool(pool(POOL_METRICS.oldestHold)), POOL]],
  },
  {
    title: "PgBouncer: clients by application",
    description: "Clients of PgBouncer, with a server connection, waiting for one, or idle.",
    unit: "short",
    isStacked: true,
    nothing: NO_PGBOUNCER,
    queries: [
      [
        highestOfPgBouncer(
          PGBOUNCER_LABELS.application,
          `sum by (job, instance, ${PGBOUNCER_LABELS.pgbouncer}, ${PGBOUNCER_LABELS.application}) (${pool(PGBOUNCER_METRICS.clients)})`,
        ),
        `${PGBOUNCER} ${inLegend(PGBOUNCER_LABELS.application)}`,
      ],
    ],
  },
  {
    title: "PgBouncer: clients that wait",
    description:
      "Clients of each pool that wait for a server connection. Above 0 for long: the pool is full.",
    unit: "short",
    threshold: 1,
    nothing: NO_PGBOUNCER,
    queries: [[highestOfPgBouncer(OWNER, pool(PGBOUNCER_METRICS.waiting)), `${PGBOUNCER} ${OF_OWNER}`]],
  },
  {
    title: "PgBouncer: longest wait",
    description:
      "How long the client that has waited longest has waited. At query_wait_timeout it is cut off.",
    unit: "s",
    threshold: LONG_WAIT_SECONDS,
    nothing: NO_PGBOUNCER,
    queries: [[highestOfPgBouncer(OWNER, pool(PGBOUNCER_METRICS.longestWait)), `${PGBOUNCER} ${OF_OWNER}`]],
  },
  {
    title: "PgBouncer: used share of its limits",
    description:
      "Clients of max_client_conn, and server connections in use of what a pool, a database entry or a user may have.",
    unit: "percent",
    threshold: ALERT_PERCENT,
    nothing: NO_PGBOUNCER,
    queries: [
      [
        highestOfPgBouncer(
          `${PGBOUNCER_LABELS.limit}, ${OWNER}`,
          `100 * ${pool(PGBOUNCER_METRICS.used)} / ${pool(PGBOUNCER_METRICS.usable)}`,
        ),
        `${PGBOUNCER} ${inLegend(PGBOUNCER_LABELS.limit)} ${OF_OWNER}`,
      ],
    ],
  },
  {
    title: "PgBouncer: server connections",
    description: "Connections that its pools have to PostgreSQL, each of which takes a slot, in use or idle.",
    unit: "short",
    isStacked: true,
    nothing: NO_PGBOUNCER,
    queries: [
      [
        highestOfPgBouncer(`${OWNER}, ${PGBOUNCER_LABELS.state}`, pool(PGBOUNCER_METRICS.serverConnections)),
        `${PGBOUNCER} ${OF_OWNER} ${inLegend(PGBOUNCER_LABELS.state)}`,
      ],
    ],
  },
]
