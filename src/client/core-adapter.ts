import { PrismaPg } from "@prisma/adapter-pg"
import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client"
import { databaseUrlWith } from "../config/core-database-url.ts"
import { OPTIONS } from "../config/options.ts"
import { type Environment, present, tryPoolSettings } from "../config/read-pool-settings.ts"
import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import type { LimitedPoolConfig } from "./limited-pool.ts"
import { poolConfigFromUrl } from "./pool-config-from-url.ts"
import { PooledAdapter } from "./pooled-adapter.ts"
import { prismaError } from "./prisma-error.ts"
import { leasePool } from "./shared-pool.ts"
import { throughPrisma } from "./through-prisma.ts"
import { warn } from "./warn.ts"

/** `PrismaPg`'s own options. The pool is this package's, so what would end it is not among them. */
export type PrismaPgOptions = Omit<
  NonNullable<ConstructorParameters<typeof PrismaPg>[1]>,
  "disposeExternalPool"
>

/** How the Core adapter is made. */
export interface CoreAdapterOptions {
  /** Where the settings are read from. Default `process.env`. */
  readonly env?: Environment | undefined
  /**
   * The password, asked for at each new connection: for tokens that rotate (IAM). Default: the URL's own.
   * Clients whose settings are equal share a pool whatever their functions; the newest one's is asked.
   */
  readonly password?: (() => string | Promise<string>) | undefined
  /** `PrismaPg`'s options, such as `statementNameGenerator`; its `schema` overrides the URL's for generated SQL. */
  readonly prismaPg?: PrismaPgOptions | undefined
}

/**
 * The Core database's driver adapter, for code that constructs its `PrismaClient` itself (NestJS's
 * `class PrismaService extends PrismaClient`). {@link createCoreClient} is one line over it, and says what it
 * guarantees.
 *
 * @throws {PoolConfigError} when a setting is present and wrong. A missing `DATABASE_URL_CORE` is read again at
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
export function coreAdapter(options: CoreAdapterOptions = {}): SqlDriverAdapterFactory {
  checkOptions(options)
  return new CoreAdapterFactory(options)
}

/** For callers without TypeScript. What was passed may hold the password, and is not printed. */
function checkOptions(options: CoreAdapterOptions): void {
  const issues: PoolConfigIssue[] = []
  const { password, prismaPg } = (options ?? {}) as Record<string, unknown>
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
  if (issues.length > 0) throw new PoolConfigError(issues)
}

interface Resolved {
  readonly pool: LimitedPoolConfig
  readonly credential: string
  readonly prismaPg: PrismaPgOptions
}

// Private fields: a client holds its adapter, and `util.inspect` must not find a password there.
class CoreAdapterFactory implements SqlDriverAdapterFactory {
  readonly provider = "postgres"
  readonly adapterName = "@prisma/adapter-pg"
  readonly #options: CoreAdapterOptions
  #resolved: Resolved | undefined

  constructor(options: CoreAdapterOptions) {
    this.#options = options
    this.#resolved = this.#resolve({ urlMayBeMissing: true })
  }

  async connect(): Promise<PooledAdapter> {
    const { pool: config, credential, prismaPg } = this.#require()
    const lease = leasePool(config, credential)
    const address = { host: config.host ?? "", port: config.port ?? 0 }
    try {
      const inner = await new PrismaPg(lease.pool, prismaPg).connect()
      if (inner.underlyingDriver() !== lease.pool) throw twoCopiesOfPg()
      // A connection that the pool has already says that the server can be reached. The query goes through the
      // adapter, which tells a wrong password from an unknown database.
      if (lease.pool.establishedCount === 0)
        await inner.executeRaw({ sql: "SELECT 1", args: [], argTypes: [] })
      return new PooledAdapter(inner, () => lease.release(), address)
    } catch (error) {
      // Not awaited: the connection that failed may take its time to close.
      void lease.release()
      throw throughPrisma(prismaError(error, address))
    }
  }

  #require(): Resolved {
    try {
      this.#resolved ??= this.#resolve({ urlMayBeMissing: false })
    } catch (error) {
      throw throughPrisma(error)
    }
    return this.#resolved as Resolved
  }

  #resolve({ urlMayBeMissing }: { readonly urlMayBeMissing: boolean }): Resolved | undefined {
    const { env = process.env, password, prismaPg = {} } = this.#options
    const { settings, issues } = tryPoolSettings(env)
    if (settings === undefined) {
      const name = OPTIONS.url.variable
      const wrong = issues.filter((issue) => !(urlMayBeMissing && issue.name === name && !present(env, name)))
      if (wrong.length > 0) throw new PoolConfigError(wrong)
      return undefined
    }
    for (const warning of settings.warnings) warn(warning)
    const { pool, adapter } = poolConfigFromUrl(databaseUrlWith(settings))
    const own = typeof pool.password === "function" ? pool.password() : pool.password
    return {
      pool: password === undefined ? pool : { ...pool, password },
      credential: password === undefined ? `password ${own ?? ""}` : "function",
      // An adapter that ended the pool would end it for every client that shares it.
      prismaPg: { ...adapter, ...prismaPg, ...{ disposeExternalPool: false } },
    }
  }
}

function twoCopiesOfPg(): PoolConfigError {
  const problem = "is installed twice, and @prisma/adapter-pg does not know the pool of the other copy"
  return new PoolConfigError([
    { name: "pg", problem, remedy: 'See "npm ls pg", then "npm dedupe" or an override' },
  ])
}
