import { inspect } from "node:util"
import { PoolConfigError } from "../../src/sizing/index.ts"

/** What no whole number field takes, whatever its range. */
export const badValues: readonly unknown[] = [
  "",
  " ",
  "0",
  "15",
  "15abc",
  "1e3",
  "１５",
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e12,
  15n,
  true,
  [],
  [15],
  null,
  {},
  new Number(15),
]

/** What is not a plain object; a Map or a Date has no field of its own, and would pass for an empty one. */
export const notObjects: readonly unknown[] = [
  null,
  15,
  "fleet",
  true,
  [],
  [{}],
  new Map([["api", 15]]),
  new Date(0),
  () => 15,
  Object.create({ surge: 1 }),
]

/** A bad value as the title of a test. */
export const title = (value: unknown): string => inspect(value, { breakLength: Number.POSITIVE_INFINITY })

/** The one error that `run` throws; anything else fails the test. */
export function refusal(run: () => unknown): PoolConfigError {
  try {
    const result = run()
    throw new Error(`not refused: ${JSON.stringify(result)}`)
  } catch (error) {
    if (error instanceof PoolConfigError) return error
    throw error
  }
}

export const names = (error: PoolConfigError): string[] => error.issues.map((issue) => issue.name)
