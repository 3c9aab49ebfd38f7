import { printable, shortened } from "../../error.ts"

/** The longest line with untrusted text, which may have any length. */
const LONGEST_LINE = 2_000

/** Renders a text as one line. */
export const line = (text: string): string => printable(shortened(text, LONGEST_LINE))
