import width from "fast-string-truncated-width"

// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one
const COLOUR = /(\u001b\[[\d;]*m)/
const RESET = "\u001b[0m"
const SEPARATOR = " | "

/** Continuations are indented only where that leaves room for words. */
const WORTH_INDENTING = 40

/** The smallest part of a line: a colour, or what a terminal shows in one piece. */
interface Piece {
  readonly text: string
  readonly columns: number
}

const graphemes = new Intl.Segmenter()

/** Makes rows of text that a terminal shows whole: wraps sentences between words, and cuts rows of tables with "…". */
export const fitLines = (text: string, columns: number): string[] =>
  text
    .trimEnd()
    .split("\n")
    .flatMap((line) => (line.includes(SEPARATOR) ? [cutLine(line, columns)] : wrapLine(line, columns)))

/** Cuts a line that is wider than the terminal. Its last column is then "…", and its colours end there. */
export function cutLine(line: string, columns: number): string {
  if (width(line).width <= columns) return line
  let kept = ""
  let used = 0
  for (const piece of piecesOf(line)) {
    used += piece.columns
    if (used > columns - 1) break
    kept += piece.text
  }
  return closed(`${kept}…`)
}

/** Breaks a line between words, and within a word that is longer than a row. Each row has its colours to itself. */
export function wrapLine(line: string, columns: number): string[] {
  if (width(line).width <= columns) return [line]
  const [indent = ""] = /^ */.exec(line) ?? []
  const further = columns < WORTH_INDENTING ? "" : `${indent}  `
  const rows: string[] = []
  let colours = ""
  let rest = piecesOf(line)
  while (rest.length > 0) {
    const start = rows.length === 0 ? "" : further
    const end = breakOf(rest, columns - start.length, rows.length === 0 ? indent.length : 0)
    const row = rest.slice(0, end)
    rows.push(closed(start + colours + row.map(({ text }) => text).join("")))
    colours += row.flatMap(({ text }) => (COLOUR.test(text) ? [text] : [])).join("")
    const next = rest.findIndex((piece, index) => index >= end && !isSpace(piece))
    rest = next === -1 ? [] : rest.slice(next)
  }
  return rows
}

/** Finds how many pieces make the next row: as many as fit, up to the last space after the indent. */
function breakOf(pieces: readonly Piece[], room: number, indent: number): number {
  let used = 0
  const fitting = pieces.findIndex(({ columns }) => {
    used += columns
    return used > room
  })
  const next = pieces[fitting]
  if (next === undefined) return pieces.length
  if (isSpace(next)) return fitting
  const space = pieces.slice(0, fitting).findLastIndex(isSpace)
  return Math.max(1, space < indent ? fitting : space)
}

const isSpace = ({ text }: Piece): boolean => text === " "

const piecesOf = (line: string): Piece[] =>
  line.split(COLOUR).flatMap((part, index) =>
    index % 2 === 1
      ? [{ text: part, columns: 0 }]
      : [...graphemes.segment(part)].map(({ segment }) => ({
          text: segment,
          columns: width(segment).width,
        })),
  )

const closed = (row: string): string => (COLOUR.test(row) ? `${row}${RESET}` : row)
