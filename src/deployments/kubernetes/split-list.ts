/** A piece of a text, with where it begins. */
export interface Piece {
  readonly text: string
  readonly start: number
}

/** A List in YAML as kubectl prints it, in pieces. */
export interface SplitList {
  /** The text around the items, in which there are none. */
  readonly around: string
  /** Each is a sequence of one item. */
  readonly items: readonly Piece[]
}

/** The beginning of the items at the root of a mapping, and the indentation of the first. */
const ITEMS = /^items:[ \t]*\r?\n( *)- /m

/** The end of a document, after which another may begin. */
const MARKER = /\n(?:---|\.\.\.)(?=\s|$)/

/**
 * Splits a List at its items, so that each is parsed by itself: the nodes of a whole List take several times the memory of
 * its values. Undefined if the text is anything else. A piece may be no YAML where the text is some, such as one with an
 * alias of another item's anchor: the text is then to be parsed as a whole.
 */
export function splitList(text: string): SplitList | undefined {
  const found = ITEMS.exec(text)
  if (found === null || MARKER.test(text)) return undefined
  const [head, indentation = ""] = found
  const first = found.index + head.length - indentation.length - "- ".length
  // A line with less indentation ends the items; within them, one with the same begins the next.
  const end = endOfItems(text, first, indentation)
  const starts: number[] = []
  const item = `\n${indentation}- `
  for (let at = first - 1; at >= 0 && at < end; at = text.indexOf(item, at + 1)) starts.push(at + 1)
  const items = starts.map((start, index) => ({ text: text.slice(start, starts[index + 1] ?? end), start }))
  return { around: `${text.slice(0, first - 1)}\n${text.slice(end)}`, items }
}

function endOfItems(text: string, first: number, indentation: string): number {
  const less = new RegExp(`\\n(?!${indentation}[- ]|[ \\t]*(?:#|\\r?\\n|$))`, "g")
  less.lastIndex = first
  const found = less.exec(text)
  return found === null ? text.length : found.index + 1
}
