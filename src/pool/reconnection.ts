import { Openings } from "./openings.ts"
import { Outage, type OutageLimits } from "./outage.ts"
import { Probes } from "./probes.ts"
import type { WaitingCallers } from "./waiting-callers.ts"

/** What a reconnection needs of its pool. */
interface Reconnecting {
  /** `host:port`. */
  readonly server: string
  /** The time that opening a connection may take; 0 sets no limit. */
  readonly connectMillis: number
  readonly waiting: WaitingCallers
  /** True while a connection works. */
  hasConnection(): boolean
  /** Opens a connection for no caller, if there is room. */
  probe(): void
  /** Goes on serving callers. */
  serve(): void
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
  readonly #outage: Outage
  readonly #probes: Probes

  constructor(pool: Reconnecting, limits: OutageLimits) {
    this.#pool = pool
    this.#outage = new Outage(limits)
    this.openings = new Openings(pool.server, pool.connectMillis, () => this.#tryAgain())
    this.#probes = new Probes(
      () => {
        if (this.openings.count < MOST_PROBES) pool.probe()
      },
      () => this.#outage.rest(),
    )
  }

  /** The error with which callers fail while no connection works; undefined while no attempt has failed. */
  get error(): Error | undefined {
    return this.#pool.hasConnection() ? undefined : this.#outage.error
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
    const hasConnection = this.#pool.hasConnection()
    const isOnly = !hasConnection && this.openings.count === 0
    const mayWait = hasConnection || this.#outage.record(error)
    // A server that answers that it is full is tried when a caller waits, and no oftener.
    if (!this.isDown) this.#probes.stop()
    if (!isOnly || (mayWait && this.#outage.left > 0)) this.openings.pause(this.#outage.left)
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

  /** Goes on after a pause. */
  #tryAgain(): void {
    const { error, left, isDown } = this.#outage
    if (isDown) return
    if (this.#pool.waiting.count === 0) {
      this.#outage.end()
      this.openings.calm()
    } else if (error !== undefined && left === 0 && this.openings.count === 0) {
      this.#giveUp(error)
    }
    this.#pool.serve()
  }

  /** Ends the wait for a server that still has no room, or is still not there. */
  #giveUp(error: Error): void {
    const { waiting } = this.#pool
    this.openings.stop()
    this.#outage.declareDown()
    if (!this.isDown) {
      this.#failCallers(error)
    } else if (waiting.count > 0 || this.#probes.isRunning) {
      this.#probes.start()
      waiting.fail(this.#outage.error ?? error)
    } else {
      this.#outage.rest()
    }
  }

  /** Fails callers, and lets the next one try at once. */
  #failCallers(error: Error, youngest?: number): void {
    this.#outage.end()
    this.openings.reset()
    this.#probes.stop()
    this.#pool.waiting.fail(error, youngest)
  }
}
