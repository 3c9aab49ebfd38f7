import { OPTIONS } from "../config/options.ts"

/** More logins at a time make none of them faster: each takes a processor of the server, for TLS and SCRAM. */
const MOST_AT_ONCE = 4

/** The longest pause after the first failed attempt; doubled each time, up to the longest of all. */
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 5_000

/** The limit of an attempt after a failed one, or for no caller, where `connect_timeout` sets none: without any answer it would be the last one. */
const LONGEST_RETRY_MS = OPTIONS.connectTimeout.default * 1000

/** A pool waits no longer than this for the turn of another one, which may have a longer `connect_timeout`. */
const LONGEST_TURN_MS = 1_000

/** When a pool of this process began to try again, by server: the key is shared by the copies of this module. */
const RETRYING = Symbol.for("prisma-pool-config.retrying.v1")

function retrying(): Map<string, number> {
  const realm = globalThis as { [RETRYING]?: Map<string, number> }
  realm[RETRYING] ??= new Map()
  return realm[RETRYING]
}

/**
 * Counts the connections that a pool is opening, and decides when it may open another.
 *
 * After a failure a process has one login at a time with a server: each holds a slot of `max_connections` before any limit
 * is judged, so that many at once would lock out those who may log in. Pauses have full jitter, since the other instances
 * failed at the same instant.
 */
export class Openings {
  readonly #server: string
  readonly #connectMillis: number
  readonly #again: () => void
  #count = 0
  #since = 0
  #failed = 0
  /** When its own turn to try again began. */
  #turn = 0
  #pause: NodeJS.Timeout | undefined

  /**
   * @param server the pools of one server take turns
   * @param connectMillis the time that an attempt may take; 0 sets no limit to those of callers before the first failure
   * @param again called when a pause is over
   */
  constructor(server: string, connectMillis: number, again: () => void) {
    this.#server = server
    this.#connectMillis = connectMillis
    this.#again = again
  }

  get count(): number {
    return this.#count
  }

  /** Milliseconds for which at least one has been opening without interruption; 0 where there is none. */
  get millis(): number {
    return this.#count === 0 ? 0 : performance.now() - this.#since
  }

  /** Milliseconds that an attempt which begins now may take, for a caller or for none; 0 sets no limit. */
  limitMillis(isUnwaited: boolean): number {
    return this.#connectMillis || (isUnwaited || this.#failed > 0 ? LONGEST_RETRY_MS : 0)
  }

  /** True if another may be opened. */
  get mayBegin(): boolean {
    if (this.#pause !== undefined || this.#count >= MOST_AT_ONCE) return false
    if (this.#failed === 0) return true
    if (this.#count > 0) return false
    const turn = retrying().get(this.#server)
    if (turn === undefined || performance.now() - turn > LONGEST_TURN_MS) return true
    this.#wait(Math.random() * FIRST_PAUSE_MS)
    return false
  }

  begin(): void {
    if (this.#count === 0) this.#since = performance.now()
    this.#count += 1
    if (this.#failed > 0) {
      this.#turn = performance.now()
      retrying().set(this.#server, this.#turn)
    }
  }

  end(isOpen: boolean): void {
    this.#count -= 1
    this.#failed = isOpen ? 0 : this.#failed + 1
    if (retrying().get(this.#server) === this.#turn) retrying().delete(this.#server)
  }

  /**
   * Opens nothing for a while after a failed attempt, and for longer each time.
   *
   * @param longest milliseconds that the pause may last at most
   */
  pause(longest: number): void {
    const millis = Math.random() * Math.min(FIRST_PAUSE_MS * 2 ** (this.#failed - 1), LONGEST_PAUSE_MS)
    this.#wait(Math.min(millis, longest))
  }

  /** Forgets the failures. */
  reset(): void {
    this.stop()
    this.#failed = 0
  }

  /** Forgets all failures but one: nobody has waited meanwhile. */
  calm(): void {
    this.#failed = Math.min(this.#failed, 1)
  }

  stop(): void {
    clearTimeout(this.#pause)
    this.#pause = undefined
  }

  #wait(millis: number): void {
    if (this.#pause !== undefined) return
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      this.#again()
    }, millis)
    // Callers that wait keep the process alive.
    this.#pause.unref()
  }
}
