import type { LimitName } from "../../pool/classify-error.ts"

/** One of the limits, and how much of it is taken. */
export interface ConnectionLimit {
  readonly name: LimitName
  /** The most connections that it allows to this role; for the server without the slots that are kept from it. */
  readonly limit: number
  /** Connections that count against it, whoever's they are. */
  readonly used: number
  /** At least 0. */
  readonly free: number
  /** `used` of `limit`, with two decimals; 100 where nothing is allowed. */
  readonly percent: number
}

/** Connections by what they are doing. `unknown` are those of other roles that this one may not look into. */
export interface ConnectionStates {
  readonly active: number
  readonly idle: number
  /** Holding a transaction open between two statements, an aborted one included. */
  readonly idleInTransaction: number
  /** Logging in (PostgreSQL 18), in a function call of the old protocol, or with `track_activities` off. */
  readonly other: number
  readonly unknown: number
}

/** What is held under one name: of an application, a client's address, a user or a database. */
export interface ConnectionHolder {
  /**
   * Empty for an application without a name; `"local"` for a client on the server's own socket; null where this role
   * may not see it, and for what is logging in.
   */
  readonly name: string | null
  readonly connections: number
  /** Seconds since the oldest of them began; undefined where this role may not see it. */
  readonly oldestSeconds: number | undefined
  readonly states: ConnectionStates
  /** The `CONNECTION LIMIT` of a database or a user that has one. */
  readonly limit?: number
}

/** What one application holds. */
export interface ApplicationHolder extends ConnectionHolder {
  /** How many of its connections count against a `CONNECTION LIMIT` of this database and of this role, if there is one. */
  readonly against: Readonly<Record<Exclude<LimitName, "maxConnections">, number>>
}

/** Instances of one application that began together. */
export interface Generation {
  /** Application names that have a version (`api@1.4.2`), or addresses of clients. */
  readonly names: readonly string[]
  readonly connections: number
  /** Seconds since the oldest of their connections began. */
  readonly oldestSeconds: number
}

/** An application of which two generations are connected, as while a deploy rolls. */
export interface DeployInProgress {
  readonly application: string
  /** What tells them apart: the version in the name, or when the clients' addresses appeared. */
  readonly by: "version" | "client"
  /** The oldest first. */
  readonly generations: readonly Generation[]
}

/** One connection. Its query is left out: there may be secrets in it. */
export interface Session {
  readonly pid: number
  readonly application: string | null
  readonly user: string | null
  readonly database: string | null
  readonly client: string | null
  readonly state: string | null
  /** In this state; for a query, since it began. */
  readonly seconds: number
  /** Since its transaction began; undefined outside of one. */
  readonly transactionSeconds: number | undefined
  /** When it began, as the server writes it: with `pid` it tells a session from every other. Null where this role may not see it. */
  readonly startedAt: string | null
  /** Whether the role that asked may end it (`pg_terminate_backend`). */
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
  /** How many of the blocked wait for it directly. */
  readonly blocks: number
  /** It waits for nobody itself: end this one, and the others go on. */
  readonly isRoot: boolean
}

/** What `inspectDatabase` returns. */
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
  /** Who asked. */
  readonly session: {
    readonly pid: number
    readonly database: string
    readonly role: string
    /** Superusers may take every slot, and limits of databases and roles do not hold for them. */
    readonly isSuperuser: boolean
    /** A member of `pg_use_reserved_connections` (PostgreSQL 16), for whom `reservedConnections` are kept. */
    readonly mayUseReserved: boolean
    /** Superusers and members of `pg_monitor` or `pg_read_all_stats`. */
    readonly seesEverything: boolean
    /** The connection does not lead to the server itself, so clients are hidden behind a pooler; undefined when it is not known. */
    readonly behindPooler: boolean | undefined
  }
  /** What the server is set to. */
  readonly ceiling: {
    readonly maxConnections: number
    /** `superuser_reserved_connections`. */
    readonly superuserReserved: number
    /** `reserved_connections`; 0 before PostgreSQL 16. */
    readonly reservedConnections: number
    /** What Amazon RDS keeps besides; 0 elsewhere. */
    readonly providerReserved: number
    /** `CONNECTION LIMIT` of this database; −1 is none. */
    readonly databaseLimit: number
    /** `CONNECTION LIMIT` of this role; −1 is none. */
    readonly roleLimit: number
  }
  /** The limits that hold for this role, the one that is used most first. */
  readonly limits: readonly [ConnectionLimit, ...ConnectionLimit[]]
  /** The name of the first of `limits`: what would refuse the next connection first. */
  readonly binding: LimitName
  /** `limit`, `used`, `free` and `percent` of the first of `limits`. */
  readonly usable: number
  readonly used: number
  readonly free: number
  readonly percent: number
  /** Slots of the server that clients hold, of all databases and users, ours included. */
  readonly connections: number
  /**
   * `connections` and what was made of it are an upper bound: this role may not see everything, and among the
   * connections of others that it counted there may be some that are no client's. At least `certain` are.
   */
  readonly isUpperBound: boolean
  readonly certain: number
  /**
   * What the usual query for an alert says: rows of this database, walsenders and workers included, as a share of
   * `max_connections`, with two decimals. It is 20 on a full server that five databases share.
   */
  readonly naivePercent: number
  readonly states: ConnectionStates
  readonly waiting: {
    /** For a lock. */
    readonly onLocks: number
    /** For the application: idle in a transaction, or in the midst of a statement. */
    readonly onClient: number
  }
  /** Each the largest first. */
  readonly applications: readonly ApplicationHolder[]
  readonly clients: readonly ConnectionHolder[]
  readonly users: readonly ConnectionHolder[]
  readonly databases: readonly ConnectionHolder[]
  readonly deploys: readonly DeployInProgress[]
  /** The query that has been running for longest, apart from this one. */
  readonly longestQuery: Session | undefined
  readonly longestIdleInTransaction: Session | undefined
  /** The 20 that have waited for longest. */
  readonly blocked: readonly BlockedSession[]
  /** Whom they wait for, those first whom most wait for. */
  readonly blockers: readonly BlockingSession[]
}
