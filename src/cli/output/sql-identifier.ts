import { printable } from "../../error.ts"

/** Quotes a name of SQL. One that a terminal would not show as it is gets PostgreSQL's escapes, and can be pasted all the same. */
export function identifier(name: string): string {
  const quoted = `"${name.replaceAll('"', '""')}"`
  return printable(name) === name ? quoted : `U&${quoted.replace(/[^ -~]|[#\\]/gu, escaped)}`
}

/** https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
const escaped = (character: string): string => `\\+${character.codePointAt(0)?.toString(16).padStart(6, "0")}`
