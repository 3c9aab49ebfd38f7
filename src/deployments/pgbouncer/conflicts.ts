import { OPTIONS } from "../../config/options.ts"
import { label, type PoolConfigIssue } from "../../error.ts"
import { normalHost } from "../destination.ts"
import type { DatabaseEntry } from "./collect-lines.ts"
import { parameterSince } from "./parameters.ts"
import { FALLBACK, type PgBouncerFile } from "./read-pgbouncer.ts"
import { entryFor, lookupOf } from "./resolve-pools.ts"
import { DEFAULTS, nameOf, numberOf, textOf } from "./settings.ts"
import { versionText } from "./versions.ts"

/** What settings say together, or against what this package's clients need. */
export interface FileConflicts {
  /** What cannot work, whatever the sums are. */
  readonly failures: readonly PoolConfigIssue[]
  readonly warnings: readonly string[]
}

export function fileConflicts(file: PgBouncerFile): FileConflicts {
  return {
    failures: [...statementMode(file), ...lookupWithoutEntry(file)],
    warnings: [
      ...droppedOptions(file),
      ...unpreparedStatements(file),
      ...lookupsEverywhere(file),
      ...plainConnections(file),
    ],
  }
}

/** Prisma's transactions are several statements, which statement mode refuses. */
function statementMode(file: PgBouncerFile): PoolConfigIssue[] {
  const problem = "is statement, in which PgBouncer refuses transactions, and Prisma needs them"
  const remedy = "Set it to transaction"
  const { settings, databases, users } = file
  const entries = [...databases.values(), ...users.values()].filter(
    ({ values }) => values.pool_mode === "statement",
  )
  return [
    ...(settings.get("pool_mode")?.value === "statement" ? [nameOf(file, "pool_mode")] : []),
    ...entries.map(({ place, name }) => `${place}: ${name}.pool_mode`),
  ].map((name) => ({ name, problem, remedy }))
}

/** The entries in which users are looked up. */
const lookedUp = (file: PgBouncerFile): readonly DatabaseEntry[] =>
  [...file.databases.values()].filter((entry) => lookupOf(file, entry) !== undefined)

function lookupWithoutEntry(file: PgBouncerFile): PoolConfigIssue[] {
  const missing = lookedUp(file).flatMap((entry) => {
    const database = lookupOf(file, entry)?.database ?? ""
    return entryFor(file, database) === undefined ? [`${entry.place}: ${entry.name}`] : []
  })
  return missing.map((name) => ({
    name,
    problem: "looks users up in auth_dbname, which is no entry in [databases]: no client can log in",
    remedy: "Add the entry, or name another one",
  }))
}

/** The version since which auth_dbname says in which entry users are looked up. */
const LOOKUP_ENTRY_SINCE = parameterSince("pgbouncer", "auth_dbname") ?? 0

function lookupsEverywhere(file: PgBouncerFile): string[] {
  const everywhere = lookedUp(file).filter((entry) => lookupOf(file, entry)?.isEverywhere)
  if (everywhere.length < 2 && !everywhere.some(({ name }) => name === FALLBACK)) return []
  const remedy =
    file.versions.most >= LOOKUP_ENTRY_SINCE
      ? `From ${versionText(LOOKUP_ENTRY_SINCE)} on, set auth_dbname`
      : `Run ${versionText(LOOKUP_ENTRY_SINCE)} or later, and set auth_dbname`
  return [
    `${nameOf(file, "auth_user")}: looks users up in each entry, so that each has a pool more, and the function of auth_query has to be in every database. ${remedy}`,
  ]
}

/** A client of a pooler, with the seconds of its `pool_timeout`: 0 is no limit, undefined if they cannot be seen. */
export interface WaitingClient {
  readonly name: string
  readonly poolTimeout: number | undefined
}

