import { PoolConfigError, receivedArgument } from "../../error.ts"
import type { AutoState } from "../../pool/auto/auto-state.ts"
import { observeMetrics, type PoolMetrics } from "../../pool/pool-metrics.ts"
import { BufferedTimes } from "./buffered-times.ts"
import { type Metric, POOL_ATTRIBUTES, POOL_METRICS, POOL_STATES } from "./metric-table.ts"
import { automaticNames, givenNames, type PoolNames } from "./pool-names.ts"

type Attributes = Record<string, string>

interface ObservableResult {
  observe(value: number, attributes: Attributes): void
}

type ObservableCallback = (result: ObservableResult) => void

interface Observable {
  // Methods, so that OpenTelemetry's own types fit.
  addCallback(callback: ObservableCallback): void
  removeCallback(callback: ObservableCallback): void
}

interface MetricOptions {
  description: string
  unit: string
  advice?: { explicitBucketBoundaries: number[] }
}

/** The needed part of OpenTelemetry's `Meter`, so that its package is not a dependency. */
export interface PoolMeter {
  createCounter(name: string, options: MetricOptions): { add(value: number, attributes: Attributes): void }
  createHistogram(
    name: string,
    options: MetricOptions,
  ): { record(value: number, attributes: Attributes): void }
  createObservableUpDownCounter(name: string, options: MetricOptions): Observable
  createObservableGauge(name: string, options: MetricOptions): Observable
}

/** Buckets from an immediate acquire to the default `pool_timeout`. The SDK's own buckets are made for milliseconds. */
const SECONDS = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 20]

/**
 * Measures the pools of this process with OpenTelemetry, by its semantic conventions for pools of database clients:
 * `db.client.connection.count` (by state, `idle` and `used`), `.max`, `.idle.max`, `.idle.min`, `.pending_requests`,
 * `.timeouts`, and the histograms `.create_time`, `.wait_time` and `.use_time` in seconds. The conventions have no name
 * for the others, as in {@link poolStats}: the counters `prisma_pool.connection.errors`, `.refusals` (SQLSTATE 53300),
 * `.rejections`, `.reconnects` and `.expirations`; `prisma_pool.down`, which is 1 while callers fail at once because the server
 * cannot be reached; and the gauge `prisma_pool.connection.oldest_hold`, in seconds.
 *
 * Each pool is one value of the attribute `db.client.connection.pool.name`: the name given here or, without one,
 * `host:port/database`, with ` #2` and so on if several pools have the same. Counters and histograms start when this is
 * called, so call it before the first query. A wait includes opening a connection, if one was opened for it. Waits that
 * timed out are only in `.timeouts`.
 *
 * https://opentelemetry.io/docs/specs/semconv/db/database-metrics/
 *
 * @param meter `metrics.getMeter(…)` of `@opentelemetry/api`, which this package never imports
 * @param pools clients, adapters or pools by name, as {@link poolStats} takes them; only these are measured, connected
 *   or not. Default: every open pool of this process that this package made
 * @returns a function that stops the measuring; the SDK keeps exporting the counters and the last state
 * @throws {PoolConfigError} if `meter` is not a meter, or an entry of `pools` has no pool of this package
 * @example
 * ```ts
 * import { metrics } from "@opentelemetry/api"
 * import { observePools } from "prisma-pool-config/monitor"
 *
 * observePools(metrics.getMeter("prisma-pool-config"), { core: prismaCore })
 * ```
 */
export function observePools(meter: PoolMeter, pools?: Readonly<Record<string, object>>): () => void {
  checkMeter(meter)
  const instruments = instrumentsOf(meter)
  const names = pools === undefined ? automaticNames() : givenNames(pools)
  const measured = new MeasuredPools(names, (name) => new MeasuredPool(name, instruments))
  const stops = [observeEvents(instruments, measured), observeState(meter, measured)]
  return () => {
    for (const stop of stops.splice(0)) stop()
    measured.flush()
  }
}

