import type { LimitName } from "../../pool/refusal-texts.ts"

/** One of the limits, with the connections that count against it. */
export interface ConnectionLimit {
  readonly name: LimitName
  /** The most connections that it allows to this role. For the server: without the slots reserved for other roles. */
  readonly limit: number
  /** Connections that count against it, of any role and application. */
  readonly used: number
  /** At least 0. */
  readonly free: number
  /** `used` as a percentage of `limit`, with two decimals; 100 if the limit is 0. */
  readonly percent: number
}

/** Connections by state. `unknown` are those of other roles whose state this role may not see. */
export interface ConnectionStates {
  readonly active: number
  readonly idle: number
  /** In an open transaction between two statements; an aborted transaction counts too. */
  readonly idleInTransaction: number
  /** Logging in (PostgreSQL 18), in a fast-path function call, or with `track_activities` off. */
  readonly other: number
  readonly unknown: number
}

/** The connections of one application, client address, user or database. */
export interface ConnectionHolder {
  /**
   * Empty for an application without a name; `"local"` for a client on the server's own socket; null if this role may
   * not see it, and for a connection that is logging in.
   */
  readonly name: string | null
  readonly connections: number
  /** Seconds since the oldest of them began; undefined if this role may not see it. */
  readonly oldestSeconds: number | undefined
  readonly states: ConnectionStates
  /** The `CONNECTION LIMIT` of a database or a user that has one. */
  readonly limit?: number
}

/** Connections of one role to one database, which count against the `CONNECTION LIMIT` of both. */
export interface ConnectionShare {
  /** Null for a connection that is logging in. */
  readonly user: string | null
  readonly database: string | null
  readonly connections: number
}

/** The connections of one application, those of all its pools. */
export interface ApplicationHolder extends ConnectionHolder {
  /** Its pools whose size is `auto`, by the ids in the names of their connections; undefined if it has none. */
  readonly pools?: number
  /** The same connections by role and database. */
  readonly shares: readonly ConnectionShare[]
}

/** Instances of one application that began together. */
export interface Generation {
  /** Application names with a version (`api@1.4.2`), or client addresses. */
  readonly names: readonly string[]
  readonly connections: number
  /** Seconds since the oldest of their connections began. */
  readonly oldestSeconds: number
}

/** An application with two connected generations, as during a deploy. */
export interface DeployInProgress {
  readonly application: string
  /** The criterion that separates them: the version in the name, or the time at which client addresses appeared. */
  readonly by: "version" | "client"
  /** The oldest first. */
  readonly generations: readonly Generation[]
}

/** A `CONNECTION LIMIT` of the server. */
export interface OwnedLimit {
  readonly name: Exclude<LimitName, "maxConnections">
  /** The name of the role or the database. */
  readonly owner: string
  readonly limit: number
  /** Connections that count against it, of every application. */
  readonly used: number
}

/** The pools of one service and one role whose size is `auto`: they share the tightest of their limits. */
export interface AutoService {
  /** The application, without a version and without the ids of its pools. */
  readonly name: string
  /** Null for connections that are logging in. */
  readonly role: string | null
  /** No limit applies to a superuser, and `auto` is off for one. */
  readonly isSuperuser: boolean
  /** Those that have a connection: one for each instance that has one pool. */
  readonly pools: number
  /** The connections of these pools. */
  readonly connections: number
  /** What the server enforces on them, that with the least room first. Empty: only the pools keep their sum. */
  readonly limits: readonly OwnedLimit[]
}

/** One connection, without its query, which may contain secrets. */
export interface Session {
  readonly pid: number
  /** With the id of its pool, where that has one (`api@1.4.2#k3f9ab`): it tells the instance. */
  readonly application: string | null
  readonly user: string | null
  readonly database: string | null
  readonly client: string | null
  readonly state: string | null
  /** Seconds in this state; for a query, seconds since it began. */
  readonly seconds: number
  /** Seconds since its transaction began; undefined outside a transaction. */
  readonly transactionSeconds: number | undefined
  /** Its start time by ISO 8601, in the time zone of the session that asked: unique together with `pid`. Null if this role may not see it. */
  readonly startedAt: string | null
  /** True if the inspecting role may end it (`pg_terminate_backend`). */
  readonly mayEnd: boolean
}

/** A connection that waits for a lock. */
export interface BlockedSession extends Session {
  /** The processes that it waits for. 0 stands for a prepared transaction. */
  readonly blockedBy: readonly number[]
}

