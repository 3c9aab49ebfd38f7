import pg from "pg"
import { isDatabaseError, isTooManyConnections } from "./classify-error.ts"
import { type CarriesMetrics, METRICS, PoolMetrics } from "./pool-metrics.ts"
import { PostgresClient, type PostgresClientConfig } from "./postgres-client.ts"
import { ServerSlots } from "./server-slots.ts"
import { PoolTimeoutError, setTimeoutAfterIo } from "./timeouts.ts"

/** What {@link LimitedPool} is made from: node-postgres's own options, and the two that are kept apart. */
export interface LimitedPoolConfig extends pg.PoolConfig, PostgresClientConfig {
  readonly max: number
  /** Milliseconds that a caller waits for a connection, its opening included; 0 waits for ever. */
  readonly connectionTimeoutMillis: number
}

type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void

interface Checkout {
  readonly waiter: Waiter
  /** Takes the connection from its holder, and closes it. Undefined while it is being opened. */
  revoke: (() => void) | undefined
  /** Undefined until its caller has the connection. */
  acquiredAt: number | undefined
}

/** A caller who wants a connection. */
interface Waiter {
  /** Undefined once the caller has been answered. */
  callback: Callback | undefined
  timer: NodeJS.Timeout | undefined
  readonly since: number
  /** An idle connection failed validation for this caller: no other one is validated. */
  skipIdle: boolean
}

/** Answers the caller, once. False when it has been answered already: it timed out. */
function answer(waiter: Waiter, error: Error | undefined, client: pg.PoolClient | undefined): boolean {
  const { callback } = waiter
  if (callback === undefined) return false
  waiter.callback = undefined
  clearTimeout(waiter.timer)
  callback(error, client, client?.release ?? noop)
  return true
}

const noop = () => {}

/** How long a connection may be idle before it is validated, as in Prisma 6. */
const VALIDATE_AFTER_IDLE_MS = 15_000

/** How long one that is validated may take to answer: an interactive transaction survives that. */
const VALIDATION_TIMEOUT_MS = 1_000

/** As long as a timer can be: it keeps the process alive for a caller who waits for ever. */
const FOR_EVER_MS = 2_147_483_647

/**
 * A pg.Pool with a gate in front: callers wait there, in order and at most `connectionTimeoutMillis`, until a
 * connection may be taken without the server ever seeing more than `max` of them.
 *
 * pg-pool alone overshoots, since it counts a connection no longer once it has begun to close; and its one
 * timeout covers the queue and the connecting, which have a limit each in Prisma.
 */
export class LimitedPool extends pg.Pool implements CarriesMetrics {
  readonly #max: number
  readonly #timeoutMillis: number
  readonly #slots: ServerSlots
  readonly #stopListening: () => void
  readonly #waiting: Waiter[] = []
  /** Connections that callers hold or are being given. */
  readonly #checkouts = new Set<Checkout>()
  readonly #established = new Set<pg.PoolClient>()
  readonly #onChange: (() => void)[] = []
  readonly #metrics: PoolMetrics
  readonly #detachMetrics: () => void
  #ending = false
  #isReclaiming = false

