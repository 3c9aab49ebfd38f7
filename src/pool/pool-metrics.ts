import type { AutoState } from "./auto/auto-state.ts"
import { throwLater } from "./throw-later.ts"

/** The key of the metrics in a pool, the adapter over it and the client over that. A symbol, since `$extends` passes symbols on. */
export const METRICS = Symbol.for("prisma-pool-config.metrics.v1")

/** The key of the registry that copies of this module share. If its shape changes, change the version in the name. */
const REGISTRY = Symbol.for("prisma-pool-config.pool-metrics.v3")

/** Something that carries a pool's metrics. */
export interface CarriesMetrics {
  [METRICS](): PoolMetrics
}

/** The state of a pool at this moment. Traces ask for it at each acquire: what has to be computed is a getter. */
export interface PoolGauges {
  /** Connections that take a slot of the server, including those being opened or closed. */
  readonly total: number
  readonly idle: number
  /** Callers that have no connection yet. */
  readonly waiting: number
  /** For how long the connection that has been held longest has been held; 0 where none is. */
  readonly oldestHoldSeconds: number
  /** True while no connection works and the reconnect timeout is over: callers fail at once. */
  readonly isDown: boolean
  /** What the size follows; undefined for a fixed size, and before the first look. */
  readonly auto?: AutoState | undefined
}

/** Receives the events of every pool of this process, as they happen. Times are in milliseconds. */
export interface PoolObserver {
  opened(pool: PoolMetrics, millis: number): void
  acquired(pool: PoolMetrics, waitedMillis: number): void
  returned(pool: PoolMetrics, usedMillis: number): void
  timedOut(pool: PoolMetrics): void
  rejected(pool: PoolMetrics): void
  failed(pool: PoolMetrics, isRefusal: boolean): void
  reconnected(pool: PoolMetrics): void
  expired(pool: PoolMetrics): void
}

interface Registry {
  readonly observers: Set<PoolObserver>
  /** Weak, so that a pool without references is collected even if it was never ended. */
  readonly all: Set<WeakRef<PoolMetrics>>
}

function registryOfThisRealm(): Registry {
  const realm = globalThis as { [REGISTRY]?: Registry }
  realm[REGISTRY] ??= { observers: new Set(), all: new Set() }
  return realm[REGISTRY]
}

const NOTHING: PoolGauges = { total: 0, idle: 0, waiting: 0, oldestHoldSeconds: 0, isDown: false }

/**
 * The counters of a pool. Counting costs one addition each.
 *
 * It outlives the pool itself, so that counters continue when a client connects again.
 */
export class PoolMetrics {
  /** `host:port/database`: OpenTelemetry's own fallback for the name of a pool. */
  readonly name: string
  readonly host: string | undefined
  readonly port: number | undefined
  readonly database: string | undefined
  readonly max: number
  readonly minIdle: number
  acquired = 0
  opened = 0
  timeouts = 0
  rejections = 0
  connectionErrors = 0
  refusals = 0
  reconnects = 0
  expirations = 0
  #used = 0
  #peakUsed = 0
  #gauges: (() => PoolGauges) | undefined
  readonly #observers: ReadonlySet<PoolObserver>

  constructor({ host, port, database, max, minIdle = 0 }: PoolOptions) {
    this.name = `${host}:${port}/${database}`
    this.host = host
    this.port = port
    this.database = database
    this.max = max
    this.minIdle = minIdle
    const { observers, all } = registryOfThisRealm()
    this.#observers = observers
    for (const metrics of all) if (metrics.deref() === undefined) all.delete(metrics)
    all.add(new WeakRef(this))
  }

  /** True while there is a pool that has not been ended. */
  get isOpen(): boolean {
    return this.#gauges !== undefined
  }

  /** Connections that callers hold. */
  get used(): number {
    return this.#used
  }

  get gauges(): PoolGauges {
    return this.#gauges?.() ?? NOTHING
  }

