/** A point that a number of parties wait at until all of them are there. */
export class Rendezvous {
  #missing: number
  readonly #complete: Promise<void>
  #resolve: () => void = () => {}
  #reject: (error: unknown) => void = () => {}

  constructor(parties: number) {
    this.#missing = parties
    this.#complete = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Nobody may be waiting when it is cancelled.
    this.#complete.catch(() => {})
  }

  arrive(): Promise<void> {
    this.#missing -= 1
    if (this.#missing === 0) this.#resolve()
    return this.#complete
  }

  /** Rejects for all who wait, and for those who arrive later. Without effect once all were there. */
  cancel(error: unknown): void {
    this.#reject(error)
  }
}
