import type pg from "pg"
import type { Checkout, Checkouts } from "./checkouts.ts"
import { hasStatements, statementsEnd } from "./connect-listeners.ts"
import type { Openings } from "./openings.ts"
import type { PostgresClient } from "./postgres-client.ts"
import type { Upkeep } from "./upkeep.ts"
import type { Validation } from "./validation.ts"
import type { WaitingCallers } from "./waiting-callers.ts"

/** The first look has longer than others: where it is given up, its connection was opened in vain. */
const LONGEST_FIRST_LOOK_MS = 5_000

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

/** Hands the pool's connections to waiting callers, each once it is known to work. */
export class HandOver {
  readonly #parts: Passed

  constructor(parts: Passed) {
    this.#parts = parts
  }

  /**
   * Hands a connection to the caller that has waited longest. One that does not work is replaced.
   *
   * @param isFirst true for the first one of a pool that is yet to look at its server
   */
  hand(client: pg.PoolClient, checkout: Checkout, isFirst: boolean): void {
    if (hasStatements(client as unknown as PostgresClient))
      void this.#awaitStatements(client, checkout, isFirst)
    else this.#try(client, checkout, isFirst)
  }

  /** Waits for the statements of `connect` listeners. A caller gets a connection that is still busy as it is. */
  async #awaitStatements(client: pg.PoolClient, checkout: Checkout, isFirst: boolean): Promise<void> {
    const { checkouts, waiting } = this.#parts
    const connection = client as unknown as PostgresClient
    await statementsEnd(connection, waiting.patience / 2)
    // It may have been revoked meanwhile.
    if (!checkouts.has(checkout)) this.#replace(client)
    else if (connection.isBusy && !isFirst) this.#deliver(client, checkout)
    else this.#try(client, checkout, isFirst)
  }

  #try(client: pg.PoolClient, checkout: Checkout, isFirst: boolean): void {
    if (isFirst) void this.#lookFirst(client, checkout)
    else if (this.#parts.validation.isDue(client as unknown as PostgresClient))
      void this.#validate(client, checkout)
    else this.#deliver(client, checkout)
  }

  /** Looks before a caller has the first connection: a long transaction would otherwise keep the pool at one. */
  async #lookFirst(client: pg.PoolClient, checkout: Checkout): Promise<void> {
    const { checkouts, isEnding, openings, upkeep, waiting } = this.#parts
    const connection = client as unknown as PostgresClient
    await upkeep.look(connection, Math.min(waiting.patience / 2, LONGEST_FIRST_LOOK_MS))
    // It may have been revoked meanwhile.
    if (checkouts.has(checkout) && connection.isReusable) {
      openings.reset()
      this.#try(client, checkout, false)
      // Not before: the caller that gets this one needs no other.
      this.#parts.serve()
    } else {
      // A server that takes logins and no statements must not be asked as fast as it answers.
      if (!isEnding()) openings.pause(Number.POSITIVE_INFINITY)
      this.#replace(client)
    }
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
