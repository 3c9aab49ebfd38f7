import type pg from "pg"
import type { Entry } from "./call-site.ts"
import { isDatabaseError } from "./classify-error.ts"
import type { FullPool, Holds } from "./full-pool.ts"
import { HeldTooLong } from "./held-too-long.ts"
import type { PoolMetrics } from "./pool-metrics.ts"
import type { PostgresClient } from "./postgres-client.ts"
import { CLOSE_TIMEOUT_MS } from "./server-slots.ts"
import type { Callback } from "./waiting-callers.ts"

/** When a pool ends, statements in flight have pool_timeout to finish, and no more than this. */
const LONGEST_STATEMENT_MS = 20_000

/** A connection that a caller holds, or that is on its way to a caller. */
export interface Checkout {
  /** True if the connection was opened for no caller. */
  readonly isSpare: boolean
  /** Undefined until there is one. */
  connection: PostgresClient | undefined
  /** Takes the connection away from its caller, and closes it. */
  revoke: (() => void) | undefined
  /** When its caller got the connection, by the monotonic clock; undefined until then. */
  acquiredAt: number | undefined
}

/** What becomes of a connection that is given back. */
export interface Returns {
  /** Uses the connection for the pool's own question first, if one is due and it can be asked. */
  lookOnReturn(connection: PostgresClient): Promise<void> | undefined
  /** True if the pool may keep the connection. */
  mayStay(connection: PostgresClient): boolean
}

/** The connections that callers hold or are being given. */
export class Checkouts {
  readonly #all = new Set<Checkout>()
  readonly #metrics: PoolMetrics
  readonly #returns: Returns
  readonly #finish: (checkout: Checkout) => void
  /** Undefined where no hold is too long. */
  readonly #heldTooLong: HeldTooLong | undefined

  /** @param finish called when a caller no longer holds a connection */
  constructor(
    metrics: PoolMetrics,
    returns: Returns,
    finish: (checkout: Checkout) => void,
    leakThresholdMillis = 0,
  ) {
    this.#metrics = metrics
    this.#returns = returns
    this.#finish = finish
    if (leakThresholdMillis > 0) this.#heldTooLong = new HeldTooLong(leakThresholdMillis, metrics.name)
  }

  get count(): number {
    return this.#all.size
  }

  /** Those that no caller holds yet: they are opened, taken or looked over. */
  get pending(): number {
    return this.count - this.#held.length
  }

  get #held(): Checkout[] {
    return [...this.#all].filter(({ acquiredAt }) => acquiredAt !== undefined)
  }

  /** What callers hold now. */
  get holds(): Holds {
    const held = this.#held
    const oldest = Math.min(...held.map(({ acquiredAt = 0 }) => acquiredAt))
    return {
      held: held.length,
      oldestHoldSeconds: held.length === 0 ? 0 : (performance.now() - oldest) / 1000,
      idleInTransaction: held.filter(({ connection }) => connection?.isIdleInTransaction).length,
    }
  }

  /** What a caller that gets no connection has waited behind. */
  fullPool(waiting: number): FullPool {
    return { ...this.holds, underWay: this.count, waiting }
  }

  /** Follows the connection that a caller of `entry` will get, if holds may be too long. Returns what to call in its callback's place. */
  follow(callback: Callback, entry: Entry): Callback {
    return this.#heldTooLong?.follow(callback, entry) ?? callback
  }

  /** Records that a caller gets the connection, which it has wanted since then. */
  deliver(checkout: Checkout, since: number): void {
    checkout.acquiredAt = performance.now()
    this.#metrics.recordAcquire(checkout.acquiredAt - since)
  }

  has(checkout: Checkout): boolean {
    return this.#all.has(checkout)
  }

  begin(isSpare = false): Checkout {
    const checkout: Checkout = { isSpare, connection: undefined, revoke: undefined, acquiredAt: undefined }
    this.#all.add(checkout)
    return checkout
  }

  end(checkout: Checkout): void {
    this.#all.delete(checkout)
  }

  /** Takes connections away from their callers. */
  revoke(which: (checkout: Checkout) => boolean = () => true): void {
    for (const checkout of this.#all) if (which(checkout)) checkout.revoke?.()
  }

  /**
   * Revokes checkouts after a time: a forgotten connection or an endless query must not keep the pool from ending. Returns a
   * function that stops this.
   */
  revokeLater(timeoutMillis: number): () => void {
    const longest = Math.min(timeoutMillis || LONGEST_STATEMENT_MS, LONGEST_STATEMENT_MS)
    const timers = [
      setTimeout(() => this.revoke(({ connection }) => connection?.isBusy === false), CLOSE_TIMEOUT_MS),
      setTimeout(() => this.revoke(), Math.max(longest, CLOSE_TIMEOUT_MS)),
    ]
    return () => timers.forEach(clearTimeout)
  }

  /** Follows a connection until its caller gives it back, or it is closed. */
  track(checkout: Checkout, client: pg.PoolClient): void {
    const connection = client as unknown as PostgresClient
    checkout.connection = connection
    const release = client.release
    let state: "held" | "returning" | "returned" | "revoked" = "held"
    const returnToPool = (destroy?: Error | boolean) => {
      if (state !== "revoked") state = "returned"
      connection.onClosed = undefined
      connection.markIdle()
      if (checkout.acquiredAt !== undefined) this.#metrics.recordRelease(checkout.acquiredAt)
      // The next caller must not find a query in flight or a transaction open.
      release(destroy || !connection.isReusable || !this.#returns.mayStay(connection))
      this.#finish(checkout)
    }
    const giveBack = (destroy?: Error | boolean) => {
      const question = destroy ? undefined : this.#returns.lookOnReturn(connection)
      if (question === undefined) return returnToPool(destroy)
      state = "returning"
      void question.then(() => {
        if (state === "returning") returnToPool()
      })
    }
    // A connection that died gives its place back at once, even if its caller never notices.
    checkout.revoke = connection.onClosed = () => {
      if (state === "revoked") return
      this.#heldTooLong?.end(connection)
      state = "revoked"
      returnToPool(true)
    }
    client.release = (error) => {
      // pg-pool's own error for releasing twice; a caller whose connection was revoked made no mistake.
      if (state === "returned") release(error)
      if (state !== "held") return
      this.#heldTooLong?.end(connection)
      // A refused statement leaves the connection usable, once the server says that it is ready. pg-pool would replace it, so
      // that each unique violation costs a new connection. Who awaits a statement and releases in `finally` gives no error.
      const isRefused = isDatabaseError(error) || (!error && connection.isRefusing)
      if (!isRefused) {
        giveBack(error)
      } else if (!connection.isBusy) {
        giveBack()
      } else {
        state = "returning"
        const isReady = () => {
          clearTimeout(timer)
          if (state === "returning") returnToPool()
        }
        const timer = setTimeout(isReady, CLOSE_TIMEOUT_MS)
        timer.unref()
        client.once("drain", isReady)
      }
    }
  }
}
