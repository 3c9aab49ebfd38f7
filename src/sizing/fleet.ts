import type { Job } from "../schedule/job.ts"
import type { Pooler } from "./pooler.ts"

/**
 * The slots of a server that no consumer of the fleet may use. Whole numbers up to 1,000,000.
 *
 * The first two are settings of PostgreSQL, and the third is for a provider that keeps more than they say:
 * https://www.postgresql.org/docs/current/runtime-config-connection.html
 */
export interface Reservations {
  /** `superuser_reserved_connections`: slots that only superusers get; 3 by default, 0 for none. */
  readonly superuserReserved?: number
  /** `reserved_connections`, PostgreSQL 16 and later; 0 (none) by default. */
  readonly reservedConnections?: number
  /**
   * Slots that the provider keeps beyond these two: `rds.rds_reserved_connections` on Amazon RDS, and what a provider's
   * documentation says of a server that cannot be asked. 0 by default.
   */
  readonly providerReserved?: number
  /**
   * Connections that ordinary roles use outside the fleet, by name (`{ metabase: 10 }`), **without** the three
   * above. None by default. 0 keeps the name and reserves nothing.
   */
  readonly reserved?: Readonly<Record<string, number>>
}

/**
 * Connection limits of the fleet's database and role, −1 to 1,000,000. −1, the default, means no limit; 0 is a limit.
 * They limit consumers and jobs together. Reserved connections outside the fleet use other roles.
 */
export interface Limits {
  /** `ALTER DATABASE … CONNECTION LIMIT`, from `pg_database.datconnlimit`. */
  readonly database?: number
  /** `ALTER ROLE … CONNECTION LIMIT`, from `pg_roles.rolconnlimit`. */
  readonly role?: number
}

/** A service that opens connections: an API, a worker. */
export type FleetConsumer = SizedConsumer | AutoConsumer

/** A service whose pools have a size of their own. */
export interface SizedConsumer extends ConsumerInstances {
  /** The most instances that run at once, 0 to 1,000,000. 0: scaled to zero, without connections. */
  readonly instances: number
  /** Connections in each pool (`connection_limit`), 1 to 10,000. */
  readonly poolSize: number
  readonly budget?: never
  /**
   * The name of the pooler that it connects through; none, straight to the server, by default. Migrations, `LISTEN`, session
   * advisory locks and whatever else needs a session of its own connect directly.
   */
  readonly pooler?: string
}

/** A service whose pools share a budget (`PRISMA_POOL_SIZE=auto`), however many instances there are. */
export interface AutoConsumer extends ConsumerInstances {
  /**
   * The most instances that run at once, as above. Left out where nobody can tell: the logins that instances may have under
   * way beside the budget are then assumed to be as many as the budget keeps for newcomers.
   */
  readonly instances?: number
  readonly poolSize: "auto"
  /**
   * What all pools of the service may hold together, 1 to 1,000,000: the `CONNECTION LIMIT` of its role, or
   * `PRISMA_POOL_BUDGET`.
   */
  readonly budget: number
  /** Behind a pooler there is no `auto`: the sessions that its pools would count are the pooler's. */
  readonly pooler?: never
}

interface ConsumerInstances {
  /**
   * Pools **to this server** in one instance, 1 to 10,000, 1 by default: one for each database, times the worker
   * processes. Leave a consumer without a pool to this server out of the fleet.
   */
  readonly poolsPerInstance?: number
  /**
   * Extra instances during a deploy, 0 to 1,000,000: a number, not a factor. 0, stop before start, by default. A
   * platform that starts every new instance before it stops an old one needs as many as `instances`. The command
   * (`check`, `plan`, `preflight`) assumes that by default.
   */
  readonly surge?: number
}

/** Everything that connects to one PostgreSQL server, and its ceiling. */
export interface Fleet<Name extends string = string> extends Reservations {
  /** The server's ceiling, from `SHOW max_connections`; 1 to 1,000,000. */
  readonly maxConnections: number
  /** No limit by default. */
  readonly limits?: Limits
  /** By name; any name that is not blank. */
  readonly consumers: { readonly [name in Name]: FleetConsumer }
  /** Jobs that a scheduler or a person starts; none by default. They count with the most that run at once. */
  readonly jobs?: readonly Job[]
  /** By name; none by default. A pooler has something behind it, and leads to this server alone. */
  readonly poolers?: Readonly<Record<string, Pooler>>
}

/**
 * Several PostgreSQL servers, such as a primary and its replica; at least one. Each has its own ceiling and its own
 * fleet. A consumer that connects to two of them is listed in both, with the pool that it opens to each.
 */
export interface Servers<Fleets extends Readonly<Record<string, Fleet>> = Readonly<Record<string, Fleet>>> {
  readonly servers: Fleets
}

/** The names of a fleet's consumers. */
export type ConsumerName<Of extends { readonly consumers: object }> = keyof Of["consumers"] & string
