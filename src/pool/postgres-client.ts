import type { Socket } from "node:net"
import type pg from "pg"
import { ProtocolError } from "./backend-messages.ts"
import { type Backend, cancelQuery, type Route, routeOf } from "./cancel-request.ts"
import { connectChannel } from "./channels.ts"
import { isLastingRefusal } from "./classify-error.ts"
import { explainConnectError } from "./connect-error.ts"
import { ClientWithHiddenPassword } from "./hidden-password.ts"
import { memoizePassword } from "./memoize-password.ts"
import type { PoolMetrics } from "./pool-metrics.ts"
import { PostgresConnection, type PostgresConnectionConfig } from "./postgres-connection.ts"
import { CLOSE_TIMEOUT_MS, type CountedSocket, countedSocket } from "./server-slots.ts"
import { Session } from "./session.ts"
import { withSocketTimeout } from "./socket-timeout.ts"
import { Stopwatch } from "./stopwatch.ts"
import { ConnectTimeoutError, setRunningTimeout, setTimeoutAfterIo } from "./timeouts.ts"
import { warn } from "./warn.ts"

/** The time in which most servers that were told to cancel a query answer it. Nothing comes back over a frozen network. */
const SILENCE_MS = 250

const LOOPBACK = /^(::ffff:)?127\.|^::1$/

/** node-postgres's configuration, and the timeouts that it does not have. */
export interface PostgresClientConfig extends PostgresConnectionConfig {
  /** Milliseconds that opening the connection may take; 0 or absent sets no limit. */
  readonly connectTimeoutMillis?: number
  /** Milliseconds that one statement may take; 0 or absent sets no limit. */
  readonly socketTimeoutMillis?: number
  /** Of the pool whose connection it is: the opening is then published. */
  readonly metrics?: PoolMetrics
}

/** The rows of a query; "late" if the server has not answered in time, or not this time; "refused" if it does not answer such a query. */
export type Answer = unknown[] | "late" | "refused"

/** The parts of node-postgres's client that its types leave out. */
interface Internals extends Backend {
  readonly readyForQuery?: boolean
  _queryable: boolean
  readonly connectionParameters: { options?: string }
  ref(): void
}

/**
 * A node-postgres connection with separate timeouts for connecting and for each statement. It closes its socket only
 * after the server has.
 *
 * node-postgres has a single timeout for waiting in the queue and for connecting. It also destroys the socket of a
 * connection that is busy or broken: the server's slot then outlives the socket, uncounted.
 */
export class PostgresClient extends ClientWithHiddenPassword {
  /** Called when the connection is closed. A field, since adding a listener would cost time at each use. */
  onClosed: (() => void) | undefined
  /** True once a caller had it. */
  isUsed = false
  /** When opening it began, by the monotonic clock. */
  openedAt = 0
  /** Milliseconds that opening it took, with TLS and the login. */
  openingMillis = 0
  readonly #idle = new Stopwatch()
  readonly #config: PostgresClientConfig
  #connected = false
  #route: Route = { address: undefined, isEncrypted: false }
  #broken = false
  #timedOut = false
  /** Ends the validation that is running. */
  #endValidation: (() => void) | undefined
  #closed = false
  /** The TCP or Unix socket, without the TLS around it. */
  readonly socket: Socket
  /** The same where its slot is counted: in a pool. */
  readonly #counted: CountedSocket | undefined
  readonly #session: Session
  /** The cancel request. One is enough: no connection is used again after its query was cancelled. */
  #cancelled: Promise<void> | undefined

