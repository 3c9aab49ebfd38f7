import * as z from "zod/mini"
import { describeValue, type PoolConfigIssue } from "../error.ts"
import { allowed, type NumberOption, type Option, type TextOption } from "./option.ts"

// Digits only: `Number` would also take "1e3", " 15", "0x10" and "".
const digits = z.string().check(z.regex(/^[0-9]+$/))
const boolean = z.enum(["true", "false"])
const choice = (choices: readonly string[]) => z.string().check(z.refine((value) => choices.includes(value)))

function wholeNumber({ min, max }: NumberOption) {
  return z.pipe(
    z.pipe(
      digits,
      z.transform((value) => Number(value)),
    ),
    z.number().check(z.minimum(min), z.maximum(max)),
  )
}

// A control character ends or garbles the start-up packet, half of a surrogate pair has no UTF-8, and a blank is
// a variable that somebody meant to fill in.
function visibleText({ maxBytes = Number.POSITIVE_INFINITY }: TextOption) {
  return z.string().check(
    z.regex(/^(?!\s+$)[^\p{Cc}\p{Cs}]*$/u),
    z.refine((value) => new TextEncoder().encode(value).length <= maxBytes),
  )
}

/** What an option's text becomes. */
export type OptionValue<O extends Option> = O extends { kind: "number" }
  ? number
  : O extends { kind: "boolean" }
    ? boolean
    : O extends { kind: "choice"; choices: readonly (infer Choice)[] }
      ? Choice
      : string

/**
 * Reads one value as its option says, or adds to `issues` and returns undefined.
 *
 * @param name what the value was called where it was found: the variable, or the parameter of the URL
 */
export function optionValue<const O extends Option>(
  option: O,
  name: string,
  value: unknown,
  issues: PoolConfigIssue[],
): OptionValue<O> | undefined {
  // JavaScript callers pass numbers in `env`; the digits decide, as they do for text.
  const received = typeof value === "number" || typeof value === "bigint" ? String(value) : value
  const schema = schemaOf(option)
  const result = schema.safeParse(received)
  if (!result.success) {
    issues.push({ name, problem: problem(option, value), remedy: remedy(option, received) })
    return undefined
  }
  const parsed = option.kind === "boolean" ? result.data === "true" : result.data
  return parsed as OptionValue<O>
}

function schemaOf(option: Option) {
  switch (option.kind) {
    case "number":
      return wholeNumber(option)
    case "boolean":
      return boolean
    case "choice":
      return choice(option.choices)
    case "text":
      return visibleText(option)
  }
}

function problem(option: Option, value: unknown): string {
  const secret = option.kind === "text" && option.secret
  return secret ? "is blank, or has a control character in it" : `received ${safelyShown(option, value)}`
}

/** A number, a word, and what is too short for a secret. */
const HARMLESS = /^(?:[-+\d.,_ ]*|[a-z_-]{0,20}|.{0,7})$/isu

/** Two variables that were swapped must not print a password. */
function safelyShown({ kind }: Option, value: unknown): string {
  const isShown =
    typeof value !== "string" || kind === "text" || value.includes("://") || HARMLESS.test(value)
  return isShown ? describeValue(value) : `a text of ${value.length} characters, which may be a secret`
}

function remedy(option: Option, received: unknown): string {
  const unset = "default" in option ? `, or leave it out for ${option.default}` : ""
  const isZero = typeof received === "string" && /^0+$/.test(received)
  const reason = option.kind === "number" && option.min > 0 && option.zeroMeans && isZero
  return `${reason ? `${option.zeroMeans}. ` : ""}Use ${allowed(option)}${unset}`
}
