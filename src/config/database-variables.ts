import { describeValue, PoolConfigError } from "../error.ts"
import type { Option } from "./option.ts"
import { OPTIONS } from "./options.ts"

/** Which database's variables are read. */
export interface DatabaseOption {
  /**
   * The suffix of its variables: `BILLING` reads `DATABASE_URL_BILLING` and `PRISMA_POOL_SIZE_BILLING`. Capitals, digits and
   * `_`, a capital first; neither `REPLICA` nor anything that ends in `_REPLICA`. Without it the variables have no suffix:
   * `DATABASE_URL`, `PRISMA_POOL_SIZE`.
   */
  readonly database?: string | undefined
}

/** The name of a database, as its variables end; undefined for the one whose variables have no suffix. */
export type DatabaseName = string | undefined

/** The database of `createCoreClient`, `coreAdapter`, `withCoreClient` and `coreDatabaseUrl`. */
export const CORE = "CORE"

const REPLICA = "_REPLICA"

/** The replica of a database, whose variables have one more suffix and fall back to those of the primary. */
export const replicaOf = (database: DatabaseName): string => `${database ?? ""}${REPLICA}`.replace(/^_/, "")

const withSuffix = (variable: string, database: DatabaseName) =>
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
 * The variables that may set an option of a database's pool, the one that counts first. URL and size have no variable for
 * all databases: one that was meant for another would open its connections.
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
  // A replica has a URL of its own; everything else is the primary's where it has none.
  if (isReplica) return option === OPTIONS.url ? [own] : [own, ...variablesOf(option, primary)]
  return isPerDatabase ? [own] : [own, variable]
}

/** For callers without TypeScript, and for a name that no variable can have. */
export function checkDatabase(database: unknown): void {
  if (database === undefined) return
  const isName = typeof database === "string" && /^[A-Z][A-Z0-9_]*$/.test(database)
  if (isName && !/(^|_)REPLICA$/.test(database)) return
  throw new PoolConfigError([
    {
      name: "database",
      problem: `received ${describeValue(database)}`,
      remedy: isName
        ? "A replica's client is createReplicaClient's: give it the primary's client"
        : "Give the suffix of its variables, BILLING for DATABASE_URL_BILLING, or leave it out for DATABASE_URL",
    },
  ])
}
