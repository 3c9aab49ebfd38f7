import { Openings } from "./openings.ts"
import { Outage, type OutageLimits } from "./outage.ts"
import { Probes } from "./probes.ts"
import type { WaitingCallers } from "./waiting-callers.ts"

/** What a reconnection needs of its pool. */
interface Reconnecting {
  /** Connections that are logged in. */
  established(): number
  /** Opens a connection for no caller, if there is room. */
  probe(): void
  /** Goes on serving callers. */
  serve(): void
}

/** The server, and the time that a connection to it may take. */
interface ReconnectionConfig extends OutageLimits {
  readonly host?: string | undefined
  readonly port?: number | undefined
  /** 0 or absent sets no limit. */
  readonly connectTimeoutMillis?: number
}

/** Probes of a server that is down at a time: each may take as long as `connect_timeout`. */
const MOST_PROBES = 2

/**
 * Decides what becomes of the callers of a pool when a connection cannot be opened: whether they wait, when the next attempt
 * begins, and with which error they fail.
 */
export class Reconnection {
  readonly openings: Openings
  readonly #pool: Reconnecting
  readonly #waiting: WaitingCallers
  readonly #outage: Outage
  readonly #probes: Probes

  constructor(pool: Reconnecting, waiting: WaitingCallers, config: ReconnectionConfig) {
    this.#pool = pool
    this.#waiting = waiting
    this.#outage = new Outage(config)
    const { host, port, connectTimeoutMillis = 0 } = config
    this.openings = new Openings(`${host}:${port}`, connectTimeoutMillis, () => this.#tryAgain())
    this.#probes = new Probes(
      () => {
        if (this.openings.count < MOST_PROBES) pool.probe()
      },
      () => this.#outage.rest(),
    )
  }

  /** The error with which callers fail while no connection works; undefined while no attempt has failed. */
  get error(): Error | undefined {
    return this.#hasConnection ? undefined : this.#outage.error
  }

  /** True if no connection works, and the time to wait is over: callers fail at once. */
  get isDown(): boolean {
    return this.#outage.isDown
  }

  /** Records that a caller came while the server is down. */
  callerCame(): void {
    this.#probes.callerCame()
  }

  /** Records that a connection is open. True if attempts had failed before it. */
  succeed(): boolean {
    this.#probes.stop()
    return this.#outage.succeed()
  }

  /**
   * Handles a failed attempt. Callers wait while another connection exists or is being opened, which will serve them, and
   * while the server may soon have room, or be there again.
   *
   * @param youngest the last caller that was waiting when the attempt began
   */
  fail(error: Error, youngest: number): void {
    const hasConnection = this.#hasConnection
    const isOnly = !hasConnection && this.openings.count === 0
    const mayWait = hasConnection || this.#outage.record(error)
    // A server that answers that it is full is tried when a caller waits, and no oftener.
    if (!this.isDown) this.#probes.stop()
    if (!isOnly || (mayWait && this.#outage.left > 0)) this.openings.pause(this.#outage.longestPause)
    else if (mayWait) this.#giveUp(error)
    else this.#failCallers(error, youngest)
  }

  /** Records that no connection is left. What failed beside them is forgotten: how long to wait for it was said of another outage. */
  lost(): void {
    this.openings.reset()
  }

  stop(): void {
    this.openings.stop()
    this.#probes.stop()
  }

  get #hasConnection(): boolean {
    return this.#pool.established() > 0
  }

  /** Goes on after a pause. */
  #tryAgain(): void {
    const { error, left, isDown } = this.#outage
    if (isDown) return
    if (this.#waiting.count === 0) {
      this.#outage.end()
      this.openings.calm()
    } else if (error !== undefined && left === 0 && this.openings.count === 0) {
      this.#giveUp(error)
    }
    this.#pool.serve()
  }

  /** Ends the wait for a server that still has no room, or is still not there. */
  #giveUp(error: Error): void {
    this.openings.stop()
    this.#outage.declareDown()
    if (!this.isDown) {
      this.#failCallers(error)
    } else if (this.#waiting.count > 0 || this.#probes.isRunning) {
      this.#probes.start()
      this.#waiting.fail(this.#outage.error ?? error)
    } else {
      this.#outage.rest()
    }
  }

  /** Fails callers, and lets the next one try at once. */
  #failCallers(error: Error, youngest?: number): void {
    this.#outage.end()
    this.openings.reset()
    this.#probes.stop()
    this.#waiting.fail(error, youngest)
  }
}
