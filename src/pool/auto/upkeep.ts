import type pg from "pg"
import type { PostgresClient } from "../postgres-client.ts"
import type { SharedSize } from "./shared-size.ts"

const INTERVAL_MS = 500

/** What upkeep needs of its pool. */
interface Kept {
  readonly pool: pg.Pool
  /** Connections that are logged in. */
  established(): number
  /** Idle connections that are promised to callers. */
  promised(): number
  /** Gives an idle connection that no caller waits for to `use`, which gives it back. */
  takeIdle(use: (client: pg.PoolClient) => Promise<void>): void
}

/** The parts of pg-pool that its types leave out. The connection that has been idle longest is the first. */
interface Internals {
  readonly _idle: readonly { readonly client: PostgresClient }[]
  _remove(client: PostgresClient): void
}

/**
 * Looks at the server when it is due, and closes what the pool does not need. An instance that has lost its callers must still
 * shrink, so that a timer does what nobody's return does. It does not keep the process alive.
 */
export class Upkeep {
  readonly #auto: SharedSize
  readonly #kept: Kept
  /** The idle time of a pool with a fixed size; 0 sets no limit. */
  readonly #idleMillis: number
  #timer: NodeJS.Timeout | undefined

  constructor(auto: SharedSize, kept: Kept, idleMillis: number) {
    this.#auto = auto
    this.#kept = kept
    this.#idleMillis = idleMillis
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#closeIdle()
      if (this.#auto.isDueOnIdle) this.#lookOnIdle()
    }, INTERVAL_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Begins anew where no connection is left: the others do not count this pool any more. */
  startOver(): void {
    this.stop()
    this.#auto.reset()
  }

  /** Looks at the server, and follows what it says. */
  async look(connection: PostgresClient, longestMillis?: number): Promise<void> {
    await this.#auto.look(connection, this.#kept.established(), longestMillis)
    this.#closeIdle()
  }

  /** Looks over a connection that is given back, if that is due and the connection can be used. */
  lookOnReturn(connection: PostgresClient): Promise<void> | undefined {
    return this.#auto.isDueOnReturn() && connection.isReusable ? this.look(connection) : undefined
  }

  /** True if a connection that is given back is one too many. */
  get hasSurplus(): boolean {
    return this.#auto.surplus(this.#kept.pool.totalCount) > 0
  }

  #lookOnIdle(): void {
    this.#kept.takeIdle(async (client) => {
      const connection = client as unknown as PostgresClient
      await this.look(connection)
      client.release(!connection.isReusable)
    })
  }

  /** Closes idle connections that are too many, or idle for too long. */
  #closeIdle(): void {
    const { pool } = this.#kept
    const internals = pool as unknown as Internals
    for (const { client } of [...internals._idle]) {
      if (pool.idleCount <= this.#kept.promised()) return
      const longest = this.#auto.idleMillis(pool.totalCount, this.#idleMillis)
      const isOld = longest > 0 && client.idleMillis >= longest
      if (isOld || this.hasSurplus) internals._remove(client)
    }
  }
}
