import { MAX_BACKENDS } from "../validation/numbers.ts"
import type { Option } from "./option.ts"
import { LONGEST_NAME_BYTES, LONGEST_TIMER_SECONDS, URL_OPTIONS } from "./url-options.ts"

/** The connection URL that messages and documentation show as a template. */
export const URL_SHAPE = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"

/**
 * Every option, once. The environment, the connection URL, validation, error messages, spelling hints and the
 * documentation all read this table. It is the only place that defines a default.
 */
export const OPTIONS = {
  url: {
    kind: "text",
    variable: "DATABASE_URL",
    isPerDatabase: true,
    shape: URL_SHAPE,
    description: "The database. Required, at the latest when the client first connects",
  },
  analyticsUrl: {
    kind: "text",
    variable: "DATABASE_URL_ANALYTICS",
    shape: URL_SHAPE,
    description: "The legacy Analytics database, used as it is. Required by createAnalyticsClient only",
  },
  connectionLimit: {
    kind: "number",
    variable: "PRISMA_POOL_SIZE",
    isPerDatabase: true,
    parameter: "connection_limit",
    aliases: ["max", "pool_size", "max_connections", "maximum_pool_size"],
    unit: "connections",
    min: 1,
    max: 10_000,
    default: 15,
    word: "auto",
    description:
      "Connections that this process may hold, or auto: its share among the living instances; unset, connection_limit in the URL, then the formula by slots, then 15",
    zeroMeans: "0 (unlimited in Prisma 6) is refused: an unlimited pool is what exhausts the server",
    mapsTo: "`max`, and a gate that counts a connection until the server has closed it",
    inPrisma: "Prisma 6: CPU count × 2 + 1, of the host; 7: ignored, 10",
  },
  maxSize: {
    kind: "number",
    variable: "PRISMA_POOL_MAX_SIZE",
    isPerDatabase: true,
    unit: "connections",
    min: 1,
    max: 10_000,
    description: "With auto: never more than this; unset, connection_limit in the URL, then 15",
  },
  budget: {
    kind: "number",
    variable: "PRISMA_POOL_BUDGET",
    isPerDatabase: true,
    unit: "connections",
    min: 1,
    max: MAX_BACKENDS,
    description:
      "With auto: what all instances of this service may hold together; unset, the server's own limit for the role or the database",
  },
  poolTimeout: {
    kind: "number",
    variable: "PRISMA_POOL_TIMEOUT",
    parameter: "pool_timeout",
    aliases: ["connection_timeout_millis", "acquire_timeout", "timeout"],
    unit: "seconds",
    min: 0,
    max: LONGEST_TIMER_SECONDS,
    default: 20,
    description:
      "How long a query waits for a connection before P2024; unset with a connect_timeout of 20 or more, 10 more than that",
    zeroMeans: "0 waits forever",
    mapsTo: "`connectionTimeoutMillis`, for the wait and the connecting together",
    inPrisma: "Prisma 6: 10; 7: ignored, waits forever",
  },
  connectTimeout: {
    kind: "number",
    variable: "PRISMA_CONNECT_TIMEOUT",
    parameter: "connect_timeout",
    unit: "seconds",
    min: 0,
    max: LONGEST_TIMER_SECONDS,
    default: 10,
    description:
      "How long opening one connection may take before P1001; unset beside a pool_timeout of 2 to 10, 1 less than that",
    zeroMeans: "0 sets no limit",
    mapsTo: "a timer for each connection, name resolution, TLS and login included",
    inPrisma: "Prisma 6: 5; 7: ignored, no limit",
  },
  reconnectTimeout: {
    kind: "number",
    variable: "PRISMA_RECONNECT_TIMEOUT",
    unit: "seconds",
    min: 0,
    max: LONGEST_TIMER_SECONDS,
    default: 5,
    description:
      "How long callers wait out a server that cannot be reached, or is starting, before they fail at once",
    zeroMeans: "0 fails at once",
  },
  minIdle: {
    kind: "number",
    variable: "PRISMA_POOL_MIN_IDLE",
    unit: "connections",
    min: 0,
    max: 10_000,
    default: 0,
    description: "Connections kept idle and ready from the first $connect() on, inside the pool size",
    zeroMeans: "0 opens connections when callers need them",
  },
  maxWaiting: {
    kind: "number",
    variable: "PRISMA_POOL_MAX_WAITING",
    unit: "callers",
    min: 0,
    max: 1_000_000,
    default: 0,
    description: "Callers that may wait for a connection at a time: one more fails at once with P2024",
    zeroMeans: "0 sets no limit",
  },
  leakThreshold: {
    kind: "number",
    variable: "PRISMA_POOL_LEAK_THRESHOLD",
    unit: "seconds",
    min: 0,
    max: LONGEST_TIMER_SECONDS,
    default: 0,
    description: "A connection that a caller holds for longer is reported, with the code that took it",
    zeroMeans: "0 reports none",
  },
  applicationName: {
    kind: "text",
    variable: "PRISMA_APPLICATION_NAME",
    parameter: "application_name",
    aliases: ["application"],
    maxBytes: LONGEST_NAME_BYTES,
    description: "The connection's name in pg_stat_activity: it shows which service holds connections",
    mapsTo: "`application_name`",
    inPrisma: "takes effect in both",
  },
  maxConnections: {
    kind: "number",
    variable: "PRISMA_MAX_CONNECTIONS",
    unit: "connections",
    min: 1,
    max: MAX_BACKENDS,
    description:
      "The server's max_connections; with the next two, the pool size comes from the formula by slots",
  },
  apiInstances: {
    kind: "number",
    variable: "PRISMA_API_INSTANCES",
    unit: "instances",
    min: 1,
    max: 100_000,
    description: "The most API instances at a time (max_scale)",
  },
  concurrentJobs: {
    kind: "number",
    variable: "PRISMA_CONCURRENT_JOBS",
    unit: "jobs",
    min: 0,
    max: 100_000,
    description: "The most jobs that run at a time",
    zeroMeans: "0: no job connects",
  },
  reservedConnections: {
    kind: "number",
    variable: "PRISMA_RESERVED_CONNECTIONS",
    unit: "connections",
    min: 0,
    max: MAX_BACKENDS,
    default: 10,
    description:
      "Slots kept for everything else: admin, Metabase, the superuser's three. With auto, only where the server has no limit for the role or the database",
    zeroMeans: "0 keeps none",
  },
  ...URL_OPTIONS,
} as const satisfies Record<string, Option>

/**
 * The default of `pool_timeout`, in seconds. It is longer than `connect_timeout`, which tells a server that does not answer
 * from a full pool. With a `connect_timeout` of 0 there is no limit that it could exceed.
 */
export function defaultPoolTimeout(connectTimeout: number): number {
  const { default: usual, max } = OPTIONS.poolTimeout
  return connectTimeout < usual ? usual : Math.min(connectTimeout + OPTIONS.connectTimeout.default, max)
}

/**
 * The default of `connect_timeout`, in seconds. It is shorter than a `pool_timeout` that is set, such as Prisma 6's own of
 * 10. No whole number of seconds is shorter than 1, and a `pool_timeout` of 0 waits forever.
 */
export function defaultConnectTimeout(poolTimeout: number | undefined): number {
  const { default: usual } = OPTIONS.connectTimeout
  const isShort = poolTimeout !== undefined && poolTimeout > 1 && poolTimeout <= usual
  return isShort ? poolTimeout - 1 : usual
}