/** Warns of a `query_wait_timeout` above the `pool_timeout` of a client, or above the default where that cannot be seen. */
export function longWait(file: PgBouncerFile, clients: readonly WaitingClient[]): string[] {
  const wait = numberOf(file, "query_wait_timeout", DEFAULTS.query_wait_timeout)
  const isLonger = (poolTimeout: number) => poolTimeout > 0 && (wait === 0 || wait > poolTimeout)
  const known = clients.flatMap(({ name, poolTimeout }) =>
    poolTimeout === undefined || !isLonger(poolTimeout) ? [] : [{ name, poolTimeout }],
  )
  const [shortest] = known.toSorted((one, other) => one.poolTimeout - other.poolTimeout)
  const seesAll = clients.length > 0 && clients.every(({ poolTimeout }) => poolTimeout !== undefined)
  const { default: usual } = OPTIONS.poolTimeout
  if (shortest === undefined && (seesAll || !isLonger(usual))) return []
  const than =
    shortest === undefined
      ? `${usual} of pool_timeout by default`
      : `${shortest.poolTimeout} of pool_timeout in ${label(shortest.name)}${known.length > 1 ? `, and of ${known.length - 1} more` : ""}`
  const is = file.settings.has("query_wait_timeout") ? `is ${wait}` : `is left out, and so ${wait}`
  return [
    `${nameOf(file, "query_wait_timeout")}: ${is} seconds${wait === 0 ? ", which is no limit" : ""}, above the ${than}: behind a pooler a query waits here, and pool_timeout does not cover that. Set it to pool_timeout`,
  ]
}

/** Start-up parameters that a schema is in. */
const WITH_SCHEMA = ["options", "search_path"]

function droppedOptions(file: PgBouncerFile): string[] {
  const ignored = (textOf(file, "ignore_startup_parameters") ?? "").split(",").map((name) => name.trim())
  const dropped = WITH_SCHEMA.filter((name) => ignored.includes(name))
  if (dropped.length === 0) return []
  return [
    `${nameOf(file, "ignore_startup_parameters")}: drops ${dropped.join(" and ")}, and with it the schema of a URL (schema, options), without an error: queries use the role's own search_path. Set that, with ALTER ROLE … SET search_path`,
  ]
}

/** Since when PgBouncer keeps named prepared statements apart, and since when it does so unless told otherwise. */
const PREPARED_SINCE = parameterSince("pgbouncer", "max_prepared_statements") ?? 0
const PREPARED_BY_DEFAULT_SINCE = 24

function unpreparedStatements(file: PgBouncerFile): string[] {
  const { settings, versions } = file
  const own = settings.get("max_prepared_statements")?.value
  const isOff =
    own === undefined
      ? versions.most < PREPARED_BY_DEFAULT_SINCE
      : own === 0 || versions.most < PREPARED_SINCE
  if (!isOff || settings.get("pool_mode")?.value !== "transaction") return []
  const name = nameOf(file, "max_prepared_statements")
  return [
    `${name}: is 0, so that statements which a client prepares by name (statement_cache_size, Prisma up to 6) fail in transaction mode. Give pgbouncer=true in the URLs, or set it${versions.most < PREPARED_SINCE ? `, from ${versionText(PREPARED_SINCE)} on` : ""}`,
  ]
}

/** Since when the connection to the server is encrypted where it can be. */
const TLS_PREFERRED_SINCE = 20

function plainConnections(file: PgBouncerFile): string[] {
  const own = file.settings.get("server_tls_sslmode")?.value
  const isPlain = own === "disable" || (own === undefined && file.versions.most < TLS_PREFERRED_SINCE)
  const remote = [...file.databases.values()].filter(({ values }) => isRemote(String(values.host ?? "")))
  if (!isPlain || remote.length === 0) return []
  return [
    `${nameOf(file, "server_tls_sslmode")}: is disable${own === undefined ? " by default" : ""}, and ${remote.length} ${remote.length === 1 ? "entry leads" : "entries lead"} to another machine: passwords and data go there in plain text. Set it to verify-full, with server_tls_ca_file`,
  ]
}

const isRemote = (host: string): boolean =>
  host.split(",").some((each) => each !== "" && !/^[/@]|^localhost$|^127\.|^::1$/.test(normalHost(each)))
