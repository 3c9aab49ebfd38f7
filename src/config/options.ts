import type { ClientConfig } from "pg"

/** Node keeps a timer in a signed 32-bit count of milliseconds; anything longer fires at once. */
const LONGEST_TIMER_SECONDS = 2_147_483

/** Of a name in PostgreSQL: `NAMEDATALEN - 1`. */
const LONGEST_NAME_BYTES = 63

/** A connection URL as messages and documentation show it. */
export const URL_SHAPE = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"

interface Described {
  /** The environment variable that sets it. */
  readonly variable?: string
  /** The parameter of the connection URL that sets it. */
  readonly parameter?: string
  /** The option of node-postgres that takes it as it is. */
  readonly driver?: keyof ClientConfig
  /** One line, for the README, `.env.example` and error messages. */
  readonly about: string
}

/** An option whose value is a whole number. */
export interface NumberOption extends Described {
  readonly kind: "number"
  readonly unit: "connections" | "seconds" | "milliseconds" | "instances" | "jobs"
  readonly min: number
  readonly max: number
  /** Absent where unset means something else than a number. */
  readonly default?: number
  /** What 0 means, or why it is refused. */
  readonly zero?: string
}

/** An option whose value is free text. */
export interface TextOption extends Described {
  readonly kind: "text"
  /** Where PostgreSQL would cut a longer one without a word, and two that differ only at the end become one. */
  readonly maxBytes?: number
  /** What it looks like, where that is not free. */
  readonly shape?: string
}

/** An option that is on or off: `true` or `false`, nothing else, as in Prisma 6. */
export interface BooleanOption extends Described {
  readonly kind: "boolean"
}

export type Option = NumberOption | TextOption | BooleanOption

/**
 * Every option, once: the environment, the connection URL, validation, error messages and the documentation
 * all read this table, and it is the one place that holds a default.
 */
export const OPTIONS = {
  url: {
    kind: "text",
    variable: "DATABASE_URL_CORE",
    shape: URL_SHAPE,
    about: "The Core database. Required, at the latest when the client first connects",
  },
  analyticsUrl: {
    kind: "text",
    variable: "DATABASE_URL_ANALYTICS",
    shape: URL_SHAPE,
    about: "The legacy Analytics database, used as it is. Required by createAnalyticsClient only",
  },
  connectionLimit: {
    kind: "number",
    variable: "PRISMA_POOL_SIZE_CORE",
    parameter: "connection_limit",
    unit: "connections",
    min: 1,
    max: 10_000,
    default: 15,
    about:
      "Connections that this process may hold; before 15 comes connection_limit in the URL, then the fleet",
    zero: "0 (unlimited in Prisma 6) is refused: an unlimited pool is what exhausts the server",
  },
  poolTimeout: {
    kind: "number",
    variable: "PRISMA_POOL_TIMEOUT",
    parameter: "pool_timeout",
    unit: "seconds",
    min: 0,
    max: LONGEST_TIMER_SECONDS,
    default: 20,
    about: "How long a query waits for a connection before P2024",
    zero: "0 waits for ever",
  },
  connectTimeout: {
    kind: "number",
    variable: "PRISMA_CONNECT_TIMEOUT",
    parameter: "connect_timeout",
    unit: "seconds",
    min: 0,
    max: LONGEST_TIMER_SECONDS,
    default: 10,
    about: "How long opening one connection may take before P1001",
    zero: "0 sets no limit",
  },
  applicationName: {
    kind: "text",
    variable: "PRISMA_APPLICATION_NAME",
    parameter: "application_name",
    driver: "application_name",
    maxBytes: LONGEST_NAME_BYTES,
    about: "Who holds the connection, as pg_stat_activity shows it: the first thing to look for at 80 %",
  },
  maxConnections: {
    kind: "number",
    variable: "PRISMA_MAX_CONNECTIONS",
    unit: "connections",
    min: 1,
    max: 262_143,
    about: "The server's max_connections; with the next two, the pool size comes from the formula by slots",
  },
  apiInstances: {
    kind: "number",
    variable: "PRISMA_API_INSTANCES",
    unit: "instances",
    min: 1,
    max: 100_000,
    about: "The most API instances at a time (max_scale)",
  },
  concurrentJobs: {
    kind: "number",
    variable: "PRISMA_CONCURRENT_JOBS",
    unit: "jobs",
    min: 0,
    max: 100_000,
    about: "The most jobs that run at a time",
    zero: "0: no job connects",
  },
  reservedConnections: {
    kind: "number",
    variable: "PRISMA_RESERVED_CONNECTIONS",
    unit: "connections",
    min: 0,
    max: 262_143,
    default: 10,
    about: "Slots kept for everything else: admin, Metabase, the superuser's three",
    zero: "0 keeps none",
  },
  schema: {
    kind: "text",
    parameter: "schema",
    maxBytes: LONGEST_NAME_BYTES,
    about: "The schema that queries use; raw SQL gets it as its search_path",
  },
  maxIdleConnectionLifetime: {
    kind: "number",
    parameter: "max_idle_connection_lifetime",
    unit: "seconds",
    min: 0,
    max: LONGEST_TIMER_SECONDS,
    default: 300,
    about: "How long an unused connection is kept",
    zero: "0 keeps it for ever",
  },
  maxConnectionLifetime: {
    kind: "number",
    parameter: "max_connection_lifetime",
    unit: "seconds",
    min: 0,
    max: LONGEST_TIMER_SECONDS,
    default: 0,
    about: "How old a connection may grow before it is replaced",
    zero: "0 sets no limit",
  },
  singleUseConnections: {
    kind: "boolean",
    parameter: "single_use_connections",
    about: "Closes each connection after one use",
  },
  pgbouncer: {
    kind: "boolean",
    parameter: "pgbouncer",
    about:
      "PgBouncer is in between: nothing is sent at start-up that it would refuse, the search_path for one",
  },
  startupOptions: {
    kind: "text",
    parameter: "options",
    driver: "options",
    about: "Start-up options for the server, such as -c statement_timeout=5000",
  },
  statementTimeout: {
    kind: "number",
    parameter: "statement_timeout",
    driver: "statement_timeout",
    unit: "milliseconds",
    min: 0,
    max: 2_147_483_647,
    about: "The server ends a statement that takes longer; Prisma 6 ignored it",
    zero: "0 sets no limit",
  },
  lockTimeout: {
    kind: "number",
    parameter: "lock_timeout",
    driver: "lock_timeout",
    unit: "milliseconds",
    min: 0,
    max: 2_147_483_647,
    about: "The server ends a statement that waits longer for a lock; Prisma 6 ignored it",
    zero: "0 sets no limit",
  },
  idleInTransactionSessionTimeout: {
    kind: "number",
    parameter: "idle_in_transaction_session_timeout",
    driver: "idle_in_transaction_session_timeout",
    unit: "milliseconds",
    min: 0,
    max: 2_147_483_647,
    about: "The server ends a session that leaves a transaction open longer; Prisma 6 ignored it",
    zero: "0 sets no limit",
  },
} as const satisfies Record<string, Option>

/** How an option's allowed values are written in a message. */
export function allowed(option: Option): string {
  if (option.kind === "boolean") return "true or false"
  if (option.kind === "text") {
    return option.shape ?? `${option.maxBytes ? `at most ${option.maxBytes} bytes of ` : ""}visible text`
  }
  return `a whole number of ${option.unit} from ${option.min} to ${option.max}`
}
