import { OPTIONS } from "../../config/options.ts"
import { isKnownParameter } from "../../deployments/pgbouncer/parameters.ts"
import { type PgBouncerVersion, versionText } from "../../deployments/pgbouncer/versions.ts"
import { describeValue, label, PoolConfigError, type PoolConfigIssue, printable } from "../../error.ts"
import { uncappedInProcess } from "../../sizing/capped-pools.ts"
import type { PoolerSum } from "../../sizing/index.ts"
import type { ParsedPooler } from "../../sizing/parse-poolers.ts"
import { type IniEntry, poolEntries } from "./pgbouncer-pools.ts"

/** A pooler with all of its sizes, and what is beside it. */
export interface PlannedPooler {
  readonly pooler: ParsedPooler
  /** Its path in the declaration, `poolers.pgbouncer`. */
  readonly path: string
  readonly version: PgBouncerVersion
  /** What it takes of the server. */
  readonly sum: PoolerSum
  /** The name of its server; undefined where none is declared. */
  readonly host: string | undefined
  /** The statements for the server, a script of psql. */
  readonly sql: string
  /** The environment of its clients, in .env format. */
  readonly environment: string
  /** What connects straight to the server. */
  readonly direct: readonly string[]
}

export const PGBOUNCER_PORT = 6432
const DATABASE_HOST = "DATABASE_HOST"
const AUTH_FILE = "/etc/pgbouncer/userlist.txt"
const CA_FILE = "/etc/pgbouncer/server-ca.pem"

/** Prepared statements that PgBouncer keeps of each connection: its own default from 1.24 on. */
const PREPARED_STATEMENTS = 200

/** Descriptors of PgBouncer's own, as it adds up what it expects to use. */
const OWN_DESCRIPTORS = 10

/**
 * Renders a `pgbouncer.ini` that starts on a version of PgBouncer, and as comments the SQL and the environment that belong to it. A
 * comment has a line of its own, since one behind a value is part of it.
 *
 * @throws PoolConfigError for what this version cannot do, and names that the file cannot have
 */
