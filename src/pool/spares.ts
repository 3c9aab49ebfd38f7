/** The pause after an attempt that failed, doubled each time, up to the longest. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/** What spares need of their pool. */
interface Stocked {
  /** Connections that are kept idle; 0 keeps none. */
  minIdle(): number
  /** Connections that are idle, and promised to no caller. */
  idle(): number
  /** Connections that are to be opened in place of others. */
  renewals(): number
  /** True if a connection may be opened that no caller waits for. */
  mayOpen(): boolean
  /** Opens a connection for no caller. */
  open(): void
}

/**
 * Opens connections that no caller waits for: those that the pool keeps ready, and those that take the place of one that
 * expires. One at a time: callers that come meanwhile are not behind a crowd of them.
 *
 * An attempt that fails is no outage: it is tried again later, and waits out nothing.
 */
export class Spares {
  readonly #pool: Stocked
  #isOpening = false
  #failures = 0
  #pausedUntil = 0
  #waiters: (() => void)[] = []

  constructor(pool: Stocked) {
    this.#pool = pool
  }

  /** Opens the next one, if one is missing. */
  fill(): void {
    if (this.#isOpening) return
    const { minIdle, idle, renewals, mayOpen, open } = this.#pool
    const isMissing = idle() < minIdle() || renewals() > 0
    if (isMissing && performance.now() >= this.#pausedUntil && mayOpen()) {
      this.#isOpening = true
      open()
    } else {
      this.#settle()
    }
  }

  /** Records that one was opened, and is idle or serves a caller. */
  opened(): void {
    this.#isOpening = false
    this.#failures = 0
    this.fill()
  }

  failed(): void {
    this.#isOpening = false
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS)
    this.#failures += 1
    this.#pausedUntil = performance.now() + pause * (0.5 + 0.5 * Math.random())
    this.#settle()
  }

  /** Resolves when as many are idle as are kept, or no more can be opened now: the server is full, or callers have them all. */
  filled(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve)
      this.fill()
    })
  }

  /** Ends the wait of {@link filled}. */
  stop(): void {
    this.#settle()
  }

  #settle(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }
}