  /** The maximum in use at one time since the last call. */
  takePeakUsed(): number {
    const peak = this.#peakUsed
    this.#peakUsed = this.#used
    return peak
  }

  /** Attaches a pool. Returns a function to call when that pool has ended. */
  attach(gauges: () => PoolGauges): () => void {
    this.#gauges = gauges
    return () => {
      // The client may have connected again meanwhile.
      if (this.#gauges === gauges) this.#gauges = undefined
    }
  }

  /** Records that a caller got a connection. */
  recordAcquire(waitedMillis: number): void {
    this.acquired += 1
    this.#used += 1
    if (this.#used > this.#peakUsed) this.#peakUsed = this.#used
    if (this.#observers.size > 0) this.#tell((observer) => observer.acquired(this, waitedMillis))
  }

  recordRelease(acquiredAt: number): void {
    this.#used -= 1
    // Without an observer the clock is not read.
    if (this.#observers.size === 0) return
    const millis = performance.now() - acquiredAt
    this.#tell((observer) => observer.returned(this, millis))
  }

  recordOpen(millis: number): void {
    this.opened += 1
    this.#tell((observer) => observer.opened(this, millis))
  }

  recordTimeout(): void {
    this.timeouts += 1
    this.#tell((observer) => observer.timedOut(this))
  }

  /** Records that a caller was refused because too many wait. */
  recordRejection(): void {
    this.rejections += 1
    this.#tell((observer) => observer.rejected(this))
  }

  /** Records that opening a connection failed. */
  recordConnectError(isRefusal: boolean): void {
    this.connectionErrors += 1
    if (isRefusal) this.refusals += 1
    this.#tell((observer) => observer.failed(this, isRefusal))
  }

  /** Records that a connection has reached `max_connection_lifetime`. */
  recordExpiration(): void {
    this.expirations += 1
    this.#tell((observer) => observer.expired(this))
  }

  /**
   * Records that a connection was opened after the pool had waited out a server that could not be reached, was starting, or
   * refused.
   */
  recordReconnect(): void {
    this.reconnects += 1
    this.#tell((observer) => observer.reconnected(this))
  }

  /** Tells every observer. One whose meter throws keeps no caller from its connection, and no slot from the pool. */
  #tell(event: (observer: PoolObserver) => void): void {
    for (const observer of this.#observers) {
      try {
        event(observer)
      } catch (error) {
        throwLater(error)
      }
    }
  }
}

interface PoolOptions {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly database?: string | undefined
  readonly max: number
  readonly minIdle?: number | undefined
}

/** The pools of this process that are open, the oldest first. */
export function openPools(): PoolMetrics[] {
  const all = [...registryOfThisRealm().all].map((metrics) => metrics.deref())
  return all.filter((metrics) => metrics !== undefined).filter(({ isOpen }) => isOpen)
}

/** Calls `observer` for the events of every pool of this process. Returns a function that stops this. */
export function observeMetrics(observer: PoolObserver): () => void {
  const { observers } = registryOfThisRealm()
  observers.add(observer)
  return () => void observers.delete(observer)
}

/** A function that returns the metrics of a pool, an adapter or a client, if it has any. It throws while there is no URL. */
export function metricsOf(carrier: unknown): (() => PoolMetrics) | undefined {
  if (carrier === null || typeof carrier !== "object") return undefined
  // A class that extends PrismaClient is made without this package: only Prisma knows its adapter.
  const { _engineConfig: engine } = carrier as PrismaInternals
  for (const candidate of [carrier as Partial<CarriesMetrics>, engine?.adapter]) {
    if (typeof candidate?.[METRICS] === "function") return () => (candidate as CarriesMetrics)[METRICS]()
  }
  return undefined
}

interface PrismaInternals {
  readonly _engineConfig?: { readonly adapter?: Partial<CarriesMetrics> | undefined } | undefined
}
