import type pg from "pg"
import type { SharedSize } from "./auto/shared-size.ts"
import type { Checkout } from "./checkouts.ts"
import { IdleConnections } from "./idle-connections.ts"
import { Lifetimes } from "./lifetimes.ts"
import type { PostgresClient } from "./postgres-client.ts"
import { Spares } from "./spares.ts"
import { keepAlive } from "./timeouts.ts"

const INTERVAL_MS = 500

/** What upkeep needs of its pool. */
interface Kept {
  readonly pool: pg.Pool
  /** Connections that are logged in. */
  established(): number
  /** Idle connections that are promised to callers. */
  promised(): number
  /**
   * Gives an idle connection that no caller waits for to `use`, which gives it back; false where there is none. Calls
   * `otherwise` where it dies before that.
   */
  takeIdle(use: (client: pg.PoolClient) => Promise<void>, otherwise: () => void): boolean
  /** True if a connection may be opened that no caller waits for. */
  mayOpenSpare(): boolean
  /** Opens a connection for no caller. */
  openSpare(): void
  /** Records that a connection has reached its age. */
  expired(): void
}

/** The settings of a pool that upkeep is for. */
interface UpkeepConfig {
  readonly minIdle?: number
  /** The time that a connection may be idle; 0 sets no limit. */
  readonly idleTimeoutMillis?: number | null | undefined
  readonly maxLifetimeSeconds?: number | undefined
  /** 1 closes a connection as soon as it comes back. */
  readonly maxUses?: number | undefined
}

/** True if node-postgres's own timers do not do: it closes every idle connection, and knows no share. */
export const closesIdle = ({ minIdle = 0 }: UpkeepConfig, auto: SharedSize | undefined): boolean =>
  auto !== undefined || minIdle > 0

/**
 * Keeps a pool in shape between its callers: closes idle connections that it does not need, opens those that it keeps ready,
 * replaces those that expire, and looks at the server where the size follows it. Its timers do not keep the process alive.
 */
export class Upkeep {
  readonly #auto: SharedSize | undefined
  readonly #kept: Kept
  /** Connections that are wanted idle. */
  readonly #wantedIdle: number
  readonly #idleMillis: number
  readonly #idle: IdleConnections
  readonly #spares: Spares
  readonly #lifetimes: Lifetimes | undefined
  readonly #hasTimer: boolean
  /** True while an idle connection is looked over: it is about to be idle again. */
  #isLooking = false
  #timer: NodeJS.Timeout | undefined

  constructor(kept: Kept, config: UpkeepConfig, auto: SharedSize | undefined) {
    const { minIdle = 0, idleTimeoutMillis, maxLifetimeSeconds = 0, maxUses } = config
    this.#auto = auto
    this.#kept = kept
    this.#wantedIdle = minIdle
    this.#idleMillis = idleTimeoutMillis ?? 0
    this.#hasTimer = closesIdle(config, auto)
    this.#idle = new IdleConnections(kept.pool, kept.promised)
    this.#spares = new Spares({
      minIdle: () => this.#minIdle,
      idle: () => this.#idle.count + Number(this.#isLooking),
      renewals: () => this.#lifetimes?.renewals ?? 0,
      mayOpen: () => kept.mayOpenSpare(),
      open: () => kept.openSpare(),
    })
    // A connection of a single use has no successor.
    if (maxLifetimeSeconds > 0 && maxUses !== 1) {
      this.#lifetimes = new Lifetimes(maxLifetimeSeconds * 1000, {
        mayOpen: () => kept.mayOpenSpare(),
        closeIdle: (client) => this.#idle.close(client),
        refill: () => this.#spares.fill(),
        expired: () => kept.expired(),
      })
    }
  }

  /** Records a new connection. */
  add(client: PostgresClient): void {
    this.#lifetimes?.add(client)
    if (!this.#hasTimer) return
    this.#timer ??= setInterval(() => this.#tick(), INTERVAL_MS).unref()
    // When the caller for whom it was opened has it.
    setImmediate(() => this.#spares.fill())
  }

  /** Records that a connection is closed. */
  removed(): void {
    if (this.#kept.established() === 0 && this.#auto !== undefined) {
      // The others do not count this pool any more.
      this.#auto.reset()
      if (this.#wantedIdle === 0) this.stop()
    }
    this.#spares.fill()
  }

  /** Records that a connection which was opened for no caller is idle, or serves one that came meanwhile. */
  spareOpened(): void {
    this.#spares.opened()
  }

  /** Records what became of a connection that was opened for no caller, and that none has had. */
  spareReturned({ connection }: Checkout): void {
    // The next one might be closed for the same reason, at once and without end.
    if (connection !== undefined && this.#idle.isOpen(connection)) this.#spares.opened()
    else this.#spares.failed()
  }

  spareFailed(): void {
    this.#spares.failed()
  }

  /** Resolves when as many connections are idle as are kept, or no more can be opened now. It keeps the process alive. */
  async filled(): Promise<void> {
    const letEnd = keepAlive()
    await this.#spares.filled()
    letEnd()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#spares.stop()
  }

  /** Looks at the server, and follows what it says. */
  async look(connection: PostgresClient, longestMillis?: number): Promise<void> {
    await this.#auto?.look(connection, this.#kept.established(), longestMillis)
    this.#closeIdle()
  }

  /** Looks over a connection that is given back, if that is due and the connection can be used. */
  lookOnReturn(connection: PostgresClient): Promise<void> | undefined {
    return this.#auto?.isDueOnReturn() && connection.isReusable ? this.look(connection) : undefined
  }

  /** True if a connection that is given back may stay: it is not one too many, and not too old. */
  mayStay(connection: PostgresClient): boolean {
    return !this.#hasSurplus && this.#lifetimes?.isOver(connection) !== true
  }

  /** Connections that are kept idle. */
  get #minIdle(): number {
    return this.#auto?.minIdle(this.#wantedIdle) ?? this.#wantedIdle
  }

  get #hasSurplus(): boolean {
    return this.#auto !== undefined && this.#auto.surplus(this.#kept.pool.totalCount) > 0
  }

  #tick(): void {
    this.#closeIdle()
    if (this.#auto?.isDueOnIdle) this.#lookOnIdle()
    this.#spares.fill()
  }

  #lookOnIdle(): void {
    const isOver = () => {
      this.#isLooking = false
    }
    this.#isLooking = this.#kept.takeIdle(async (client) => {
      const connection = client as unknown as PostgresClient
      await this.look(connection)
      isOver()
      // It may have reached its age meanwhile.
      client.release(!connection.isReusable || !this.mayStay(connection))
    }, isOver)
  }

  /** Closes idle connections that are too many, or idle for too long and more than are kept. */
  #closeIdle(): void {
    const { pool } = this.#kept
    this.#idle.closeWhere(({ idleMillis }) => {
      const longest = this.#auto?.idleMillis(pool.totalCount, this.#idleMillis) ?? this.#idleMillis
      const isOld = longest > 0 && idleMillis >= longest && this.#idle.count > this.#minIdle
      return isOld || this.#hasSurplus
    })
  }
}
