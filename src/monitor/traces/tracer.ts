/** The identity of a span. */
interface TraceSpanContext {
  traceId: string
  spanId: string
  traceFlags: number
}

interface TraceLink {
  context: TraceSpanContext
}

/** The needed part of OpenTelemetry's `Span`. */
export interface TraceSpan {
  // Methods, so that OpenTelemetry's own types fit.
  spanContext(): TraceSpanContext
  setAttribute(name: string, value: string): unknown
  setStatus(status: { code: number; message: string }): unknown
  recordException(exception: { name: string; code: string; message: string }): void
  /** From `@opentelemetry/api` 1.9 on. */
  addLink?(link: TraceLink): unknown
  end(): void
}

interface TraceSpanOptions {
  /** OpenTelemetry's `SpanKind`. */
  kind?: number
  root?: boolean
  attributes: Record<string, string | number>
  links?: TraceLink[]
}

/** The needed part of OpenTelemetry's `Tracer`, so that its package is not a dependency. */
export interface PoolTracer {
  startSpan(name: string, options: TraceSpanOptions): TraceSpan
}
