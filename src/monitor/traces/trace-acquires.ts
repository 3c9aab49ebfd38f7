import { PoolConfigError, receivedArgument } from "../../error.ts"
import { acquireChannel, connectChannel, type PoolTraceMessage } from "../../pool/channels.ts"
import { metricsOf, type PoolMetrics } from "../../pool/pool-metrics.ts"
import { POOL_ATTRIBUTES } from "../metrics/metric-table.ts"
import { automaticNames, givenNames, type PoolNames } from "../metrics/pool-names.ts"
import { recordError } from "./record-error.ts"
import type { PoolTracer, TraceSpan } from "./tracer.ts"

/** OpenTelemetry's `SpanKind.CLIENT`. */
const CLIENT = 2

/** The bit of `traceFlags` that says that a span is sampled. */
const SAMPLED = 1

/** Links of one span at most: callers that are further back in a long queue will hardly get this connection. */
const MOST_LINKS = 32

/**
 * Traces the pools of this process with OpenTelemetry: what a query waits for before it has a connection.
 *
 * - `prisma-pool.acquire`, from the call to the connection or the error: a child of the span that is active when the caller
 *   asks. With `@prisma/instrumentation` that is the query's, `prisma:client:db_query`.
 * - `prisma-pool.connect`, a connection that is being opened, with TLS and the login: a root span, since no caller is tied to
 *   the connection that was opened for it. Its links lead to the acquires that wait for it, 32 at most.
 *
 * Both have the attributes `db.client.connection.pool.name`, `server.address` and, but for Unix sockets, `server.port`. Pools
 * have the names that {@link observePools} gives them. An error is recorded with its code (`P2024` for a full pool), which is
 * `error.type` too; a URL in its text is hidden.
 *
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/db/
 *
 * @param tracer `trace.getTracer(…)` of `@opentelemetry/api`, which this package never imports
 * @param pools clients, adapters or pools by name, as {@link poolStats} takes them; only these are traced. Default: every
 *   pool of this process that this package made
 * @returns a function that stops the tracing; spans that have not ended by then are not exported
 * @throws {PoolConfigError} if `tracer` is not a tracer, or an entry of `pools` has no pool of this package
 * @example
 * ```ts
 * import { trace } from "@opentelemetry/api"
 * import { traceAcquires } from "prisma-pool-config/monitor"
 *
 * traceAcquires(trace.getTracer("prisma-pool-config"))
 * ```
 */
export function traceAcquires(tracer: PoolTracer, pools?: Readonly<Record<string, object>>): () => void {
  checkTracer(tracer)
  const traced = new TracedPools(pools === undefined ? automaticNames() : givenNames(pools))
  const stops = [traceEachAcquire(tracer, traced), traceEachConnect(tracer, traced)]
  return () => {
    for (const stop of stops.splice(0)) stop()
  }
}

function checkTracer(tracer: unknown): void {
  const { startSpan } = (tracer ?? {}) as Partial<PoolTracer>
  if (typeof startSpan === "function") return
  const remedy = 'Pass trace.getTracer("…") of @opentelemetry/api 1.3 or later'
  throw new PoolConfigError([{ name: "tracer", problem: receivedArgument(tracer), remedy }])
}

function traceEachAcquire(tracer: PoolTracer, traced: TracedPools): () => void {
  const spans = new Spans((message) => traced.of(message)?.acquires.delete(message))
  return acquireChannel.subscribe({
    // Synchronously: the tracer takes the active span of the caller for the parent.
    start(message) {
      const pool = traced.of(message)
      if (pool === undefined) return
      const span = tracer.startSpan("prisma-pool.acquire", { attributes: pool.attributes })
      pool.acquires.set(message, span)
      spans.start(message, span)
    },
    ...spans.endings,
  })
}

function traceEachConnect(tracer: PoolTracer, traced: TracedPools): () => void {
  const linked = new WeakMap<PoolTraceMessage, ReadonlySet<TraceSpan>>()
  const spans = new Spans((message, span) => {
    const before = linked.get(message) ?? new Set()
    // Callers that came meanwhile and still wait: they may get it as well.
    const later =
      traced
        .of(message)
        ?.waiting()
        .filter((acquire) => !before.has(acquire)) ?? []
    for (const acquire of later.slice(0, MOST_LINKS - before.size)) span.addLink?.(linkTo(acquire))
  })
  return connectChannel.subscribe({
    start(message) {
      const pool = traced.of(message)
      if (pool === undefined) return
      const waiting = pool.waiting()
      linked.set(message, new Set(waiting))
      const { attributes } = pool
      const links = waiting.map(linkTo)
      spans.start(
        message,
        tracer.startSpan("prisma-pool.connect", { root: true, kind: CLIENT, attributes, links }),
      )
    },
    ...spans.endings,
  })
}

const linkTo = (span: TraceSpan) => ({ context: span.spanContext() })

/** The spans of a channel that have not ended. */
class Spans {
  readonly #open = new Map<PoolTraceMessage, TraceSpan>()
  readonly #ending: (message: PoolTraceMessage, span: TraceSpan) => void

  /** @param ending called before a span ends */
  constructor(ending: (message: PoolTraceMessage, span: TraceSpan) => void) {
    this.#ending = ending
  }

  start(message: PoolTraceMessage, span: TraceSpan): void {
    this.#open.set(message, span)
  }

  /** Ends each span with its answer. */
  readonly endings = {
    error: (message: PoolTraceMessage) => {
      const span = this.#open.get(message)
      if (span !== undefined) recordError(span, message.error)
    },
    asyncStart: (message: PoolTraceMessage) => {
      const span = this.#open.get(message)
      if (span === undefined) return
      this.#open.delete(message)
      this.#ending(message, span)
      span.end()
    },
  }
}

/** A pool's attributes, and its acquires that have no answer yet. */
class TracedPool {
  readonly attributes: Record<string, string | number>
  readonly acquires = new Map<PoolTraceMessage, TraceSpan>()

  constructor(name: string, { host, port }: PoolMetrics) {
    const isSocket = host?.startsWith("/")
    this.attributes = {
      [POOL_ATTRIBUTES.pool]: name,
      ...(host !== undefined && { "server.address": host }),
      ...(port !== undefined && !isSocket && { "server.port": port }),
    }
  }

  /** The acquires that have waited longest, of those that are sampled: a link to another leads nowhere. */
  waiting(): TraceSpan[] {
    const waiting: TraceSpan[] = []
    for (const span of this.acquires.values()) {
      if (waiting.length === MOST_LINKS) break
      if (span.spanContext().traceFlags & SAMPLED) waiting.push(span)
    }
    return waiting
  }
}

/** The pools that are traced. */
class TracedPools {
  readonly #names: PoolNames
  readonly #known = new WeakMap<PoolMetrics, TracedPool>()

  constructor(names: PoolNames) {
    this.#names = names
  }

  /** The pool of a message; undefined if it is not traced. */
  of(message: PoolTraceMessage): TracedPool | undefined {
    const metrics = metricsOf(message)?.()
    return metrics && (this.#known.get(metrics) ?? this.#add(metrics))
  }

  #add(metrics: PoolMetrics): TracedPool | undefined {
    const name = this.#names.current().get(metrics)
    if (name === undefined) return undefined
    const pool = new TracedPool(name, metrics)
    this.#known.set(metrics, pool)
    return pool
  }
}