  constructor(
    config: LimitedPoolConfig,
    slots = new ServerSlots(),
    metrics: PoolMetrics = new PoolMetrics(config),
  ) {
    super({ ...config, connectionTimeoutMillis: 0, Client: PostgresClient, stream: () => slots.open() })
    this.#max = config.max
    this.#timeoutMillis = config.connectionTimeoutMillis
    this.#slots = slots
    this.#stopListening = slots.onFree(() => this.#admitWaiting())
    // Each Prisma client adds a listener, and the process must not end where none has.
    this.setMaxListeners(0).on("error", noop)
    this.on("connect", (client) => {
      this.#established.add(client)
      metrics.recordOpen((client as unknown as PostgresClient).openingMillis)
    })
    this.on("remove", (client) => {
      this.#established.delete(client)
      this.#changed()
    })
    // pg-pool's own queue stays empty: whoever reads this number means ours.
    Object.defineProperty(this, "waitingCount", { get: () => this.#waiting.length })
    this.#metrics = metrics
    this.#detachMetrics = metrics.attach(() => ({
      total: slots.count,
      idle: this.idleCount,
      waiting: this.#waiting.length + [...this.#checkouts].filter(({ waiter }) => waiter.callback).length,
    }))
  }

  [METRICS](): PoolMetrics {
    return this.#metrics
  }

  /** Connections that the server has accepted and not yet closed. */
  get establishedCount(): number {
    return this.#established.size
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: Callback): void
  override connect(callback?: Callback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.connect((error, client) => (client ? resolve(client) : reject(error)))
      })
    }
    if (this.#ending) process.nextTick(() => super.connect(callback))
    else if (this.#waiting.length === 0 && this.#hasRoom) this.#acquireFor(this.#waiter(callback))
    else this.#waiting.push(this.#waiter(callback))
    return undefined
  }

  override end(): Promise<void>
  override end(callback: () => void): void
  override end(callback?: () => void): Promise<void> | undefined {
    this.#ending = true
    this.#stopListening()
    this.#detachMetrics()
    // pg-pool hands out idle connections on the next tick, and forgets whoever was promised one when it ends.
    const ended = new Promise<void>((resolve, reject) => {
      process.nextTick(() => {
        super.end().then(resolve, reject)
        // It would leave them waiting.
        this.#refuseAll()
      })
    })
    // pg-pool has ended before its connections have: their slots are still taken.
    const closed = ended.then(() => this.#until(() => this.#established.size === 0))
    if (callback === undefined) return closed
    closed.then(callback, callback)
    return undefined
  }

  /**
   * Waits until nobody holds or waits for a connection and the server has closed them all, at most `graceMillis`;
   * what is still in use then is revoked.
   */
  async close(graceMillis: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMillis)
    })
    await Promise.race([
      this.#until(() => this.#checkouts.size === 0 && this.#waiting.length === 0),
      deadline,
    ])
    const ended = this.end()
    for (const checkout of this.#checkouts) checkout.revoke?.()
    await Promise.race([ended, deadline])
    clearTimeout(timer)
  }

  // A socket that is no client's any more is still being closed by the server: its slot is taken.
  get #hasRoom(): boolean {
    return this.#checkouts.size + (this.#slots.count - this.totalCount) < this.#max
  }

  #waiter(callback: Callback): Waiter {
    const waiter: Waiter = { callback, timer: undefined, since: performance.now(), skipIdle: false }
    const timeOut = () => {
      if (this.#timeoutMillis === 0) return
      const index = this.#waiting.indexOf(waiter)
      if (index !== -1) this.#waiting.splice(index, 1)
      this.#metrics.recordTimeout()
      answer(waiter, new PoolTimeoutError(this.#timeoutMillis / 1000, this.#max), undefined)
      this.#changed()
    }
    waiter.timer = setTimeoutAfterIo(timeOut, this.#timeoutMillis || FOR_EVER_MS)
    return waiter
  }

  #admitWaiting(): void {
    while (this.#waiting.length > 0 && this.#hasRoom) this.#acquireFor(this.#waiting.shift() as Waiter)
    this.#changed()
  }

  #acquireFor(waiter: Waiter): void {
    const checkout: Checkout = { waiter, revoke: undefined, acquiredAt: undefined }
    this.#checkouts.add(checkout)
    super.connect((error, client) => {
      if (client === undefined) {
        // First: a callback that throws must not keep the place.
        this.#finish(checkout)
        if (!this.#ending) this.#metrics.recordConnectError(isTooManyConnections(error))
        answer(waiter, error, undefined)
        return
      }
      this.#trackCheckout(client, checkout)
      const connection = client as unknown as PostgresClient
      const isFresh = connection.idleMillis < VALIDATE_AFTER_IDLE_MS
      if (isFresh && (this.#slots.lost.length === 0 || this.#isReclaiming)) this.#deliver(client, checkout)
      else void this.#validate(connection, client, waiter, checkout)
    })
  }

  #deliver(client: pg.PoolClient, checkout: Checkout): void {
    const { waiter } = checkout
    if (waiter.callback !== undefined) {
      // First: the callback may give it back at once.
      checkout.acquiredAt = this.#metrics.recordAcquire(waiter.since)
      answer(waiter, undefined, client)
    } else {
      client.release()
    }
  }

  /** A connection that was long unused may be gone without a word, and is then replaced by a new one. */
  async #validate(
    connection: PostgresClient,
    client: pg.PoolClient,
    waiter: Waiter,
    checkout: Checkout,
  ): Promise<void> {
    const { since, skipIdle } = waiter
    const left = this.#timeoutMillis === 0 ? FOR_EVER_MS : this.#timeoutMillis - (performance.now() - since)
    const limit = Math.min(VALIDATION_TIMEOUT_MS, left / 2)
    const isFresh = connection.idleMillis < VALIDATE_AFTER_IDLE_MS
    const answered = isFresh
      ? await this.#reclaim(connection, limit)
      : !skipIdle && (await connection.answersWithin(limit))
    // It may have been revoked meanwhile.
    if (answered && this.#checkouts.has(checkout)) {
      this.#deliver(client, checkout)
      return
    }
    if (waiter.callback !== undefined) this.#waiting.unshift(waiter)
    // There is nobody to wait for; the others are closed in an orderly way, since they may be sound.
    if (!skipIdle) connection.destroy()
    waiter.skipIdle = true
    client.release(true)
    if (this.#ending) this.#refuseAll()
    else this.#admitWaiting()
  }

  /** Frees the slots of connections that were lost, over one that lives. */
  async #reclaim(connection: PostgresClient, millis: number): Promise<boolean> {
    this.#isReclaiming = true
    try {
      return await connection.reclaim(this.#slots.lost, millis)
    } finally {
      this.#isReclaiming = false
    }
  }

  /** Tells whoever waits that the pool has ended, as pg-pool does. */
  #refuseAll(): void {
    for (const waiter of this.#waiting.splice(0)) {
      super.connect((error) => void answer(waiter, error, undefined))
    }
  }

  #finish(checkout: Checkout): void {
    this.#checkouts.delete(checkout)
    this.#admitWaiting()
  }

  #trackCheckout(client: pg.PoolClient, checkout: Checkout): void {
    const connection = client as unknown as PostgresClient
    const release = client.release
    let state: "held" | "returning" | "returned" | "revoked" = "held"
    const giveBack = (destroy?: Error | boolean) => {
      if (state !== "revoked") state = "returned"
      connection.onClosed = undefined
      connection.markIdle()
      if (checkout.acquiredAt !== undefined) this.#metrics.recordRelease(checkout.acquiredAt)
      // Whoever gets it next must not find a query in flight or a transaction open.
      release(destroy || !connection.isReusable)
      this.#finish(checkout)
    }
    // A connection that died gives its place back at once, whether or not its holder ever notices.
    checkout.revoke = connection.onClosed = () => {
      if (state === "revoked") return
      state = "revoked"
      giveBack(true)
    }
    client.release = (error) => {
      // pg-pool's own error for releasing twice; a holder whose connection was revoked is not to blame.
      if (state === "returned") release(error)
      if (state !== "held") return
      if (!isDatabaseError(error)) {
        giveBack(error)
      } else if (!connection.isBusy) {
        giveBack()
      } else {
        // A refused statement leaves the connection as good as before, once the server says that it is ready;
        // pg-pool would replace it, so that a unique violation costs a new connection.
        state = "returning"
        client.once("drain", () => state === "returning" && giveBack())
      }
    }
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (condition()) resolve()
        else this.#onChange.push(check)
      }
      check()
    })
  }

  #changed(): void {
    if (this.#onChange.length > 0) for (const check of this.#onChange.splice(0)) check()
  }
}
