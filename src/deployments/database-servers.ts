import { destinationOfParts, isOfOtherEngine } from "./address-parts.ts"
import {
  type Destination,
  destinationOf,
  isLocal,
  isLoopback,
  isOtherDatabase,
  isTemplate,
  normalHost,
  plainUrl,
} from "./destination.ts"
import type { ResourceEnvironment } from "./environment.ts"
import type { ParseUrl } from "./plan-urls.ts"
import { isCounted, leadsTo, type ServerPooler } from "./provided-pooler.ts"

/** The known hosts and variables of the checked server, and of the others that are checked with it. */
export interface ServerTies {
  /** Host names and addresses of the checked server. */
  readonly hosts: readonly string[]
  /** Host names and addresses of the other servers. */
  readonly otherHosts: readonly string[]
  /** Names of the checked server that lead to it from its own network only. */
  readonly localHosts?: readonly string[]
  /** The other servers themselves: the plans may have more of their hosts. */
  readonly others?: readonly { readonly hosts: readonly string[]; readonly server?: string }[]
  /** Variables whose URLs or hosts lead to the checked server, for what cannot be seen. */
  readonly keys: readonly string[]
  /** Variables whose URLs or hosts lead to one of the other servers. */
  readonly otherKeys: readonly string[]
  /** True if no other server is checked. */
  readonly isOnly: boolean
  readonly poolers?: readonly ServerPooler[]
  /** Hosts of the poolers that a declaration has in front of the checked server. */
  readonly frontHosts?: readonly string[]
}

export const onlyServer = (hosts: readonly string[]): ServerTies => ({
  hosts,
  otherHosts: [],
  keys: [],
  otherKeys: [],
  isOnly: true,
})

/** The container that has an address: its network and its sockets decide where that leads. */
export type Origin = Pick<ResourceEnvironment, "sockets" | "resolveHost">

/** Tells whether a URL leads to the checked server. One that is hidden may lead to a pooler in front of it. */
export type Leads = "here" | "elsewhere" | "perhaps" | "perhaps pooled"

export interface DatabaseServers {
  /** The poolers that a counted URL leads to. */
  readonly poolers: readonly ServerPooler[]
  /** The host and port of a URL; undefined if they cannot be seen. */
  destination(url: string | undefined, from: Origin): Destination | undefined
  /** The same, but undefined if they are local, which does not identify a server. */
  remoteDestination(url: string | undefined, from: Origin): Destination | undefined
  /** The host and port that the parts of an address name; undefined if they cannot be seen. */
  partsDestination(container: ResourceEnvironment, variable: string): Destination | undefined
  /** True if a URL leads to the machine that has it. */
  isLoopback(url: string): boolean
  /** For a counted variable of a container. A URL to a host that is not named anywhere is recorded later. */
  countedUrl(key: string, url: string | undefined, from: Origin): Leads
  /** For any other variable, of a container or of something that is not read. Undefined is a URL that cannot be seen. */
  otherUrl(url: string | undefined, from?: Origin): Leads
  /** For a variable that marks a container, of which the value is no URL. */
  countedMarker(marker: string, container: ResourceEnvironment): Leads
  /** For any other variable that has a host. */
  otherMarker(variable: string, container: ResourceEnvironment): Leads
}

/** The server of Cloud SQL whose socket a URL leads to: `/cloudsql/project:region:instance`. */
function socketOf(place: Destination | undefined): readonly string[] | undefined {
  const [, name] = /^\/cloudsql\/([^/]+)/.exec(place?.host ?? "") ?? []
  return name === undefined ? undefined : [name]
}

