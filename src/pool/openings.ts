/** The pause after an opening that failed while other connections work; doubled each time, up to the longest. */
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000

/** Counts the connections that a pool is opening, and decides when it may open another. */
export class Openings {
  readonly #again: () => void
  #count = 0
  #since = 0
  #failed = 0
  #pause: NodeJS.Timeout | undefined

  /** @param again called when a pause is over */
  constructor(again: () => void) {
    this.#again = again
  }

  get count(): number {
    return this.#count
  }

  /** Milliseconds for which at least one has been opening without interruption; 0 where there is none. */
  get millis(): number {
    return this.#count === 0 ? 0 : performance.now() - this.#since
  }

  /** True if another may be opened. After a failure beside working connections, they are opened one at a time, with pauses. */
  get mayBegin(): boolean {
    return this.#pause === undefined && (this.#failed === 0 || this.#count === 0)
  }

  begin(): void {
    if (this.#count === 0) this.#since = performance.now()
    this.#count += 1
  }

  end(isOpen: boolean): void {
    this.#count -= 1
    if (isOpen) this.#failed = 0
  }

  /** Opens nothing for a while, and for longer each time. */
  pause(): void {
    const millis = Math.min(FIRST_PAUSE_MS * 2 ** this.#failed, LONGEST_PAUSE_MS)
    this.#failed += 1
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined
      this.#again()
    }, millis)
  }

  stop(): void {
    clearTimeout(this.#pause)
  }
}
