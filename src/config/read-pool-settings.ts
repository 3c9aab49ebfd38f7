import { urlText } from "./database-url.ts"
import { checkDatabase, type DatabaseOption } from "./database-variables.ts"
import { defaultDatabase, type Environment } from "./environment.ts"
import { redactedText } from "./redact-url.ts"
import { type PoolValues, readSettings, type Settings } from "./settings.ts"

/** The validated settings of a database's pool. Durations are in seconds. */
export interface PoolSettings extends PoolValues {
  /** The database's URL, byte for byte. `util.inspect` and the console show it without its password. */
  readonly url: string
}

/**
 * Reads and validates the settings of a database's pool.
 *
 * A setting comes from its variable, else from the URL's parameter, else from the default. An empty variable is unset.
 * The variables of a database end in its name (`PRISMA_POOL_TIMEOUT_BILLING`). Each except URL and size falls back to the
 * variable without the suffix (`PRISMA_POOL_TIMEOUT`).
 *
 * The pool size is the first that is present of:
 * 1. `PRISMA_POOL_SIZE`;
 * 2. `connection_limit` in the URL;
 * 3. the formula by slots ({@link connectionLimitBySlots}) on `PRISMA_MAX_CONNECTIONS`, `PRISMA_API_INSTANCES` and
 *    `PRISMA_CONCURRENT_JOBS`;
 * 4. 15.
 *
 * `docs/settings.md` in the repository lists the variables, their ranges and the meaning of 0.
 *
 * @param env default `process.env`
 * @param options `database`: the suffix of its variables. Default `CORE` if `DATABASE_URL_CORE` is set, else the
 *   database whose variables have no suffix
 * @throws {PoolConfigError} naming every variable and parameter that is wrong, all at once
 * @example
 * ```ts
 * readPoolSettings({ DATABASE_URL_CORE: "postgresql://app@db/core?pool_timeout=5", PRISMA_POOL_SIZE_CORE: "30" })
 * // { url: "postgresql://app@db/core?pool_timeout=5", connectionLimit: 30, poolTimeout: 5, connectTimeout: 4, … }
 * ```
 */
export function readPoolSettings(
  env: Environment = process.env,
  { database }: DatabaseOption = {},
): PoolSettings {
  checkDatabase(database)
  return inspectable(readSettings(env, database ?? defaultDatabase(env)))
}

/** Hides the password from logs. The URL is a getter because `console.dir` ignores an object's own inspect function. */
function inspectable({ url, ...values }: Settings): PoolSettings {
  const text = urlText(url)
  const settings: PoolSettings = { url: text, ...values }
  return Object.defineProperties(settings, {
    url: { get: () => text, enumerable: true },
    [Symbol.for("nodejs.util.inspect.custom")]: { value: () => ({ ...settings, url: redactedText(url) }) },
  })
}
