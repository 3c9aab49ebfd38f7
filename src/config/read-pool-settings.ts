import { urlText } from "./database-url.ts"
import type { Environment } from "./environment.ts"
import { redactedText } from "./redact-url.ts"
import { type PoolValues, readSettings, type Settings } from "./settings.ts"

/** What the environment says of the Core pool, validated. Durations are in seconds. */
export interface PoolSettings extends PoolValues {
  /** `DATABASE_URL_CORE`, byte for byte. `util.inspect` and the console show it without its password. */
  readonly url: string
}

/**
 * Reads and validates the settings of the Core pool.
 *
 * A setting is its variable, else the parameter of `DATABASE_URL_CORE`, else the default. The pool size is the
 * first that is present of `PRISMA_POOL_SIZE_CORE`, `connection_limit` in the URL, the formula by slots on
 * `PRISMA_MAX_CONNECTIONS`, `PRISMA_API_INSTANCES` and `PRISMA_CONCURRENT_JOBS` (see
 * {@link connectionLimitBySlots}), and 15. An empty variable is unset. The variables, their ranges and what 0
 * means: the README's environment table.
 *
 * @param env default `process.env`
 * @throws {PoolConfigError} naming every variable and parameter that is wrong, all at once
 * @example
 * ```ts
 * readPoolSettings({ DATABASE_URL_CORE: "postgresql://app@db/core?pool_timeout=5", PRISMA_POOL_SIZE_CORE: "30" })
 * // { url: "postgresql://app@db/core?pool_timeout=5", connectionLimit: 30, poolTimeout: 5, connectTimeout: 10, … }
 * ```
 */
export function readPoolSettings(env: Environment = process.env): PoolSettings {
  return inspectable(readSettings(env))
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
