import { ConsoleError } from "./console-error.ts"

/** Rows of an answer of the console, by the names of their columns. */
export type ConsoleRows = readonly Readonly<Record<string, unknown>>[]

/** One pool of `SHOW POOLS`, of which the console's own is left out. */
export interface PoolRow {
  readonly database: string
  readonly user: string
  readonly mode: string
  readonly clients: number
  readonly waiting: number
  readonly longestWaitSeconds: number
  readonly serversUsed: number
  readonly serversIdle: number
}

/** One entry of `SHOW DATABASES`. */
export interface DatabaseRow {
  readonly name: string
  readonly poolSize: number
  readonly reserve: number
  /** 0 for no limit, as are the next two. */
  readonly maxConnections: number
  readonly maxClients: number
  readonly clients: number
  readonly isPaused: boolean
  readonly isDisabled: boolean
}

/** One user of `SHOW USERS`. Undefined where PgBouncer has no such limit, or the user none of its own. */
export interface UserRow {
  readonly name: string
  readonly poolSize: number | undefined
  readonly reserve: number | undefined
  readonly maxConnections: number | undefined
  readonly maxClients: number
  readonly clients: number
}

/** One client of `SHOW CLIENTS`, without cancel requests. */
export interface ClientRow {
  readonly database: string
  readonly user: string
  /** Undefined before PgBouncer 1.18. */
  readonly application: string | undefined
  readonly isActive: boolean
  readonly isWaiting: boolean
  readonly waitSeconds: number
}

/** The database that leads to the console. */
export const CONSOLE_DATABASE = "pgbouncer"

/** A row of an answer. Every version has other columns, in another order, so they are read by name. */
class Row {
  readonly #command: string
  readonly #row: Readonly<Record<string, unknown>>

  constructor(command: string, row: Readonly<Record<string, unknown>>) {
    this.#command = command
    this.#row = row
  }

  /** Returns undefined for a column that is not there, or has no number: `SHOW USERS` pads its numbers, and leaves them empty. */
  number(column: string): number | undefined {
    const value = this.#row[column]
    const text = ["number", "string", "bigint"].includes(typeof value) ? String(value).trim() : ""
    return /^\d{1,15}$/.test(text) ? Number(text) : undefined
  }

  text(column: string): string | undefined {
    const value = this.#row[column]
    return typeof value === "string" ? value : undefined
  }

  needNumber(column: string): number {
    return this.number(column) ?? this.#refuse(column)
  }

  needText(column: string): string {
    return this.text(column) ?? this.#refuse(column)
  }

  /** Adds up the columns that this version has. */
  sum(...columns: readonly string[]): number {
    return columns.reduce((sum, column) => sum + (this.number(column) ?? 0), 0)
  }

  seconds(column: string): number {
    return (this.number(column) ?? 0) + (this.number(`${column}_us`) ?? 0) / 1e6
  }

  #refuse(column: string): never {
    throw new ConsoleError(
      `${this.#command} has no ${column} as PgBouncer's console has`,
      "Give the console of a PgBouncer 1.16 or later, whose database is pgbouncer",
    )
  }
}

const read = <Result>(command: string, rows: ConsoleRows, readRow: (row: Row) => Result): Result[] =>
  rows.map((row) => readRow(new Row(command, row)))

const isOfClients = ({ database }: { readonly database: string }): boolean => database !== CONSOLE_DATABASE

export function readPools(rows: ConsoleRows): PoolRow[] {
  return read("SHOW POOLS", rows, (row) => ({
    database: row.needText("database"),
    user: row.needText("user"),
    mode: row.text("pool_mode") ?? "",
    clients: row.needNumber("cl_active") + row.needNumber("cl_waiting"),
    waiting: row.needNumber("cl_waiting"),
    longestWaitSeconds: row.seconds("maxwait"),
    // sv_active_cancel is no connection that takes a slot: it only carries a cancel request.
    serversUsed: row.needNumber("sv_active") + row.sum("sv_login", "sv_tested", "sv_being_canceled"),
    // "used" is idle for so long that it is tested before its next client.
    serversIdle: row.needNumber("sv_idle") + row.sum("sv_used"),
  })).filter(isOfClients)
}

export function readDatabases(rows: ConsoleRows): DatabaseRow[] {
  return read("SHOW DATABASES", rows, (row) => ({
    name: row.needText("name"),
    poolSize: row.needNumber("pool_size"),
    // Renamed in 1.24.
    reserve: row.sum("reserve_pool_size", "reserve_pool"),
    maxConnections: row.sum("max_connections"),
    maxClients: row.sum("max_client_connections"),
    clients: row.sum("current_client_connections"),
    isPaused: row.sum("paused") > 0,
    isDisabled: row.sum("disabled") > 0,
  })).filter(({ name }) => name !== CONSOLE_DATABASE)
}

export function readUsers(rows: ConsoleRows): UserRow[] {
  return read("SHOW USERS", rows, (row) => ({
    name: row.needText("name"),
    poolSize: row.number("pool_size"),
    reserve: row.number("reserve_pool_size"),
    maxConnections: row.number("max_user_connections"),
    maxClients: row.sum("max_user_client_connections"),
    clients: row.sum("current_client_connections"),
  }))
}

/** Reads the clients of the console too, which have its database. */
export function readClients(rows: ConsoleRows): ClientRow[] {
  return read("SHOW CLIENTS", rows, (row) => ({ state: row.needText("state"), row }))
    .filter(({ state }) => !state.endsWith("cancel_req"))
    .map(({ state, row }) => {
      const isWaiting = state === "waiting"
      return {
        database: row.needText("database"),
        user: row.needText("user"),
        application: row.text("application_name"),
        isActive: !isWaiting && (row.text("link") ?? "") !== "",
        isWaiting,
        waitSeconds: isWaiting ? row.seconds("wait") : 0,
      }
    })
}

/** Reads pairs of a name and a value: `SHOW CONFIG`, `SHOW LISTS`. */
export function readPairs(
  command: string,
  rows: ConsoleRows,
  [name, value]: readonly [name: string, value: string],
): (name: string) => string | undefined {
  const pairs = new Map(
    read(
      command,
      rows,
      (row) => [row.needText(name), row.text(value) ?? row.number(value)?.toString()] as const,
    ),
  )
  return (name) => pairs.get(name)
}
