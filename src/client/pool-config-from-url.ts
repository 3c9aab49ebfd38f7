import pg, { type ClientConfig } from "pg"
import {
  type DatabaseUrl,
  parameterOf,
  parseDatabaseUrl,
  type Server,
  serverOf,
  type UrlParameter,
} from "../config/database-url.ts"
import { type OptionValue, optionValue } from "../config/option-value.ts"
import { type NumberOption, OPTIONS, type Option } from "../config/options.ts"
import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import type { LimitedPoolConfig } from "./limited-pool.ts"
import { PostgresClient } from "./postgres-client.ts"
import { warn } from "./warn.ts"

type UrlOption = Option & { readonly parameter: string }

const URL_OPTIONS: readonly UrlOption[] = Object.values(OPTIONS).filter(
  (option): option is Extract<(typeof OPTIONS)[keyof typeof OPTIONS], UrlOption> => "parameter" in option,
)

/** What {@link poolConfigFromUrl} makes of a URL. */
export interface PoolConfigFromUrl {
  /**
   * The options of a `pg.Pool`, as fields rather than as a connection string, whose parameters would override
   * them. The password is a function, so that neither `util.inspect` nor JSON shows it.
   */
  readonly pool: LimitedPoolConfig
  /** The options of `PrismaPg`, its second argument. */
  readonly adapter: { readonly schema?: string }
}

/**
 * What a Prisma URL of a PostgreSQL database means, as options of node-postgres and of `PrismaPg`.
 *
 * On Prisma 7 the URL's pool parameters do nothing by themselves; here each takes effect. A parameter that is
 * absent has the default of this package (`connection_limit` 15, `pool_timeout` 20 s, `connect_timeout` 10 s,
 * `max_idle_connection_lifetime` 300 s), never one made from the CPU count.
 *
 * A plain `pg.Pool` made from `pool` keeps every setting, but overshoots its limit while connections are
 * replaced; {@link createPool} and `createCoreClient` do not.
 *
 * @param url any PostgreSQL URL that Prisma takes
 * @param options `strict: true` refuses parameters that nothing here or in node-postgres knows, for CI
 * @throws {PoolConfigError} naming every parameter that is wrong, all at once
 * @example
 * ```ts
 * const { pool, adapter } = poolConfigFromUrl("postgresql://app:secret@db/core?schema=core&connection_limit=5")
 * // pool.max 5, pool.connectionTimeoutMillis 20000, pool.connectTimeoutMillis 10000; adapter { schema: "core" }
 * ```
 */
export function poolConfigFromUrl(
  url: string,
  options: { readonly strict?: boolean } = {},
): PoolConfigFromUrl {
  const issues: PoolConfigIssue[] = nativeIssues()
  const parsed = parseDatabaseUrl(url, "url", issues)
  const config = parsed === undefined ? undefined : configOf(parsed, issues)
  const unknown = parsed === undefined ? [] : unknownParameters(parsed)
  // From JavaScript, null is as good as nothing.
  if (options?.strict) issues.push(...unknown)
  if (config === undefined || issues.length > 0) throw new PoolConfigError(issues)
  for (const { name, problem, remedy } of unknown) warn(`${name} in the URL ${problem}. ${remedy}.`)
  return config
}

function configOf(url: DatabaseUrl, issues: PoolConfigIssue[]): PoolConfigFromUrl {
  // The URL was parsed, so it names a server.
  const { user, password, ...server } = serverOf(url) as Server
  function read<const O extends UrlOption>(option: O): OptionValue<O> | undefined {
    const value = parameterOf(url, option.parameter)
    return value === undefined ? undefined : optionValue(option, option.parameter, value, issues)
  }
  const number = (option: UrlOption & NumberOption & { readonly default: number }) =>
    (read(option) as number | undefined) ?? option.default

  const passed = Object.fromEntries(
    URL_OPTIONS.flatMap((option) => {
      const value = option.driver === undefined ? undefined : read(option)
      return value === undefined ? [] : [[option.driver, value]]
    }),
  ) as ClientConfig
  // `schema=` is no schema, rather than one without a name.
  const schema = read(OPTIONS.schema) || undefined
  // PgBouncer refuses a start-up option that it does not know.
  const pgbouncer = read(OPTIONS.pgbouncer)
  const setsSearchPath = schema !== undefined && !pgbouncer
  const pool: LimitedPoolConfig = {
    ...server,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password: () => password }),
    ...passed,
    ...(setsSearchPath ? { options: [passed.options, searchPath(schema)].filter(Boolean).join(" ") } : {}),
    ...tls(url, issues),
    max: number(OPTIONS.connectionLimit),
    connectionTimeoutMillis: number(OPTIONS.poolTimeout) * 1000,
    connectTimeoutMillis: number(OPTIONS.connectTimeout) * 1000,
    idleTimeoutMillis: number(OPTIONS.maxIdleConnectionLifetime) * 1000,
    maxLifetimeSeconds: number(OPTIONS.maxConnectionLifetime),
    ...(read(OPTIONS.singleUseConnections) ? { maxUses: 1 } : {}),
    // A script that forgets to disconnect still ends.
    allowExitOnIdle: true,
    // On in Prisma 6, off in node-postgres: a connection that was dropped without a word is noticed.
    keepAlive: true,
    Client: PostgresClient,
  }
  return { pool, adapter: schema === undefined ? {} : { schema } }
}

/** A start-up option: quoted for SQL, then escaped for the server, which splits options at white space. */
function searchPath(schema: string): string {
  return `-c search_path=${`"${schema.replaceAll('"', '""')}"`.replace(/[\\\s]/g, "\\$&")}`
}

/** The TLS parameters, as node-postgres itself reads them from a URL. */
function tls(url: DatabaseUrl, issues: PoolConfigIssue[]): Pick<ClientConfig, "ssl"> {
  const parameters = url.parameters.filter(isTls)
  if (parameters.length === 0) return {}
  try {
    return { ssl: new pg.Client(`postgresql://localhost/?${parameters.map(({ raw }) => raw).join("&")}`).ssl }
  } catch (error) {
    const problem = `cannot be used: ${(error as { code?: string }).code ?? "node-postgres refuses them"}`
    const name = parameters.map((parameter) => parameter.name).join(", ")
    issues.push({ name, problem, remedy: "Check sslmode, and that each file exists and can be read" })
    return {}
  }
}

const isTls = ({ name }: UrlParameter) => /^(ssl(mode|cert|key|rootcert)?|uselibpqcompat)$/.test(name)

/** Parameters of Prisma 6 that nothing here makes take effect. */
const ONLY_PRISMA_6 = new Set([
  "socket_timeout",
  "sslaccept",
  "sslidentity",
  "sslpassword",
  "channel_binding",
  "statement_cache_size",
])

function unknownParameters(url: DatabaseUrl): PoolConfigIssue[] {
  const known = new Set<string>(URL_OPTIONS.map(({ parameter }) => parameter))
  return url.parameters
    .filter((parameter) => !isTls(parameter) && parameter.name !== "host" && !known.has(parameter.name))
    .map(({ name }) => ({
      name,
      problem: "is not a parameter that takes effect",
      remedy: ONLY_PRISMA_6.has(name) ? "Only Prisma 6 knew it: remove it" : "Check its spelling",
    }))
}

function nativeIssues(): PoolConfigIssue[] {
  if (!process.env["NODE_PG_FORCE_NATIVE"]) return []
  const problem = "makes node-postgres use pg-native, whose connections this package cannot limit"
  return [{ name: "NODE_PG_FORCE_NATIVE", problem, remedy: "Unset it" }]
}
