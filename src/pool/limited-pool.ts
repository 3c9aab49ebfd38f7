import type pg from "pg"
import { AcquireErrors } from "./acquire-errors.ts"
import { SharedSize } from "./auto/shared-size.ts"
import { Capacity } from "./capacity.ts"
import { Changes } from "./changes.ts"
import { acquireChannel } from "./channels.ts"
import { type Checkout, Checkouts } from "./checkouts.ts"
import { isTooManyConnections } from "./classify-error.ts"
import { DirectedPool } from "./directed-pool.ts"
import { HandOver } from "./hand-over.ts"
import type { LimitedPoolConfig } from "./limited-pool-config.ts"
import type { Openings } from "./openings.ts"
import { type CarriesMetrics, METRICS, PoolMetrics } from "./pool-metrics.ts"
import { PoolSockets } from "./pool-sockets.ts"
import { PostgresClient } from "./postgres-client.ts"
import { Reconnection } from "./reconnection.ts"
import { ServerSlots, type SlotHolder } from "./server-slots.ts"
import { closesIdle, Upkeep } from "./upkeep.ts"
import { Validation } from "./validation.ts"
import { type Callback, noop, WaitingCallers } from "./waiting-callers.ts"

/**
 * A pg.Pool with a gate in front. Callers wait there, in order and at most `connectionTimeoutMillis`, until a
 * connection may be taken without the server ever seeing more than `max` of them. No caller is tied to the connection
 * that was opened for it: the first connection to be free serves the caller that has waited longest.
 *
 * pg-pool alone overshoots, since it stops counting a connection as soon as it begins to close. Its single timeout
 * covers both the queue and the connecting, which have separate limits in Prisma.
 */
