import { PoolConfigError } from "../error.ts"
import { type DatabaseUrl, urlText, withParameters } from "./database-url.ts"
import {
  CORE,
  checkDatabase,
  type DatabaseName,
  type DatabaseOption,
  sizeVariable,
} from "./database-variables.ts"
import type { Environment } from "./environment.ts"
import { OPTIONS } from "./options.ts"
import { readSettings, type Settings } from "./settings.ts"

/**
 * A database's URL with the pool's settings in it: `connection_limit`, `pool_timeout`, `connect_timeout`, and
 * `application_name` if it is set. Every other byte stays unchanged.
 *
 * Prisma ≤ 6 needs nothing else on its native engine (`datasourceUrl`, or `datasources: { db: { url } }`).
 * Prisma 7 ignores these parameters: use `createPrismaClient` there, which makes them take effect.
 *
 * @param env default `process.env`; see {@link readPoolSettings}
 * @param options `database`: the suffix of its variables; without it they are `DATABASE_URL` and `PRISMA_POOL_SIZE`
 * @throws {PoolConfigError} naming every variable and parameter that is wrong, all at once; also where the size is `auto`,
 *   which no URL can say
 * @example
 * ```ts
 * databaseUrl({ DATABASE_URL: "postgresql://app@db/shop?schema=shop", PRISMA_POOL_SIZE: "30" })
 * // "postgresql://app@db/shop?schema=shop&connection_limit=30&pool_timeout=20&connect_timeout=10"
 * ```
 */
export function databaseUrl(env: Environment = process.env, { database }: DatabaseOption = {}): string {
  checkDatabase(database)
  return urlText(sizedUrl(readSettings(env, database), database))
}

/**
 * {@link databaseUrl} of the Core database: `DATABASE_URL_CORE` and `PRISMA_POOL_SIZE_CORE`.
 *
 * @param env default `process.env`
 * @throws {PoolConfigError} naming every variable and parameter that is wrong, all at once
 * @example
 * ```ts
 * coreDatabaseUrl({ DATABASE_URL_CORE: "postgresql://app@db/core?schema=core", PRISMA_POOL_SIZE_CORE: "30" })
 * // "postgresql://app@db/core?schema=core&connection_limit=30&pool_timeout=20&connect_timeout=10"
 * ```
 */
export const coreDatabaseUrl = (env: Environment = process.env): string =>
  databaseUrl(env, { database: CORE })

/**
 * {@link urlWith}, for whom the size must be in the URL.
 *
 * @throws {PoolConfigError} if the size is `auto`
 */
export function sizedUrl(settings: Settings, database: DatabaseName): DatabaseUrl {
  if (settings.auto === undefined) return urlWith(settings)
  throw new PoolConfigError([
    {
      name: sizeVariable(database),
      problem: "is auto, which no URL can say",
      remedy: `Set a number, such as ${Math.min(settings.connectionLimit, OPTIONS.connectionLimit.default)}, for what takes its size from the URL. On Prisma 7 createPrismaClient and createCoreClient need no URL, and createPool takes { poolSize: "auto" }`,
    },
  ])
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
