import { PrismaPg } from "@prisma/adapter-pg"
import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client"
import {
  CORE,
  checkDatabase,
  type DatabaseName,
  type DatabaseOption,
  urlVariable,
} from "../config/database-variables.ts"
import { type Environment, nonEmpty } from "../config/environment.ts"
import { OPTIONS } from "../config/options.ts"
import { trySettings } from "../config/settings.ts"
import { isSameSearchPath, searchPathIn } from "../config/startup-options.ts"
import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import { startupOptionsRefused } from "../pool/connect-error.ts"
import type { Pool } from "../pool/create-pool.ts"
import { CONNECT_CHECK } from "../pool/held-too-long.ts"
import type { LimitedPool } from "../pool/limited-pool.ts"
import type { LimitedPoolConfig } from "../pool/limited-pool-config.ts"
import { pgOptions } from "../pool/pool-config-from-url.ts"
import { type CarriesMetrics, METRICS, PoolMetrics } from "../pool/pool-metrics.ts"
import { acquireSharedPool, sharedMetrics } from "../pool/shared-pool.ts"
import { warn } from "../pool/warn.ts"
import { PooledAdapter } from "./pooled-adapter.ts"
import {
  bypassPrismaErrorWrapping,
  connectingError,
  noConnectionError,
  type ServerAddress,
} from "./prisma-error.ts"

/** `PrismaPg`'s own options, without the one that would end the pool: the pool belongs to this package. */
export type PrismaPgOptions = Omit<
  NonNullable<ConstructorParameters<typeof PrismaPg>[1]>,
  "disposeExternalPool"
>

/** Options of every adapter that this package makes. */
export interface AdapterOptions {
  /** The source of the settings. Default `process.env`. */
  readonly env?: Environment | undefined
  /**
   * Returns the password, called for each new connection: for tokens that rotate (IAM). Default: the URL's own.
   * Clients with equal settings share a pool even if their functions differ; the newest client's function is called.
   */
  readonly password?: (() => string | Promise<string>) | undefined
  /** `PrismaPg`'s options, such as `statementNameGenerator`; its `schema` overrides the URL's for generated SQL. */
  readonly prismaPg?: PrismaPgOptions | undefined
  /**
   * Called with the `pg.Pool` when it is made, and again with the next one after `$disconnect()`. Use it for code that watches
   * a pool (`attachDatabasePool` of `@vercel/functions`) or shares it (graphile-worker, pg-boss). Clients with equal settings
   * share a pool, and each client's function is called. Never end the pool yourself: `$disconnect()` does.
   */
  readonly onPool?: ((pool: Pool) => void) | undefined
  /**
   * True makes `$connect()`, and the first query without it, wait until the `PRISMA_POOL_MIN_IDLE` connections are open, or
   * no more can be opened: a probe that calls `$connect()` then sends traffic to a warm pool. It never rejects for them. Default
   * false: they are opened in the background.
   */
  readonly warm?: boolean | undefined
}

/** Options of {@link prismaAdapter}. */
export type PrismaAdapterOptions = AdapterOptions & DatabaseOption

/**
 * Makes a database's driver adapter, for code that constructs its `PrismaClient` itself (NestJS's
 * `class PrismaService extends PrismaClient`). {@link createPrismaClient} uses it, and lists its guarantees.
 *
 * @param options `database` selects the variables: without it `DATABASE_URL` and `PRISMA_POOL_SIZE`
 * @throws {PoolConfigError} if a setting is present and invalid. A missing URL is read again at first use; `$connect()` or
 *   the first query then rejects with the error.
 * @example
 * ```ts
 * class PrismaService extends PrismaClient {
 *   constructor() {
 *     super({ adapter: prismaAdapter() })
 *   }
 * }
 * ```
 */
export function prismaAdapter(options: PrismaAdapterOptions = {}): SqlDriverAdapterFactory {
  return databaseAdapter(options)
}

