import { PrismaClientKnownRequestError } from "@prisma/client/runtime/client"
import { PoolConfigError } from "../error.ts"
import { isTooManyConnections } from "../pool/classify-error.ts"
import { poolerCode } from "../pool/refusal-texts.ts"
import { CANNOT_CONNECT_NOW, STREAM_ENDED } from "../pool/unavailability.ts"

/** The address that messages of connection errors name. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

interface Fields {
  readonly code?: unknown
  readonly syscall?: unknown
  readonly message?: unknown
  readonly meta?: unknown
  readonly errors?: unknown
  readonly cause?: Cause
}

/** Codes of a session that the server ended: an administrator, a crash, its limit for idle sessions. */
const SESSION_ENDED = new Set(["57P01", "57P02", "57P05"])

/** Codes of Node and messages of node-postgres for a connection that was cut. */
const CUT = new Set(["ECONNRESET", "EPIPE"])
const CUT_TEXTS = new Set([STREAM_ENDED, "Client has encountered a connection error and is not queryable"])

/** node-postgres's error for a message that it did not expect. */
const UNEXPECTED = /^Received unexpected \w+ message from backend\.$/

/** Codes of this package's errors that have Prisma's code and text already. */
const OURS = new Set(["P1008", "P1011", "P1017", "P2024"])

/** The cause in a DriverAdapterError. */
interface Cause {
  readonly kind?: unknown
  readonly originalCode?: unknown
  readonly originalMessage?: unknown
  readonly severity?: unknown
  readonly user?: unknown
  readonly db?: unknown
  readonly reason?: unknown
  readonly cause?: unknown
  readonly constraint?: Constraint
}

interface Constraint {
  readonly fields?: readonly string[]
  readonly index?: string
  readonly foreignKey?: object
}

/** The codes and texts that Prisma 7 gives to these errors in model queries. */
const CONNECTION_ERRORS: Readonly<Record<string, readonly [code: string, text: (cause: Cause) => string]>> = {
  AuthenticationFailed: [
    "P1000",
    ({ user = "(not available)" }) =>
      `Authentication failed against the database server, the provided database credentials for \`${user}\` are not valid`,
  ],
  DatabaseDoesNotExist: [
    "P1003",
    ({ db = "(not available)" }) => `Database \`${db}\` does not exist on the database server`,
  ],
  SocketTimeout: ["P1008", () => "Operation has timed out"],
  DatabaseAccessDenied: [
    "P1010",
    ({ db = "(not available)" }) => `User was denied access on the database \`${db}\``,
  ],
  TlsConnectionError: ["P1011", ({ reason }) => `Error opening a TLS connection: ${reason}`],
  TooManyConnections: ["P2037", ({ cause }) => `Too many database connections opened: ${cause}`],
}

/** The start of Prisma's own texts, for which log searches look; the pooler's message follows. */
const POOLER_ERRORS: Readonly<Record<string, string>> = {
  P1000: "Authentication failed against the database server",
  P1001: "Can't reach database server",
  P1003: "Database does not exist on the database server",
  P1008: "Operation has timed out",
  P1017: "Server has closed the connection",
  P2024: "Timed out fetching a new connection from the connection pool of the pooler in between",
  P2037: "Too many database connections opened",
}

/**
 * Gives an error of the pool or of a connection Prisma's code, text and meta for it. Any other error is returned
 * unchanged, for Prisma itself to translate.
 *
 * Prisma's adapters throw `DriverAdapterError`, which Prisma translates in model queries only: one from
 * `connect()` would reach the caller untranslated, and one in raw SQL becomes P2010.
 */
export function prismaError(error: unknown, { host, port }: ServerAddress): unknown {
  const { code, message, meta, cause } = (error ?? {}) as Fields
  // By code, not by class: the pool may have been made by another copy of this module.
  if (OURS.has(String(code)) && !(error instanceof PrismaClientKnownRequestError)) {
    return known(String(code), String(message), { ...(meta as object) })
  }
  const driverAdapterError = cause?.kind === undefined ? {} : { driverAdapterError: error }
  if (isUnreachable(error)) {
    const address = `\`${host}:${port}\``
    return known(
      "P1001",
      `Can't reach database server at ${address}\n\nPlease make sure your database server is running at ${address}.${details(error)}`,
      { database_location: `${host}:${port}`, ...driverAdapterError },
    )
  }
  if (isClosed(error)) return known("P1017", "Server has closed the connection.", driverAdapterError)
  const ofPooler = cause ? poolerCode(cause.originalCode, cause.originalMessage, cause.severity) : undefined
  if (ofPooler !== undefined) {
    return known(ofPooler, `${POOLER_ERRORS[ofPooler]}: ${cause?.originalMessage}`, driverAdapterError)
  }
  const [prismaCode, text] = CONNECTION_ERRORS[String(cause?.kind)] ?? []
  if (cause === undefined || prismaCode === undefined || text === undefined) return error
  return known(prismaCode, text(cause), driverAdapterError)
}

/** The error of a statement that is sent, or answered, after its transaction is over. */
export const transactionIsOver = (): Error =>
  known(
    "P2028",
    "Transaction API error: Transaction already closed: a statement was sent after its end, or was stopped by it. It has no effect.",
    {},
  )

