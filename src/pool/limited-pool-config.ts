import type pg from "pg"
import type { AutoConfig } from "./auto/auto-config.ts"
import type { PostgresClientConfig } from "./postgres-client.ts"

/** Options of a limited pool: node-postgres's own, with the wait and the connecting as separate timeouts. */
export interface LimitedPoolConfig extends pg.PoolConfig, PostgresClientConfig {
  readonly max: number
  /** Milliseconds that a caller waits for a connection, its opening included; 0 waits forever. */
  readonly connectionTimeoutMillis: number
  /** Milliseconds that callers wait out a server that cannot be reached or is starting; 0 fails at once. Default 5000. */
  readonly reconnectTimeoutMillis?: number
  /** Connections kept idle and ready once one has been opened; default 0. */
  readonly minIdle?: number
  /** Callers that may wait for a connection at a time; 0, the default, sets no limit. */
  readonly maxWaiting?: number
  /** Milliseconds after which a connection that a caller still holds is reported; 0, the default, reports none. */
  readonly leakThresholdMillis?: number
  /** Present where the size follows the living instances: `max` is then its cap. */
  readonly auto?: AutoConfig
}
