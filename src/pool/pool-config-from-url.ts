import type { DatabaseUrl } from "../config/database-url.ts"
import { parseDatabaseUrl } from "../config/parse-database-url.ts"
import { startupOptions } from "../config/startup-options.ts"
import { readUrlValues, type UrlValues } from "../config/url-values.ts"
import { urlWarnings } from "../config/url-warnings.ts"
import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import type { LimitedPoolConfig } from "./limited-pool.ts"
import { PostgresClient } from "./postgres-client.ts"
import { statementNames } from "./statement-names.ts"
import { readTlsFiles } from "./tls-files.ts"
import { warn } from "./warn.ts"

/** What {@link poolConfigFromUrl} makes of a URL. */
export interface PgOptions {
  /**
   * The options of a `pg.Pool`, as fields rather than as a connection string, whose parameters would override
   * them. The password is a function, so that neither `util.inspect` nor JSON shows it.
   */
  readonly pool: LimitedPoolConfig
  /** The options of `PrismaPg`, its second argument. */
  readonly adapter: {
    readonly schema?: string
    /** Prisma 7 only: with `statement_cache_size`. */
    readonly statementNameGenerator?: (query: { readonly sql: string }) => string
  }
}

/**
 * What a Prisma URL of a PostgreSQL database means, as options of node-postgres and of `PrismaPg`.
 *
 * On Prisma 7 most of the URL's parameters do nothing by themselves, or mean something else; here each has the
 * meaning that Prisma documents: `docs/url-parameters.md` in the repository has them all. A parameter that is absent has the default
 * of this package (`connection_limit` 15, `pool_timeout` 20 s or 10 s more than a longer `connect_timeout`, `connect_timeout` 10 s or 1 s
 * less than a shorter `pool_timeout`,
 * `sslmode` prefer, …), never one made from the CPU count.
 *
 * Parameters that are misspelt, unknown, given twice, without effect or at odds with each other are process
 * warnings, one of each.
 *
 * A plain `pg.Pool` made from `pool` keeps every setting, but overshoots its limit while connections are
 * replaced; {@link createPool} and `createCoreClient` do not.
 *
 * @param url any PostgreSQL URL that Prisma takes
 * @param options `strict: true` makes errors of the warnings, for CI
 * @throws {PoolConfigError} naming every parameter that is wrong, all at once, and every file that cannot be used
 * @example
 * ```ts
 * const { pool, adapter } = poolConfigFromUrl("postgresql://app:secret@db/core?schema=core&connection_limit=5")
 * // pool.max 5, pool.connectionTimeoutMillis 20000, pool.connectTimeoutMillis 10000; adapter { schema: "core" }
 * ```
 */
export function poolConfigFromUrl(url: string, options: { readonly strict?: boolean } = {}): PgOptions {
  const issues: PoolConfigIssue[] = nativeIssues()
  const parsed = parseDatabaseUrl(url, "url", issues)
  if (parsed === undefined) throw new PoolConfigError(issues)
  // From JavaScript, null is as good as nothing.
  return pgOptions(parsed, { strict: options?.strict })
}

/** How a URL that was parsed becomes options. */
interface Reading {
  readonly strict?: boolean | undefined
  /** Values that were read before, together with the environment. */
  readonly known?: Partial<UrlValues>
}

/** The same of a URL that was parsed. */
export function pgOptions(url: DatabaseUrl, { strict, known }: Reading = {}): PgOptions {
  const issues: PoolConfigIssue[] = nativeIssues()
  const values = readUrlValues(url, issues, known)
  const config = configOf(url, values, issues)
  const warnings = urlWarnings(url, values)
  if (strict) issues.push(...warnings)
  if (issues.length > 0) throw new PoolConfigError(issues)
  for (const { name, problem, remedy } of warnings) warn(`${name} in the URL ${problem}. ${remedy}.`)
  if (values.schema !== undefined && values.pgbouncer) warnOfSearchPath(values.schema)
  return config
}

function configOf(url: DatabaseUrl, values: UrlValues, issues: PoolConfigIssue[]): PgOptions {
  const { user, password, ...server } = url.server
  const { schema, pgbouncer, statementCacheSize, channelBinding } = values
  const { applicationName, fallbackApplicationName } = values
  const startup = startupOptions(url, values)
  const pool: LimitedPoolConfig = {
    ...server,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password: () => password }),
    ...(applicationName === undefined ? {} : { application_name: applicationName }),
    ...(fallbackApplicationName === undefined ? {} : { fallback_application_name: fallbackApplicationName }),
    ...(startup === "" ? {} : { options: startup }),
    ...readTlsFiles(url, values, issues),
    enableChannelBinding: channelBinding !== "disable",
    channelBindingIsRequired: channelBinding === "require",
    max: values.connectionLimit,
    connectionTimeoutMillis: values.poolTimeout * 1000,
    connectTimeoutMillis: values.connectTimeout * 1000,
    socketTimeoutMillis: values.socketTimeout * 1000 || (values.queryTimeout ?? 0),
    idleTimeoutMillis: values.maxIdleConnectionLifetime * 1000,
    maxLifetimeSeconds: values.maxConnectionLifetime,
    ...(values.singleUseConnections ? { maxUses: 1 } : {}),
    // A script that forgets to disconnect still ends.
    allowExitOnIdle: true,
    keepAlive: values.keepalives === "1",
    keepAliveInitialDelayMillis: values.keepalivesIdle * 1000,
    Client: PostgresClient,
  }
  const prepares = statementCacheSize > 0 && !pgbouncer
  return {
    pool,
    adapter: {
      ...(schema === undefined ? {} : { schema }),
      ...(prepares ? { statementNameGenerator: statementNames(statementCacheSize) } : {}),
    },
  }
}

function warnOfSearchPath(schema: string): void {
  // Where a role's own search_path leads, unless somebody has set another.
  if (schema === "public") return
  warn(
    `With pgbouncer=true raw SQL has the role's own search_path rather than ${JSON.stringify(schema)}: PgBouncer refuses it when a connection starts, and a session SET would reach other clients. Use SET LOCAL search_path in a transaction, or a role of its own with ALTER ROLE … IN DATABASE … SET search_path. Generated SQL is not concerned.`,
  )
}

function nativeIssues(): PoolConfigIssue[] {
  if (!process.env["NODE_PG_FORCE_NATIVE"]) return []
  const problem = "makes node-postgres use pg-native, whose connections this package cannot limit"
  return [{ name: "NODE_PG_FORCE_NATIVE", problem, remedy: "Unset it" }]
}
