import { printable } from "../../error.ts"

/**
 * Quotes an SQL name. One that a terminal would not show as it is gets PostgreSQL's escapes, which can also be pasted.
 */
export function identifier(name: string): string {
  const quoted = `"${name.replaceAll('"', '""')}"`
  return printable(name) === name ? quoted : `U&${quoted.replace(/[^ -~]|[#\\]/gu, escaped)}`
}

/** https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
const escaped = (character: string): string => `\\+${character.codePointAt(0)?.toString(16).padStart(6, "0")}`
