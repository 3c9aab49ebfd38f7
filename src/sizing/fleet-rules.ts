import { MAX_COUNT, MAX_POOL_SIZE, type NumberRule } from "../validation/numbers.ts"
import { ALERT_PERCENT } from "./alert-threshold.ts"
import type { FleetConsumer, Limits, Reservations } from "./fleet.ts"
import type { Pooler } from "./pooler.ts"

// Separate from the schemas that use them, so that a browser that uses one formula loads no schema.

export const serverRules = {
  superuserReserved: {
    description: "the result of SHOW superuser_reserved_connections",
    min: 0,
    max: MAX_COUNT,
    default: 3,
  },
  reservedConnections: {
    description: "the result of SHOW reserved_connections (0 before PostgreSQL 16)",
    min: 0,
    max: MAX_COUNT,
    default: 0,
  },
  providerReserved: {
    description: "the slots that the provider keeps beyond these two",
    min: 0,
    max: MAX_COUNT,
    default: 0,
  },
} satisfies Record<Exclude<keyof Reservations, "reserved">, NumberRule>

export const reservedRule: NumberRule = {
  description: "the connections used outside the fleet under this name",
  min: 0,
  max: MAX_COUNT,
}

export const limitRules = {
  database: { description: "pg_database.datconnlimit, -1 for none", min: -1, max: MAX_COUNT, default: -1 },
  role: { description: "pg_roles.rolconnlimit, -1 for none", min: -1, max: MAX_COUNT, default: -1 },
} satisfies Record<keyof Limits, NumberRule>

export const fillRule = {
  description: "the share of the usable slots that the steady total may fill",
  min: 0.01,
  max: 1,
  default: ALERT_PERCENT / 100,
} satisfies NumberRule

export const consumerRules = {
  instances: { description: "the most instances that run at once", min: 0, max: MAX_COUNT },
  poolsPerInstance: {
    description: "the pools to this server in one instance (leave out a consumer that has none)",
    min: 1,
    max: MAX_POOL_SIZE,
    default: 1,
  },
  surge: { description: "the extra instances during a deploy", min: 0, max: MAX_COUNT, default: 0 },
} satisfies Record<Exclude<keyof FleetConsumer, "poolSize" | "budget" | "pooler">, NumberRule>

export const budgetRule: NumberRule = {
  description: "what all pools of the service may hold together",
  min: 1,
  max: MAX_COUNT,
}

export const poolSizeRule: NumberRule = {
  description: "the connections in each pool",
  min: 1,
  max: MAX_POOL_SIZE,
}

export const weightRule = {
  description: "the size of the pool relative to the others",
  min: 0.01,
  max: 1_000,
  default: 1,
} satisfies NumberRule

export const minRule = {
  description: "the fewest connections in each pool",
  min: 1,
  max: MAX_POOL_SIZE,
  default: 1,
} satisfies NumberRule

export const maxRule: NumberRule = {
  description: "the most connections in each pool, at least min",
  min: 1,
  max: MAX_POOL_SIZE,
}

export const poolerRules = {
  instances: {
    description: "the processes of the pooler that run at once (replicas × so_reuseport)",
    min: 1,
    max: MAX_COUNT,
  },
  minInstances: {
    description: "the fewest processes that an autoscaler leaves, at most instances",
    min: 1,
    max: MAX_COUNT,
  },
  surge: {
    description: "the extra processes while the pooler is deployed",
    min: 0,
    max: MAX_COUNT,
    default: 0,
  },
  pools: { description: "the pairs of a database entry and a user", min: 1, max: MAX_COUNT, default: 1 },
  databases: { description: "the database entries that the pools are spread over", min: 1, max: MAX_COUNT },
  users: { description: "the users that the pools are spread over", min: 1, max: MAX_COUNT },
  poolSize: { description: "PgBouncer's default_pool_size", min: 1, max: MAX_POOL_SIZE },
  reservePoolSize: { description: "PgBouncer's reserve_pool_size", min: 0, max: MAX_POOL_SIZE, default: 0 },
  maxDbConnections: {
    description: "PgBouncer's max_db_connections, 0 for no limit",
    min: 0,
    max: MAX_COUNT,
    default: 0,
  },
  maxUserConnections: {
    description: "PgBouncer's max_user_connections, 0 for no limit",
    min: 0,
    max: MAX_COUNT,
    default: 0,
  },
  maxClientConnections: { description: "PgBouncer's max_client_conn", min: 1, max: MAX_COUNT },
  orphans: {
    description: "the backends that may run on without their client",
    min: 0,
    max: MAX_COUNT,
  },
} satisfies Record<Exclude<keyof Pooler, "authUser" | "authDbname" | "poolMode">, NumberRule>

/** The most connections that a pool behind a pooler gets where its size is open: the default of a client's own pool. */
export const MAX_OPEN_CLIENT_SIZE = 15
