import { ALERT_PERCENT } from "../sizing/alert-threshold.ts"

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

const OF_SERVER = 'job=~"$job",prisma_pool_server_name=~"$server"'
const OF_POOL = '{job=~"$job"}'

const server = (metric: string, more = "") => `prisma_pool_server_${metric}{${OF_SERVER}${more}}`
const pool = (metric: string) => `db_client_connection_${metric}${OF_POOL}`

/** The highest of what several instances saw: they look at the same server. */
const seen = (labels: string, query: string) =>
  `max by (prisma_pool_server_name${labels && `, ${labels}`}) (${query})`

const byPool = (query: string) => `sum by (job, db_client_connection_pool_name) (${query})`

const perMinute = (counter: string) => byPool(`60 * rate(${counter}${OF_POOL}[$__rate_interval])`)

/** A share of the callers took no longer. Whoever translates OpenTelemetry's names may add the unit. */
const quantile = (share: number, histogram: string) =>
  `histogram_quantile(${share}, sum by (le, job, db_client_connection_pool_name) (rate({__name__=~"db_client_connection_${histogram}(_seconds)?_bucket",job=~"$job"}[$__rate_interval])))`

const SERVER = "{{prisma_pool_server_name}}"
const APPLICATION = `${SERVER} {{prisma_pool_server_application}}`
const POOL = "{{job}} {{db_client_connection_pool_name}}"

/** What there is to see: first the server, then the pools. */
export const PANELS: readonly Panel[] = [
  {
    title: "Used of what is usable",
    description: `By limit: the server's slots, the database's, the role's. ${ALERT_PERCENT} % is the alert.`,
    unit: "percent",
    threshold: ALERT_PERCENT,
    queries: [
      [
        seen("prisma_pool_server_limit", `100 * ${server("used")} / ${server("usable")}`),
        `${SERVER} {{prisma_pool_server_limit}}`,
      ],
    ],
  },
  {
    title: "Connections and ceilings",
    description:
      "What clients hold, what ordinary roles may, and max_connections as it is and as it is declared.",
    unit: "short",
    queries: [
      [seen("", server("used", ',prisma_pool_server_limit="max_connections"')), `${SERVER} used`],
      [seen("", server("usable", ',prisma_pool_server_limit="max_connections"')), `${SERVER} usable`],
      [seen("", server("max_connections")), `${SERVER} max_connections`],
      [seen("", server("declared_max_connections")), `${SERVER} declared`],
    ],
  },
  {
    title: "Active connections by application",
    description: "Those that run a query now.",
    unit: "short",
    isStacked: true,
    queries: [
      [
        seen("prisma_pool_server_application", server("connections", ',prisma_pool_server_state="active"')),
        APPLICATION,
      ],
    ],
  },
  {
    title: "Connections by application",
    description: "Each of them holds a slot, idle or not.",
    unit: "short",
    isStacked: true,
    queries: [
      [
        seen(
          "prisma_pool_server_application",
          `sum by (job, instance, prisma_pool_server_name, prisma_pool_server_application) (${server("connections")})`,
        ),
        APPLICATION,
      ],
    ],
  },
  {
    title: "Idle against active",
    description: "Many idle ones: the pools are larger than they need to be.",
    unit: "short",
    isStacked: true,
    queries: [
      [
        seen(
          "prisma_pool_server_state",
          `sum by (job, instance, prisma_pool_server_name, prisma_pool_server_state) (${server("connections")})`,
        ),
        `${SERVER} {{prisma_pool_server_state}}`,
      ],
    ],
  },
  {
    title: "Undeclared connections",
    description: "Of applications that nobody declared.",
    unit: "short",
    nothing: "none",
    queries: [[seen("prisma_pool_server_application", server("undeclared")), APPLICATION]],
  },
  {
    title: "Waiting on locks",
    description: "Connections that wait for a lock that another one holds.",
    unit: "short",
    queries: [[seen("", server("waiting_on_locks")), SERVER]],
  },
  {
    title: "Longest idle in transaction",
    description: "It holds its connection and its locks while nobody works.",
    unit: "s",
    threshold: 60,
    queries: [
      [
        seen("", `{__name__=~"prisma_pool_server_idle_in_transaction_longest(_seconds)?",${OF_SERVER}}`),
        SERVER,
      ],
    ],
  },
  {
    title: "The server can be asked",
    description: "1: it answers. Refusing is 1 while it has no slot left for who asks (SQLSTATE 53300).",
    unit: "short",
    queries: [
      [seen("", server("up")), `${SERVER} answers`],
      [seen("", server("refusing")), `${SERVER} refuses`],
    ],
  },
  {
    title: "Use of the pools",
    description: "Of all instances together.",
    unit: "short",
    queries: [
      [byPool(`db_client_connection_count{job=~"$job",db_client_connection_state="used"}`), `${POOL} used`],
      [byPool(`db_client_connection_count{job=~"$job",db_client_connection_state="idle"}`), `${POOL} idle`],
      [byPool(pool("max")), `${POOL} most`],
    ],
  },
  {
    title: "Callers waiting for a connection",
    description: "Every connection of their pool is in use, or being opened for them.",
    unit: "short",
    queries: [[byPool(pool("pending_requests")), POOL]],
  },
  {
    title: "Wait for a connection",
    description: "Of the callers who got one; those who waited for pool_timeout in vain are timeouts.",
    unit: "s",
    queries: [0.5, 0.95, 0.99].map(
      (share) => [quantile(share, "wait_time"), `${POOL} p${100 * share}`] as const,
    ),
  },
  {
    title: "Refusals, timeouts and errors",
    description:
      "A refusal: the server has no slot left (53300). A timeout: the pool had none in time (P2024). Errors are all connections that could not be opened.",
    unit: "cpm",
    queries: [
      [perMinute("prisma_pool_connection_refusals_total"), `${POOL} refusals`],
      [perMinute("db_client_connection_timeouts_total"), `${POOL} timeouts`],
      [perMinute("prisma_pool_connection_errors_total"), `${POOL} errors`],
    ],
  },
  {
    title: "Time in use and time to open, p95",
    description: "How long a query or a transaction keeps its connection, and how long a new one takes.",
    unit: "s",
    queries: [
      [quantile(0.95, "use_time"), `${POOL} in use`],
      [quantile(0.95, "create_time"), `${POOL} opening`],
    ],
  },
]
