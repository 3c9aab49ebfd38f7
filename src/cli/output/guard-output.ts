import { printable } from "../../error.ts"
import type { Io } from "../io.ts"

const LINE_END = /(\n)/
// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one
const LINE_END_OR_COLOUR = /(\n|\u001b\[[\d;]*m)/

/**
 * Lets no text out that orders a terminal or GitHub's runner about, whoever forgot to escape it. Of control characters
 * only the ends of lines pass, and colours where stdout shows them. JSON means the same as before: the escapes are its own.
 */
export function guardOutput(io: Io): Io {
  const colours = io.hasColors ? LINE_END_OR_COLOUR : LINE_END
  return {
    ...io,
    stdout: (text) => io.stdout(guarded(text, colours)),
    stderr: (text) => io.stderr(guarded(text, LINE_END)),
  }
}

/** `ours` has one group, so that what it matches stands between the parts. */
const guarded = (text: string, ours: RegExp): string =>
  text
    .split(ours)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join("")
