import { InvalidArgumentError } from "commander"
import { describeValue } from "../../error.ts"
import { goDuration } from "../../schedule/go-duration.ts"
import type { OpenConsumer } from "../../sizing/index.ts"
import type { IntegerRule } from "../../validation/numbers.ts"

/** A whole number in digits, in the range of its rule. */
export function wholeNumberOf({ description, min, max }: IntegerRule): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`Give ${description}, a whole number from ${min} to ${max}.`)
  }
}

/** A text that names something: `$UNSET` in a shell leaves none. */
export function named(what: string): (text: string) => string {
  return (text) => {
    if (text.trim() !== "") return text
    throw new InvalidArgumentError(`Give ${what}.`)
  }
}

/** Adds an item to a list: the flag may be given several times. */
export function listed(what: string) {
  const read = named(what)
  return (text: string, before: readonly string[] = []): readonly string[] => [...before, read(text)]
}

/** Adds `name=value` to a table: the flag may be given several times. */
export function pairOf<Value>(shape: string, read: (text: string) => Value) {
  return (text: string, before: Readonly<Record<string, Value>> = {}): Readonly<Record<string, Value>> => {
    const at = text.lastIndexOf("=")
    const name = text.slice(0, at).trim()
    if (at < 1 || name === "") throw new InvalidArgumentError(`Give ${shape}.`)
    if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`Give ${describeValue(name)} once.`)
    return { ...before, [name]: read(text.slice(at + 1)) }
  }
}

/** An address holds `=` only inside quotes, and a reason may hold any: the first one that is not in brackets counts. */
export function reasonOf(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, address = "", reason = ""] = /^((?:[^=[]|\[[^\]]*\])+)=(.*)$/s.exec(text) ?? []
  if (address.trim() === "" || reason.trim() === "") {
    throw new InvalidArgumentError(
      'Give ADDRESS=REASON, such as scaleway_job_definition.backup="copies files".',
    )
  }
  return { ...before, [address.trim()]: reason.trim() }
}

export const CONSUMER_SHAPE = "NAME=INSTANCES, NAME=INSTANCESxSIZE, or either with +SURGE"

/** `4x20`: four instances with 20 connections each; `4x20+1`: one more while a deploy rolls. */
export function consumerOf(text: string): OpenConsumer {
  const [, instances, poolSize, surge] = /^(\d{1,15})(?:x(\d{1,15}))?(?:\+(\d{1,15}))?$/.exec(text) ?? []
  if (instances === undefined) throw new InvalidArgumentError(`Give ${CONSUMER_SHAPE}, such as api=4x20.`)
  return {
    instances: Number(instances),
    ...(poolSize === undefined ? {} : { poolSize: Number(poolSize) }),
    ...(surge === undefined ? {} : { surge: Number(surge) }),
  }
}

/** A share between 0 and 1; whether it is in range is for the fleet's reader. */
export function shareOf(text: string): number {
  if (/^\d(?:\.\d{1,2})?$/.test(text)) return Number(text)
  throw new InvalidArgumentError("Give a number from 0.01 to 1 with at most two decimals.")
}

/** A percentage above 0 and up to 100. */
export function percentOf(text: string): number {
  const value = /^\d{1,3}(?:\.\d{1,2})?$/.test(text) ? Number(text) : Number.NaN
  if (value > 0 && value <= 100) return value
  throw new InvalidArgumentError("Give a percentage above 0 and up to 100.")
}

/** Seconds of a Go duration such as `30s`, `24h` or `1h30m`, from a second to a year. */
export function secondsOf(text: string): number {
  const nanoseconds = goDuration(text)
  const seconds = nanoseconds === undefined ? Number.NaN : Number(nanoseconds / 1_000_000n) / 1_000
  if (seconds >= 1 && seconds <= 366 * 86_400) return seconds
  throw new InvalidArgumentError("Give a duration from 1s on, such as 30s, 1h30m or 24h.")
}
