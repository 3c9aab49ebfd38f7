import { MAX_POOL_SIZE } from "../../validation/numbers.ts"
import { type Bounds, exactly } from "../resource-pool.ts"
import type { DatabaseEntry } from "./collect-lines.ts"
import { FALLBACK, type PgBouncerFile } from "./read-pgbouncer.ts"
import { DEFAULTS, numberOf, textOf } from "./settings.ts"

/** A pool with the settings that PgBouncer resolves for its entry and its user. */
export interface ResolvedPool {
  readonly database: string
  /** The user that its settings are of. Users that PgBouncer tells apart have different ones. */
  readonly user: string
  /** 10,000 at the highest where nothing limits it. */
  readonly size: Bounds
  readonly reserve: number
  /** `max_db_connections`; 0 is none. */
  readonly databaseCap: number
  /** `max_user_connections`; 0 is none. */
  readonly userCap: number
  /** True if it is of the role that looks up users, and of no client. */
  readonly isLookup?: true
}

/** From this version on a size of 0 is unlimited. Before, it is no connection at all. */
export const UNLIMITED_SINCE = 24

/** From this version on a forced user has what `[users]` says of it, in all entries together. */
const SHARED_FORCED_SINCE = 24

/**
 * Resolves the settings of one pool. A user's own come before the entry's, and those before the defaults; a cap of 0 or
 * below is the default one, as in PgBouncer.
 */
export function resolvedPool(file: PgBouncerFile, entry: DatabaseEntry, user: string): ResolvedPool {
  const { values } = entry
  const isForced = values.user === user
  const isShared = !isForced || file.versions.least >= SHARED_FORCED_SINCE
  const own = file.users.get(user)?.values
  const base = fromEntry(values.pool_size, numberOf(file, "default_pool_size", DEFAULTS.default_pool_size))
  const ofUser = fromEntry(own?.pool_size, base)
  const sizes = isShared ? [ofUser] : [ofUser, base]
  const caps = (value: unknown, standard: number) =>
    typeof value === "number" && value > 0 ? value : Math.max(standard, 0)
  const reserves = numberOf(file, "reserve_pool_size", DEFAULTS.reserve_pool_size)
  const ofDatabase = fromEntry(values.reserve_pool_size ?? values.reserve_pool, reserves)
  const reserve = fromEntry(own?.reserve_pool_size, ofDatabase)
  return {
    database: entry.name,
    user: isShared ? user : `${user} of ${entry.name}`,
    size: boundsOf(sizes),
    reserve: Math.max(0, isShared ? reserve : Math.max(reserve, ofDatabase)),
    databaseCap: caps(
      values.max_db_connections,
      numberOf(file, "max_db_connections", DEFAULTS.max_db_connections),
    ),
    userCap: caps(
      isShared ? own?.max_user_connections : undefined,
      numberOf(file, "max_user_connections", DEFAULTS.max_user_connections),
    ),
  }
}

/** A negative value is one that is left out. */
const fromEntry = (value: unknown, standard: number): number =>
  typeof value === "number" && value >= 0 ? value : standard

function boundsOf(sizes: readonly number[]): Bounds {
  const isUnlimited = sizes.some((size) => size === 0)
  const limited = sizes.filter((size) => size > 0)
  return {
    lowest: isUnlimited ? 1 : Math.min(...limited),
    highest: isUnlimited ? MAX_POOL_SIZE : Math.max(...limited),
  }
}

/** The entry that a database leads to: its own, or the one for every other. */
export function entryFor(
  { databases }: Pick<PgBouncerFile, "databases">,
  database: string,
): DatabaseEntry | undefined {
  const own = databases.get(database)
  if (own !== undefined && database !== FALLBACK) return own
  const fallback = databases.get(FALLBACK)
  return fallback && { ...fallback, name: database }
}

/** The role that looks up users in an entry, and the entry in which it does. */
export function lookupOf(
  file: PgBouncerFile,
  { name, values }: DatabaseEntry,
): { readonly user: string; readonly database: string; readonly isEverywhere: boolean } | undefined {
  const user = values.auth_user ?? textOf(file, "auth_user")
  if (user === undefined) return undefined
  const database = values.auth_dbname ?? textOf(file, "auth_dbname")
  return { user: String(user), database: String(database ?? name), isEverywhere: database === undefined }
}

/** The users that may connect to an entry, each of which has a pool of its own there. */
export type EntryUsers =
  | { readonly users: readonly string[] }
  /** The reason why they cannot be counted. */
  | { readonly reason: string; readonly setting: "auth_query" | "auth_file" | "auth_type" | "auth_hba_file" }

/** Authentication by which only users of `auth_file` connect, and those that are looked up. */
const BY_FILE: readonly unknown[] = ["trust", "plain", "md5", "cert", "scram-sha-256", undefined]

export function usersOf(file: PgBouncerFile, entry: DatabaseEntry): EntryUsers {
  const { user } = entry.values
  if (user !== undefined) return { users: [String(user)] }
  if (lookupOf(file, entry) !== undefined) {
    return { setting: "auth_query", reason: "looks users up in the server" }
  }
  const type = file.settings.get("auth_type")?.value
  if (type === "hba") return { setting: "auth_hba_file", reason: "says who may connect" }
  if (!BY_FILE.includes(type)) return { setting: "auth_type", reason: `is ${type}, which takes any user` }
  if (file.authUsers === undefined) return { setting: "auth_file", reason: "is not there, or cannot be read" }
  if (file.authUsers.size === 0) return { setting: "auth_file", reason: "has no user" }
  return { users: [...file.authUsers] }
}

/** The entries of a file, without the one for every other database. */
export const namedEntries = ({ databases }: Pick<PgBouncerFile, "databases">): readonly DatabaseEntry[] =>
  [...databases.values()].filter(({ name }) => name !== FALLBACK)

/** A pool that stands for all those of an entry whose number is not known, which its cap limits together. */
export const cappedPool = (pool: ResolvedPool): ResolvedPool => ({
  ...pool,
  user: `users of ${pool.database}`,
  size: exactly(pool.databaseCap),
  reserve: 0,
  userCap: 0,
})
