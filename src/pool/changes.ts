/** Waits for conditions that may hold after each change. */
export class Changes {
  readonly #checks: (() => void)[] = []

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (condition()) resolve()
        else this.#checks.push(check)
      }
      check()
    })
  }

  record(): void {
    if (this.#checks.length > 0) for (const check of this.#checks.splice(0)) check()
  }
}