/** {@link prismaAdapter} with the type that it has in this package. */
export function databaseAdapter(options: PrismaAdapterOptions): DatabaseAdapterFactory {
  checkOptions(options)
  const { database, ...own } = options
  checkDatabase(database)
  return new DatabaseAdapterFactory(database, own)
}

/**
 * Makes the Core database's driver adapter: {@link prismaAdapter} with `database: "CORE"`.
 *
 * @throws {PoolConfigError} if a setting is present and invalid. A missing `DATABASE_URL_CORE` is read again at
 *   first use; `$connect()` or the first query then rejects with the error.
 * @example
 * ```ts
 * class PrismaService extends PrismaClient {
 *   constructor() {
 *     super({ adapter: coreAdapter() })
 *   }
 * }
 * ```
 */
export function coreAdapter(options: AdapterOptions = {}): SqlDriverAdapterFactory {
  checkOptions(options)
  return new DatabaseAdapterFactory(CORE, options)
}

/** Rejects invalid options, for callers without TypeScript. Values may contain the password, and are not printed. */
function checkOptions(options: AdapterOptions): void {
  const issues: PoolConfigIssue[] = []
  const { password, prismaPg, onPool, warm } = (options ?? {}) as Record<string, unknown>
  if (options === null || typeof options !== "object") {
    issues.push({
      name: "options",
      problem: "is not an object",
      remedy: "Pass an object, or leave it out",
    })
  }
  if (password !== undefined && typeof password !== "function") {
    const remedy = "Pass a function that returns it, or put it into the URL"
    issues.push({ name: "password", problem: "is not a function", remedy })
  }
  if (prismaPg !== undefined && (prismaPg === null || typeof prismaPg !== "object")) {
    issues.push({ name: "prismaPg", problem: "is not an object", remedy: "Pass PrismaPg's options" })
  }
  if (onPool !== undefined && typeof onPool !== "function") {
    issues.push({
      name: "onPool",
      problem: "is not a function",
      remedy: "Pass a function that takes the pg.Pool",
    })
  }
  if (warm !== undefined && typeof warm !== "boolean") {
    issues.push({
      name: "warm",
      problem: "is not true or false",
      remedy: "Use one of them, or leave it out",
    })
  }
  if (issues.length > 0) throw new PoolConfigError(issues)
}

interface Resolved {
  readonly pool: LimitedPoolConfig
  readonly credential: string
  readonly prismaPg: PrismaPgOptions
  /** The search_path sent when a connection starts; undefined if none is sent. */
  readonly searchPath: string | undefined
}

// Private fields: a client holds its adapter, and `util.inspect` must not find a password there.
export class DatabaseAdapterFactory implements SqlDriverAdapterFactory, CarriesMetrics {
  readonly provider = "postgres"
  readonly adapterName = "@prisma/adapter-pg"
  readonly #database: DatabaseName
  readonly #options: AdapterOptions
  readonly #announced = new WeakSet<Pool>()
  #resolved: Resolved | undefined
  #metrics: PoolMetrics | undefined
  #pool: LimitedPool | undefined

  constructor(database: DatabaseName, options: AdapterOptions) {
    this.#database = database
    this.#options = options
    this.#resolved = this.#resolve({ urlMayBeMissing: true })
  }

  [METRICS](): PoolMetrics {
    const { pool, credential } = this.#require()
    this.#metrics = sharedMetrics(pool, credential) ?? this.#metrics ?? new PoolMetrics(pool)
    return this.#metrics
  }