/** The error of a COMMIT that the server answered with ROLLBACK. Not P2034: callers would retry it, with the same result. */
export const transactionRolledBack = (cause: unknown): Error =>
  known(
    "P2028",
    "Transaction API error: The server rolled this transaction back: a statement in it had failed.",
    { cause },
  )

/**
 * Gives an error of COMMIT the code and the text that Prisma gives to the same error in a batch. In interactive
 * transactions Prisma passes on the adapter's own error. Deferred constraints are checked at COMMIT.
 */
export function commitError(error: unknown): unknown {
  if (error instanceof PrismaClientKnownRequestError) return error
  const { cause, message } = (error ?? {}) as Fields
  if (!cause) return error
  const { kind, constraint } = cause
  const driverAdapterError = { driverAdapterError: error }
  switch (kind) {
    case "UniqueConstraintViolation":
      return known("P2002", `Unique constraint failed on the ${nameOf(constraint)}`, driverAdapterError)
    case "ForeignKeyConstraintViolation":
      return known(
        "P2003",
        `Foreign key constraint violated on the ${nameOf(constraint)}`,
        driverAdapterError,
      )
    case "TransactionWriteConflict":
      return known(
        "P2034",
        "Transaction failed due to a write conflict or a deadlock. Please retry your transaction",
        driverAdapterError,
      )
    default:
      return databaseError(cause, message, driverAdapterError)
  }
}

/** Names a constraint in Prisma's format. */
function nameOf(constraint: Constraint | undefined): string {
  if (constraint?.fields) return `fields: (${constraint.fields.map((field) => `\`${field}\``).join(", ")})`
  if (constraint?.index) return `constraint: \`${constraint.index}\``
  return constraint && "foreignKey" in constraint ? "foreign key" : "(not available)"
}

/** Gives any error of connecting, or of beginning a transaction, a code: Prisma does not translate these. */
export function connectingError(error: unknown, address: ServerAddress): unknown {
  const translated = prismaError(error, address)
  const { cause, message } = (translated ?? {}) as Fields
  if (cause?.kind === undefined || translated instanceof PrismaClientKnownRequestError) return translated
  return databaseError(cause, message, { driverAdapterError: translated })
}

/** The error, with Prisma's code, for which a pool has no connection: the server is full, or cannot be reached. */
export function noConnectionError(error: Error, address: ServerAddress): unknown {
  if (!isTooManyConnections(error)) return prismaError(error, address)
  return known("P2037", `${POOLER_ERRORS["P2037"]}: ${error.message}`, {})
}

/** The error that Prisma gives to other database errors in a model query. */
function databaseError(
  { originalCode = "N/A", originalMessage }: Cause,
  message: unknown,
  meta: Record<string, unknown>,
): PrismaClientKnownRequestError {
  return known(
    "P2039",
    `Database error. Code: \`${originalCode}\`. Message: \`${originalMessage ?? message}\``,
    meta,
  )
}

function known(code: string, message: string, meta: Record<string, unknown>): PrismaClientKnownRequestError {
  return new PrismaClientKnownRequestError(message, { code, meta, clientVersion: "" })
}

/** Details for the message: the error at each address of a host with several, or what answered in place of the server. */
function details(error: unknown): string {
  const { code, errors, message } = (error ?? {}) as Fields
  return code === "P1001" || (Array.isArray(errors) && errors.length > 1) ? `\n\n${message}` : ""
}

function isUnreachable(error: unknown): boolean {
  const { code, syscall, errors, cause } = (error ?? {}) as Fields
  if (code === "P1001") return !(error instanceof PrismaClientKnownRequestError)
  // A host with several addresses reports one error for each.
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isUnreachable)
  if (cause?.originalCode === CANNOT_CONNECT_NOW || cause?.kind === "DatabaseNotReachable") return true
  return syscall === "getaddrinfo" || (syscall === "connect" && !CUT.has(String(code)))
}

function isClosed(error: unknown): boolean {
  const { code, message, cause } = (error ?? {}) as Fields
  if (cause?.kind === "ConnectionClosed" || SESSION_ENDED.has(String(cause?.originalCode))) return true
  if (code !== undefined) return CUT.has(String(code))
  return CUT_TEXTS.has(String(message)) || UNEXPECTED.test(String(message))
}

/**
 * Passes a {@link PoolConfigError} to the caller of a query unchanged.
 *
 * Prisma replaces every error that has a `code` by a PrismaClientKnownRequestError, and reads `meta` from it for
 * that; the issues would be lost. A `meta` that throws the error itself ends that attempt, and Prisma passes on
 * the thrown error. For other readers `meta` is undefined. If Prisma ever renames its handler, its replacement error
 * still has the code and the message.
 */
export function bypassPrismaErrorWrapping(error: unknown): unknown {
  if (!(error instanceof PoolConfigError)) return error
  return Object.defineProperty(error, "meta", {
    configurable: true,
    get() {
      if (new Error().stack?.includes("handleRequestError")) throw error
      return undefined
    },
  })
}