  constructor(config: PostgresClientConfig = {}) {
    // pg-pool hides the password from a spread.
    const { ssl = false, password } = config
    const own = {
      ...config,
      password: memoizePassword(password),
      ssl,
      connection: new PostgresConnection(config),
    }
    super(own as pg.ClientConfig)
    // Without options node-postgres would use PGOPTIONS, which a pooler may refuse.
    this.#internals.connectionParameters.options = config.options ?? ""
    this.#config = config
    this.socket = this.connection.stream as Socket
    this.#counted = countedSocket(this.socket)
    this.#session = new Session(this.connection, this.#counted)
    // An error event without a listener ends the process, and for a moment after checkout there is none.
    this.on("error", (error) => {
      this.#broken = true
      // The server does not know that the connection is broken: waiting for its next message could take forever.
      if (error instanceof ProtocolError) this.#endGracefully()
    })
    this.once("end", () => {
      this.#closed = true
      // If the network was cut, the server does not know, and its backend would run until the query ends.
      if (this.#connected && this.isBusy) void this.#cancelQuery()
      this.onClosed?.()
    })
    // sslmode=disable is an explicit consent to clear text.
    if (config.tlsIsOptional) {
      this.connection.on("authenticationCleartextPassword", () => this.#warnOfClearText())
    }
    if (config.socketTimeoutMillis) this.#limitQueries(config.socketTimeoutMillis)
  }

  /** The last command that the server reports. */
  get lastCommand(): string {
    return this.#session.lastCommand
  }

  /** True if nothing is in flight, no transaction is open and the session is clean: another caller may have the connection. */
  get isReusable(): boolean {
    const isUsable = !this.#broken && !this.#timedOut && this.#session.isClean
    return isUsable && !this.isBusy && this.getTransactionStatus() === "I"
  }

  /** True until the server says that it is ready for the next query. */
  get isBusy(): boolean {
    // node-postgres clears it when a query is sent, and sets it when the server is ready again.
    return this.#internals.readyForQuery !== true
  }

  /** True from the refusal of a statement until the server is ready for the next one. */
  get isRefusing(): boolean {
    return this.#session.isRefusing
  }

  /** True in a transaction that is open, or has failed, while no statement is under way. */
  get isIdleInTransaction(): boolean {
    return !this.isBusy && (this.getTransactionStatus() ?? "I") !== "I"
  }

  /** Milliseconds since a caller last held it. */
  get idleMillis(): number {
    return this.#idle.millis
  }

  /** Records that a caller has it. One that was opened for no caller would let the process end in the middle of a statement. */
  markUsed(): void {
    this.isUsed = true
    this.#internals.ref()
  }

  /** Records that it goes back to the pool. */
  markIdle(): void {
    this.#idle.restart()
  }

  /** The process id that the login reported; null where it reported none. */
  get reportedPid(): number | null | undefined {
    return this.#internals.processID
  }

  /** Asks the server, which may take `millis`. */
  async ask(query: { text: string; values: unknown[] }, millis: number): Promise<Answer> {
    const answer = this.query(query).then(
      ({ rows }): Answer => rows,
      (error: unknown) => (isLastingRefusal(error) ? "refused" : "late"),
    )
    return (await this.#within(answer, millis)) ?? "late"
  }

  /** Tells whether the server answers within `millis`. */
  async answersWithin(millis: number): Promise<boolean> {
    return (await this.#within(this.query("SELECT 1"), millis)) !== undefined
  }

  /** The result of a query, or undefined if it fails or takes too long. */
  async #within<T>(query: Promise<T>, millis: number): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      this.#endValidation = () => resolve(undefined)
      timer = setTimeoutAfterIo(() => resolve(undefined), Math.max(0, millis))
    })
    const answer = query.catch(() => undefined)
    try {
      return await Promise.race([answer, late])
    } finally {
      clearTimeout(timer)
      this.#endValidation = undefined
    }
  }

  #warnOfClearText(): void {
    const { stream } = this.connection
    const { remoteAddress = "" } = stream as Socket
    if ("encrypted" in stream || this.host.startsWith("/") || LOOPBACK.test(remoteAddress)) return
    warn(
      `${this.host}:${this.port} has no TLS, and asked for the password in clear: anyone on the network path can read it. Write sslmode=require into the URL, or sslmode=disable where the network is private.`,
    )
  }

