/** What a pool is told whose size is `auto`. */
export interface AutoConfig {
  /** The most connections that the process may ever hold: the pool's `max`. */
  readonly cap: number
  /** What it may hold where it cannot follow the others: behind a pooler, as a superuser, or before several servers. */
  readonly fixed: number
  /** What all instances of the service may hold together; absent, the server's limits say it. */
  readonly budget?: number
  /** Slots kept for everything else, the superuser's included, where neither the role nor the database has a limit. */
  readonly reserved: number
}
