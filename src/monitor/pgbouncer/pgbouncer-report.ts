import type { ConnectionShare } from "../inspect/database-report.ts"

/**
 * A limit of one process, by its field in a declaration. `poolSize` is one pool's, the reserve included; `maxDb…` and
 * `maxUser…` are one database entry's and one user's; `maxClientConnections` is the process's own.
 */
export type PgBouncerLimitName =
  | "maxClientConnections"
  | "poolSize"
  | "maxDbConnections"
  | "maxUserConnections"
  | "maxDbClientConnections"
  | "maxUserClientConnections"

/** A limit of one process, with what counts against it: its clients, or its server connections in use. */
export interface PgBouncerLimit {
  readonly name: PgBouncerLimitName
  /** The pool's database entry, or the entry that is limited; undefined for a user's limit and the process's. */
  readonly database: string | undefined
  /** The pool's user, or the user who is limited; undefined for an entry's limit and the process's. */
  readonly user: string | undefined
  readonly limit: number
  readonly used: number
  /** At least 0. */
  readonly free: number
  /** `used` as a percentage of `limit`, with two decimals; 100 if the limit is 0. */
  readonly percent: number
  /** The place of its process in `processes`. */
  readonly process: number
}

/** The clients of a PgBouncer. */
export interface PgBouncerClients {
  /**
   * What counts against `max_client_conn`: clients, logins, cancel requests and consoles, but no console that was opened for
   * the inspection alone.
   */
  readonly used: number
  /** `max_client_conn`. */
  readonly limit: number
  /** At least 0. */
  readonly free: number
  /** Clients that have a server connection now. */
  readonly active: number
  /** Clients that wait for a server connection. */
  readonly waiting: number
  /** How long the one that has waited longest has waited, in seconds with fractions; 0 where none waits. */
  readonly longestWaitSeconds: number
  readonly loggingIn: number
  /** Sessions of the console, without those of the inspection. */
  readonly consoles: number
}

/** The server connections of a PgBouncer, or of one of its pools. */
export interface PgBouncerServers {
  /** Not idle: a client has it, it logs in, it is being tested, or a cancel request is on its way to it. */
  readonly used: number
  readonly idle: number
  /**
   * The most that may be open at once: of a pool, its size and its reserve within the caps of its database entry and its
   * user. Of a process, all the pools that it has now within their caps. A pool begins with its first client.
   */
  readonly limit: number
}

/** One pool: a pair of a database entry and a user. */
export interface PgBouncerPool {
  readonly database: string
  readonly user: string
  /** `session`, `transaction` or `statement`. */
  readonly mode: string
  /** Clients that are connected to it. */
  readonly clients: number
  readonly waiting: number
  readonly longestWaitSeconds: number
  readonly servers: PgBouncerServers
}

/** The clients of one application. */
export interface PgBouncerApplication {
  /**
   * Empty for clients without a name; null where PgBouncer does not say, before 1.18. The id of a pool whose size is
   * `auto` is left out.
   */
  readonly name: string | null
  readonly clients: number
  /** Clients that have a server connection now. */
  readonly active: number
  readonly waiting: number
  /** How long the one that has waited longest has waited. */
  readonly longestWaitSeconds: number
  /** The same clients by user and database entry. */
  readonly shares: readonly ConnectionShare[]
}

/** One process of PgBouncer, as its console shows it. */
export interface PgBouncerProcess {
  /** As PgBouncer writes it: `1.18.0`. */
  readonly version: string
  /** `active`, `paused` or `suspended`; undefined where PgBouncer does not say, before 1.19. */
  readonly state: string | undefined
  /** True if `so_reuseport` is on: other processes may have the same port, and this console does not see them. */
  readonly sharesPort: boolean
  /** `query_wait_timeout`: how long a client waits for a server connection before it is cut off. 0 is forever. */
  readonly queryWaitTimeoutSeconds: number
  readonly clients: PgBouncerClients
  readonly servers: PgBouncerServers
  /** Database entries that are paused, or disabled. Their clients wait, or are refused. */
  readonly paused: readonly string[]
  readonly disabled: readonly string[]
}

/** The result of `inspectPgBouncer`. */
export interface PgBouncerReport {
  /** The processes that were asked, each once. */
  readonly processes: readonly [PgBouncerProcess, ...PgBouncerProcess[]]
  /** True if there may be processes that were not asked: `so_reuseport` is on in the only one. */
  readonly mayHaveMore: boolean
  /** Of all these processes. */
  readonly clients: PgBouncerClients
  readonly servers: PgBouncerServers
  /** The limits of every process, the fullest first: each process refuses, or lets wait, on its own. */
  readonly limits: readonly [PgBouncerLimit, ...PgBouncerLimit[]]
  /** `percent` of the first of `limits`. */
  readonly percent: number
  /** The pools of all processes by database entry and user: those with the most waiting clients first, then the fullest. */
  readonly pools: readonly PgBouncerPool[]
  /** The applications of the clients, the largest first. */
  readonly applications: readonly PgBouncerApplication[]
}
