import type pg from "pg"
import type { CountedSocket } from "./server-slots.ts"

/**
 * Errors of the session rather than of the statement, so that only another session helps: a plan or a prepared
 * statement that a migration made stale, a primary that became a replica.
 */
const STALE_SESSION = new Set(["0A000", "26000", "25006"])

/** FATAL errors: the backend ends, even if the connection stays open. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const BACKEND_ENDS = new Set(["57P01", "57P02", "57P05", "25P03", "25P04"])

/** What the server's messages tell of the session behind a connection. */
export class Session {
  /** The last command that the server reports: the answer to a COMMIT may be ROLLBACK. */
  lastCommand = ""
  readonly #connection: pg.Connection
  readonly #socket: CountedSocket | undefined
  #isStale = false
  #isRefusing = false
  /** True after LISTEN: the next caller would inherit the subscription. */
  #listens = false

  /** @param socket the socket where its slot is counted */
  constructor(connection: pg.Connection, socket: CountedSocket | undefined) {
    this.#connection = connection
    this.#socket = socket
    connection.on("errorMessage", ({ code }: { code?: string }) => {
      this.#refuse()
      this.#isStale ||= STALE_SESSION.has(String(code))
      if (BACKEND_ENDS.has(String(code))) this.#announceEnd()
    })
    connection.on("commandComplete", ({ text }: { text: string }) => {
      this.lastCommand = text
      if (text === "LISTEN") this.#listens = true
    })
  }

  /** True if nothing is left in it that another caller would inherit. */
  get isClean(): boolean {
    return !this.#isStale && !this.#listens
  }

  /** True from the refusal of a statement until the server is ready for the next one. */
  get isRefusing(): boolean {
    return this.#isRefusing
  }

  /** Ties the connection's slot to its backend from now on. */
  begin(processID: number | undefined): void {
    const socket = this.#socket
    if (socket === undefined) return
    socket.logIn(processID)
    // The server's own end of the connection; with TLS the event comes from the stream around the socket.
    this.#connection.stream.once("end", () => {
      socket.isEnded = true
    })
  }

  #refuse(): void {
    if (this.#isRefusing) return
    this.#isRefusing = true
    // Only now: a listener for each answer would cost time with every statement.
    this.#connection.once("readyForQuery", () => {
      this.#isRefusing = false
    })
  }

  /** Believes the server's last message. A statement may raise the same code, but the server is ready for another one then. */
  #announceEnd(): void {
    const socket = this.#socket
    if (socket === undefined || socket.isEnded) return
    socket.isEnded = true
    this.#connection.once("readyForQuery", () => {
      socket.isEnded = false
    })
  }
}
