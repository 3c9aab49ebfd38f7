import { type DatabaseUrl, urlText, withParameters } from "./database-url.ts"
import type { Environment } from "./environment.ts"
import { OPTIONS } from "./options.ts"
import { readSettings, type Settings } from "./settings.ts"

/**
 * `DATABASE_URL_CORE` with the pool's settings in it: `connection_limit`, `pool_timeout`, `connect_timeout`, and
 * `application_name` when it is set. Every other byte stays as it was.
 *
 * It is all that Prisma ≤ 6 needs, on its native engine (`datasourceUrl`, or `datasources: { db_core: { url } }`).
 * Prisma 7 ignores these parameters: use `createCoreClient` there, which makes them take effect.
 *
 * @param env default `process.env`; see {@link readPoolSettings}
 * @throws {PoolConfigError} naming every variable and parameter that is wrong, all at once
 * @example
 * ```ts
 * coreDatabaseUrl({ DATABASE_URL_CORE: "postgresql://app@db/core?schema=core", PRISMA_POOL_SIZE_CORE: "30" })
 * // "postgresql://app@db/core?schema=core&connection_limit=30&pool_timeout=20&connect_timeout=10"
 * ```
 */
export function coreDatabaseUrl(env: Environment = process.env): string {
  return urlText(urlWith(readSettings(env)))
}

/** The URL that carries these settings. */
export function urlWith({
  url,
  connectionLimit,
  poolTimeout,
  connectTimeout,
  applicationName,
}: Settings): DatabaseUrl {
  return withParameters(url, {
    [OPTIONS.connectionLimit.parameter]: connectionLimit,
    [OPTIONS.poolTimeout.parameter]: poolTimeout,
    [OPTIONS.connectTimeout.parameter]: connectTimeout,
    ...(applicationName === undefined ? {} : { [OPTIONS.applicationName.parameter]: applicationName }),
  })
}
