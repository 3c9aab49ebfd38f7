const INTERVAL_MS = 1_000

/** The probes of a server that is down end this long after the last caller. */
const PATIENCE_MS = 60_000

/** Tries once a second to reach a server that is down, while callers come. It does not keep the process alive. */
export class Probes {
  readonly #begin: () => void
  readonly #rest: () => void
  #timer: NodeJS.Timeout | undefined
  #lastCallerAt = 0

  /**
   * @param begin called once a second
   * @param rest called when no caller has come for long
   */
  constructor(begin: () => void, rest: () => void) {
    this.#begin = begin
    this.#rest = rest
  }

  get isRunning(): boolean {
    return this.#timer !== undefined
  }

  /** Records that a caller came. */
  callerCame(): void {
    this.#lastCallerAt = performance.now()
  }

  start(): void {
    if (this.#timer !== undefined) return
    this.callerCame()
    this.#timer = setInterval(() => {
      if (performance.now() - this.#lastCallerAt < PATIENCE_MS) return this.#begin()
      this.stop()
      this.#rest()
    }, INTERVAL_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
