/** A limit on connections: the server's slots, or the limit of the database or of the role. */
export type LimitName = "maxConnections" | "database" | "role"

/** PostgreSQL's messages: https://github.com/postgres/postgres/blob/master/src/backend/utils/init/postinit.c */
export const FULL_SERVER: readonly (readonly [LimitName, RegExp])[] = [
  ["maxConnections", /too many clients already|remaining connection slots are reserved/],
  ["database", /too many connections for database/],
  ["role", /too many connections for role/],
]

/** Odyssey's messages that have PostgreSQL's code 53300. */
export const FULL_ODYSSEY = /too many (active clients for user|tcp connections|client tcp connections) \(/

/** Messages of a pooler that refuses or drops a client, each with Prisma's code for it. */
type PoolerTexts = readonly (readonly [code: string, text: RegExp])[]

/** Where PgBouncer takes or serves clients no more, and where the server's own refusal comes without its code (1.19 and older). */
const STARTING =
  /^(the )?database system is (starting|shutting|in recovery|not (yet )?accepting)|^(pooler is|server) shutting down/

/** The reason that PgBouncer (1.24 and newer) remembers of the last login that failed, while it tries no other. */
const CACHED_REASON = /^server login has been failing, cached error: (.*?)( \(server_login_retry\))?$/s

/** https://github.com/pgbouncer/pgbouncer, the versions 1.18 to 1.26. */
const PGBOUNCER: PoolerTexts = [
  ["P2037", /^no more connections allowed|^client connections exceeded/],
  ...FULL_SERVER.map(([, text]) => ["P2037", text] as const),
  // `query_timeout` is that of a client in the queue: its query was not sent. `query timeout` is that of one that was.
  ["P2024", /^query_wait_timeout|^query_timeout/],
  [
    "P1000",
    /^("trust"|certificate|LDAP|MD5|PAM|password|SASL|SCRAM) authentication failed|^auth failed|^no such user/,
  ],
  ["P1003", /^database ".*" does not exist|^no such database/],
  ["P1001", /^server login has been failing|^pgbouncer cannot connect to server/],
  ["P1001", /^(authentication )?database ".*" is disabled|^client_login_timeout/],
  ["P1001", STARTING],
  ["P1008", /^query timeout|^transaction timeout/],
  [
    "P1017",
    /^admin forced disconnect|^client_idle_timeout|^database removed|^idle transaction timeout|^server conn crashed/,
  ],
]

/** PgCat, https://github.com/postgresml/pgcat, and PgDog, https://github.com/pgdogdev/pgdog. */
const SYSTEM_ERROR = "58000"
const PGDOG: PoolerTexts = [
  ["P2024", /^checkout timeout$/],
  ["P1001", /^connection pool for user .* is down$/],
]
const PGCAT: PoolerTexts = [["P2024", /^could not get connection from the pool/]]

/** PgDog's for a login that fails; it does not say which of the two is wrong. */
const PGDOG_LOGIN: PoolerTexts = [
  ["P1000", /^password for user ".*" and database ".*" is wrong, or the database does not exist/],
]

/** https://github.com/supabase/supavisor: the codes of its versions, and the texts of those that had none. */
const SUPAVISOR: PoolerTexts = [
  ["P2037", /^\(EMAX(CONN(SESSION)?|CLIENTCONN|CLIENTSESSION|PROXYCONN)\)/],
  ["P2037", /^MaxClientsInSessionMode: max clients reached|^Max client connections reached/],
  ["P2024", /^\(ECHECKOUTTIMEOUT\)|^Unable to check out process from the pool due to timeout/],
  ["P1000", /^Tenant or user not found|^\(ENOTFOUND\) tenant\/user /],
  ["P1017", /^(\(EDBHANDLEREXITED\) )?(DbHandler exited|connection to database closed)/],
]

/** https://github.com/yandex/odyssey; a refusal because it is full has PostgreSQL's own code 53300. */
const CONNECTION_FAILURE = "08006"
const ODYSSEY: PoolerTexts = [["P1001", /^(odyssey: \S+ )?failed to get remote server connection/]]

/** Messages by the code that each pooler uses for nearly every error, so that only the message tells them apart. */
const POOLERS: Readonly<Record<string, PoolerTexts>> = {
  "08P01": PGBOUNCER,
  "28000": PGDOG_LOGIN,
  [SYSTEM_ERROR]: [...PGCAT, ...PGDOG],
  XX000: SUPAVISOR,
  [CONNECTION_FAILURE]: ODYSSEY,
}

/** Messages that their pooler sends as an ERROR too, and goes on. */
const NOT_FATAL: Readonly<Record<string, PoolerTexts>> = {
  [SYSTEM_ERROR]: PGDOG,
  [CONNECTION_FAILURE]: ODYSSEY,
}

/**
 * Prisma's code for an error of a pooler; undefined for any other error.
 *
 * A statement may raise any code with any message, but only as an ERROR: a pooler that drops a client sends FATAL. Only
 * Odyssey and PgDog may not.
 */
export function poolerCode(sqlState: unknown, message: unknown, severity?: unknown): string | undefined {
  const texts = (severity === "ERROR" ? NOT_FATAL : POOLERS)[String(sqlState)]
  const code = codeIn(texts, String(message))
  const reason = CACHED_REASON.exec(String(message))?.[1]
  return code === "P1001" && reason !== undefined && codeIn(texts, reason) === "P2037" ? "P2037" : code
}

const codeIn = (texts: PoolerTexts = [], message: string) => texts.find(([, text]) => text.test(message))?.[0]

/** True for a pooler's refusal, with the code P1001, that says: it or its server starts or stops. */
export const isStarting = (message: string) => STARTING.test(CACHED_REASON.exec(message)?.[1] ?? message)

/** True for a pooler's refusal, with the code P1001, that a wait does not change: somebody has to set something. */
export function isLasting(message: string): boolean {
  const reason = CACHED_REASON.exec(message)?.[1]
  if (reason === undefined) return /^(authentication )?database ".*" is disabled/.test(message)
  return /^P100[03]$/.test(codeIn(PGBOUNCER, reason) ?? "") || /^no pg_hba\.conf entry/.test(reason)
}
