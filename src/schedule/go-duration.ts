import { type Reader, refused } from "../validation/problem.ts"

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // U+00B5, the micro sign
  μs: 1_000n, // U+03BC, the Greek letter
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

const MINUTE = 60_000_000_000n

const PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/gy

/**
 * Parses a Go duration (`"1h30m0s"`, `"1.5h"`) to nanoseconds; undefined if it is invalid.
 *
 * The grammar is that of Go's `time.ParseDuration`, which Terraform providers call, but without a sign: negative
 * durations are invalid here. A bigint, because 1.1 hours are 66 minutes and not 66.00000000000001.
 */
export function goDuration(text: string): bigint | undefined {
  if (text === "0") return 0n
  if (text.length > 100) return undefined // a bigint of a megabyte of digits is slow
  let total = 0n
  let read = 0
  for (const [part, whole = "", fraction = "", unit = ""] of text.matchAll(PART)) {
    const scale = NANOSECONDS[unit]
    if (scale === undefined || whole + fraction === "") return undefined
    total += (BigInt(whole + fraction) * scale) / 10n ** BigInt(fraction.length)
    read += part.length
  }
  return read > 0 && read === text.length ? total : undefined
}

/** Reads a duration above 0, in nanoseconds. */
export const readDuration: Reader<bigint> = (value) => {
  const duration = typeof value === "string" ? goDuration(value) : undefined
  if (duration !== undefined && duration > 0n) return duration
  return refused(value, 'Give a duration above 0 as in Terraform, such as "45m" or "1h30m0s"')
}

/**
 * Rounds up to whole minutes, without losing anything: every run starts on a whole minute. A run that ends within a
 * minute is running at the start of that minute, and has ended at the start of the next.
 */
export function wholeMinutes(nanoseconds: bigint): number {
  return Number((nanoseconds + MINUTE - 1n) / MINUTE)
}
