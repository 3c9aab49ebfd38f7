import { type DatabaseUrl, decode, type UrlParameter, urlText } from "./database-url.ts"
import { splitDatabaseUrl } from "./parse-database-url.ts"
import { readStartupOptions } from "./startup-options.ts"
import { MARKERS, UNSUPPORTED_PARAMETERS } from "./url-options.ts"
import { URL_PARAMETERS } from "./url-values.ts"

/** Parameters whose value is shown. An unknown parameter may hold a secret, regardless of its name. */
const SHOWN = new Set(
  [
    ...URL_PARAMETERS.map(({ parameter }) => parameter),
    ...Object.keys(UNSUPPORTED_PARAMETERS),
    ...MARKERS,
  ].filter((name) => !/pass|key/.test(name)),
)

/** Matches up to the last `@` before the path, from the first `:`, or from an `@` typed in its place. */
const PASSWORD = /^([^:]+:\/\/[^:@/]*[:@])[^/]+@/

/**
 * Makes a connection URL safe to log. Passwords, values of unknown parameters, and a user that looks like a token become
 * `***`; everything else stays unchanged.
 *
 * A string that is not a valid PostgreSQL URL is hidden completely, since nothing tells where its password ends.
 * Never throws.
 *
 * @example
 * ```ts
 * redactUrl("postgresql://app:s3cret@db:5432/core?connection_limit=15")
 * // "postgresql://app:***@db:5432/core?connection_limit=15"
 * ```
 */
export function redactUrl(url: string): string {
  const parsed = splitDatabaseUrl(url)
  return parsed === undefined ? "***" : redactedText(parsed)
}

/** {@link redactUrl} for a parsed URL. */
export const redactedText = (url: DatabaseUrl): string =>
  urlText({ base: redactLogin(url), pieces: url.pieces?.map(redactParameter) })

const redactParameter = (piece: UrlParameter): UrlParameter =>
  piece.raw === "" || isShown(piece) ? piece : { ...piece, raw: `${piece.name}=***` }

function redactLogin({ base }: DatabaseUrl): string {
  const hidden = base.replace(PASSWORD, "$1***@")
  return hidden.replace(/^([^:]+:\/\/)([^:/@]+)(?=[:@])/, (login, scheme: string, user: string) =>
    isLikeToken(decode(user)) ? `${scheme}***` : login,
  )
}

function isShown({ name, value }: UrlParameter): boolean {
  if (name === "user") return !isLikeToken(value)
  // The server's own settings are not secret. Names with a dot are the application's, and a pooler's option may be a token.
  if (name === "options") return readStartupOptions(value).every((option) => /^\w+$/.test(option.name ?? ""))
  return SHOWN.has(name)
}

/** True if a user name looks like a token: longer than a role's name, all hexadecimal, or mixed case with digits. */
const isLikeToken = (user: string) =>
  user.length > 63 ||
  /^[0-9a-f]{32,}$/i.test(user) ||
  (user.length >= 20 && [/[A-Z]/, /[a-z]/, /[0-9]/].every((kind) => kind.test(user)))
