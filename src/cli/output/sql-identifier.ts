import { printable } from "../../error.ts"

/** PostgreSQL cuts longer names, which then name something else. Its usual encoding is UTF-8. */
const LONGEST_NAME_BYTES = 63

/**
 * Quotes an SQL name. One that a terminal would not show as it is gets PostgreSQL's escapes, which can also be pasted.
 * Undefined for what cannot be the name of a role or a database: a statement with it would be about another one.
 */
export const identifier = (name: string): string | undefined => quotedWith('"', name)

/** The same name as an SQL string, to compare it with others. */
export const literal = (name: string): string | undefined => quotedWith("'", name)

function quotedWith(quote: '"' | "'", name: string): string | undefined {
  if (name === "" || new TextEncoder().encode(name).length > LONGEST_NAME_BYTES || /[\0\p{Cs}]/u.test(name))
    return undefined
  const quoted = `${quote}${name.replaceAll(quote, quote + quote)}${quote}`
  return printable(name) === name ? quoted : `U&${quoted.replace(/[^ -~]|[#\\]/gu, escaped)}`
}

/** https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
const escaped = (character: string): string => `\\+${character.codePointAt(0)?.toString(16).padStart(6, "0")}`