  /** The error, with Prisma's code, for which its pool has no connection; undefined if it has some, or none was needed. */
  get noConnectionError(): unknown {
    const error = this.#pool?.noConnectionError
    return error && noConnectionError(error, addressOf(this.#require().pool))
  }

  async connect(): Promise<PooledAdapter> {
    const { pool: config, credential, prismaPg, searchPath } = this.#require()
    const handle = acquireSharedPool(config, credential, this[METRICS]())
    const address = addressOf(config)
    this.#pool = handle.pool
    let inner: Awaited<ReturnType<PrismaPg["connect"]>> | undefined
    try {
      this.#announce(handle.pool)
      inner = await new PrismaPg(handle.pool, prismaPg).connect()
      if (inner.underlyingDriver() !== handle.pool) throw twoCopiesOfPg()
      // If the pool has a connection already, the server can be reached.
      if (handle.pool.establishedCount === 0) await verifyConnection(inner, searchPath)
      if (this.#options.warm) await handle.pool.filled()
      return new PooledAdapter(inner, () => handle.release(), address)
    } catch (error) {
      // Its listener would stay on a pool that other clients have.
      await inner?.dispose()
      // Not awaited: the failed connection may take long to close.
      void handle.release()
      throw bypassPrismaErrorWrapping(connectingError(error, address))
    }
  }

  #announce(pool: Pool): void {
    if (this.#announced.has(pool)) return
    this.#options.onPool?.(pool)
    // Not before: where it throws, the next $connect() calls it again.
    this.#announced.add(pool)
  }

  #require(): Resolved {
    try {
      this.#resolved ??= this.#resolve({ urlMayBeMissing: false })
    } catch (error) {
      throw bypassPrismaErrorWrapping(error)
    }
    return this.#resolved as Resolved
  }

  #resolve({ urlMayBeMissing }: { readonly urlMayBeMissing: boolean }): Resolved | undefined {
    const { env = process.env, password, prismaPg = {}, warm } = this.#options
    const { settings, issues } = trySettings(env, this.#database)
    if (settings === undefined) {
      const name = urlVariable(this.#database)
      const wrong = issues.filter(
        (issue) => !(urlMayBeMissing && issue.name === name && !nonEmpty(env, name)),
      )
      if (wrong.length > 0) throw new PoolConfigError(wrong)
      return undefined
    }
    for (const warning of settings.warnings) warn(warning)
    const { pool, adapter } = pgOptions(settings.url, { known: settings })
    if (warm && !pool.minIdle) warn(`warm has no effect: no connection is kept ready. ${NO_MIN_IDLE}.`)
    const own = typeof pool.password === "function" ? pool.password() : pool.password
    return {
      pool: password === undefined ? pool : { ...pool, password },
      credential: password === undefined ? `password ${own ?? ""}` : "function",
      // Ending the pool would end it for every client that shares it.
      prismaPg: { ...adapter, ...prismaPg, ...{ disposeExternalPool: false } },
      searchPath: searchPathIn(pool.options ?? ""),
    }
  }
}

const NO_MIN_IDLE = `Set ${OPTIONS.minIdle.variable}, without single_use_connections`

const addressOf = ({ host = "", port = 0 }: LimitedPoolConfig): ServerAddress => ({ host, port })

/** Runs a query through the adapter, whose error tells a wrong password from an unknown database. */
async function verifyConnection(
  adapter: Awaited<ReturnType<PrismaPg["connect"]>>,
  searchPath: string | undefined,
): Promise<void> {
  const { rows } = await adapter.queryRaw({ sql: CONNECT_CHECK, args: [], argTypes: [] })
  // A pooler may be configured to drop start-up options, and raw SQL would then silently read another schema.
  if (searchPath === undefined || isSameSearchPath(String(rows[0]?.[0]), searchPath)) return
  throw startupOptionsRefused("drops start-up options: the search_path did not arrive")
}

function twoCopiesOfPg(): PoolConfigError {
  const problem = "is installed twice, and @prisma/adapter-pg does not know the pool of the other copy"
  const remedy =
    'Where a bundler made this file, bundle both or neither. Else see "npm ls pg", then "npm dedupe" or an override'
  return new PoolConfigError([{ name: "pg", problem, remedy }])
}
