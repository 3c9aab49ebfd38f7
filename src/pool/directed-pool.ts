import pg from "pg"
import type { PostgresClient } from "./postgres-client.ts"
import { type Callback, noop } from "./waiting-callers.ts"

/** The parts of pg-pool that its types leave out. */
interface Internals {
  /** Those that are open, idle or not. */
  readonly _clients: readonly PostgresClient[]
  /** The one that has been idle longest is the first. */
  readonly _idle: readonly { readonly client: PostgresClient }[]
  _remove(client: PostgresClient): void
  newClient(pending: { readonly callback: Callback }): void
}

export const internalsOf = (pool: pg.Pool): Internals => pool as unknown as Internals

/** A pg.Pool that is told whether to hand out an idle connection or to open one. */
export class DirectedPool extends pg.Pool {
  readonly #promised = new WeakSet<Callback>()

  /**
   * Hands out an idle connection, on the next tick. Calls back without one where it has died by then: pg-pool would open
   * another in its place, for which there may be no room.
   */
  protected connectIdle(callback: Callback): void {
    this.#promised.add(callback)
    super.connect(callback)
  }

  /** Opens a connection whether any is idle or not: `connect` takes one that is. */
  protected connectBesideIdle(callback: Callback): void {
    this.newClient({ callback })
  }

  /** Opens a connection. pg-pool calls it too. */
  newClient(pending: { readonly callback: Callback }): void {
    if (this.#promised.has(pending.callback)) pending.callback(undefined, undefined, noop)
    else internalsOf(pg.Pool.prototype).newClient.call(this, pending)
  }
}
