import type pg from "pg"
import type { Checkout, Checkouts } from "./checkouts.ts"
import type { Openings } from "./openings.ts"
import type { PostgresClient } from "./postgres-client.ts"
import type { Upkeep } from "./upkeep.ts"
import type { Validation } from "./validation.ts"
import type { WaitingCallers } from "./waiting-callers.ts"

/** What a connection passes through on its way to a caller. */
interface Passed {
  readonly checkouts: Checkouts
  readonly openings: Openings
  readonly upkeep: Upkeep
  readonly validation: Validation
  readonly waiting: WaitingCallers
  isEnding(): boolean
  /** Goes on serving callers. */
  serve(): void
  /** Tells waiting callers that the pool has ended. */
  refuseAll(): void
}

/** Gives the pool's connections to waiting callers, each once it is known to work. */
export class HandOver {
  readonly #parts: Passed

  constructor(parts: Passed) {
    this.#parts = parts
  }

  /** Looks before a caller has the first connection: a long transaction would otherwise keep the pool at one. */
  async lookFirst(client: pg.PoolClient, checkout: Checkout): Promise<void> {
    const { checkouts, isEnding, openings, upkeep, waiting } = this.#parts
    const connection = client as unknown as PostgresClient
    await upkeep.lookFirst(connection, waiting.patience / 2)
    // It may have been revoked meanwhile.
    if (checkouts.has(checkout) && connection.isReusable) {
      openings.reset()
      this.hand(client, checkout)
      // Not before: the caller that gets this one needs no other.
      this.#parts.serve()
    } else {
      // A server that takes logins and no statements must not be asked as fast as it answers.
      if (!isEnding()) openings.pause(Number.POSITIVE_INFINITY)
      this.#replace(client)
    }
  }

  /** Hands a connection to the caller that has waited longest. One that does not work is replaced. */
  hand(client: pg.PoolClient, checkout: Checkout): void {
    if (this.#parts.validation.isDue(client as unknown as PostgresClient))
      void this.#validate(client, checkout)
    else this.#deliver(client, checkout)
  }

  async #validate(client: pg.PoolClient, checkout: Checkout): Promise<void> {
    const works = await this.#parts.validation.passes(client as unknown as PostgresClient)
    // It may have been revoked meanwhile.
    if (works && this.#parts.checkouts.has(checkout)) this.#deliver(client, checkout)
    else this.#replace(client)
  }

  #deliver(client: pg.PoolClient, checkout: Checkout): void {
    const { checkouts, serve, upkeep, waiting } = this.#parts
    const isWanted = waiting.serve(client, (since) => {
      checkouts.deliver(checkout, since)
      ;(client as unknown as PostgresClient).markUsed()
    })
    // node-postgres marks a connection as ready only after it has handed it out.
    if (!isWanted) process.nextTick(() => client.release())
    else if (checkout.isSpare) upkeep.spareOpened()
    // After failed attempts only one connection is opened at a time: those who still wait need theirs now.
    if (waiting.count > 0) serve()
  }

  #replace(client: pg.PoolClient): void {
    client.release(true)
    if (this.#parts.isEnding()) this.#parts.refuseAll()
    else this.#parts.serve()
  }
}
