import type { LimitName } from "../../pool/refusal-texts.ts"
import type { ConnectionStates } from "../inspect/database-report.ts"
import type { PgBouncerLimitName } from "../pgbouncer/pgbouncer-report.ts"

/** One metric, as OpenTelemetry describes it. `src/dashboards` derives Prometheus's names from it. */
export interface Metric {
  readonly name: string
  readonly kind: "gauge" | "counter" | "upDownCounter" | "histogram"
  readonly unit: string
  readonly description: string
}

// OpenTelemetry has no conventions for a server's metrics of its connections.
const SERVER = "prisma_pool.server"

/** The attributes of a server's metrics. `server` distinguishes several servers. */
export const SERVER_ATTRIBUTES = {
  server: `${SERVER}.name`,
  application: `${SERVER}.application`,
  state: `${SERVER}.state`,
  limit: `${SERVER}.limit`,
} as const

/** The values of `state`. */
export const STATE_VALUES = {
  active: "active",
  idle: "idle",
  idleInTransaction: "idle_in_transaction",
  other: "other",
  unknown: "unknown",
} as const satisfies Record<keyof ConnectionStates, string>

/** The values of `limit`. */
export const LIMIT_VALUES = {
  maxConnections: "max_connections",
  database: "database",
  role: "role",
} as const satisfies Record<LimitName, string>

/** The value of `application` for connections that are logging in, or whose name the role may not see. */
export const HIDDEN = "(hidden)"

const gauge = (name: string, description: string, unit = "{connection}"): Metric => ({
  name: `${SERVER}.${name}`,
  kind: "gauge",
  unit,
  description,
})

/** The metrics of `observeDatabase`. */
export const SERVER_METRICS = {
  connections: gauge("connections", "Connections of clients, of all databases, by application and state."),
  used: gauge("used", "Connections that count against each limit."),
  usable: gauge("usable", "Connections that each limit allows to the inspecting role."),
  maxConnections: gauge("max_connections", "The server's max_connections."),
  waitingOnLocks: gauge("waiting_on_locks", "Connections that wait for a lock."),
  longestIdleInTransaction: gauge(
    "idle_in_transaction.longest",
    "The longest time that a connection has been idle in a transaction; 0 when none is.",
    "s",
  ),
  undeclared: gauge("undeclared", "Connections of undeclared applications."),
  declaredMaxConnections: gauge("declared_max_connections", "The declared max_connections."),
  up: gauge("up", "1 when the server answered, 0 when it could not be asked.", "{server}"),
  refusing: gauge(
    "refusing",
    "1 when it refused the inspection because it has no slot left (SQLSTATE 53300), else 0.",
    "{server}",
  ),
} as const

const PGBOUNCER = "prisma_pool.pgbouncer"

/** The attributes of a PgBouncer's metrics. `pgbouncer` distinguishes several; `database` and `user` are a pool's, or a limit's. */
export const PGBOUNCER_ATTRIBUTES = {
  pgbouncer: `${PGBOUNCER}.name`,
  application: `${PGBOUNCER}.application`,
  state: `${PGBOUNCER}.state`,
  database: `${PGBOUNCER}.database`,
  user: `${PGBOUNCER}.user`,
  limit: `${PGBOUNCER}.limit`,
  process: `${PGBOUNCER}.process`,
} as const

/** The values of a client's `state`. */
export const PGBOUNCER_STATE_VALUES = { active: "active", waiting: "waiting", idle: "idle" } as const

/** The values of `limit`, the names of PgBouncer's settings. */
export const PGBOUNCER_LIMIT_VALUES = {
  maxClientConnections: "max_client_conn",
  poolSize: "pool_size",
  maxDbConnections: "max_db_connections",
  maxUserConnections: "max_user_connections",
  maxDbClientConnections: "max_db_client_connections",
  maxUserClientConnections: "max_user_client_connections",
} as const satisfies Record<PgBouncerLimitName, string>

const ofPgBouncer = (name: string, unit: string, description: string): Metric => ({
  name: `${PGBOUNCER}.${name}`,
  kind: "gauge",
  unit,
  description,
})

/** The metrics of `observePgBouncer`. */
export const PGBOUNCER_METRICS = {
  clients: ofPgBouncer("clients", "{client}", "Clients, by application and state."),
  waiting: ofPgBouncer("waiting", "{client}", "Clients of each pool that wait for a server connection."),
  longestWait: ofPgBouncer(
    "longest_wait",
    "s",
    "How long the client of each pool that has waited longest has waited; 0 when none waits.",
  ),
  serverConnections: ofPgBouncer(
    "server_connections",
    "{connection}",
    "Server connections of each pool, by state.",
  ),
  used: ofPgBouncer("used", "{connection}", "Clients, or server connections, that count against each limit."),
  usable: ofPgBouncer("usable", "{connection}", "Clients, or server connections, that each limit allows."),
  up: ofPgBouncer("up", "{pooler}", "1 when all consoles answered, 0 when one could not be asked."),
} as const

