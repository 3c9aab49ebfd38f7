import { OPTIONS } from "../config/options.ts"
import { ServerDownError } from "./timeouts.ts"
import { type Unavailability, unavailabilityOf } from "./unavailability.ts"

/** How long a process without any connection waits out refusals, where its callers would wait forever. */
const LONGEST_REFUSAL_MS = 20_000

/** The limits of an outage, in milliseconds: those of its pool. */
export interface OutageLimits {
  /** The time that callers wait out a server that is starting or cannot be reached; 0 waits out nothing. */
  readonly reconnectTimeoutMillis?: number
  /** The time that a caller waits for a connection; 0 waits forever. */
  readonly connectionTimeoutMillis: number
}

const DEFAULT_MS = OPTIONS.reconnectTimeout.default * 1000

/**
 * The failed attempts of a pool without a working connection, until one succeeds: how long its callers wait them out.
 *
 * A server that refuses, or starts, has answered: callers wait. One that cannot be reached is waited for only by a pool that
 * has had a connection: at the start a wrong address looks the same, and must fail at once.
 */
export class Outage {
  readonly #limits: OutageLimits
  /** True if the pool has had a connection. */
  #hasConnected = false
  #kind: Unavailability | undefined
  /** The time of the first failed attempt of this kind. */
  #since = 0
  /** The time of the first failed attempt of any. */
  #began = 0
  #error: Error | undefined
  #isDown = false

  constructor(limits: OutageLimits) {
    this.#limits = limits
  }

  /** True if no connection works, and the time to wait is over: callers fail at once. */
  get isDown(): boolean {
    return this.#isDown
  }

  /** The error for callers that give up; undefined while no attempt has failed. */
  get error(): Error | undefined {
    if (this.#error === undefined || this.#kind === "full") return this.#error
    return new ServerDownError(this.#error)
  }

  /** Milliseconds until callers wait no longer, 0 if that is over; infinite where each has a limit of its own. */
  get left(): number {
    const { reconnectTimeoutMillis = DEFAULT_MS, connectionTimeoutMillis } = this.#limits
    const isFull = this.#kind === "full"
    if (this.#kind === undefined || (isFull && connectionTimeoutMillis > 0)) return Number.POSITIVE_INFINITY
    const ofKind = this.#since + (isFull ? LONGEST_REFUSAL_MS : reconnectTimeoutMillis)
    // Answers of both kinds in turn, as of two servers behind one name, would be waited for forever.
    const longest = Math.max(LONGEST_REFUSAL_MS, reconnectTimeoutMillis)
    const ofBoth = connectionTimeoutMillis > 0 ? ofKind : this.#began + longest
    return Math.max(0, Math.min(ofKind, ofBoth) - performance.now())
  }

  /** Milliseconds that pass before the next attempt at most: a caller's own wait has one in it. */
  get longestPause(): number {
    const { connectionTimeoutMillis } = this.#limits
    return Math.min(this.left, connectionTimeoutMillis / 2 || Number.POSITIVE_INFINITY)
  }

  /** Records a failed attempt. False if another one would fail too: there is nothing to wait for. */
  record(error: Error): boolean {
    const kind = unavailabilityOf(error)
    if (kind === undefined || (kind === "unreachable" && !this.#hasConnected)) {
      this.end()
      return false
    }
    // The other kind of answer begins another wait.
    if (this.#kind === undefined) this.#began = performance.now()
    if (this.#kind === undefined || (this.#kind === "full") !== (kind === "full")) {
      this.#since = performance.now()
      this.#isDown = false
    }
    this.#kind = kind
    this.#error = error
    return true
  }

  /** Declares the server down: callers fail at once from now on. A server that is full is not down. */
  declareDown(): void {
    this.#isDown = this.#kind !== undefined && this.#kind !== "full"
  }

  /** Lets the next caller try again. If its attempt fails too, it fails at once. */
  rest(): void {
    this.#isDown = false
  }

  /** Forgets the failed attempts: nobody waits any more, or it is known that waiting is of no use. */
  end(): void {
    this.#kind = undefined
    this.#error = undefined
    this.#isDown = false
  }

  /** Records a connection. True if attempts had failed before it. */
  succeed(): boolean {
    const hadFailed = this.#kind !== undefined
    this.#hasConnected = true
    this.end()
    return hadFailed
  }
}
