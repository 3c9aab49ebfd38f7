import { createHash } from "node:crypto"

/**
 * Names the first `size` different statements, so that the server prepares each once per connection. The others stay
 * unnamed.
 *
 * node-postgres never forgets a prepared statement, so Prisma 6's cache of the last used is not possible. Without a
 * limit, queries with lists of varying length would fill the server's memory.
 *
 * The same statement has the same name in every client, since clients that share a pool share its connections.
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

/** The protocol's unnamed statement, which lives until the next one. */
const UNNAMED = ""