  get #internals(): Internals {
    return this as unknown as Internals
  }

  override connect(): Promise<pg.Client>
  override connect(callback: (error: Error | null) => void): void
  override connect(callback?: (error: Error | null) => void): Promise<pg.Client> | undefined {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.connect((error) => (error ? reject(error) : resolve(this)))
      })
    }
    connectChannel.trace(this.#config.metrics, this.#open, callback)
    return undefined
  }

  readonly #open = (callback: (error: Error | null) => void): void => {
    const limitMillis = this.#counted?.connectMillis ?? this.#config.connectTimeoutMillis ?? 0
    this.openedAt = performance.now()
    let stopTimer = () => {}
    let answered = false
    const answer = (error: Error | null) => {
      if (answered) return
      answered = true
      stopTimer()
      this.#connected = !error
      this.openingMillis = performance.now() - this.openedAt
      this.#route = routeOf(this.connection.stream as Socket)
      if (!error) this.#session.begin(this.#internals.processID ?? undefined)
      this.markIdle()
      this.forgetPassword()
      callback(error && explainConnectError(error))
      // node-postgres leaves a half-finished login open, and the server waits a minute for the rest.
      if (error instanceof ConnectTimeoutError) this.connection.stream.destroy()
      else if (error) this.#endGracefully()
    }
    if (limitMillis > 0) {
      const late = () => answer(new ConnectTimeoutError(limitMillis / 1000))
      stopTimer = setRunningTimeout(late, limitMillis, this.#counted?.isWaitedFor)
    }
    super.connect((error: Error | null) => answer(error))
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
    // An idle connection lets the process end, but a caller waits for this one to close.
    this.#internals.ref()
    this.#endValidation?.()
    if (this.isBusy && !this.#broken) {
      this.#destroyAfterTimeout()
      void this.#cancelQuery().then(() => {
        this.#endGracefully()
        if (this.#timedOut) this.#giveUpIfSilent()
      })
    } else if (this.#broken || this.#timedOut) {
      this.#endGracefully()
    } else {
      this.#destroyAfterTimeout()
      super.end(() => {})
    }
    return undefined
  }

  /** Destroys a connection that does not answer, without waiting for the server. */
  destroy(): void {
    this.#broken = true
    this.connection.stream.destroy()
  }

  #limitQueries(millis: number): void {
    const query = this.query.bind(this) as unknown as (...parameters: unknown[]) => unknown
    this.query = withSocketTimeout(query, millis, () => {
      this.#timedOut = true
      // A statement sent now would wait behind the query that is being stopped, and a COMMIT might even succeed.
      this.#internals._queryable = false
      void this.#cancelQuery()
    }) as unknown as pg.Client["query"]
  }

  /** Ends our side of the connection, and waits for the server to close it, which it does after its clean-up. */
  #endGracefully(): void {
    // Listeners have had the error already; the pool would report the end as a second failure.
    this.removeAllListeners("error").on("error", () => {})
    const { stream } = this.connection
    if ((stream as { connecting?: boolean }).connecting) {
      stream.destroy()
      return
    }
    this.#destroyAfterTimeout()
    stream.end()
  }

  #destroyAfterTimeout(): void {
    const timer = setTimeout(() => {
      this.#counted?.expire()
      this.connection.stream.destroy()
    }, CLOSE_TIMEOUT_MS)
    timer.unref()
    this.connection.stream.once("close", () => clearTimeout(timer))
  }

  /**
   * Gives up a connection whose query was cancelled, and is not answered: its backend counts as lost, and may be ended over
   * another connection. On a frozen network it would never hear that this one ends.
   *
   * It stays open: a server that is slow answers later, which frees the slot where no other connection lives.
   */
  #giveUpIfSilent(): void {
    setTimeoutAfterIo(() => {
      if (this.isBusy) this.#counted?.giveUp()
    }, SILENCE_MS).unref()
  }

  /** Cancels the running query, so that its backend notices that we are gone. */
  #cancelQuery(): Promise<void> {
    // node-postgres's types leave out the backend's process id and key.
    this.#cancelled ??= cancelQuery(this as unknown as Backend, this.#route, this.#config, CLOSE_TIMEOUT_MS)
    return this.#cancelled
  }
}
