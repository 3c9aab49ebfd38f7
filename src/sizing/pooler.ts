import type { OpenSize } from "./open-size.ts"

/**
 * When a client of PgBouncer gives a server connection back: after each transaction, or when it disconnects. In statement
 * mode there are no transactions, so that Prisma does not work behind it.
 */
export type PoolerMode = "transaction" | "session"

/**
 * PgBouncer between consumers and the server: the connections of those that name it are its clients, and what it opens
 * itself, its server side, is what the server sees. Fields that PgBouncer has are named after its own settings:
 * https://www.pgbouncer.org/config.html
 *
 * Whole numbers. None of PgBouncer's settings limits all processes together: each of them opens its own pools.
 */
export interface Pooler {
  /** The processes that run at once, 1 to 1,000,000: replicas, times those that share a port (`so_reuseport`). */
  readonly instances: number
  /**
   * The processes that there are at the least, where an autoscaler changes their number, 1 to `instances`; as many as `instances` by
   * default. Clients have the room of so many, while the server has the connections of `instances`.
   */
  readonly minInstances?: number
  /**
   * Extra processes while the pooler itself is deployed, 0 to 1,000,000. 0, stop before start, by default. From 1.23 on a
   * process that is asked to stop (SIGTERM) keeps its pools until its last client leaves, so that one that starts new
   * processes first needs as many as `instances`. The command assumes that by default.
   */
  readonly surge?: number
  /**
   * Its pools, one for each pair of a database entry and a user: how many of one size, 1 to 1,000,000, or each with what is
   * its own. 1 by default.
   */
  readonly pools?: number | readonly PoolerPool[]
  /**
   * How many entries of `[databases]` the pools are spread over, 1 to `pools`; as many as `pools` by default, with which
   * `max_db_connections` limits least. Two entries for one real database are two. Not beside a list of pools, which says so itself.
   */
  readonly databases?: number
  /** How many users the pools are spread over, 1 to `pools`; as many as `pools` by default. Not beside a list of pools. */
  readonly users?: number
  /**
   * `default_pool_size`: server connections of each pool, 1 to 10,000. 0 is refused: it is unlimited from PgBouncer 1.24 on.
   */
  readonly poolSize: number
  /** `reserve_pool_size`: what a pool may open beyond that once a client has waited, 0 to 10,000; 0 by default. */
  readonly reservePoolSize?: number
  /** `max_db_connections`: the most in one process to each database entry, 0 to 1,000,000; 0, the default, is no limit. */
  readonly maxDbConnections?: number
  /** `max_user_connections`: the most in one process of each user, 0 to 1,000,000; 0, the default, is no limit. */
  readonly maxUserConnections?: number
  /** `max_client_conn`: the clients of one process, 1 to 1,000,000. PgBouncer's own default of 100 is too few for most fleets. */
  readonly maxClientConnections: number
  /**
   * `pool_mode`, `transaction` by default. In `session` mode a client holds a server connection for as long as it is connected, and one
   * of its own pool alone, so that the pooler takes no more clients than the smallest pool has connections: all may be in that one. Where
   * it is known which pool each client is in, give each pool as a pooler of its own. PgBouncer's own default is `session`.
   */
  readonly poolMode?: PoolerMode
  /**
   * `auth_user`, where PgBouncer looks up passwords (`auth_query`) as a role that is not one of the users above: it has a
   * pool of its own in each database entry.
   */
  readonly authUser?: string
  /** `auth_dbname`, 1.19 and later: the one entry in which `authUser` has its pool, in place of each. */
  readonly authDbname?: string
  /**
   * Backends that run on without their client, 0 to 1,000,000, in all: PgBouncer forgets a connection whose client vanished
   * in a query, and opens another, while the server still runs the query. By default as many as the largest instance or run behind
   * the pooler has connections. 0 where `client_connection_check_interval` ends such queries.
   */
  readonly orphans?: number
}

/** A pool of PgBouncer: a database entry and a user, with the settings that PgBouncer resolves for them. */
export interface PoolerPool {
  /** The entry's name in `[databases]`. */
  readonly database: string
  readonly user: string
  /** `pool_size` of the entry, or of the user; that of the pooler by default. */
  readonly poolSize?: number
  /** `reserve_pool_size` of the entry (`reserve_pool` up to 1.23), or of the user; that of the pooler by default. */
  readonly reservePoolSize?: number
  /** `max_db_connections` of the entry, 0 for none; that of the pooler by default. The same for all pools of one entry. */
  readonly maxDbConnections?: number
  /** `max_user_connections` of the user, 0 for none; that of the pooler by default. The same for all pools of one user. */
  readonly maxUserConnections?: number
}

/**
 * A pooler whose pool size may be open, and whose `maxClientConnections` may be left out: it is then as much as its clients
 * need.
 */
export interface OpenPooler extends Omit<Pooler, "poolSize" | "maxClientConnections">, OpenSize {
  readonly maxClientConnections?: number
}
