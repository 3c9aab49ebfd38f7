import { parameter, splitDatabaseUrl } from "./database-url.ts"

const SECRET = /pass|pwd|secret|token|key|credential/i

/** From the first `:` of the user to the last `@` before the path. */
const PASSWORD = /^([^:]+:\/\/[^:/]*:)[^/]+@/

/**
 * A connection URL that may be logged: passwords become `***`, everything else stays as it is.
 *
 * A text that is not a clean PostgreSQL URL is hidden altogether, since there is no telling where in it the
 * password ends. Never throws.
 *
 * @example
 * ```ts
 * redactUrl("postgresql://app:s3cret@db:5432/core?connection_limit=15")
 * // "postgresql://app:***@db:5432/core?connection_limit=15"
 * ```
 */
export function redactUrl(url: string): string {
  const parsed = splitDatabaseUrl(url)
  if (parsed === undefined) return "***"
  const base = parsed.base.replace(PASSWORD, "$1***@")
  if (parsed.query === undefined) return base
  const query = parsed.query.split("&").map((raw) => {
    const { name } = parameter(raw)
    return SECRET.test(name) ? `${name}=***` : raw
  })
  return `${base}?${query.join("&")}`
}
