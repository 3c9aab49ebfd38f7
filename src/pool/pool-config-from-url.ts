import { autoBounds } from "../config/auto-size.ts"
import type { DatabaseUrl } from "../config/database-url.ts"
import { parseDatabaseUrl } from "../config/parse-database-url.ts"
import {
  checkMinIdle,
  type PoolOnlyNumber,
  type PoolOnlyValues,
  poolOnlyNumbers,
} from "../config/pool-only-values.ts"
import { startupOptions } from "../config/startup-options.ts"
import { readUrlValues, type UrlValues } from "../config/url-values.ts"
import { urlWarnings } from "../config/url-warnings.ts"
import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import type { AutoConfig } from "./auto/auto-config.ts"
import type { LimitedPoolConfig } from "./limited-pool-config.ts"
import { PostgresClient } from "./postgres-client.ts"
import { statementNames } from "./statement-names.ts"
import { readTlsFiles } from "./tls-files.ts"
import { warn } from "./warn.ts"

/** The result of {@link poolConfigFromUrl}: options for node-postgres and for `PrismaPg`. */
export interface PgOptions {
  /**
   * The options of a `pg.Pool`, as fields rather than as a connection string, whose parameters would override
   * them. The password is a function, so that neither `util.inspect` nor JSON shows it.
   */
  readonly pool: LimitedPoolConfig
  /** The options of `PrismaPg`, its second argument. */
  readonly adapter: {
    readonly schema?: string
    /** Prisma 7 only, and only with `statement_cache_size`. */
    readonly statementNameGenerator?: (query: { readonly sql: string }) => string
  }
}

/**
 * Turns a Prisma URL of a PostgreSQL database into options of node-postgres and of `PrismaPg`.
 *
 * On Prisma 7 most of the URL's parameters do nothing by themselves, or mean something else. Here each has the meaning
 * that Prisma documents; `docs/url-parameters.md` in the repository lists them all. An absent parameter has this
 * package's default, never one derived from the CPU count: `connection_limit` 15, `sslmode` prefer, … The default of
 * `pool_timeout` is 20 s, or 10 s more than a `connect_timeout` of 20 s or longer; that of `connect_timeout` is 10 s, or
 * 1 s less than a shorter `pool_timeout`.
 *
 * Parameters that are misspelt, unknown, given twice, without effect or in conflict with each other cause process
 * warnings, each once.
 *
 * A plain `pg.Pool` made from `pool` keeps every setting, but overshoots its limit while connections are
 * replaced; {@link createPool} and `createCoreClient` do not.
 *
 * @param url any PostgreSQL URL that Prisma accepts
 * @param options `strict: true` turns the warnings into errors, for CI
 * @throws {PoolConfigError} naming every parameter that is wrong, all at once, and every file that cannot be used
 * @example
 * ```ts
 * const { pool, adapter } = poolConfigFromUrl("postgresql://app:secret@db/core?schema=core&connection_limit=5")
 * // pool.max 5, pool.connectionTimeoutMillis 20000, pool.connectTimeoutMillis 10000; adapter { schema: "core" }
 * ```
 */
export function poolConfigFromUrl(url: string, options: { readonly strict?: boolean } = {}): PgOptions {
  // JavaScript callers may pass null.
  return pgOptionsOf(url, { strict: options?.strict })
}

/** Options of {@link pgOptions}. */
interface PgOptionsInput {
  readonly strict?: boolean | undefined
  /** Values already read: together with the environment, or from the options of a call. */
  readonly known?: Partial<UrlValues & PoolOnlyValues>
  /** What was wrong with those, so that one error names everything. */
  readonly found?: readonly PoolConfigIssue[]
}

/** {@link poolConfigFromUrl} with what is known from elsewhere. */
export function pgOptionsOf(url: string, input: PgOptionsInput): PgOptions {
  const issues: PoolConfigIssue[] = nativeIssues()
  const parsed = parseDatabaseUrl(url, "url", issues)
  if (parsed === undefined) throw new PoolConfigError([...issues, ...(input.found ?? [])])
  return pgOptions(parsed, input)
}

/** {@link pgOptionsOf} for a parsed URL. */
export function pgOptions(
  url: DatabaseUrl,
  { strict, known = {}, found = [] }: PgOptionsInput = {},
): PgOptions {
  const issues: PoolConfigIssue[] = nativeIssues()
  const { values, auto } = sizedValues(url, issues, known)
  const own = poolOnlyNumbers((name) => known[name])
  if (issues.length === 0) checkMinIdle({ ...values, ...own }, "minIdle", issues)
  const config = configOf(url, { ...values, ...own }, auto, issues)
  issues.push(...found)
  const warnings = urlWarnings(url, values)
  if (strict) issues.push(...warnings)
  if (issues.length > 0) throw new PoolConfigError(issues)
  for (const { name, problem, remedy } of warnings) warn(`${name} in the URL ${problem}. ${remedy}.`)
  if (values.schema !== undefined && values.pgbouncer) warnOfSearchPath(values.schema)
  return config
}

/** The URL's values with the size that counts: with `auto` that is the cap, and the URL's own is what the pool falls back to. */
function sizedValues(
  url: DatabaseUrl,
  issues: PoolConfigIssue[],
  known: Partial<UrlValues & PoolOnlyValues>,
): { readonly values: UrlValues; readonly auto?: AutoConfig } {
  const { auto, connectionLimit, ...others } = known
  if (auto === undefined) return { values: readUrlValues(url, issues, known) }
  const values = readUrlValues(url, issues, others)
  const bounds = autoBounds(values.connectionLimit, auto)
  const { budget, reserved } = auto
  return {
    values: { ...values, connectionLimit: bounds.cap },
    auto: { ...bounds, ...(budget === undefined ? {} : { budget }), reserved },
  }
}

function configOf(
  url: DatabaseUrl,
  values: UrlValues & Record<PoolOnlyNumber, number>,
  auto: AutoConfig | undefined,
  issues: PoolConfigIssue[],
): PgOptions {
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
    ...(auto === undefined ? {} : { auto }),
    connectionTimeoutMillis: values.poolTimeout * 1000,
    connectTimeoutMillis: values.connectTimeout * 1000,
    reconnectTimeoutMillis: values.reconnectTimeout * 1000,
    // Where each connection serves one caller, none can be kept ready.
    minIdle: values.singleUseConnections ? 0 : values.minIdle,
    maxWaiting: values.maxWaiting,
    leakThresholdMillis: values.leakThreshold * 1000,
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
  // A role's own search_path leads to public, unless another was set.
  if (schema === "public") return
  warn(
    `With pgbouncer=true raw SQL uses the role's own search_path rather than ${JSON.stringify(schema)}: PgBouncer refuses it when a connection starts, and a session SET would reach other clients. Use SET LOCAL search_path in a transaction, or a role of its own with ALTER ROLE … IN DATABASE … SET search_path. Generated SQL is not affected.`,
  )
}

function nativeIssues(): PoolConfigIssue[] {
  if (!process.env["NODE_PG_FORCE_NATIVE"]) return []
  const problem = "makes node-postgres use pg-native, whose connections this package cannot limit"
  return [{ name: "NODE_PG_FORCE_NATIVE", problem, remedy: "Unset it" }]
}