function checkMeter(meter: unknown): void {
  const methods = [
    "createCounter",
    "createHistogram",
    "createObservableUpDownCounter",
    "createObservableGauge",
  ]
  const isMeter = methods.every(
    (method) => typeof (meter as Record<string, unknown> | undefined | null)?.[method] === "function",
  )
  if (isMeter) return
  const remedy = 'Pass metrics.getMeter("…") of @opentelemetry/api 1.3 or later'
  throw new PoolConfigError([{ name: "meter", problem: receivedArgument(meter), remedy }])
}

/** The synchronous instruments: counters and histograms. */
interface Instruments {
  readonly timeouts: ReturnType<PoolMeter["createCounter"]>
  readonly rejections: ReturnType<PoolMeter["createCounter"]>
  readonly errors: ReturnType<PoolMeter["createCounter"]>
  readonly refusals: ReturnType<PoolMeter["createCounter"]>
  readonly reconnects: ReturnType<PoolMeter["createCounter"]>
  readonly expirations: ReturnType<PoolMeter["createCounter"]>
  readonly createTime: ReturnType<PoolMeter["createHistogram"]>
  readonly waitTime: ReturnType<PoolMeter["createHistogram"]>
  readonly useTime: ReturnType<PoolMeter["createHistogram"]>
}

function instrumentsOf(meter: PoolMeter): Instruments {
  const counter = ({ name, unit, description }: Metric) => meter.createCounter(name, { unit, description })
  const histogram = ({ name, unit, description }: Metric) =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: SECONDS } })
  return {
    timeouts: counter(POOL_METRICS.timeouts),
    rejections: counter(POOL_METRICS.rejections),
    errors: counter(POOL_METRICS.errors),
    refusals: counter(POOL_METRICS.refusals),
    reconnects: counter(POOL_METRICS.reconnects),
    expirations: counter(POOL_METRICS.expirations),
    createTime: histogram(POOL_METRICS.createTime),
    waitTime: histogram(POOL_METRICS.waitTime),
    useTime: histogram(POOL_METRICS.useTime),
  }
}

/** A pool's attributes, and its buffered times. */
class MeasuredPool {
  readonly attributes: Attributes
  readonly idle: Attributes
  readonly used: Attributes
  readonly createTime: BufferedTimes
  readonly waitTime: BufferedTimes
  readonly useTime: BufferedTimes
  /** True if its size has followed the living instances. */
  hasFollowed = false

  constructor(name: string, instruments: Instruments) {
    const { createTime, waitTime, useTime, ...counters } = instruments
    this.attributes = { [POOL_ATTRIBUTES.pool]: name }
    this.idle = { ...this.attributes, [POOL_ATTRIBUTES.state]: POOL_STATES.idle }
    this.used = { ...this.attributes, [POOL_ATTRIBUTES.state]: POOL_STATES.used }
    this.createTime = new BufferedTimes(createTime, this.attributes)
    this.waitTime = new BufferedTimes(waitTime, this.attributes)
    this.useTime = new BufferedTimes(useTime, this.attributes)
    // A counter that appears with its first event hides that one from `rate` and `increase`.
    for (const events of Object.values(counters)) events.add(0, this.attributes)
  }

  flush(): void {
    this.createTime.flush()
    this.waitTime.flush()
    this.useTime.flush()
  }
}

/** All measured pools. */
class MeasuredPools {
  readonly #names: PoolNames
  readonly #make: (name: string) => MeasuredPool
  readonly #byName = new Map<string, MeasuredPool>()
  #current = new Map<PoolMetrics, MeasuredPool | undefined>()

  constructor(names: PoolNames, make: (name: string) => MeasuredPool) {
    this.#names = names
    this.#make = make
  }

