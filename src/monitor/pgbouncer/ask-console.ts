import type { PgClientLike } from "../inspect/inspectable.ts"
import { type ConsoleAnswer, isSince } from "./build-pgbouncer-report.ts"
import { ConsoleError } from "./console-error.ts"
import {
  CONSOLE_DATABASE,
  type ConsoleRows,
  readClients,
  readDatabases,
  readPairs,
  readPools,
  readUsers,
} from "./console-rows.ts"

/**
 * Asks one console, command by command: it takes no parameters, so that only text goes to it, and one command at a time.
 *
 * @param isOwn true for the application name of a console that is closed after this
 */
export async function askConsole(
  client: PgClientLike,
  isOwn: (application: string) => boolean = () => false,
): Promise<ConsoleAnswer & { readonly consoles: readonly string[] }> {
  const ask = async (command: string) => rowsOf((await client.query(command)).rows)
  const version = versionOf(await ask("SHOW VERSION").catch(elsewhere))
  const config = readPairs("SHOW CONFIG", await ask("SHOW CONFIG"), ["key", "value"])
  const setting = (name: string) => numberOf("SHOW CONFIG", name, config(name))
  const lists = readPairs("SHOW LISTS", await ask("SHOW LISTS"), ["list", "items"])
  const item = (name: string) => numberOf("SHOW LISTS", name, lists(name))
  const clients = readClients(await ask("SHOW CLIENTS"))
  const consoles = clients.flatMap(({ database, application }) =>
    database === CONSOLE_DATABASE && application !== undefined ? [application] : [],
  )
  return {
    version,
    state: isSince(version, 19) ? stateOf(await ask("SHOW STATE")) : undefined,
    sharesPort: config("so_reuseport") === "1",
    queryWaitTimeoutSeconds: setting("query_wait_timeout"),
    maxClients: setting("max_client_conn"),
    maxUserConnections: setting("max_user_connections"),
    usedClients: item("used_clients"),
    loggingIn: item("login_clients"),
    pools: readPools(await ask("SHOW POOLS")),
    databases: readDatabases(await ask("SHOW DATABASES")),
    users: readUsers(await ask("SHOW USERS")),
    clients,
    consoles,
    ownConsoles: consoles.filter(isOwn).length,
  }
}

const rowsOf = (rows: readonly unknown[]): ConsoleRows =>
  rows.filter((row): row is Readonly<Record<string, unknown>> => typeof row === "object" && row !== null)

/** PostgreSQL has no such setting, and other poolers have other consoles, or none. */
const notConsole = (cause?: unknown) =>
  new ConsoleError(
    "does not answer as PgBouncer's console",
    "Give the URL of a console: PgBouncer's host and port, with pgbouncer as the database",
    { cause, isElsewhere: true },
  )

/** A server's own ERROR leaves the connection as it was; anything else is no answer. */
function elsewhere(error: unknown): never {
  const { severity } = (error ?? {}) as { readonly severity?: unknown }
  throw severity === "ERROR" ? notConsole(error) : error
}

function versionOf([row]: ConsoleRows): string {
  const [, version] = /^PgBouncer (\S+)/.exec(String(row?.["version"])) ?? []
  if (version === undefined) throw notConsole()
  return version
}

/** `SHOW STATE` has a line for each state, and a yes behind the one that is. */
function stateOf(rows: ConsoleRows): string | undefined {
  return rows.flatMap(({ key, value }) => (value === "yes" && typeof key === "string" ? [key] : []))[0]
}

function numberOf(command: string, name: string, value: string | undefined): number {
  // query_wait_timeout may have fractions.
  if (value !== undefined && /^\d+(\.\d+)?$/.test(value)) return Number(value)
  throw new ConsoleError(
    `${command} has no ${name} as PgBouncer's console has`,
    "Give the console of a PgBouncer 1.16 or later, whose database is pgbouncer",
  )
}
