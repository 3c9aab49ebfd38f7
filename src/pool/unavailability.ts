import { isTooManyConnections } from "./classify-error.ts"
import { isPasswordError } from "./connect-error.ts"
import { isLasting, isStarting, poolerCode } from "./refusal-texts.ts"

/**
 * What a failed connection attempt says of a server that may have room again soon: no slot is left, it is starting or
 * stopping, or it cannot be reached.
 */
export type Unavailability = "full" | "starting" | "unreachable"

/** "The database system is starting up", "… is shutting down": https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const CANNOT_CONNECT_NOW = "57P03"

const UNREACHABLE = new Set([
  // The server stops during the login.
  "57P01",
  "57P02",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
])

/** node-postgres's error, without a code, for a stream that ends: during the login, a relay's restart. */
export const STREAM_ENDED = "Connection terminated unexpectedly"

interface Fields {
  readonly code?: unknown
  readonly syscall?: unknown
  readonly message?: unknown
  readonly severity?: unknown
  readonly errors?: unknown
}

/**
 * Tells whether a connection attempt failed for a reason that may be over soon; undefined if it would fail again: a wrong
 * password, an unknown database, TLS, settings, a password function that throws.
 */
export function unavailabilityOf(error: unknown): Unavailability | undefined {
  if (isPasswordError(error)) return undefined
  if (isTooManyConnections(error)) return "full"
  const { code, message, severity } = (error ?? {}) as Fields
  if (code === CANNOT_CONNECT_NOW) return "starting"
  if (poolerCode(code, message, severity) === "P1001") return unavailabilityBehindPooler(String(message))
  return isUnreachable(error) ? "unreachable" : undefined
}

/** What a pooler says of itself, or of the server behind it, which it cannot reach. */
function unavailabilityBehindPooler(message: string): Unavailability | undefined {
  if (isLasting(message)) return undefined
  return isStarting(message) ? "starting" : "unreachable"
}

function isUnreachable(error: unknown): boolean {
  const { code, syscall, message, errors } = (error ?? {}) as Fields
  // A host with several addresses reports one error for each.
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isUnreachable)
  if (code === undefined) return message === STREAM_ENDED
  // A Unix socket is not there while its server restarts. For a file of TLS the call is another one.
  if (code === "ENOENT") return syscall === "connect"
  return UNREACHABLE.has(String(code))
}