  /** Returns a measured pool; undefined if it is not measured. */
  of(pool: PoolMetrics): MeasuredPool | undefined {
    if (!this.#current.has(pool)) {
      this.refresh()
      // Cached until the next refresh: this is called for each query.
      if (!this.#current.has(pool)) this.#current.set(pool, undefined)
    }
    return this.#current.get(pool)
  }

  /** Returns every measured pool; undefined for a name whose pool was closed. */
  refresh(): ReadonlyMap<MeasuredPool, PoolMetrics | undefined> {
    this.#current = new Map([...this.#names.current()].map(([pool, name]) => [pool, this.#named(name)]))
    const pools = new Map<MeasuredPool, PoolMetrics | undefined>()
    for (const measured of this.#byName.values()) pools.set(measured, undefined)
    for (const [pool, measured] of this.#current) if (measured !== undefined) pools.set(measured, pool)
    return pools
  }

  flush(): void {
    for (const measured of this.#byName.values()) measured.flush()
  }

  #named(name: string): MeasuredPool {
    const measured = this.#byName.get(name) ?? this.#make(name)
    this.#byName.set(name, measured)
    return measured
  }
}

function observeEvents(
  { timeouts, rejections, errors, refusals, reconnects, expirations }: Instruments,
  measured: MeasuredPools,
): () => void {
  const count = (events: typeof timeouts, pool: PoolMetrics) => {
    const own = measured.of(pool)
    if (own !== undefined) events.add(1, own.attributes)
  }
  return observeMetrics({
    opened: (pool, millis) => measured.of(pool)?.createTime.add(millis),
    acquired: (pool, millis) => measured.of(pool)?.waitTime.add(millis),
    returned: (pool, millis) => measured.of(pool)?.useTime.add(millis),
    timedOut: (pool) => count(timeouts, pool),
    rejected: (pool) => count(rejections, pool),
    failed(pool, isRefusal) {
      count(errors, pool)
      if (isRefusal) count(refusals, pool)
    },
    reconnected: (pool) => count(reconnects, pool),
    expired: (pool) => count(expirations, pool),
  })
}

/** What the size of a pool follows. */
type Following = Exclude<AutoState, { off: unknown }>

type Observed = (pool: PoolMetrics | undefined, measured: MeasuredPool) => (readonly [number, Attributes])[]

/** Metrics read at each export. A closed pool reports 0, because the SDK would repeat its last values. */
const STATE_METRICS: readonly (readonly [metric: Metric, valuesOf: Observed])[] = [
  [
    POOL_METRICS.count,
    (pool, { idle, used }) => [
      [pool?.gauges.idle ?? 0, idle],
      [pool?.used ?? 0, used],
    ],
  ],
  [POOL_METRICS.max, (pool, { attributes }) => [[pool?.max ?? 0, attributes]]],
  [POOL_METRICS.idleMax, (pool, { attributes }) => [[pool?.max ?? 0, attributes]]],
  [POOL_METRICS.idleMin, (pool, { attributes }) => [[pool?.minIdle ?? 0, attributes]]],
  [POOL_METRICS.pendingRequests, (pool, { attributes }) => [[pool?.gauges.waiting ?? 0, attributes]]],
  [POOL_METRICS.down, (pool, { attributes }) => [[Number(pool?.gauges.isDown ?? false), attributes]]],
  [POOL_METRICS.oldestHold, (pool, { attributes }) => [[pool?.gauges.oldestHoldSeconds ?? 0, attributes]]],
  [POOL_METRICS.share, ofAuto(({ share }) => share)],
  [POOL_METRICS.instances, ofAuto(({ instances }) => instances)],
  [POOL_METRICS.budget, ofAuto(({ budget }) => budget)],
]

/** A value of pools whose size follows the living instances; 0 where one does no longer, and none for the others. */
function ofAuto(read: (auto: Following) => number): Observed {
  return (pool, measured) => {
    const auto = pool?.gauges.auto
    const isFollowing = auto !== undefined && !("off" in auto)
    measured.hasFollowed ||= isFollowing
    return measured.hasFollowed ? [[isFollowing ? read(auto) : 0, measured.attributes]] : []
  }
}

function observeState(meter: PoolMeter, measured: MeasuredPools): () => void {
  const observed = STATE_METRICS.map(([{ name, kind, unit, description }, valuesOf]) => {
    const options = { unit, description }
    const metric =
      kind === "gauge"
        ? meter.createObservableGauge(name, options)
        : meter.createObservableUpDownCounter(name, options)
    const callback: ObservableCallback = (result) => {
      // The SDK asks for these before it exports the histograms.
      measured.flush()
      for (const [own, pool] of measured.refresh()) {
        for (const [value, attributes] of valuesOf(pool, own)) result.observe(value, attributes)
      }
    }
    metric.addCallback(callback)
    return () => metric.removeCallback(callback)
  })
  return () => {
    for (const stop of observed) stop()
  }
}
