/** After an opening that failed beside connections that work: until the next one, doubled each time up to a second. */
const OPEN_AGAIN_AFTER_MS = 50
const LONGEST_PAUSE_MS = 1_000

/** The connections that a pool is opening, and when it may open another. */
export class Openings {
  readonly #again: () => void
  #count = 0
  #since = 0
  #failed = 0
  #pause: NodeJS.Timeout | undefined

  /** @param again is called when a pause is over */
  constructor(again: () => void) {
    this.#again = again
  }

  get count(): number {
    return this.#count
  }

  /** Milliseconds since there has been one all the time; 0 where there is none. */
  get millis(): number {
    return this.#count === 0 ? 0 : performance.now() - this.#since
  }

  /** Where one has failed beside connections that work, the next ones are tried one at a time, with pauses. */
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

  /** Nothing is opened for a while, and for longer each time. */
  pause(): void {
    const millis = Math.min(OPEN_AGAIN_AFTER_MS * 2 ** this.#failed, LONGEST_PAUSE_MS)
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
