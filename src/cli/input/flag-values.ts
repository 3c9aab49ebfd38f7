import { describeValue } from "../../error.ts"
import { goDuration } from "../../schedule/go-duration.ts"
import { consumerRules, poolSizeRule } from "../../sizing/fleet-rules.ts"
import type { OpenConsumer } from "../../sizing/index.ts"
import { integer, integerOfDigits, type NumberRule } from "../../validation/numbers.ts"
import { isProblem, type Reader } from "../../validation/problem.ts"
import { FlagError } from "./flag.ts"

/** Reads a value with the reader for files, and throws its remedy if the value is refused. */
export const readBy =
  <Value>(read: Reader<Value>) =>
  (value: string | number): Value => {
    const result = read(value)
    if (isProblem(result)) throw new FlagError(`${result.remedy}.`)
    return result
  }

/** Reads a whole number in digits, in the range of its rule. */
export function integerOf(rule: NumberRule): (text: string) => number {
  const read = readBy(integer(rule))
  return (text) => read(integerOfDigits(text, rule) ?? text)
}

/** Reads a string that is not empty: `$UNSET` in a shell leaves an empty one. */
export function nonEmpty(what: string): (text: string) => string {
  return (text) => {
    if (text.trim() !== "") return text
    throw new FlagError(`Give ${what}.`)
  }
}

/** Reads the name of a variable that holds a URL, and refuses the URL itself. */
export function variableName(text: string): string {
  if (text.trim() !== "" && !/[=/]/.test(text)) return text
  throw new FlagError("Give the name of a variable that holds the URL, such as MONITORING_URL.")
}

/** Appends to an array: the flag may be given several times. */
export const listed =
  (read: (text: string) => string) =>
  (text: string, before: readonly string[] = []): readonly string[] => [...before, read(text)]

/** Adds `name=value` to a table: the flag may be given several times. */
export function pairOf<Value>(shape: string, read: (text: string) => Value) {
  return (text: string, before: Readonly<Record<string, Value>> = {}): Readonly<Record<string, Value>> => {
    const at = text.lastIndexOf("=")
    const name = text.slice(0, at).trim()
    if (at < 1 || name === "") throw new FlagError(`Give ${shape}.`)
    if (Object.hasOwn(before, name)) throw new FlagError(`Give ${describeValue(name)} once.`)
    return { ...before, [name]: read(text.slice(at + 1)) }
  }
}

/** Splits at the first `=` outside brackets: an address has `=` only inside quotes, and a reason may have any. */
export function reasonOf(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, address = "", reason = ""] = /^((?:[^=[]|\[[^\]]*\])+)=(.*)$/s.exec(text) ?? []
  if (address.trim() === "" || reason.trim() === "") {
    throw new FlagError('Give ADDRESS=REASON, such as scaleway_job_definition.backup="copies files".')
  }
  return { ...before, [address.trim()]: reason.trim() }
}

export const CONSUMER_SHAPE = "NAME=INSTANCES, NAME=INSTANCESxSIZE, or either with +SURGE"

const numberOf = {
  instances: integerOf(consumerRules.instances),
  poolSize: integerOf(poolSizeRule),
  surge: integerOf(consumerRules.surge),
}

/** Reads `4x20`, four instances with 20 connections each, or `4x20+1`, one more instance during a deploy. */
export function consumerOf(text: string): OpenConsumer {
  const [, instances, poolSize, surge] = /^(\d+)(?:x(\d+))?(?:\+(\d+))?$/.exec(text) ?? []
  if (instances === undefined) throw new FlagError(`Give ${CONSUMER_SHAPE}, such as api=4x20.`)
  return {
    instances: numberOf.instances(instances),
    ...(poolSize === undefined ? {} : { poolSize: numberOf.poolSize(poolSize) }),
    ...(surge === undefined ? {} : { surge: numberOf.surge(surge) }),
  }
}

/** Reads a share. The fleet's reader checks its range, 0.01 to 1. */
export function shareOf(text: string): number {
  if (/^\d(?:\.\d{1,2})?$/.test(text)) return Number(text)
  throw new FlagError("Give a number from 0.01 to 1 with at most two decimals.")
}

/** Reads a percentage above 0 and up to 100. */
export function percentOf(text: string): number {
  const value = /^\d{1,3}(?:\.\d{1,2})?$/.test(text) ? Number(text) : Number.NaN
  if (value > 0 && value <= 100) return value
  throw new FlagError("Give a percentage above 0 and up to 100.")
}

/** Reads a Go duration such as `30s`, `24h` or `1h30m` as seconds, from a second to a year. */
export function secondsOf(text: string): number {
  const nanoseconds = goDuration(text)
  const seconds = nanoseconds === undefined ? Number.NaN : Number(nanoseconds / 1_000_000n) / 1_000
  if (seconds >= 1 && seconds <= 366 * 86_400) return seconds
  throw new FlagError("Give a duration of at least 1s, such as 30s, 1h30m or 24h.")
}

/** The seconds between two checks of a watch without an interval. */
export const WATCH_SECONDS = 2
