import {
  LIMIT_VALUES,
  type Metric,
  POOL_METRICS,
  POOL_STATES,
  SERVER_METRICS,
  STATE_VALUES,
} from "../monitor/metrics/metric-table.ts"
import { ALERT_PERCENT } from "../sizing/alert-threshold.ts"
import { inLegend, POOL_LABELS, SERVER_LABELS, seriesOf } from "./prometheus-names.ts"

/** One panel: what it shows, and of what. */
export interface Panel {
  readonly title: string
  readonly description: string
  /** Grafana's name of the unit. */
  readonly unit: "short" | "percent" | "s" | "cpm"
  /** Queries, each with the name of its lines. */
  readonly queries: readonly (readonly [expr: string, legend: string])[]
  readonly isStacked?: boolean
  /** Where it becomes red. */
  readonly threshold?: number
  /** What it says where there is nothing. */
  readonly nothing?: string
}

const OF_POOL = 'job=~"$job"'
const OF_SERVER = `${OF_POOL},${SERVER_LABELS.server}=~"$server"`

const server = (metric: Metric, more = "") => seriesOf(metric, `${OF_SERVER}${more}`)
const pool = (metric: Metric, more = "") => seriesOf(metric, `${OF_POOL}${more}`)

/** The highest of what several instances saw: they look at the same server. */
const seen = (labels: string, query: string) =>
  `max by (${SERVER_LABELS.server}${labels && `, ${labels}`}) (${query})`

const byPool = (query: string) => `sum by (job, ${POOL_LABELS.pool}) (${query})`

const perMinute = (counter: Metric) => byPool(`60 * rate(${pool(counter)}[$__rate_interval])`)

/** A share of the callers took no longer. */
const quantile = (share: number, histogram: Metric) =>
  `histogram_quantile(${share}, sum by (le, job, ${POOL_LABELS.pool}) (rate(${pool(histogram)}[$__rate_interval])))`

/** The sum of what one instance saw, by a label. */
const added = (label: string) =>
  `sum by (job, instance, ${SERVER_LABELS.server}, ${label}) (${server(SERVER_METRICS.connections)})`

const ofSlots = `,${SERVER_LABELS.limit}="${LIMIT_VALUES.maxConnections}"`

const SERVER = inLegend(SERVER_LABELS.server)
const APPLICATION = `${SERVER} ${inLegend(SERVER_LABELS.application)}`
const POOL = `${inLegend("job")} ${inLegend(POOL_LABELS.pool)}`

/** What there is to see: first the server, then the pools. */
export const PANELS: readonly Panel[] = [
  {
    title: "Used of what is usable",
    description: `By limit: the server's slots, the database's, the role's. ${ALERT_PERCENT} % is the alert.`,
    unit: "percent",
    threshold: ALERT_PERCENT,
    queries: [
      [
        seen(SERVER_LABELS.limit, `100 * ${server(SERVER_METRICS.used)} / ${server(SERVER_METRICS.usable)}`),
        `${SERVER} ${inLegend(SERVER_LABELS.limit)}`,
      ],
    ],
  },
  {
    title: "Connections and ceilings",
    description:
      "What clients hold, what ordinary roles may, and max_connections as it is and as it is declared.",
    unit: "short",
    queries: [
      [seen("", server(SERVER_METRICS.used, ofSlots)), `${SERVER} used`],
      [seen("", server(SERVER_METRICS.usable, ofSlots)), `${SERVER} usable`],
      [seen("", server(SERVER_METRICS.maxConnections)), `${SERVER} max_connections`],
      [seen("", server(SERVER_METRICS.declaredMaxConnections)), `${SERVER} declared`],
    ],
  },
  {
    title: "Active connections by application",
    description: "Those that run a query now.",
    unit: "short",
    isStacked: true,
    queries: [
      [
        seen(
          SERVER_LABELS.application,
          server(SERVER_METRICS.connections, `,${SERVER_LABELS.state}="${STATE_VALUES.active}"`),
        ),
        APPLICATION,
      ],
    ],
  },
  {
    title: "Connections by application",
    description: "Each of them holds a slot, idle or not.",
    unit: "short",
    isStacked: true,
    queries: [[seen(SERVER_LABELS.application, added(SERVER_LABELS.application)), APPLICATION]],
  },
  {
    title: "Idle against active",
    description: "Many idle ones: the pools are larger than they need to be.",
    unit: "short",
    isStacked: true,
    queries: [
      [seen(SERVER_LABELS.state, added(SERVER_LABELS.state)), `${SERVER} ${inLegend(SERVER_LABELS.state)}`],
    ],
  },
  {
    title: "Undeclared connections",
    description: "Of applications that nobody declared.",
    unit: "short",
    nothing: "none",
    queries: [[seen(SERVER_LABELS.application, server(SERVER_METRICS.undeclared)), APPLICATION]],
  },
  {
    title: "Waiting on locks",
    description: "Connections that wait for a lock that another one holds.",
    unit: "short",
    queries: [[seen("", server(SERVER_METRICS.waitingOnLocks)), SERVER]],
  },
  {
    title: "Longest idle in transaction",
    description: "It holds its connection and its locks while nobody works.",
    unit: "s",
    threshold: 60,
    queries: [[seen("", server(SERVER_METRICS.longestIdleInTransaction)), SERVER]],
  },
  {
    title: "The server can be asked",
    description: "1: it answers. Refusing is 1 while it has no slot left for who asks (SQLSTATE 53300).",
    unit: "short",
    queries: [
      [seen("", server(SERVER_METRICS.up)), `${SERVER} answers`],
      [seen("", server(SERVER_METRICS.refusing)), `${SERVER} refuses`],
    ],
  },
  {
    title: "Use of the pools",
    description: "Of all instances together.",
    unit: "short",
    queries: [
      ...[POOL_STATES.used, POOL_STATES.idle].map(
        (state) =>
          [byPool(pool(POOL_METRICS.count, `,${POOL_LABELS.state}="${state}"`)), `${POOL} ${state}`] as const,
      ),
      [byPool(pool(POOL_METRICS.max)), `${POOL} most`],
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
    description: "Of the callers who got one; those who waited for pool_timeout in vain are timeouts.",
    unit: "s",
    queries: [0.5, 0.95, 0.99].map(
      (share) => [quantile(share, POOL_METRICS.waitTime), `${POOL} p${100 * share}`] as const,
    ),
  },
  {
    title: "Refusals, timeouts and errors",
    description:
      "A refusal: the server has no slot left (53300). A timeout: the pool had none in time (P2024). Errors are all connections that could not be opened.",
    unit: "cpm",
    queries: [
      [perMinute(POOL_METRICS.refusals), `${POOL} refusals`],
      [perMinute(POOL_METRICS.timeouts), `${POOL} timeouts`],
      [perMinute(POOL_METRICS.errors), `${POOL} errors`],
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
]
