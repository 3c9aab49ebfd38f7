import { memberIdOf, serviceOf } from "./member-name.ts"
import { KEPT_SLOTS, TAKES_SLOT } from "./slot-sql.ts"

/** What tells one server from another, or from itself after a restart. */
export interface ServerIdentity {
  /** `pg_postmaster_start_time()`, in microseconds since 1970. */
  readonly startedAt: number
  /** `inet_server_addr()`: the address that this connection reached. Null through a Unix socket. */
  readonly address: string | null
  /** `pg_is_in_recovery()`. */
  readonly isReplica: boolean
}

/** One look of a pool at its server. Limits are −1 where there is none, and 0 is a limit. */
export interface Look {
  /** `pg_backend_pid()`. Behind a pooler it differs from the process id that the login reported. */
  readonly pid: number
  readonly isSuperuser: boolean
  /** The role's CONNECTION LIMIT. */
  readonly roleLimit: number
  /** The database's CONNECTION LIMIT. */
  readonly databaseLimit: number
  readonly maxConnections: number
  /** `superuser_reserved_connections`. */
  readonly superuserReserved: number
  /** `reserved_connections`; 0 before PostgreSQL 16. */
  readonly reservedConnections: number
  /** Slots that a provider keeps for itself. */
  readonly providerReserved: number
  /** Client backends of the whole server. Where other roles' types are hidden, an upper bound. */
  readonly connections: number
  /** Those of this pool's role, in all databases. */
  readonly ofRole: number
  /** Those of this pool's role in this database. */
  readonly ofRoleInDatabase: number
  /** Those of this pool's role that bear the name of its service, with an id or without. */
  readonly ofService: number
  /** Those of them that also have an id: connections of its pools. */
  readonly ofMembers: number
  /** Those of other roles in this database. */
  readonly ofOthersInDatabase: number
  /** Pools of this service on this role, this one included: 1 or more. */
  readonly members: number
  readonly server: ServerIdentity
}

/**
 * One row, with one column: JSON, so that no type parser of the application changes it. The function in place of the view
 * `pg_stat_activity` saves two joins, which take half of the time. An application may have set any `search_path`, so that
 * all names are qualified.
 *
 * The start is a number since its text depends on the session's time zone. $1 is the service, and $2 the pool's id.
 */
const LOOK = `SELECT pg_catalog.json_build_object(
  'pid', pg_catalog.pg_backend_pid(),
  'isSuperuser', own.rolsuper,
  'roleLimit', own.rolconnlimit,
  'databaseLimit', here.datconnlimit,
  'maxConnections', pg_catalog.current_setting('max_connections')::int,
  ${Object.entries(KEPT_SLOTS)
    .map(([name, sql]) => `'${name}', ${sql}`)
    .join(",\n  ")},
  'connections', pg_catalog.count(*),
  'ofRole', pg_catalog.count(*) FILTER (WHERE usesysid = own.oid),
  'ofRoleInDatabase', pg_catalog.count(*) FILTER (WHERE usesysid = own.oid AND datid = here.oid),
  'ofService', pg_catalog.count(*) FILTER (WHERE usesysid = own.oid AND service = $1::pg_catalog.text),
  'ofMembers', pg_catalog.count(member) FILTER (WHERE usesysid = own.oid AND service = $1::pg_catalog.text),
  'ofOthersInDatabase', pg_catalog.count(*) FILTER (WHERE usesysid <> own.oid AND datid = here.oid),
  'otherMembers', pg_catalog.count(DISTINCT member) FILTER (
    WHERE usesysid = own.oid AND service = $1::pg_catalog.text AND member <> $2::pg_catalog.text),
  'startedAt', (EXTRACT(epoch FROM pg_catalog.pg_postmaster_start_time()) * 1000000)::bigint,
  'address', pg_catalog.host(pg_catalog.inet_server_addr()),
  'isReplica', pg_catalog.pg_is_in_recovery()
)::pg_catalog.text AS look
FROM pg_catalog.pg_roles AS own
JOIN pg_catalog.pg_database AS here ON here.datname = pg_catalog.current_database()
CROSS JOIN (
  SELECT datid, usesysid, pg_catalog.substring(application_name, '^[^@#]*'::pg_catalog.text) AS service,
    pg_catalog.substring(application_name, '#([0-9a-z]{6})$'::pg_catalog.text) AS member
  FROM pg_catalog.pg_stat_get_activity(NULL)
  WHERE ${TAKES_SLOT}
) AS backend
WHERE own.rolname = session_user
GROUP BY own.oid, own.rolsuper, own.rolconnlimit, here.oid, here.datconnlimit`

/**
 * The query of one look, for any role of PostgreSQL 10 and later.
 *
 * @param name the `application_name` of the pool's connections, of {@link memberName}
 */
export function lookQuery(name: string): { readonly text: string; readonly values: string[] } {
  return { text: LOOK, values: [serviceOf(name), memberIdOf(name) ?? ""] }
}

/** The whole numbers of an answer, each with the least that it may be. */
const NUMBERS = {
  pid: 0,
  roleLimit: -1,
  // An invalid database has −2.
  databaseLimit: -2,
  maxConnections: 1,
  superuserReserved: 0,
  reservedConnections: 0,
  providerReserved: 0,
  connections: 0,
  ofRole: 0,
  ofRoleInDatabase: 0,
  ofService: 0,
  ofMembers: 0,
  ofOthersInDatabase: 0,
  otherMembers: 0,
  startedAt: 0,
} as const

/**
 * Reads the answer to {@link lookQuery}. The server is not trusted.
 *
 * @throws {Error} if the answer has another shape
 */
export function readLook(rows: unknown): Look {
  const answer = parseAnswer(rows)
  const numbers = readNumbers(answer)
  const { isSuperuser, address, isReplica } = answer
  const isRead =
    numbers !== undefined &&
    typeof isSuperuser === "boolean" &&
    (address === null || typeof address === "string") &&
    typeof isReplica === "boolean"
  if (!isRead) throw new Error("The server's answer to the pool's look has an unexpected shape")
  const { otherMembers, startedAt, ...counts } = numbers
  return {
    ...counts,
    isSuperuser,
    // This pool counts even where something has changed the name of its connections.
    members: otherMembers + 1,
    server: { startedAt, address, isReplica },
  }
}

function parseAnswer(rows: unknown): Readonly<Record<string, unknown>> {
  const [row] = Array.isArray(rows) ? rows : []
  const text = (row as { readonly look?: unknown } | undefined)?.look
  if (typeof text !== "string") return {}
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

function readNumbers(
  answer: Readonly<Record<string, unknown>>,
): Record<keyof typeof NUMBERS, number> | undefined {
  const numbers: Record<keyof typeof NUMBERS, number> = { ...NUMBERS }
  for (const [name, least] of Object.entries(NUMBERS) as [keyof typeof NUMBERS, number][]) {
    const number = answer[name]
    if (!Number.isSafeInteger(number) || (number as number) < least) return undefined
    numbers[name] = number as number
  }
  return numbers
}