export function pgbouncerIni(planned: PlannedPooler): string {
  const { pooler, path, version, sql, environment } = planned
  const entries = poolEntries(pooler, version, path)
  const issues = [...entries.issues, ...authIssues(planned)]
  if (issues.length > 0) throw new PoolConfigError(issues)
  const sections = [
    header(planned),
    ["[databases]", ...entries.databases.map((entry) => databaseLine(entry, planned.host))],
    ...(entries.users.length === 0 ? [] : [usersSection(entries.users, planned)]),
    settings(planned),
    comment(
      "The server's part, as `plan --format sql` has it beside the roles of what connects directly: sed -n 's/^;sql //p' pgbouncer.ini > limits.sql",
    ).concat(marked(";sql", sql)),
    clientsHead(planned).concat(marked(";env", environment)),
  ]
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`
}

function header({ pooler, version, sum, host }: PlannedPooler): string[] {
  const { name, instances, surge, size, maxClientConnections = 0 } = pooler
  const processes = `${instances} ${instances === 1 ? "process" : "processes"}`
  const extra =
    surge > 0 ? `, and ${surge} more while PgBouncer is deployed, each` : instances > 1 ? ", each" : ""
  const files = maxClientConnections + OWN_DESCRIPTORS + uncappedInProcess(pooler.pools, size.min)
  const unnamed = [
    ...(host === undefined ? [DATABASE_HOST] : []),
    ...(Array.isArray(pooler.given.pools) ? [] : ["DATABASE"]),
  ]
  return comment(
    `${label(name)}, planned by prisma-pool: for PgBouncer ${versionText(version)} and later. ${processes}${extra} with this file.`,
    `Of the server it takes ${sum.total} connections, ${sum.deploy.total} in a deploy; ${sum.orphans} of them are backends whose client is gone.`,
    `Yours to fill in: ${[...unnamed, "the ports and addresses, the users of the console, and the paths of auth_file and server_tls_ca_file"].join(", ")}.`,
    `Open files of a process (LimitNOFILE): at least ${files}.`,
    ...(instances > 1
      ? [
          "Processes that share a port: so_reuseport = 1, and a unix_socket_dir for each. A cancel request reaches the right one by [peers], from 1.19 on.",
        ]
      : []),
  )
}

/** A release up to this one takes a user of `[users]` for known, with no password. */
const LAST_WITHOUT_LOOK_UP: PgBouncerVersion = 22

function usersSection(users: readonly IniEntry[], { pooler: { given }, version }: PlannedPooler): string[] {
  const isHidden = given.authUser !== undefined && version <= LAST_WITHOUT_LOOK_UP
  return [
    "[users]",
    ...(isHidden
      ? comment(
          `Up to ${versionText(LAST_WITHOUT_LOOK_UP)} auth_query may not be asked for a user who is here: give it a line in auth_file.`,
        )
      : []),
    ...users.map((entry) => entryLine(entry)),
  ]
}

function settings({ pooler, version }: PlannedPooler): string[] {
  const { given, size, reservePoolSize, maxClientConnections = 0 } = pooler
  const { maxDbConnections = 0, maxUserConnections = 0, authUser, authDbname } = given
  const set = (name: string, value: number | string | undefined) =>
    value === undefined || value === 0 ? [] : [`${name} = ${value}`]
  return [
    "[pgbouncer]",
    ...comment(
      "auth_file has a line for each user: its name, and its password or the same SCRAM secret as in the server, both in quotes.",
    ),
    "listen_addr = *",
    `listen_port = ${PGBOUNCER_PORT}`,
    "auth_type = scram-sha-256",
    `auth_file = ${AUTH_FILE}`,
    ...(authUser === undefined
      ? []
      : comment(
          "auth_user looks up who is not in auth_file, by auth_query. The default reads what only a superuser may: give it a function.",
        )),
    ...set("auth_user", authUser),
    ...set("auth_dbname", authDbname),
    "admin_users = pgbouncer_admin",
    "stats_users = pgbouncer_stats",
    "",
    "pool_mode = transaction",
    `default_pool_size = ${size.min}`,
    ...set("reserve_pool_size", reservePoolSize),
    ...set("max_db_connections", maxDbConnections),
    ...set("max_user_connections", maxUserConnections),
    `max_client_conn = ${maxClientConnections}`,
    ...(isKnownParameter("pgbouncer", "max_prepared_statements", version)
      ? [`max_prepared_statements = ${PREPARED_STATEMENTS}`]
      : []),
    "",
    ...comment(
      "The clients' pool_timeout: PgBouncer cuts off a client whose query has waited for longer. Change both together.",
    ),
    `query_wait_timeout = ${OPTIONS.poolTimeout.default}`,
    ...comment(
      "A login that the server refuses, such as at a CONNECTION LIMIT, is repeated after a second. The default is 15.",
    ),
    "server_login_retry = 1",
    "",
    "server_tls_sslmode = verify-full",
    `server_tls_ca_file = ${CA_FILE}`,
  ]
}

function clientsHead({ direct }: PlannedPooler): string[] {
  const names = direct.map(label)
  return comment(
    "The clients' part: sed -n 's/^;env //p' pgbouncer.ini. pgbouncer=true leaves out what transaction mode cannot do.",
    ...(names.length > 0
      ? [`Straight to the server, with the URL that they have: ${names.join(", ")}.`]
      : []),
    "Migrations, LISTEN and session advisory locks need a URL straight to the server, as a consumer of their own.",
  )
}

/** A host of these characters needs no quotes. */
const PLAIN_HOST = /^[\w.:/-]+$/

const databaseLine = (entry: IniEntry, host: string | undefined): string => {
  const server = host !== undefined && PLAIN_HOST.test(host) ? host : DATABASE_HOST
  return entryLine(entry, `host=${server} port=5432 dbname=${entry.name} `)
}

const entryLine = ({ name, parameters }: IniEntry, before = ""): string =>
  `${name} = ${before}${parameters.map(([parameter, value]) => `${parameter}=${value}`).join(" ")}`.trimEnd()

const comment = (...lines: readonly string[]): string[] => lines.map((line) => `; ${line}`)

/** The lines of another file, each marked as a comment. */
const marked = (mark: string, text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => `${mark} ${line}`)

function authIssues({ pooler: { given }, path, version }: PlannedPooler): PoolConfigIssue[] {
  const { authUser, authDbname } = given
  const unwritable = Object.entries({ authUser, authDbname }).flatMap(([field, name]) =>
    name === undefined || (printable(name) === name && name.trim() === name && name !== "")
      ? []
      : [
          {
            name: `${path}.${field}`,
            problem: `received ${describeValue(name)}, which no line of pgbouncer.ini can have`,
            remedy: "Give a name without line breaks, and without spaces around it",
          },
        ],
  )
  if (authDbname === undefined || isKnownParameter("pgbouncer", "auth_dbname", version)) return unwritable
  const problem = `is not known to PgBouncer ${versionText(version)}`
  const remedy =
    "Give --pgbouncer-version 1.19 or later, or leave it out: auth_user then has a pool in each entry"
  return [...unwritable, { name: `${path}.authDbname`, problem, remedy }]
}
