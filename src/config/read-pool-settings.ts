import { urlText } from "./database-url.ts"
import { checkDatabase, type DatabaseOption } from "./database-variables.ts"
import { type Environment, usualDatabase } from "./environment.ts"
import { redactedText } from "./redact-url.ts"
import { type PoolValues, readSettings, type Settings } from "./settings.ts"

/** What the environment says of a database's pool, validated. Durations are in seconds. */
export interface PoolSettings extends PoolValues {
  /** Its URL, byte for byte. `util.inspect` and the console show it without its password. */
  readonly url: string
}

/**
 * Reads and validates the settings of a database's pool.
 *
 * A setting is its variable, else the parameter of the URL, else the default. The variables of a database end in its name
 * (`PRISMA_POOL_TIMEOUT_BILLING`), and each but URL and size falls back to the one without (`PRISMA_POOL_TIMEOUT`). The
 * pool size is the first that is present of `PRISMA_POOL_SIZE`, `connection_limit` in the URL, the formula by slots on
 * `PRISMA_MAX_CONNECTIONS`, `PRISMA_API_INSTANCES` and `PRISMA_CONCURRENT_JOBS` (see
 * {@link connectionLimitBySlots}), and 15. An empty variable is unset. The variables, their ranges and what 0
 * means: `docs/settings.md` in the repository.
 *
 * @param env default `process.env`
 * @param options `database`: the suffix of its variables. Without it, `CORE` where `DATABASE_URL_CORE` is set, and else the
 *   one whose variables have no suffix
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
  return inspectable(readSettings(env, database ?? usualDatabase(env)))
}

/** Settings end up in logs, and no log may print the password: `console.dir` asks no object how to show itself. */
function inspectable({ url, ...values }: Settings): PoolSettings {
  const text = urlText(url)
  const settings: PoolSettings = { url: text, ...values }
  return Object.defineProperties(settings, {
    url: { get: () => text, enumerable: true },
    [Symbol.for("nodejs.util.inspect.custom")]: { value: () => ({ ...settings, url: redactedText(url) }) },
  })
}
