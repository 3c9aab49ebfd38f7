/** A pooler of a server's provider: its clients wait for it, and it holds so many of the server's connections. */
export interface ProvidedPooler {
  readonly address: string
  readonly hosts: readonly string[]
  /** The port and the database of its clients' URLs, for a pooler on the hosts of the server. */
  readonly target?: { readonly port: number; readonly database: string }
  /** What it may hold: a share of `max_connections`, or a number; undefined if that is not known. */
  readonly holds: { readonly percent: number } | { readonly connections: number | undefined }
  /** The setting that lowers it. */
  readonly setting: string
  /** True if it holds as many for each user of its clients. */
  readonly isOfEachUser?: true
}