export class LimitedPool extends DirectedPool implements CarriesMetrics {
  readonly #auto: SharedSize | undefined
  readonly #upkeep: Upkeep
  readonly #slots: ServerSlots
  readonly #holder: SlotHolder = {
    slotsChanged: () => this.#serve(),
    yieldIdle: (closed) => this.#yieldIdle(closed),
  }
  /** What its parts need of it. */
  readonly #self = {
    pool: this,
    established: () => this.#established.size,
    promised: () => this.#taking,
    waiting: () => this.#waiting.count,
    takeIdle: (use: (client: pg.PoolClient) => Promise<void>, otherwise: () => void) =>
      this.#takeIdle(use, otherwise),
    probe: () => this.#probe(),
    mayOpenSpare: () => this.#mayOpenSpare,
    openSpare: () => this.#openUnwaited(true),
    expired: () => this.#metrics.recordExpiration(),
    isEnding: () => this.#ending,
    serve: () => this.#serve(),
    refuseAll: () => this.#refuseAll(),
  }
  readonly #waiting: WaitingCallers
  /** Connections that callers hold or are being given. */
  readonly #checkouts: Checkouts
  readonly #established = new Set<pg.PoolClient>()
  readonly #changes = new Changes()
  readonly #metrics: PoolMetrics
  readonly #detachMetrics: () => void
  readonly #sockets = new PoolSockets()
  readonly #handOver: HandOver
  readonly #reconnection: Reconnection
  readonly #openings: Openings
  readonly #capacity: Capacity
  readonly #errors: AcquireErrors
  /** Idle connections that are being taken. */
  #taking = 0
  #ending = false
  /** True while a connection is opened that no caller waits for: it does not keep the process alive. */
  #isUnwaited = false

  constructor(
    config: LimitedPoolConfig,
    slots = new ServerSlots(),
    metrics: PoolMetrics = new PoolMetrics(config),
  ) {
    const auto = config.auto && new SharedSize(config.auto, config)
    super({
      ...{ ...config, metrics },
      ...(auto && { application_name: auto.name }),
      ...(closesIdle(config, auto) && { idleTimeoutMillis: 0 }),
      maxLifetimeSeconds: 0,
      connectionTimeoutMillis: 0,
      Client: PostgresClient,
      stream: () => {
        return this.#sockets.add(slots.open(this.#openings.limitMillis(this.#isUnwaited), !this.#isUnwaited))
      },
    })
    this.#auto = auto
    this.#upkeep = new Upkeep(this.#self, config, auto)
    this.#slots = slots
    this.#waiting = new WaitingCallers(config.connectionTimeoutMillis, () => this.#errors.timedOut())
    this.#reconnection = new Reconnection(this.#self, this.#waiting, config)
    this.#openings = this.#reconnection.openings
    // Each Prisma client adds a listener, so there is no limit. Without any listener an error would end the process.
    this.setMaxListeners(0).on("error", noop)
    this.on("connect", (client) => {
      this.#established.add(client)
      this.#sockets.logIn((client as unknown as PostgresClient).socket)
      metrics.recordOpen((client as unknown as PostgresClient).openingMillis)
      if (this.#reconnection.succeed()) metrics.recordReconnect()
      this.#upkeep.add(client as unknown as PostgresClient)
    })
    this.on("remove", (client) => {
      this.#established.delete(client)
      if (this.#established.size === 0) this.#reconnection.lost()
      this.#serve()
      this.#upkeep.removed()
    })
    // pg-pool's own queue stays empty: readers of this number mean ours.
    Object.defineProperty(this, "waitingCount", { get: () => this.#waiting.count })
    this.#metrics = metrics
    const finish = (checkout: Checkout) => this.#finish(checkout)
    this.#checkouts = new Checkouts(metrics, this.#upkeep, finish, config.leakThresholdMillis)
    const [sockets, checkouts, reconnection] = [this.#sockets, this.#checkouts, this.#reconnection]
    const parts = { ...this.#self, slots, sockets, checkouts, reconnection, metrics }
    this.#capacity = new Capacity(parts, config, auto)
    this.#errors = new AcquireErrors({ ...parts, capacity: this.#capacity }, config)
    const [openings, upkeep, waiting] = [this.#openings, this.#upkeep, this.#waiting]
    const validation = new Validation(slots, () => waiting.patience)
    this.#handOver = new HandOver({ ...this.#self, checkouts, openings, upkeep, validation, waiting })
    this.#detachMetrics = metrics.attach(() => ({
      total: slots.count,
      idle: this.idleCount,
      waiting: this.#waiting.count,
      get oldestHoldSeconds() {
        return checkouts.holds.oldestHoldSeconds
      },
      isDown: this.#reconnection.isDown,
      auto: auto?.state,
    }))
  }

  [METRICS](): PoolMetrics {
    return this.#metrics
  }

  /** Connections that the server has accepted and not yet closed. */
  get establishedCount(): number {
    return this.#established.size
  }

  /** The error for which there is no connection: that of the last attempt. Undefined while there is one, or no attempt failed. */
  get noConnectionError(): Error | undefined {
    return this.#reconnection.error
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: Callback): void
  override connect(callback?: Callback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.connect((error, client) => (client ? resolve(client) : reject(error)))
      })
    }
    acquireChannel.trace(this.#metrics, this.#join, callback)
    return undefined
  }

  /** Lets a caller wait, unless it can only fail. */
  readonly #join = (callback: Callback): void => {
    if (this.#ending) {
      process.nextTick(() => super.connect(callback))
    } else if (this.#reconnection.isDown) {
      this.#reconnection.callerCame()
      // A caller that comes again at once must leave time for timers, and so for the probes.
      setImmediate(callback, this.#reconnection.error, undefined, noop)
    } else if (this.#capacity.isQueueFull) {
      setImmediate(callback, this.#errors.queueFull(), undefined, noop)
    } else {
      this.#waiting.add(this.#checkouts.follow(callback, LimitedPool.prototype.connect))
      this.#slots.join(this.#holder)
      this.#serve()
    }
  }

  /** Resolves when as many connections are idle as are kept ready, or no more can be opened now. */
  filled(): Promise<void> {
    return this.#ending ? Promise.resolve() : this.#upkeep.filled()
  }

  override end(): Promise<void>
  override end(callback: () => void): void
  override end(callback?: () => void): Promise<void> | undefined {
    this.#ending = true
    this.#reconnection.stop()
    this.#upkeep.stop()
    this.#slots.leave(this.#holder)
    this.#detachMetrics()
    // pg-pool hands out idle connections on the next tick. When it ends, it forgets the callers that were promised one.
    const ended = new Promise<void>((resolve, reject) => {
      process.nextTick(() => {
        super.end().then(resolve, reject)
        // pg-pool would leave them waiting.
        this.#refuseAll()
        // No caller is left for whom they were opened, or are looked over.
        this.#sockets.destroyLogins()
        this.#checkouts.revoke(({ acquiredAt }) => acquiredAt === undefined)
      })
    })
    // pg-pool ends before its connections do: their slots are still taken.
    const closed = ended.then(() => this.#changes.until(() => this.#established.size === 0))
    const stopWaiting = this.#checkouts.revokeLater(this.#waiting.timeoutMillis)
    closed.then(stopWaiting, stopWaiting)
    if (callback === undefined) return closed
    closed.then(callback, callback)
    return undefined
  }

  /**
   * Waits until no caller holds or waits for a connection and the server has closed them all, at most `graceMillis`.
   * Connections that are still in use then are revoked.
   */
  async close(graceMillis: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMillis)
    })
    // A connection that is being opened while no caller waits is not in use.
    const isUnused = () => this.#checkouts.count === this.#openings.count && this.#waiting.count === 0
    await Promise.race([this.#changes.until(isUnused), deadline])
    const ended = this.end()
    this.#checkouts.revoke()
    await Promise.race([ended, deadline])
    clearTimeout(timer)
  }

  /** Takes idle connections, and opens new ones, for waiting callers. */
  #serve(): void {
    while (this.#capacity.hasRoom) {
      const left = this.#waiting.count - this.#taking
      if (left > 0 && this.idleCount > this.#taking) this.#acquire("idle")
      else if (left > this.#openings.count && this.#capacity.mayOpen && this.#openings.mayBegin)
        this.#acquire("new")
      else break
    }
    const left = this.#waiting.count - this.#taking - this.#openings.count
    if (left > 0 && !this.#capacity.hasRoom && this.#openings.mayBegin) {
      this.#slots.ask(this.#holder, Math.min(left, this.#capacity.max - this.#checkouts.count))
    }
    this.#changed()
  }

  #yieldIdle(closed: () => void): boolean {
    return this.#takeIdle((client) => {
      const { socket } = client as unknown as PostgresClient
      // Before the slots are told that it is closed.
      socket.prependOnceListener("close", closed)
      client.release(true)
    }, closed)
  }

  /** Takes an idle connection that no caller of its own waits for; false where there is none. `use` gives it back. */
  #takeIdle(use: (client: pg.PoolClient) => void | Promise<void>, otherwise = noop): boolean {
    if (this.#ending || this.#waiting.count > 0 || this.idleCount <= this.#taking) return false
    const checkout = this.#checkouts.begin()
    this.#taking += 1
    super.connectIdle(async (_, client) => {
      this.#taking -= 1
      if (client === undefined) otherwise()
      else await use(client)
      this.#finish(checkout)
    })
    return true
  }

  #acquire(from: "idle" | "new" | "spare"): void {
    const checkout = this.#checkouts.begin(from === "spare")
    let { youngest } = this.#waiting
    if (from === "idle") {
      this.#taking += 1
    } else {
      // Callers of other pools may need it while none of this one comes.
      this.#slots.join(this.#holder)
      this.#openings.begin()
      // Callers that arrive in the same turn have waited for this one too.
      setImmediate(() => {
        youngest = this.#waiting.youngest
      })
    }
    const acquired: Callback = (error, client) => {
      const isNewcomer = this.#auto?.isNewcomer === true
      if (from === "idle") this.#taking -= 1
      else this.#openings.end(client !== undefined && !isNewcomer)
      if (client === undefined) {
        if (error === undefined) this.#finish(checkout)
        else this.#fail(checkout, error, youngest)
        return
      }
      this.#checkouts.track(checkout, client)
      this.#handOver.hand(client, checkout, isNewcomer)
    }
    if (from === "idle") super.connectIdle(acquired)
    else if (from === "spare") super.connectBesideIdle(acquired)
    else super.connect(acquired)
  }

  /** Handles a failed attempt. */
  #fail(checkout: Checkout, error: Error, youngest: number): void {
    // First, since a callback that throws must not keep its place in the pool.
    this.#checkouts.end(checkout)
    if (this.#ending) {
      this.#waiting.fail(error, youngest)
    } else {
      this.#metrics.recordConnectError(isTooManyConnections(error))
      if (checkout.isSpare) this.#upkeep.spareFailed()
      // Nobody has waited for a spare one: it says nothing of how long to wait.
      if (!checkout.isSpare || this.#waiting.count > 0) this.#reconnection.fail(error, youngest)
      else this.#openings.calm()
    }
    this.#serve()
  }

  /** Tries to reach a server that is down. */
  #probe(): void {
    // Node stays alive while it waits for the server's first answer, so that one such wait must end before the next begins.
    if (!this.#capacity.hasRoom || this.#sockets.areConnecting) return
    this.#openUnwaited(false)
  }

  /** True if a connection may be opened that no caller waits for. */
  get #mayOpenSpare(): boolean {
    if (this.#ending || this.#waiting.count > 0 || this.#reconnection.isDown) return false
    return this.#capacity.hasRoomForSpare && this.#openings.mayBegin
  }

  #openUnwaited(isSpare: boolean): void {
    this.#isUnwaited = true
    this.#acquire(isSpare ? "spare" : "new")
    this.#isUnwaited = false
  }

  /** Tells waiting callers that the pool has ended, as pg-pool does. */
  #refuseAll(): void {
    super.connect((error) => error && this.#waiting.fail(error))
  }

  #finish(checkout: Checkout): void {
    this.#checkouts.end(checkout)
    this.#serve()
    this.#slots.tellOthers(this.#holder)
    // Where a caller had it, the next one may be opening already.
    if (checkout.isSpare && checkout.acquiredAt === undefined) this.#upkeep.spareReturned(checkout)
  }

  #changed(): void {
    // Slots outlive pools: they do not keep a pool without connections and waiting callers.
    if (this.totalCount === 0 && this.#waiting.count === 0) this.#slots.leave(this.#holder)
    this.#changes.record()
  }
}
