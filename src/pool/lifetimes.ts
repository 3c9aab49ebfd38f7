import type { PostgresClient } from "./postgres-client.ts"

/** Connections end up to a tenth before the limit, at random: those that were opened together do not close together. */
const JITTER = 0.1

/** The time in which a replacement is opened before the limit, in milliseconds; less where the limit is short. */
const LONGEST_LEAD_MS = 1_000
const LEAD = 0.05

/** What lifetimes need of their pool. */
interface Living {
  /** True if the pool may open one more connection. */
  mayOpen(): boolean
  /** Closes a connection, if it is idle. */
  closeIdle(client: PostgresClient): boolean
  /** Opens a connection in the background where {@link Lifetimes.renewals} asks for it. */
  refill(): void
  /** Called for each connection that has reached its age. */
  expired(): void
}

/**
 * Ends connections before they reach `max_connection_lifetime`, which is a maximum: a firewall's, or a token's. A connection
 * that callers have used is replaced before it is needed again; in a full pool the old one closes first.
 */
export class Lifetimes {
  readonly #millis: number
  readonly #pool: Living
  readonly #over = new WeakSet<PostgresClient>()
  /** Connections that await their replacement, the oldest first. */
  readonly #renewed = new Set<PostgresClient>()

  /** @param millis the age that no connection exceeds, unless a caller holds it */
  constructor(millis: number, pool: Living) {
    this.#millis = millis
    this.#pool = pool
  }

  /** The connections that are to be opened in place of others. */
  get renewals(): number {
    return this.#renewed.size
  }

  /** True if a connection must not be used again. */
  isOver(client: PostgresClient): boolean {
    return this.#over.has(client)
  }

  /** Records a new connection. It takes the place of one that awaits its replacement. */
  add(client: PostgresClient): void {
    const [old] = this.#renewed
    if (old !== undefined) {
      this.#renewed.delete(old)
      this.#end(old)
    }
    const lead = Math.min(LEAD * this.#millis, LONGEST_LEAD_MS)
    const earlier = lead + Math.random() * (JITTER * this.#millis - lead)
    const renewal = setTimeout(() => this.#renew(client), this.#millis - earlier).unref()
    const limit = setTimeout(() => this.#end(client), this.#millis).unref()
    client.once("end", () => {
      clearTimeout(renewal)
      clearTimeout(limit)
      if (this.#renewed.has(client)) this.#forgetLater(client)
    })
  }

  #renew(client: PostgresClient): void {
    const isWanted = client.isUsed
    const isFull = !this.#pool.mayOpen()
    if (isWanted) this.#renewed.add(client)
    if (!isWanted || isFull) this.#end(client)
    this.#pool.refill()
  }

  /** Gives up the replacement of a closed connection that cannot be opened soon: after an outage nobody may need it. */
  #forgetLater(client: PostgresClient): void {
    setTimeout(() => this.#renewed.delete(client), LONGEST_LEAD_MS).unref()
  }

  /** Closes a connection: at once where it is idle, else when its caller gives it back. */
  #end(client: PostgresClient): void {
    if (this.#over.has(client)) return
    this.#over.add(client)
    this.#pool.expired()
    this.#pool.closeIdle(client)
  }
}
