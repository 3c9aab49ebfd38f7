import { OPTIONS } from "../config/options.ts"
import { flattenAggregateError, PoolConfigError } from "../error.ts"
import { ProtocolError } from "./backend-messages.ts"

/**
 * TLS with the server failed: code and text of Prisma's P1011, and the remedy. Node's own error is its `cause`.
 *
 * https://www.prisma.io/docs/orm/reference/error-reference#p1011
 */
export class TlsError extends Error {
  override readonly name = "TlsError"
  readonly code = "P1011"

  constructor(cause: Error, remedy: string) {
    super(`Error opening a TLS connection: ${cause.message}${remedy && `. ${remedy}`}`, { cause })
  }
}

/** Node's codes: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const TLS =
  /^(EPROTO$|ERR_SSL_|ERR_TLS_|CERT_|CRL_|INVALID_CA$|INVALID_PURPOSE$|HOSTNAME_MISMATCH$|UNABLE_TO_|ERROR_IN_|SELF_SIGNED_|DEPTH_ZERO_)/

/** node-postgres's messages, which have no code. */
const NO_TLS = "The server does not support SSL connections"
const NO_ANSWER = "There was an error establishing an SSL connection"

const UNVERIFIED =
  "or sslmode=require and sslaccept=accept_invalid_certs to encrypt without verifying, as Prisma 6 did"
const CLIENT_CERTIFICATE = "Set sslidentity to the client's certificate, or sslcert and sslkey"
const REMEDIES: readonly (readonly [code: RegExp, remedy: string])[] = [
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, `Renew the server's certificate or check the clocks, ${UNVERIFIED}`],
  [
    /^ERR_TLS_CERT_ALTNAME_/,
    `Connect by the name in the certificate, or set sslmode=verify-ca with sslcert to its CA's file, ${UNVERIFIED}`,
  ],
  [
    /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|CERT_UNTRUSTED|CERT_REJECTED|CERT_SIGNATURE_)/,
    `Set sslcert to the file of the CA that signed the server's certificate (and sslmode=verify-ca through a tunnel, whose name no certificate has), ${UNVERIFIED}`,
  ],
  [/CERTIFICATE_REQUIRED$/, CLIENT_CERTIFICATE],
]

/** PostgreSQL's error for a certificate that is signed with Ed25519. */
const NO_BINDING = /^could not find digest for NID/

/** PostgreSQL's error, due to `clientcert` in pg_hba.conf. In another language it is not recognised and stays unchanged. */
const NO_CLIENT_CERTIFICATE = "connection requires a valid client certificate"

/**
 * PgBouncer's refusal of the start-up parameters that a URL without `pgbouncer=true` sends; since 1.20 it checks
 * `options` too. Its code, 08P01, is the same for all its errors.
 */
const REFUSED_AT_START_UP = /unsupported (options )?startup parameter/i

/** node-postgres's errors for a login in which the server breaks the protocol; they have no code. */
const LOGIN_RULES = /^SASL: (?!.*client password)/

/** Errors of the application's password functions, which may look like those of a connection: a token service that is down. */
const PASSWORD_ERRORS = new WeakSet<object>()

/** Marks an error as one of a password function. */
export function markPasswordError(error: unknown): void {
  if (typeof error === "object" && error !== null) PASSWORD_ERRORS.add(error)
}

/** True for an error of a password function. */
export const isPasswordError = (error: unknown): boolean =>
  typeof error === "object" && error !== null && PASSWORD_ERRORS.has(error)

/** Turns a connection error into one that says which parameter to set, if the driver's error does not. */
export function explainConnectError(error: Error): Error {
  if (isPasswordError(error)) return error
  flattenAggregateError(error)
  const { code } = error as { code?: unknown }
  if (REFUSED_AT_START_UP.test(error.message)) return poolerIsInBetween(error)
  if (NO_BINDING.test(error.message)) return new TlsError(error, "Set channel_binding=disable")
  if (error.message === NO_CLIENT_CERTIFICATE) return new TlsError(error, CLIENT_CERTIFICATE)
  if (typeof code === "string") {
    if (!TLS.test(code)) return error
    return new TlsError(error, REMEDIES.find(([pattern]) => pattern.test(code))?.[1] ?? "")
  }
  if (LOGIN_RULES.test(error.message)) return new ProtocolError(false, error.message, { cause: error })
  if (error.message === NO_TLS) {
    return new TlsError(error, "Set sslmode=prefer to take plain text where the server has no TLS")
  }
  return error.message === NO_ANSWER || error.name === "ChannelBindingError" ? new TlsError(error, "") : error
}

function poolerIsInBetween({ message }: Error): PoolConfigError {
  return startupOptionsRefused(`refuses start-up options: ${message}`)
}

/** The error for a pooler that does not pass on start-up options, such as the one that sets the search_path. */
export function startupOptionsRefused(what: string): PoolConfigError {
  const { parameter } = OPTIONS.pgbouncer
  const remedy = `Add ${parameter}=true to the URL, and set the search_path and other settings on the server (ALTER ROLE … IN DATABASE … SET …)`
  const problem = `is not true, but the pooler in between ${what}`
  return new PoolConfigError([{ name: parameter, problem, remedy }])
}
