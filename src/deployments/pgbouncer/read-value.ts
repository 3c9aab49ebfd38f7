import { MAX_COUNT } from "../../validation/numbers.ts"
import type { Problem } from "../../validation/problem.ts"
import type { Parameter } from "./parameters.ts"

/** What a value is: a number, a word in lower case, or a text. */
export type Value = number | string

/** Reads the value of a parameter. A text that was received is not in the problem: it may be a part of a password. */
export function readValue(text: string, { kind, least, most }: Parameter): Value | Problem {
  if (kind === "text") return text
  if (kind === "integer") return inRange(integerOf(text) ?? wrong("a whole number"), least, most)
  if (kind === "seconds") return secondsOf(text) ?? wrong("a number of seconds")
  const word = text.toLowerCase()
  return kind.includes(word) ? word : wrong(`one of ${kind.join(", ")}`)
}

const inRange = (
  value: number | Problem,
  least = Number.NEGATIVE_INFINITY,
  most = Number.POSITIVE_INFINITY,
): number | Problem => {
  if (typeof value !== "number" || (value >= least && value <= most)) return value
  return value > most
    ? { problem: `received ${value}`, remedy: `Give at most ${most}` }
    : { problem: `received ${value}`, remedy: `Give at least ${least}` }
}

const wrong = (allowed: string): Problem => ({
  problem: `is not ${allowed}`,
  remedy: `Give ${allowed}; a comment is a line of its own`,
})

/** As `strtol` does, which takes a leading 0 for octal. */
function integerOf(text: string): number | undefined {
  const [, sign, digits = ""] = /^([+-]?)(0x[0-9a-f]+|\d+)$/i.exec(text) ?? []
  const isOctal = /^0\d/.test(digits)
  const value = isOctal
    ? /^0[0-7]+$/.test(digits)
      ? Number.parseInt(digits, 8)
      : Number.NaN
    : Number(digits)
  if (digits === "" || !(value <= LARGEST)) return undefined
  return sign === "-" ? -value : value
}

/** Above what any field of a fleet accepts, and within C's `int`. */
const LARGEST = Math.max(MAX_COUNT, 2 ** 31 - 1)

const secondsOf = (text: string): number | undefined =>
  /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
