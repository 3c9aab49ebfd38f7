import type { FoundServer } from "../ceiling.ts"
import { textOf } from "../json-value.ts"
import type { Context, Platform } from "../platform.ts"
import type { Document } from "./document.ts"
import { idOf } from "./references.ts"

/**
 * Finds the PostgreSQL servers of some documents, data sources included. A server in several documents is found once.
 */
export function serversOf(
  documents: readonly Document[],
  platforms: readonly Platform[],
  context: Context,
): FoundServer[] {
  const found = new Map<string, FoundServer>()
  const resources = documents.flatMap((document) => document.resources)
  // The stack that manages a server knows its future values; a stack that reads it knows the present ones.
  const ordered = [
    ...resources.filter(({ managed }) => managed),
    ...resources.filter(({ managed }) => !managed),
  ]
  for (const resource of ordered) {
    const { type, address, ownAddress, attributes } = resource
    const platform = platforms.find(({ servers }) => Object.hasOwn(servers, type))
    const server = platform?.servers[type]?.(attributes, resource, context)
    if (server === undefined) continue
    const { nodeType: written, reason, documented, hosts = [], identity, ...ceiling } = server
    const nodeType = /^[\w.-]{1,60}$/.exec(written ?? "")?.[0]
    const id = identity ?? idOf(attributes.get("id"))
    // Two projects of Google may each have a server of the same name, which is its id.
    const key = id === undefined ? address : `${type} ${textOf(attributes.get("project"))} ${id}`
    const first = found.get(key)
    const names = [...(first?.names ?? []), address, ownAddress]
    found.set(
      key,
      first ? { ...first, names } : { address, names, ...ceiling, nodeType, reason, documented, hosts },
    )
  }
  return [...found.values()]
}
