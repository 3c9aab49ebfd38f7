import { connect } from "node:net"
import pg from "pg"
import { ConnectTimeoutError } from "./timeout-error.ts"

/** How long a connection may take to close before it is cut off. A frozen network never answers a goodbye. */
export const CLOSE_TIMEOUT_MS = 5_000

/** The protocol's code for "cancel the query of that backend". https://www.postgresql.org/docs/current/protocol-message-formats.html */
const CANCEL_REQUEST = 80_877_102

/** node-postgres's configuration, and the one timeout that it has no place for. */
export interface PostgresClientConfig extends pg.ClientConfig {
  /** Milliseconds that opening the connection may take; 0 or absent sets no limit. */
  readonly connectTimeoutMillis?: number
}

/**
 * A node-postgres connection with a connect timeout of its own, and one that hangs up only when the server has.
 *
 * node-postgres has a single timeout for waiting in the queue and for connecting, and destroys the socket of a
 * connection that is busy or broken: the server's slot then outlives it, uncounted.
 */
export class PostgresClient extends pg.Client {
  /** Told when the connection is closed. A field, since a listener for each use would cost each use. */
  onClosed: (() => void) | undefined
  readonly #connectTimeoutMillis: number
  #connected = false
  #broken = false
  #closed = false

  constructor(config: PostgresClientConfig = {}) {
    super(config)
    this.#connectTimeoutMillis = config.connectTimeoutMillis ?? 0
    // An error event without a listener ends the process, and there is a moment after check-out without one.
    this.on("error", () => {
      this.#broken = true
    })
    this.once("end", () => {
      this.#closed = true
      this.onClosed?.()
    })
  }

  /** Nothing is in flight and no transaction is open: another caller may have this connection. */
  get clean(): boolean {
    return !this.#broken && !this.busy && this.getTransactionStatus() === "I"
  }

  /** The server has not said yet that it is ready for the next query. */
  get busy(): boolean {
    // node-postgres clears it when a query is sent, and sets it when the server is ready again.
    return (this as unknown as { readyForQuery?: boolean }).readyForQuery !== true
  }

  override connect(): Promise<pg.Client>
  override connect(callback: (error: Error | null) => void): void
  override connect(callback?: (error: Error | null) => void): Promise<pg.Client> | undefined {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.connect((error) => (error ? reject(error) : resolve(this)))
      })
    }
    let timer: NodeJS.Timeout | undefined
    let answered = false
    const answer = (error: Error | null) => {
      if (answered) return
      answered = true
      clearTimeout(timer)
      this.#connected = !error
      this.#forgetPassword()
      callback(error)
      // node-postgres leaves a login that it gave up half-way to the server, which waits a minute for the rest.
      if (error) this.#hangUp()
    }
    if (this.#connectTimeoutMillis > 0) {
      timer = setTimeout(() => {
        answer(new ConnectTimeoutError(this.#connectTimeoutMillis / 1000))
      }, this.#connectTimeoutMillis)
    }
    super.connect((error: Error | null) => answer(error))
    return undefined
  }

  override end(): Promise<void>
  override end(callback: () => void): void
  override end(callback?: () => void): Promise<void> | undefined {
    if (callback === undefined) return new Promise((resolve) => this.end(resolve))
    if (this.#closed || !this.#connected) {
      super.end(callback)
      return undefined
    }
    this.once("end", callback)
    if (this.#broken || this.busy) {
      if (this.busy && !this.#broken) this.#cancelQuery()
      this.#hangUp()
    } else {
      this.#cutLater()
      super.end(() => {})
    }
    return undefined
  }

  /** Each connection authenticates once; node-postgres would keep the password where `showHidden` finds it. */
  #forgetPassword(): void {
    const { connectionParameters } = this as unknown as { connectionParameters: { password?: unknown } }
    this.password = undefined
    connectionParameters.password = undefined
  }

  /** Says that nothing more will come, and waits for the server to close, as it does when it has cleaned up. */
  #hangUp(): void {
    // Whoever is interested has been told already; the pool would report the end as a second failure.
    this.removeAllListeners("error").on("error", () => {})
    const { stream } = this.connection
    if ((stream as { connecting?: boolean }).connecting) {
      stream.destroy()
      return
    }
    this.#cutLater()
    stream.end()
  }

  #cutLater(): void {
    const cut = setTimeout(() => this.connection.stream.destroy(), CLOSE_TIMEOUT_MS)
    cut.unref()
    this.connection.stream.once("close", () => clearTimeout(cut))
  }

  /** Stops the query that is running, so that its backend notices that we are gone. */
  #cancelQuery(): void {
    const { processID, secretKey } = this as unknown as { processID?: number; secretKey?: number }
    if (typeof processID !== "number" || typeof secretKey !== "number") return
    const request = Buffer.alloc(16)
    for (const [index, word] of [16, CANCEL_REQUEST, processID, secretKey].entries()) {
      request.writeInt32BE(word, index * 4)
    }
    const socket = this.host.startsWith("/")
      ? connect(`${this.host}/.s.PGSQL.${this.port}`)
      : connect(this.port, this.host)
    // Best effort: the connection is cut in any case.
    socket.on("error", () => {})
    socket.setTimeout(CLOSE_TIMEOUT_MS, () => socket.destroy())
    socket.end(request)
  }
}
