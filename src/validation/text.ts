import { type Reader, refused } from "./problem.ts"

/** Reads a string that is not blank. */
export const text =
  (remedy: string): Reader<string> =>
  (value) =>
    typeof value === "string" && value.trim() !== "" ? value : refused(value, remedy)

/** Reads one of some words. */
export const choice =
  <Choice extends string>(choices: readonly Choice[]): Reader<Choice> =>
  (value) =>
    choices.find((each) => each === value) ?? refused(value, `Give one of ${choices.join(", ")}`)

/**
 * Whether a string can be shown, and sent to the server: a control character ends or garbles the start-up packet, half of
 * a surrogate pair has no UTF-8, and a blank is a variable that somebody meant to fill in.
 */
export const isVisibleText = (value: unknown): value is string =>
  typeof value === "string" && /^(?!\s+$)[^\p{Cc}\p{Cs}]*$/u.test(value)
