import { type DatabaseUrl, decode, type UrlParameter, urlText } from "./database-url.ts"
import { splitDatabaseUrl } from "./parse-database-url.ts"
import { readStartupOptions } from "./startup-options.ts"
import { MARKERS, UNSUPPORTED_PARAMETERS } from "./url-options.ts"
import { URL_PARAMETERS } from "./url-values.ts"

/** Parameters whose value is shown. One that nobody knows may hold a secret, whatever it is called. */
const SHOWN = new Set(
  [
    ...URL_PARAMETERS.map(({ parameter }) => parameter),
    ...Object.keys(UNSUPPORTED_PARAMETERS),
    ...MARKERS,
  ].filter((name) => !/pass|key/.test(name)),
)

/** To the last `@` before the path, from the first `:`, or from an `@` that was typed for it. */
const PASSWORD = /^([^:]+:\/\/[^:@/]*[:@])[^/]+@/

/**
 * A connection URL that may be logged: passwords, values of parameters that this package does not know, and a user that
 * looks like a token become `***`; everything else stays as it is.
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
  return parsed === undefined ? "***" : redactedText(parsed)
}

/** The text of a URL that was parsed, as it may be logged. */
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
  // The server's own settings are no secrets; those with a dot are the application's, and a pooler may be given a token.
  if (name === "options") return readStartupOptions(value).every((option) => /^\w+$/.test(option.name ?? ""))
  return SHOWN.has(name)
}

/** Longer than a role's name can be, or of capitals, small letters and digits at once, or of hexadecimal digits alone. */
const isLikeToken = (user: string) =>
  user.length > 63 ||
  /^[0-9a-f]{32,}$/i.test(user) ||
  (user.length >= 20 && [/[A-Z]/, /[a-z]/, /[0-9]/].every((kind) => kind.test(user)))
