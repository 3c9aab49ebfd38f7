import { describeValue, type PoolConfigIssue } from "../error.ts"
import { integerOfDigits } from "../validation/numbers.ts"
import { isVisibleText } from "../validation/text.ts"
import { allowed, type NumberOption, type Option, type TextOption } from "./option.ts"

/** The type of an option's value once its string has been read. */
export type OptionValue<O extends Option> = O extends { kind: "number" }
  ? number
  : O extends { kind: "boolean" }
    ? boolean
    : O extends { kind: "choice"; choices: readonly (infer Choice)[] }
      ? Choice
      : string

/**
 * Reads one value by the rules of its option, or adds to `issues` and returns undefined.
 *
 * @param name the name under which the value was found: the variable, or the parameter of the URL
 */
export function optionValue<const O extends Option>(
  option: O,
  name: string,
  value: unknown,
  issues: PoolConfigIssue[],
): OptionValue<O> | undefined {
  // JavaScript callers pass numbers in `env`; the digits decide, as they do for a string.
  const received = typeof value === "number" || typeof value === "bigint" ? String(value) : value
  const read = readText(option, received)
  if (read === undefined) {
    issues.push({ name, problem: problem(option, value), remedy: remedy(option, received) })
  }
  return read as OptionValue<O> | undefined
}

/** The word that the variable of an option takes in place of a number. */
export type OptionWord<O extends Option> = O extends { word: infer Word extends string } ? Word : never

/** {@link optionValue} of a variable, which may also have the option's word. */
export function variableValue<const O extends Option>(
  option: O,
  name: string,
  value: unknown,
  issues: PoolConfigIssue[],
): OptionValue<O> | OptionWord<O> | undefined {
  const word = wordOf(option)
  if (word === undefined) return optionValue(option, name, value, issues)
  if (value === word) return word as OptionWord<O>
  const found: PoolConfigIssue[] = []
  const read = optionValue(option, name, value, found)
  const range = allowed(option)
  for (const issue of found) {
    issues.push({ ...issue, remedy: issue.remedy.replace(range, `${range}, or ${word}`) })
  }
  return read
}

const wordOf = (option: Option) => (option.kind === "number" ? option.word : undefined)

/**
 * Reads a number that was given in code, by the rules of its option. A string of digits is refused: in code it is a
 * variable of the environment that was passed on unread.
 *
 * @param name the name of the argument's field
 */
export function numberValue(
  option: NumberOption,
  name: string,
  value: unknown,
  issues: PoolConfigIssue[],
): number | undefined {
  const read = typeof value === "number" ? integerOfDigits(String(value), option) : undefined
  if (read === undefined) {
    issues.push({ name, problem: problem(option, value), remedy: remedy(option, value) })
  }
  return read
}

/** The value of a string, or undefined where the option does not allow it. */
function readText(option: Option, text: unknown): number | boolean | string | undefined {
  if (typeof text !== "string") return undefined
  switch (option.kind) {
    case "number":
      return integerOfDigits(text, option)
    case "boolean":
      return text === "true" || (text === "false" ? false : undefined)
    case "choice":
      return option.choices.find((choice) => choice === text)
    case "text":
      return isVisibleText(text) && isShort(text, option) ? text : undefined
  }
}

const isShort = (text: string, { maxBytes = Number.POSITIVE_INFINITY }: TextOption) =>
  new TextEncoder().encode(text).length <= maxBytes

function problem(option: Option, value: unknown): string {
  const secret = option.kind === "text" && option.secret
  return secret ? "is blank, or has a control character in it" : `received ${safelyShown(option, value)}`
}

/** Matches a number, a word, or a string too short to be a secret. */
const HARMLESS = /^(?:[-+\d.,_ ]*|[a-z_-]{0,20}|.{0,7})$/isu

/** Describes a value without its content if that may be a secret: swapped variables must not print a password. */
function safelyShown({ kind }: Option, value: unknown): string {
  const isShown =
    typeof value !== "string" || kind === "text" || value.includes("://") || HARMLESS.test(value)
  return isShown ? describeValue(value) : `a string of ${value.length} characters, which may be a secret`
}

function remedy(option: Option, received: unknown): string {
  const unset = "default" in option ? `, or leave it out for ${option.default}` : ""
  const isZero = typeof received === "string" && /^0+$/.test(received)
  const reason = option.kind === "number" && option.min > 0 && option.zeroMeans && isZero
  const word = wordOf(option)
  const elsewhere =
    word !== undefined && received === word ? `Only the variable ${option.variable} takes ${word}. ` : ""
  return `${reason ? `${option.zeroMeans}. ` : elsewhere}Use ${allowed(option)}${unset}`
}
