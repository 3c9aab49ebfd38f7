import { PrismaClientKnownRequestError } from "@prisma/client/runtime/client"

/** What the messages of connection errors name. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

/** What Node reports when a server cannot be reached, as opposed to one that refuses or ends a session. */
const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "ENOENT",
])

/** "The database system is starting up", "… is shutting down": https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CANNOT_CONNECT_NOW = "57P03"

/**
 * Gives an error of the pool the code, the text and the meta that Prisma has for it; anything else comes back as
 * it is, for Prisma itself to translate.
 *
 * Prisma's adapters throw `DriverAdapterError`, which Prisma translates in queries only: one from `connect()` or
 * from the start of a transaction would reach the caller untranslated, and one in raw SQL becomes P2010.
 */
export function prismaError(error: unknown, { host, port }: ServerAddress): unknown {
  const { code, message, meta } = (error ?? {}) as Fields
  // By its code, not its class: the pool may have been made by another copy of this module.
  if (code === "P2024") return known(code, String(message), { ...(meta as object) })
  if (isUnreachable(error)) {
    const address = `\`${host}:${port}\``
    return known(
      "P1001",
      `Can't reach database server at ${address}\n\nPlease make sure your database server is running at ${address}.`,
      { database_location: `${host}:${port}` },
    )
  }
  const refusal = tooManyConnections(error)
  if (refusal !== undefined)
    return known("P2037", `Too many database connections opened: ${refusal}`, { message: refusal })
  return error
}

function known(code: string, message: string, meta: Record<string, unknown>): PrismaClientKnownRequestError {
  return new PrismaClientKnownRequestError(message, { code, meta, clientVersion: "" })
}

interface Fields {
  readonly code?: unknown
  readonly syscall?: unknown
  readonly message?: unknown
  readonly meta?: unknown
  readonly errors?: unknown
  readonly cause?: { readonly kind?: unknown; readonly originalCode?: unknown; readonly cause?: unknown }
}

function isUnreachable(error: unknown): boolean {
  const { code, syscall, errors, cause } = (error ?? {}) as Fields
  // A host with several addresses reports one error for each.
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isUnreachable)
  if (code === CANNOT_CONNECT_NOW || cause?.originalCode === CANNOT_CONNECT_NOW) return true
  if (cause?.kind === "DatabaseNotReachable") return true
  return (syscall === "connect" || syscall === "getaddrinfo") && UNREACHABLE.has(String(code))
}

function tooManyConnections(error: unknown): string | undefined {
  const { code, message, cause } = (error ?? {}) as Fields
  if (code === "53300") return String(message)
  return cause?.kind === "TooManyConnections" ? String(cause.cause) : undefined
}
