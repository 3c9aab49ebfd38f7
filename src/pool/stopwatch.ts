/**
 * Measures a time by whichever of two clocks says more: the monotonic one stands still while a container is frozen, and the wall
 * clock may be set back.
 */
export class Stopwatch {
  #wall = Date.now()
  #monotonic = performance.now()

  restart(): void {
    this.#wall = Date.now()
    this.#monotonic = performance.now()
  }

  get millis(): number {
    return Math.max(Date.now() - this.#wall, performance.now() - this.#monotonic)
  }
}