export function databaseServers(
  containers: readonly ResourceEnvironment[],
  {
    keys: variables,
    markers = [],
  }: { readonly keys: readonly string[]; readonly markers?: readonly string[] },
  { hosts, otherHosts, localHosts = [], keys, otherKeys, isOnly, poolers = [], frontHosts = [] }: ServerTies,
  parseUrl: ParseUrl,
): DatabaseServers {
  const own = hosts.map(normalHost)
  const others = otherHosts.map(normalHost)
  const ownOrFront = [...own, ...frontHosts.map(normalHost)]
  const local = localHosts.map(normalHost)
  const resolved = (place: Destination | undefined, { resolveHost }: Origin): Destination | undefined => {
    if (place === undefined || resolveHost === undefined || isLocal(place)) return place
    const isNamed = own.includes(place.host) || others.includes(place.host)
    return isNamed ? place : { ...place, host: normalHost(resolveHost(place.host)) }
  }
  const destination = (text: string | undefined, from: Origin): Destination | undefined => {
    const url = text === undefined ? undefined : parseUrl(plainUrl(text)).url
    return resolved(url && destinationOf(url), from)
  }
  const partsDestination = (container: ResourceEnvironment, variable: string): Destination | undefined =>
    resolved(destinationOfParts(container, variable), container)
  const poolerAt = (place: Destination | undefined): ServerPooler | undefined =>
    poolers.find((pooler) => leadsTo(place, pooler))
  const hostsOf = (place: Destination | undefined, sockets: readonly string[]): readonly string[] => {
    if (place === undefined || isLocal(place)) return socketOf(place) ?? sockets.map(normalHost)
    return [place.host]
  }
  const countedUrl = (key: string, url: string | undefined, from: Origin): Leads => {
    if (url !== undefined && isOtherDatabase(url)) return "elsewhere"
    return counted(key, destination(url, from), from.sockets)
  }
  const countedMarker = (marker: string, container: ResourceEnvironment): Leads =>
    isOfOtherEngine(container, marker)
      ? "elsewhere"
      : counted(marker, partsDestination(container, marker), container.sockets)
  const mayBePooled = (place: Destination | undefined): boolean => {
    if (place === undefined) return poolers.length > 0
    // A host that is none of the server's may be that of a pooler which has none yet.
    const hasHidden = poolers.some((each) => each.hosts.length === 0)
    return poolerAt(place) !== undefined || (hasHidden && !isLocal(place) && !own.includes(place.host))
  }
  function counted(key: string, place: Destination | undefined, sockets: readonly string[] = []): Leads {
    const pooler = poolerAt(place)
    if (pooler !== undefined && isCounted(pooler)) return "elsewhere"
    const here = mayBePooled(place) ? "perhaps pooled" : "here"
    if (isOnly) return here
    const leads = hostsOf(place, sockets)
    if (leads.length > 0 && leads.every((host) => ownOrFront.includes(host))) return "here"
    if (leads.length > 0 && leads.every((host) => others.includes(host))) return "elsewhere"
    if (keys.includes(key)) return here
    if (otherKeys.includes(key)) return "elsewhere"
    // An unnamed host of one of the servers, or a host of none of them.
    return "perhaps"
  }
  const places = new Map<string, Destination>()
  const used = new Set<ServerPooler>()
  let unseen = false
  const note = (place: Destination | undefined, leads: Leads) => {
    const pooler = poolerAt(place)
    if (pooler !== undefined && isCounted(pooler)) used.add(pooler)
    if (place && leads !== "elsewhere") places.set(`${place.host}:${place.port}`, place)
  }
  for (const container of containers) {
    const { values, hidden } = container
    unseen ||= [...variables, ...markers].some((name) => hidden.has(name))
    for (const key of variables) {
      const url = values.get(key)
      if (url !== undefined) note(destination(url, container), countedUrl(key, url, container))
    }
    for (const marker of markers) {
      if (values.has(marker)) note(partsDestination(container, marker), countedMarker(marker, container))
    }
  }
  const isOneHost = (one: string, other: string) =>
    one === other || (own.includes(one) && own.includes(other))
  const isUnsure = own.length === 0 && (unseen || places.size === 0)
  const other = (place: Destination | undefined, from: Origin): Leads => {
    if (place === undefined || isTemplate(place.host)) return "perhaps"
    const pooler = poolerAt(place)
    // What a counted pooler holds is counted as a whole.
    if (pooler !== undefined) return used.has(pooler) ? "elsewhere" : "here"
    const { host, port } = place
    // One host in front of several leads to each of them.
    if (others.includes(host) && !own.includes(host)) return "elsewhere"
    const ports = [...places.values()].filter((each) => isOneHost(each.host, host)).map((each) => each.port)
    // A pooler of the same server may be on another port, and a loopback URL may lead anywhere.
    if (ports.length > 0) return ports.includes(port) ? "here" : "perhaps"
    if (own.includes(host)) return "here"
    // What is not read may be in the server's own network.
    const isPerhapsLocal = from.resolveHost === undefined && local.includes(host)
    return isUnsure || isLocal(place) || isPerhapsLocal ? "perhaps" : "elsewhere"
  }
  return {
    poolers: [...used],
    destination,
    partsDestination,
    remoteDestination: (text, from) => {
      const place = destination(text, from)
      return place === undefined || isLocal(place) ? undefined : place
    },
    isLoopback(url) {
      const place = destination(url, {})
      return place !== undefined && isLoopback(place)
    },
    countedUrl,
    otherUrl: (url, from = {}) => other(destination(url, from), from),
    countedMarker,
    otherMarker: (variable, container) =>
      isOfOtherEngine(container, variable)
        ? "elsewhere"
        : other(partsDestination(container, variable), container),
  }
}
