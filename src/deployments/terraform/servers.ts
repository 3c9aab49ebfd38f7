import type { FoundServer } from "../ceiling.ts"
import type { Platform } from "../platform.ts"
import type { Document } from "./document.ts"

/**
 * Finds the PostgreSQL servers of some documents, data sources included. A server in several documents is found once.
 */
export function serversOf(documents: readonly Document[], platforms: readonly Platform[]): FoundServer[] {
  const found = new Map<string, FoundServer>()
  const resources = documents.flatMap((document) => document.resources)
  // The stack that manages a server knows its future values; a stack that reads it knows the present ones.
  const ordered = [
    ...resources.filter(({ managed }) => managed),
    ...resources.filter(({ managed }) => !managed),
  ]
  for (const { type, address, ownAddress, attributes } of ordered) {
    const platform = platforms.find(({ servers }) => Object.hasOwn(servers, type))
    const server = platform?.servers[type]?.(attributes)
    if (server === undefined) continue
    const { nodeType: written, reason, documented, hosts = [], ...ceiling } = server
    const nodeType = /^[\w.-]{1,60}$/.exec(written ?? "")?.[0]
    const id = attributes.get("id")
    const key = typeof id === "string" && id !== "" ? `${type} ${id.split("/").at(-1)}` : address
    const first = found.get(key)
    const names = [...(first?.names ?? []), address, ownAddress]
    found.set(
      key,
      first ? { ...first, names } : { address, names, ...ceiling, nodeType, reason, documented, hosts },
    )
  }
  return [...found.values()]
}
