import type pg from "pg"
import { internalsOf } from "./directed-pool.ts"
import type { PostgresClient } from "./postgres-client.ts"

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

  /** True until the pool closes a connection, idle or not. */
  isOpen(client: PostgresClient): boolean {
    return internalsOf(this.#pool)._clients.includes(client)
  }

  /** Closes a connection, if it is idle and can be spared. */
  close(client: PostgresClient): boolean {
    const mayClose = this.count > 0 && internalsOf(this.#pool)._idle.some((idle) => idle.client === client)
    if (mayClose) internalsOf(this.#pool)._remove(client)
    return mayClose
  }

  /** Closes those that are not wanted, beginning with the one that has been idle longest. */
  closeWhere(isUnwanted: (client: PostgresClient) => boolean): void {
    for (const { client } of [...internalsOf(this.#pool)._idle]) {
      if (this.count === 0) return
      if (isUnwanted(client)) internalsOf(this.#pool)._remove(client)
    }
  }
}
