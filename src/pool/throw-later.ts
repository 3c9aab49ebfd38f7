/** Throws an error of the application on the next tick, for the process to handle as it handles any: what has called this goes on. */
export function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}
