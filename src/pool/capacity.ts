import type pg from "pg"
import type { SharedSize } from "./auto/shared-size.ts"
import type { Checkouts } from "./checkouts.ts"
import type { PoolSockets } from "./pool-sockets.ts"
import type { Reconnection } from "./reconnection.ts"
import type { ServerSlots } from "./server-slots.ts"

/** The parts of a pool whose connections are counted. */
interface Counted {
  readonly pool: pg.Pool
  readonly slots: ServerSlots
  readonly sockets: PoolSockets
  readonly checkouts: Checkouts
  readonly reconnection: Reconnection
  /** Idle connections that are promised to callers. */
  promised(): number
  /** Callers without a connection. */
  waiting(): number
}

/** How many connections a pool has, and may have. */
export class Capacity {
  readonly #counted: Counted
  readonly #max: number
  /** Callers that may wait at a time; 0 sets no limit. */
  readonly maxWaiting: number
  readonly #auto: SharedSize | undefined

  constructor(
    counted: Counted,
    { max, maxWaiting = 0 }: { readonly max: number; readonly maxWaiting?: number },
    auto: SharedSize | undefined,
  ) {
    this.#counted = counted
    this.#max = max
    this.maxWaiting = maxWaiting
    this.#auto = auto
  }

  /** The most connections that the pool may ever hold. */
  get max(): number {
    return this.#auto?.max ?? this.#max
  }

  /** The connections that it may hold now. */
  get size(): number {
    return this.#auto?.size ?? this.#max
  }

  /**
   * Connections that are held, being taken or being opened, and slots that are not free yet. Beside overdue backends one
   * connection is taken or opened at a time: it ends them before a caller has it, and until then they count.
   */
  get taken(): number {
    const { checkouts, slots, pool } = this.#counted
    const { overdue } = slots
    const inTheWay = overdue > 0 && checkouts.pending > 0 ? overdue : 0
    // A socket that no longer belongs to a client is still being closed by the server.
    return checkouts.count + (slots.count - pool.totalCount) + inTheWay
  }

  /** True if a connection may be taken, or opened. */
  get hasRoom(): boolean {
    return this.taken < this.max
  }

  /** True if a connection may be opened beside those that are idle. */
  get hasRoomForSpare(): boolean {
    const { pool, promised } = this.#counted
    return this.taken + pool.idleCount - promised() < this.size && this.mayOpen
  }

  /** True if there may be one more. What was lost counts by the server's word, until it is known to be gone. */
  get mayOpen(): boolean {
    if (this.#auto === undefined) return true
    const { reconnection, sockets } = this.#counted
    // pg-pool opens a connection later where it is about to hand out another one.
    const later = Math.max(0, reconnection.openings.count - sockets.loggingIn)
    return this.#auto.mayOpen(sockets.count + later)
  }

  /** True if as many callers wait as may. Those for whom a connection is there, or is made, do not count. */
  get isQueueFull(): boolean {
    const { checkouts, waiting } = this.#counted
    if (this.maxWaiting === 0 || waiting() < this.maxWaiting) return false
    const served = checkouts.pending + Math.max(0, this.size - this.taken)
    return waiting() - served >= this.maxWaiting
  }
}
