import type pg from "pg"
import type { PostgresClient } from "./postgres-client.ts"

/** The parts of pg-pool that its types leave out. The connection that has been idle longest is the first. */
interface Internals {
  readonly _idle: readonly { readonly client: PostgresClient }[]
  _remove(client: PostgresClient): void
}

/** The idle connections of a pool, but for those that are promised to callers. */
export class IdleConnections {
  readonly #pool: pg.Pool
  readonly #promised: () => number

  /** @param promised idle connections that callers are about to get */
  constructor(pool: pg.Pool, promised: () => number) {
    this.#pool = pool
    this.#promised = promised
  }

  get count(): number {
    return this.#pool.idleCount - this.#promised()
  }

  /** Closes a connection, if it is idle and can be spared. */
  close(client: PostgresClient): boolean {
    const mayClose = this.count > 0 && this.#internals._idle.some((idle) => idle.client === client)
    if (mayClose) this.#internals._remove(client)
    return mayClose
  }

  /** Closes those that are not wanted, beginning with the one that has been idle longest. */
  closeWhere(isUnwanted: (client: PostgresClient) => boolean): void {
    for (const { client } of [...this.#internals._idle]) {
      if (this.count === 0) return
      if (isUnwanted(client)) this.#internals._remove(client)
    }
  }

  get #internals(): Internals {
    return this.#pool as unknown as Internals
  }
}
