import { type PoolConfigIssue, shortened } from "../../error.ts"

interface ConnectFailure {
  readonly code?: unknown
  readonly message: string
}

type Cause = readonly [
  fits: (failure: ConnectFailure) => boolean,
  problem: string | undefined,
  remedy: string,
]

const hasCode =
  (...codes: readonly string[]) =>
  ({ code }: ConnectFailure) =>
    codes.includes(String(code))
const says =
  (pattern: RegExp) =>
  ({ message }: ConnectFailure) =>
    pattern.test(message)

/** Causes for which a server gives no answer, each with a remedy. An own problem replaces the driver's message. */
const CAUSES: readonly Cause[] = [
  [
    says(/client password must be a string/),
    "has no password, and the server asks for one",
    "Add it to the URL, after the user and a colon",
  ],
  [hasCode("28P01", "28000", "P1000"), undefined, "Check the user and the password"],
  [hasCode("3D000", "P1003"), undefined, "Check the database's name, the last part of the URL's path"],
  [hasCode("42501", "P1010"), undefined, "Give the role the right: GRANT CONNECT ON DATABASE … TO …"],
  // The message itself says which parameter to set.
  [hasCode("P1011"), undefined, ""],
  [
    hasCode("ENOTFOUND", "EAI_AGAIN"),
    undefined,
    "Check the host's name, and whether this machine can resolve it",
  ],
  [
    hasCode("ECONNREFUSED", "ENOENT"),
    undefined,
    "Check host and port: nothing listens there, or a firewall refuses",
  ],
  [
    hasCode("P1001", "P1008", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"),
    undefined,
    "Check host and port, and whether a firewall or a network lets this machine through",
  ],
  [hasCode("57P03", "57P01"), undefined, "The server is starting or stopping: try again in a moment"],
]

const ANY = "Check host, port, user, password and database, and whether this machine may connect"

/** A server may say anything, of any length. */
const LONGEST_MESSAGE = 2_000

/**
 * Describes why a server gave no answer, with a remedy.
 *
 * @param variable the variable that holds the URL
 */
export function unanswered(variable: string, error: unknown): PoolConfigIssue {
  const failure: ConnectFailure = error instanceof Error ? error : { message: String(error) }
  const [, problem = `cannot be asked: ${shortened(failure.message, LONGEST_MESSAGE)}`, remedy = ANY] =
    CAUSES.find(([fits]) => fits(failure)) ?? []
  return { name: variable, problem, remedy }
}
