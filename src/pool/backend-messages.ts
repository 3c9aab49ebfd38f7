/**
 * The server sent something that is not a PostgreSQL message, or not valid at this time. Code and text are Prisma's: `P1001`
 * before the login is complete, `P1017` after it.
 *
 * https://www.prisma.io/docs/orm/reference/error-reference#p1017
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError"
  readonly code: "P1001" | "P1017"

  constructor(isLoggedIn: boolean, reason: string, options?: ErrorOptions) {
    const text = isLoggedIn ? "Server has closed the connection" : "Can't reach database server"
    super(`${text}. It sent something PostgreSQL does not send: ${reason}`, options)
    this.code = isLoggedIn ? "P1017" : "P1001"
  }
}

/** A message's type is one byte; its length is four bytes, and includes itself. */
const TYPE = 1
const LENGTH = 4

// As in libpq: messages without user data are short, and none is longer than PostgreSQL can allocate.
const SHORT = 30_000
const LONG = 0x3fffffff

/**
 * The messages that node-postgres knows, each with the minimum and maximum number of bytes that follow the length.
 *
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
type Lengths = Readonly<Record<string, readonly [min: number, max: number]>>
const ALWAYS: Lengths = { A: [6, LONG], E: [1, LONG], N: [1, LONG], S: [2, LONG], Z: [1, 1] }
const LOGIN: Lengths = { ...ALWAYS, K: [8, SHORT], R: [4, SHORT] }
const SESSION: Lengths = {
  ...ALWAYS,
  K: [8, SHORT],
  "1": [0, 0],
  "2": [0, 0],
  "3": [0, 0],
  C: [1, SHORT],
  c: [0, 0],
  D: [2, LONG],
  d: [0, LONG],
  G: [3, SHORT],
  H: [3, SHORT],
  I: [0, 0],
  n: [0, 0],
  s: [0, 0],
  T: [2, LONG],
  t: [2, LONG],
  W: [3, SHORT],
}

/** Turns a table into bounds by type byte. No length is valid for a type that is not in the table. */
function boundsOf(table: Lengths): { readonly min: Int32Array; readonly max: Int32Array } {
  const min = new Int32Array(256)
  const max = new Int32Array(256).fill(-1)
  for (const [type, [shortest, longest]] of Object.entries(table)) {
    min[type.charCodeAt(0)] = shortest
    max[type.charCodeAt(0)] = longest
  }
  return { min, max }
}

const IN_LOGIN = boundsOf(LOGIN)
const IN_SESSION = boundsOf(SESSION)

const [A, C, D, E, N, R, S, T, Z] = Buffer.from("ACDENRSTZ")
const NUL = 0

// Kinds of authentication messages.
const SASL = 10
const SASL_CONTINUE = 11
const SASL_FINAL = 12

/** Bytes of a field in RowDescription, after its name. */
const FIELD = 18

/** The number of columns before a row description was read. */
const NO_COLUMNS = -1

/**
 * Buffers the server's bytes until a message is complete, and passes on no malformed message.
 *
 * node-postgres's parser trusts its server. An error whose last field has no end makes it loop forever. A row that ends
 * too early throws where no caller can catch it. A few bytes do either, and anyone can send them before the login.
 */
export class BackendMessages {
  /** The start of a message, in the chunks that arrived: joined once, when the last one is there. */
  #chunks: Buffer[] = []
  #held = 0
  /** The length of that message, or of its header while that is incomplete. */
  #wanted = TYPE + LENGTH
  #bounds = IN_LOGIN
  #authentication = 0
  #columns = NO_COLUMNS
  #malformed: string | undefined