/** A connection, or another process of the server, that others wait for. */
export interface BlockingSession extends Session {
  /** `client backend`, `autovacuum worker`, …; null where this role may not see it. */
  readonly type: string | null
  /** The number of blocked connections that wait for it directly. */
  readonly blocks: number
  /** True if it does not wait for a lock itself: it is the start of a chain. */
  readonly isRoot: boolean
  /** The number of the report's blocked connections that wait for nothing else, directly or through each other. */
  readonly frees: number
}

/** The result of `inspectDatabase`. */
export interface DatabaseReport {
  readonly server: {
    /** As the server writes it: `18.4`. */
    readonly version: string
    /** 180004. */
    readonly versionNumber: number
    /** As the server writes it: `128MB`. */
    readonly sharedBuffers: string
    readonly sharedBuffersBytes: number
    /** A standby, which has a ceiling of its own. */
    readonly isReplica: boolean
  }
  /** The session that ran the inspection. */
  readonly session: {
    readonly pid: number
    readonly database: string
    readonly role: string
    /** Superusers may take every slot, and limits of databases and roles do not apply to them. */
    readonly isSuperuser: boolean
    /** A member of `pg_use_reserved_connections` (PostgreSQL 16), for whom `reservedConnections` are kept. */
    readonly mayUseReserved: boolean
    /** Superusers and members of `pg_monitor` or `pg_read_all_stats`. */
    readonly seesEverything: boolean
    /** True if the connection goes through a pooler, which hides its clients; undefined if that is not known. */
    readonly behindPooler: boolean | undefined
    /**
     * True if this connection is in the figures. False if it was opened for the inspection alone and closed after it:
     * it must not be what fills the last slot.
     */
    readonly isCounted: boolean
  }
  /** The server's settings. */
  readonly ceiling: {
    readonly maxConnections: number
    /** `superuser_reserved_connections`. */
    readonly superuserReserved: number
    /** `reserved_connections`; 0 before PostgreSQL 16. */
    readonly reservedConnections: number
    /** Further slots that Amazon RDS reserves; 0 elsewhere. */
    readonly providerReserved: number
    /** `CONNECTION LIMIT` of this database; −1 for no limit. */
    readonly databaseLimit: number
    /** `CONNECTION LIMIT` of this role; −1 for no limit. */
    readonly roleLimit: number
    /** The `CONNECTION LIMIT` of every database that has one. */
    readonly databaseLimits: Readonly<Record<string, number>>
    /** The `CONNECTION LIMIT` of every role that has one, without superusers, to whom none applies. */
    readonly roleLimits: Readonly<Record<string, number>>
  }
  /** The limits that apply to this role, the most used one first. */
  readonly limits: readonly [ConnectionLimit, ...ConnectionLimit[]]
  /** The name of the first of `limits`, which would be the first to refuse a connection. */
  readonly binding: LimitName
  /** `limit`, `used`, `free` and `percent` of the first of `limits`. */
  readonly usable: number
  readonly used: number
  readonly free: number
  readonly percent: number
  /** Slots of the server that clients use, of all databases and users; see `session.isCounted`. */
  readonly connections: number
  /**
   * True if `connections` and everything computed from it is an upper bound: this role may not see everything, and some
   * of the other roles' processes that it counted may not be clients. At least `certain` are.
   */
  readonly isUpperBound: boolean
  readonly certain: number
  /**
   * The result of the usual alert query: rows of this database, walsenders and workers included, as a percentage of
   * `max_connections`, with two decimals. It is 20 on a full server that five databases share equally.
   */
  readonly naivePercent: number
  readonly states: ConnectionStates
  readonly waiting: {
    /** For a lock. */
    readonly onLocks: number
    /** For the application: idle in a transaction, or while a statement runs. */
    readonly onClient: number
  }
  /** Sorted, the largest first, as are the next three. */
  readonly applications: readonly ApplicationHolder[]
  readonly clients: readonly ConnectionHolder[]
  readonly users: readonly ConnectionHolder[]
  readonly databases: readonly ConnectionHolder[]
  readonly deploys: readonly DeployInProgress[]
  /** Services with pools whose size is `auto`, the largest first. */
  readonly autoServices: readonly AutoService[]
  /** The longest running query, except for this one. */
  readonly longestQuery: Session | undefined
  readonly longestIdleInTransaction: Session | undefined
  /** The 20 that have waited longest, and up to 20 more that they wait for. */
  readonly blocked: readonly BlockedSession[]
  /** The processes that they wait for, those whose end frees most first. */
  readonly blockers: readonly BlockingSession[]
}
