import {
  type Destination,
  destinationOf,
  isLocal,
  isLoopback,
  isTemplate,
  normalHost,
  plainUrl,
} from "./destination.ts"
import type { ResourceEnvironment } from "./environment.ts"
import type { ParseUrl } from "./plan-urls.ts"

/** What is known of the server that is checked, and of others that are checked beside it. */
export interface ServerTies {
  /** Names and addresses that lead to it. */
  readonly hosts: readonly string[]
  /** Those that lead to one of the others. */
  readonly otherHosts: readonly string[]
  /** The others themselves: the plans may have more hosts of theirs. */
  readonly others?: readonly { readonly hosts: readonly string[]; readonly server?: string }[]
  /** The variables whose URLs lead to it, where these cannot be seen. */
  readonly keys: readonly string[]
  /** Those whose URLs lead to one of the others. */
  readonly otherKeys: readonly string[]
  /** Whether it is the only one. */
  readonly isOnly: boolean
}

export const onlyServer = (hosts: readonly string[]): ServerTies => ({
  hosts,
  otherHosts: [],
  keys: [],
  otherKeys: [],
  isOnly: true,
})

/** Whether a URL leads to the server that is checked. */
export type Leads = "here" | "elsewhere" | "perhaps"

export interface DatabaseServers {
  /** Where a URL leads; undefined where that cannot be seen, or says nothing of a server. */
  remoteDestination(url: string | undefined): Destination | undefined
  /** Whether a URL leads to the machine that has it. */
  isLoopback(url: string): boolean
  /** Of the variables that are counted; what leads to a host that nobody named is noted later. */
  countedUrl(key: string, url: string | undefined): Leads
  /** Of any other variable; undefined is a URL that cannot be seen. */
  otherUrl(url: string | undefined): Leads
}

export function databaseServers(
  containers: readonly ResourceEnvironment[],
  variables: readonly string[],
  { hosts, otherHosts, keys, otherKeys, isOnly }: ServerTies,
  parseUrl: ParseUrl,
): DatabaseServers {
  const own = hosts.map(normalHost)
  const others = otherHosts.map(normalHost)
  const destination = (text: string | undefined): Destination | undefined => {
    const url = text === undefined ? undefined : parseUrl(plainUrl(text)).url
    return url && destinationOf(url)
  }
  const remoteDestination = (text: string | undefined): Destination | undefined => {
    const place = destination(text)
    return place === undefined || isLocal(place) ? undefined : place
  }
  const countedUrl = (key: string, url: string | undefined): Leads => {
    const host = remoteDestination(url)?.host
    if (isOnly || (host !== undefined && own.includes(host))) return "here"
    if (host !== undefined && others.includes(host)) return "elsewhere"
    if (keys.includes(key)) return "here"
    if (otherKeys.includes(key)) return "elsewhere"
    // One of the servers' own, by a host that nobody named, or one of none of them.
    return "perhaps"
  }
  const places = new Map<string, Destination>()
  let unseen = false
  for (const { values, hidden } of containers) {
    for (const key of variables) {
      if (hidden.has(key)) unseen = true
      const place = destination(values.get(key))
      if (place && countedUrl(key, values.get(key)) !== "elsewhere") {
        places.set(`${place.host}:${place.port}`, place)
      }
    }
  }
  const isOneHost = (one: string, other: string) =>
    one === other || (own.includes(one) && own.includes(other))
  const isUnsure = own.length === 0 && (unseen || places.size === 0)
  return {
    remoteDestination,
    isLoopback(url) {
      const place = destination(url)
      return place !== undefined && isLoopback(place)
    },
    countedUrl,
    otherUrl(url) {
      const place = destination(url)
      if (place === undefined || isTemplate(place.host)) return "perhaps"
      const { host, port } = place
      // One host in front of several leads to each of them.
      if (others.includes(host) && !own.includes(host)) return "elsewhere"
      const ports = [...places.values()]
        .filter((counted) => isOneHost(counted.host, host))
        .map((each) => each.port)
      // A pooler of the same server may be on another port, and whatever is on loopback may lead anywhere.
      if (ports.length > 0) return ports.includes(port) ? "here" : "perhaps"
      if (own.includes(host)) return "here"
      return isUnsure || isLocal(place) ? "perhaps" : "elsewhere"
    },
  }
}
