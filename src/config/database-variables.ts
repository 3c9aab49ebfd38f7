import { describeValue, PoolConfigError } from "../error.ts"
import type { Option } from "./option.ts"
import { OPTIONS } from "./options.ts"

/** Selects the database whose variables are read. */
export interface DatabaseOption {
  /**
   * The suffix of its variables: `BILLING` reads `DATABASE_URL_BILLING` and `PRISMA_POOL_SIZE_BILLING`. Capitals, digits and
   * `_`, a capital first; neither `REPLICA` nor anything that ends in `_REPLICA`. Without it the variables have no suffix:
   * `DATABASE_URL`, `PRISMA_POOL_SIZE`.
   */
  readonly database?: string | undefined
}

/** The suffix of a database's variables; undefined for the database whose variables have none. */
export type DatabaseName = string | undefined

/** The database of `createCoreClient`, `coreAdapter`, `withCoreClient` and `coreDatabaseUrl`. */
export const CORE = "CORE"

const REPLICA = "_REPLICA"

/** The replica of a database: its variables have one more suffix, and fall back to those of the primary. */
export const replicaOf = (database: DatabaseName): string => `${database ?? ""}${REPLICA}`.replace(/^_/, "")

/** A variable of one database. */
export const withSuffix = (variable: string, database: DatabaseName) =>
  database === undefined ? variable : `${variable}_${database}`

/** The variable that holds the URL of a database. */
export const urlVariable = (database: DatabaseName): string => withSuffix(OPTIONS.url.variable, database)

/** The variable that sets the size of its pool. */
export const sizeVariable = (database: DatabaseName): string =>
  withSuffix(OPTIONS.connectionLimit.variable, database)

/** The database whose URL a variable holds; undefined for a variable of another name. */
export function databaseOf(variable: string): { readonly database: DatabaseName } | undefined {
  const [, database] = /^DATABASE_URL(?:_([A-Z][A-Z0-9_]*))?$/.exec(variable) ?? []
  return variable.startsWith(OPTIONS.url.variable) &&
    (database !== undefined || variable === OPTIONS.url.variable)
    ? { database }
    : undefined
}

/**
 * The variables that may set an option of a database's pool, in order of precedence. URL and size have no variable shared by
 * all databases: a size meant for one database would otherwise open connections to another.
 */
export function variablesOf(option: Option, database: DatabaseName): readonly string[] {
  const { variable, isPerDatabase } = option
  if (variable === undefined) return []
  if (database === undefined) return [variable]
  const primary = database.endsWith(REPLICA)
    ? database.slice(0, -REPLICA.length)
    : database === REPLICA.slice(1)
      ? undefined
      : database
  const isReplica = primary !== database
  const own = withSuffix(variable, database)
  // A replica has its own URL. Every other setting falls back to the primary's.
  if (isReplica) return option === OPTIONS.url ? [own] : [own, ...variablesOf(option, primary)]
  return isPerDatabase ? [own] : [own, variable]
}

/** Rejects a name that no variable can have, and callers without TypeScript who pass something else. */
export function checkDatabase(database: unknown): void {
  if (database === undefined) return
  const isName = typeof database === "string" && /^[A-Z][A-Z0-9_]*$/.test(database)
  if (isName && !/(^|_)REPLICA$/.test(database)) return
  throw new PoolConfigError([
    {
      name: "database",
      problem: `received ${describeValue(database)}`,
      remedy: isName
        ? "For a replica, pass the primary's client to createReplicaClient"
        : "Give the suffix of its variables, BILLING for DATABASE_URL_BILLING, or leave it out for DATABASE_URL",
    },
  ])
}
