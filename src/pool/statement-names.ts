import { createHash } from "node:crypto"

/**
 * Names for the first `size` different statements, so that the server prepares each once for a connection; the
 * others stay unnamed. node-postgres never forgets a prepared statement, so that Prisma 6's "the last used" cannot
 * be had, and without a limit a query with lists of any length would fill the server's memory.
 *
 * The same text has the same name in every client: those that share a pool share its connections.
 */
export function statementNames(size: number): (query: { readonly sql: string }) => string {
  const names = new Map<string, string>()
  return ({ sql }) => {
    const known = names.get(sql)
    if (known !== undefined || names.size >= size) return known ?? UNNAMED
    const name = createHash("sha256").update(sql).digest("hex").slice(0, 32)
    names.set(sql, name)
    return name
  }
}

/** The protocol's own: a statement without a name lives until the next one. */
const UNNAMED = ""
