import { expect } from "vitest"
import { PoolConfigError } from "../../src/error.ts"

/** The names of what is wrong with an input, by the error with which it is refused. That has no password, `s3cret` in the tests. */
export function refusedNames(run: () => unknown): string[] {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(PoolConfigError)
    expect(String(error)).not.toContain("s3cret")
    return (error as PoolConfigError).issues.map(({ name }) => name)
  }
  throw new Error("it did not throw")
}
