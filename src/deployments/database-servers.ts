import { parseDatabaseUrl, serverOf } from "../config/database-url.ts"
import type { ResourceEnvironment } from "./environment.ts"

/** The servers of the Core database, by what the plan's containers say. */
export interface DatabaseServers {
  /** Whether a URL leads to one of them; undefined is a URL that cannot be seen. */
  has(url: string | undefined): "yes" | "no" | "perhaps"
}

export function databaseServers(
  containers: readonly ResourceEnvironment[],
  keys: readonly string[],
): DatabaseServers {
  const urls = new Set<string | undefined>()
  let unseen = false
  for (const { values, hidden } of containers) {
    for (const key of keys) {
      urls.add(values.get(key))
      if (hidden.has(key)) unseen = true
    }
  }
  const keyOf = (url: string | undefined) => {
    const destination = destinationOf(url)
    return destination && `${destination.host}:${destination.port}`
  }
  const addresses = new Set([...urls].flatMap((url) => keyOf(url) ?? []))
  return {
    has(url) {
      const address = keyOf(url)
      if (address === undefined) return "perhaps"
      if (addresses.has(address)) return "yes"
      return unseen || addresses.size === 0 ? "perhaps" : "no"
    },
  }
}

/** Where a URL leads. */
export interface Destination {
  /** In lower case. */
  readonly host: string
  readonly port: number
}

/** Undefined where that cannot be seen. */
export function destinationOf(url: string | undefined): Destination | undefined {
  const parsed = url === undefined ? undefined : parseDatabaseUrl(url, "", [])
  const server = parsed && serverOf(parsed)
  return server && { host: server.host.toLowerCase(), port: server.port }
}