  /** @throws {ProtocolError} after passing on the messages before the malformed one */
  take(chunk: Buffer, pass: (messages: Buffer) => void): void {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#held < this.#wanted) return
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#held)
    const end = this.#endOfComplete(bytes)
    this.#held = bytes.length - end
    this.#chunks = this.#held === 0 ? [] : [bytes.subarray(end)]
    if (end > 0) pass(bytes.subarray(0, end))
    if (this.#malformed !== undefined) throw this.error(this.#malformed)
  }

  error(reason: string): ProtocolError {
    return new ProtocolError(this.#bounds === IN_SESSION, reason)
  }

  /** The end of the last complete, valid message. */
  #endOfComplete(bytes: Buffer): number {
    let start = 0
    this.#wanted = TYPE + LENGTH
    while (start + TYPE + LENGTH <= bytes.length) {
      const type = bytes[start] as number
      const length = bytes.readUInt32BE(start + TYPE) - LENGTH
      const { min, max } = this.#bounds
      const body = start + TYPE + LENGTH
      const end = body + length
      if (length < (min[type] as number) || length > (max[type] as number)) {
        this.#malformed = `${nameOf(type)} of ${length} bytes`
        break
      }
      if (end > bytes.length) {
        this.#wanted = end - start
        break
      }
      if (!this.#isValid(type, bytes, body, end)) {
        this.#malformed = `${nameOf(type)} whose ${length} bytes are malformed`
        break
      }
      start = end
    }
    return start
  }

  #isValid(type: number, bytes: Buffer, body: number, end: number): boolean {
    switch (type) {
      case D:
        return this.#isRow(bytes, body, end)
      case T:
        this.#columns = bytes.readInt16BE(body)
        return isRowDescription(bytes, body, end)
      case Z:
        this.#bounds = IN_SESSION
        this.#columns = NO_COLUMNS
        return "ITE".includes(String.fromCharCode(bytes[body] as number))
      case E:
        return hasFields(bytes, body, end, "CM")
      case N:
        return hasFields(bytes, body, end, "")
      case R:
        return this.#isNextOfLogin(bytes.readInt32BE(body))
      case A:
      case C:
      case S:
        return bytes[end - 1] === NUL
      default:
        return true
    }
  }

  /** Checks the order of SASL messages, which node-postgres takes for granted. */
  #isNextOfLogin(authentication: number): boolean {
    const previous = this.#authentication
    this.#authentication = authentication
    if (authentication === SASL_CONTINUE) return previous === SASL
    return authentication !== SASL_FINAL || previous === SASL_CONTINUE
  }

  /** True if there are as many values as described columns, and together they fill the message. */
  #isRow(bytes: Buffer, body: number, end: number): boolean {
    const count = bytes.readInt16BE(body)
    if (count !== this.#columns) return false
    let at = body + 2
    for (let column = 0; column < count; column += 1) {
      if (at + 4 > end) return false
      // As `readInt32BE` does, without its checks: every value of every answer passes here.
      const length =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number)
      if (length < -1) return false
      at += length === -1 ? 4 : 4 + length
    }
    return at === end
  }
}

function isRowDescription(bytes: Buffer, body: number, end: number): boolean {
  const count = bytes.readInt16BE(body)
  let at = body + 2
  for (let field = 0; field < count; field += 1) {
    const nul = bytes.indexOf(NUL, at)
    if (nul === -1 || nul >= end) return false
    at = nul + 1 + FIELD
  }
  return count >= 0 && at === end
}

/** True if the message is a list of fields (a type and a string, each NUL-terminated), ends with NUL, and has the `wanted` types. */
function hasFields(bytes: Buffer, body: number, end: number, wanted: string): boolean {
  let types = ""
  let at = body
  while (at < end && bytes[at] !== NUL) {
    types += String.fromCharCode(bytes[at] as number)
    const nul = bytes.indexOf(NUL, at + 1)
    if (nul === -1) return false
    at = nul + 1
  }
  return at === end - 1 && [...wanted].every((type) => types.includes(type))
}

const nameOf = (type: number) =>
  /\w/.test(String.fromCharCode(type))
    ? `a message "${String.fromCharCode(type)}"`
    : `a message 0x${type.toString(16)}`
