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
  const addresses = new Set([...urls].flatMap((url) => addressOf(url) ?? []))
  return {
    has(url) {
      const address = addressOf(url)
      if (address === undefined) return "perhaps"
      if (addresses.has(address)) return "yes"
      return unseen || addresses.size === 0 ? "perhaps" : "no"
    },
  }
}

function addressOf(url: string | undefined): string | undefined {
  const parsed = url === undefined ? undefined : parseDatabaseUrl(url, "", [])
  const server = parsed && serverOf(parsed)
  return server && `${server.host.toLowerCase()}:${server.port}`
}
