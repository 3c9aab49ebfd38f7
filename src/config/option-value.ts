import * as z from "zod/mini"
import { type PoolConfigIssue, shown } from "../error.ts"
import { allowed, type NumberOption, type Option } from "./options.ts"

/** PostgreSQL cuts a longer name without a word, and two that differ only at the end become one. */
const LONGEST_NAME_BYTES = 63

// Digits only: `Number` would also take "1e3", " 15", "0x10" and "".
const digits = z.string().check(z.regex(/^[0-9]{1,15}$/))
const text = z.string().check(
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a NUL ends the start-up packet early
  z.regex(/^[^\u0000-\u001f\u007f]*$/),
  z.refine((value) => new TextEncoder().encode(value).length <= LONGEST_NAME_BYTES),
)
const boolean = z.enum(["true", "false"])

function wholeNumber({ min, max }: NumberOption) {
  return z.pipe(
    z.pipe(
      digits,
      z.transform((value) => Number(value)),
    ),
    z.number().check(z.minimum(min), z.maximum(max)),
  )
}

/** What an option's text becomes. */
export type OptionValue<O extends Option> = O extends { kind: "number" }
  ? number
  : O extends { kind: "boolean" }
    ? boolean
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
  const schema = option.kind === "number" ? wholeNumber(option) : option.kind === "boolean" ? boolean : text
  const result = schema.safeParse(received)
  if (!result.success) {
    issues.push({ name, problem: `received ${shown(value)}`, remedy: remedy(option, received) })
    return undefined
  }
  const parsed = option.kind === "boolean" ? result.data === "true" : result.data
  return parsed as OptionValue<O>
}

function remedy(option: Option, received: unknown): string {
  if (option.kind === "text")
    return `Use at most ${LONGEST_NAME_BYTES} bytes of text without control characters`
  const unset = "default" in option ? `, or leave it out for ${option.default}` : ""
  const reason = option.kind === "number" && option.min > 0 && option.zero && Number(received) === 0
  return `${reason ? `${option.zero}. ` : ""}Use ${allowed(option)}${unset}`
}