// https://opentelemetry.io/docs/specs/semconv/db/database-metrics/
const POOL = "db.client.connection"

/** The attributes of a pool's metrics. */
export const POOL_ATTRIBUTES = { pool: `${POOL}.pool.name`, state: `${POOL}.state` } as const

/** The values of `state` in OpenTelemetry's conventions. */
export const POOL_STATES = { idle: "idle", used: "used" } as const

const ofPool = (kind: Metric["kind"], name: string, unit: string, description: string): Metric => ({
  name,
  kind,
  unit,
  description,
})

/** The metrics of `observePools`. The conventions have no name for those that begin with `prisma_pool`. */
export const POOL_METRICS = {
  count: ofPool(
    "upDownCounter",
    `${POOL}.count`,
    "{connection}",
    "The number of connections that are currently in state described by the state attribute.",
  ),
  max: ofPool(
    "upDownCounter",
    `${POOL}.max`,
    "{connection}",
    "The maximum number of open connections allowed.",
  ),
  idleMax: ofPool(
    "upDownCounter",
    `${POOL}.idle.max`,
    "{connection}",
    "The maximum number of idle open connections allowed.",
  ),
  idleMin: ofPool(
    "upDownCounter",
    `${POOL}.idle.min`,
    "{connection}",
    "The minimum number of idle open connections allowed.",
  ),
  pendingRequests: ofPool(
    "upDownCounter",
    `${POOL}.pending_requests`,
    "{request}",
    "The number of current pending requests for an open connection.",
  ),
  timeouts: ofPool(
    "counter",
    `${POOL}.timeouts`,
    "{timeout}",
    "The number of connection timeouts that have occurred trying to obtain a connection from the pool.",
  ),
  rejections: ofPool(
    "counter",
    "prisma_pool.connection.rejections",
    "{request}",
    "The number of requests for a connection that were refused at once because PRISMA_POOL_MAX_WAITING others waited.",
  ),
  errors: ofPool(
    "counter",
    "prisma_pool.connection.errors",
    "{error}",
    "The number of connections that could not be opened, refusals included.",
  ),
  refusals: ofPool(
    "counter",
    "prisma_pool.connection.refusals",
    "{refusal}",
    "The number of connections that the server refused because it has no slot left (SQLSTATE 53300).",
  ),
  reconnects: ofPool(
    "counter",
    "prisma_pool.connection.reconnects",
    "{reconnect}",
    "The number of outages that ended: a connection was opened after the server could not be reached, was starting, or refused.",
  ),
  expirations: ofPool(
    "counter",
    "prisma_pool.connection.expirations",
    "{connection}",
    "The number of connections that were closed because they reached max_connection_lifetime.",
  ),
  down: ofPool(
    "upDownCounter",
    "prisma_pool.down",
    "{pool}",
    "1 while no connection works and PRISMA_RECONNECT_TIMEOUT is over, so that callers fail at once; else 0.",
  ),
  oldestHold: ofPool(
    "gauge",
    "prisma_pool.connection.oldest_hold",
    "s",
    "For how long the connection that has been held longest has been held; 0 when none is.",
  ),
  share: ofPool(
    "upDownCounter",
    "prisma_pool.auto.share",
    "{connection}",
    "With PRISMA_POOL_SIZE=auto: the connections that this pool may hold now.",
  ),
  instances: ofPool(
    "upDownCounter",
    "prisma_pool.auto.instances",
    "{pool}",
    "With PRISMA_POOL_SIZE=auto: the pools of the service that have a connection.",
  ),
  budget: ofPool(
    "upDownCounter",
    "prisma_pool.auto.budget",
    "{connection}",
    "With PRISMA_POOL_SIZE=auto: the connections that these pools may hold together.",
  ),
  createTime: ofPool("histogram", `${POOL}.create_time`, "s", "The time it took to create a new connection."),
  waitTime: ofPool(
    "histogram",
    `${POOL}.wait_time`,
    "s",
    "The time it took to obtain an open connection from the pool.",
  ),
  useTime: ofPool(
    "histogram",
    `${POOL}.use_time`,
    "s",
    "The time between borrowing a connection and returning it to the pool.",
  ),
} as const
