import { type Reader, refused } from "./problem.ts"

/** Reads a string that is not blank. */
export const text =
  (remedy: string): Reader<string> =>
  (value) =>
    typeof value === "string" && value.trim() !== "" ? value : refused(value, remedy)

/** Reads one of several fixed strings. */
export const choice =
  <Choice extends string>(choices: readonly Choice[]): Reader<Choice> =>
  (value) =>
    choices.find((each) => each === value) ?? refused(value, `Give one of ${choices.join(", ")}`)

/**
 * True if a string can be shown, and sent to the server. A control character ends or garbles the start-up packet, and a
 * lone surrogate has no UTF-8. A blank string is most likely a variable that was never filled in.
 */
export const isVisibleText = (value: unknown): value is string =>
  typeof value === "string" && /^(?!\s+$)[^\p{Cc}\p{Cs}]*$/u.test(value)
