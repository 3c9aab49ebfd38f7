import type { PoolConfigIssue } from "../../error.ts"

/**
 * Splits the value of an entry into its keys and values, as PgBouncer does: spaces between them, and quotes around a value
 * that has spaces, with `''` for a quote. The last of several values of one key counts.
 */
export function connectString(text: string, name: string): ReadonlyMap<string, string> | PoolConfigIssue {
  const values = new Map<string, string>()
  let rest = text.trim()
  while (rest !== "") {
    const [found, key = "", quoted, plain = ""] = PAIR.exec(rest) ?? []
    if (found === undefined) {
      return {
        name,
        problem: "is not a list of `key=value`",
        remedy: "Mend it: PgBouncer does not start with it. Quote a value that has spaces: key='a value'",
      }
    }
    values.set(key, quoted?.replaceAll("''", "'") ?? plain)
    rest = rest.slice(found.length).trimStart()
  }
  return values
}

const PAIR = /^([^=\s]+)\s*=\s*(?:'((?:[^']|'')*)'|([^'\s]\S*))/
