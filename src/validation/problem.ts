import { describeValue } from "../error.ts"

/** A problem with a value, and the remedy. */
export interface Problem {
  readonly problem: string
  readonly remedy: string
}

/** Reads one value, independent of the field's name. An absent value is undefined. */
export type Reader<Value> = (value: unknown) => Value | Problem

export const isProblem = <Value>(read: Value | Problem): read is Problem =>
  typeof read === "object" && read !== null && "problem" in read

/** Builds the problem of a wrong or a missing value. */
export const refused = (value: unknown, remedy: string): Problem => ({
  problem: value === undefined ? "missing" : `received ${describeValue(value)}`,
  remedy,
})
