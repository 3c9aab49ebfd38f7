import { type Destination, isLocal, normalHost } from "./destination.ts"
import type { Addressed, Override } from "./override.ts"

/** The fewest and the most of something: not those of a pool, which know of servers. */
interface Range {
  readonly lowest: number
  readonly highest: number
}

/** A pooler of a server's provider: its clients wait for it, and it holds so many of the server's connections. */
export interface ProvidedPooler extends Addressed {
  /** Empty if they are known only after apply. */
  readonly hosts: readonly string[]
  /** The port and the database of its clients' URLs, for a pooler on the hosts of the server. */
  readonly target?: { readonly port: number; readonly database: string }
  /** What it may hold: a share of `max_connections`, or a number; undefined if that is not known. */
  readonly holds: { readonly percent: Range } | { readonly connections: number | undefined }
  /** The setting that lowers it. */
  readonly setting: string
  /** True if it holds as many for each user of its clients. */
  readonly isOfEachUser?: true
  /** If false, it may be in front of another server. */
  readonly isCertain: boolean
}

/** A pooler in front of the checked server, which holds a share of its connections, however many clients it has. */
export interface ServerPooler extends ProvidedPooler {
  /** The connections that it may hold; undefined if that is not known, so that its clients count in its place. */
  readonly share: Range | undefined
  /** The override of it. */
  readonly stated?: Override
  /** The reason why it is left out, with its clients. */
  readonly excluded?: string
}

/** True if a pooler counts in place of its clients. */
export const isCounted = ({ share, excluded }: ServerPooler): boolean =>
  share !== undefined || excluded !== undefined

/** True if an address is that of a pooler. */
export function leadsTo(
  place: Destination | undefined,
  { hosts, target }: Pick<ProvidedPooler, "hosts" | "target">,
): boolean {
  if (place === undefined || isLocal(place)) return false
  return (
    hosts.some((each) => normalHost(each) === place.host) &&
    (target === undefined || (target.port === place.port && target.database === place.database))
  )
}
