import { describeValue } from "../error.ts"

/** What is wrong with a value, and what to give instead. */
export interface Problem {
  readonly problem: string
  readonly remedy: string
}

/** Reads one value, whatever it is called where it was found. What is absent comes as undefined. */
export type Reader<Value> = (value: unknown) => Value | Problem

export const isProblem = <Value>(read: Value | Problem): read is Problem =>
  typeof read === "object" && read !== null && "problem" in read

/** Refuses a value, or that there is none. */
export const refused = (value: unknown, remedy: string): Problem => ({
  problem: value === undefined ? "missing" : `received ${describeValue(value)}`,
  remedy,
})
