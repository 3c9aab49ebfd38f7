import { parseDatabaseUrl, serverOf } from "./database-url.ts"

const SECRET = /pass|secret|token|key/i

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
  const parsed = parseDatabaseUrl(url, "url", [])
  if (parsed === undefined) return "***"
  const parameters = parsed.parameters.map(({ name, raw }) => (SECRET.test(name) ? `${name}=***` : raw))
  const query = parameters.length > 0 ? `?${parameters.join("&")}` : ""
  return `${withoutPassword(parsed.base, serverOf(parsed)?.password)}${query}`
}

function withoutPassword(base: string, password: string | undefined): string {
  if (password === undefined) return base
  const start = base.indexOf("//") + 2
  const authority = base.slice(start).split("/", 1)[0] ?? ""
  const colon = start + authority.indexOf(":")
  return `${base.slice(0, colon)}:***${base.slice(start + authority.lastIndexOf("@"))}`
}
