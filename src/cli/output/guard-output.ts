import { printable } from "../../error.ts"
import type { Io } from "../io.ts"

const LINE_END = /(\n)/
/** Colours and weights, and their end, but no sequence that hides text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one
const LINE_END_OR_COLOUR = /(\n|\u001b\[(?:[0127]|2[27]|[39]\d)m)/

/**
 * Escapes text that would control a terminal or GitHub's runner, even if a caller forgot to. Only line ends pass, and
 * colours if stdout shows them. JSON keeps its meaning, because the escapes are JSON's own.
 */
export function guardOutput(io: Io): Io {
  const colours = io.hasColors ? LINE_END_OR_COLOUR : LINE_END
  return {
    ...io,
    stdout: (text) => io.stdout(guarded(text, colours)),
    stderr: (text) => io.stderr(guarded(text)),
  }
}

/**
 * Escapes every line of a text on its way out, to a stream or to a file.
 *
 * @param ours what passes unescaped: a pattern with one group, so that its matches stay between the parts
 */
export const guarded = (text: string, ours: RegExp = LINE_END): string =>
  text
    .split(ours)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join("")
