/** The characters of a statement that are shown. */
const LENGTH = 60

/** The part of a statement that is read: a bulk insert can be megabytes long. */
const READ = 4_000

/**
 * The parts of a statement that are values or comments, and quoted names, in which neither begins. Letters of a name are any
 * beyond ASCII too: https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
const PARTS = new RegExp(
  [
    // A comment in a comment: a quote in the rest of the outer one would look like the beginning of a text.
    /(?<nested>\/\*(?:(?!\*\/).)*?\/\*.*)/,
    /(?<comment>--[^\n\r]*|\/\*.*?(?:\*\/|$))/,
    /(?<name>"(?:[^"]|"")*(?:"|$))/,
    // With a backslash before a quote, the setting standard_conforming_strings says where the text ends.
    /(?<unclear>(?<!(?<![\w$\x80-\uffff])[eE])'(?:[^'\\]|''|\\(?!'))*\\'.*)/,
    /(?<text>(?<![\w$\x80-\uffff])[eE]'(?:[^'\\]|''|\\.)*(?:'|$)|'(?:[^']|'')*(?:'|$))/,
    /(?<dollars>(?<![\w$\x80-\uffff])\$(?<tag>(?:[a-zA-Z_\x80-\uffff][\w\x80-\uffff]*)?)\$.*?(?:\$\k<tag>\$|$))/,
    /(?<number>(?<![\w$\x80-\uffff])\d[\w.]*)/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gs",
)

/** The beginning of a statement on one line, without the values in it: they may be secrets. Parameters are `$1` in its text. */
export function sqlExcerpt(sql: string): string {
  const text = sql
    .slice(0, READ)
    .replace(PARTS, (part, _nested?: string, comment?: string, name?: string) => {
      if (comment !== undefined) return " "
      return name === undefined ? "?" : part
    })
    .replace(/\s+/g, " ")
    .trim()
  return text.length > LENGTH ? `${text.slice(0, LENGTH - 1)}…` : text
}
