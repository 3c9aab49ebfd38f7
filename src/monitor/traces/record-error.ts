import type { TraceSpan } from "./tracer.ts"

/** OpenTelemetry's `SpanStatusCode.ERROR`. */
const ERROR = 2

/** A URL may have a secret in it: an error may be one of the application's password function. Prisma's text of P2024 has a link. */
const URL_TEXT = /\b(?!https?:\/\/pris\.ly\/)[a-z][a-z\d+.-]*:\/\/\S+/gi

/** Records an error on a span, without its stack, which is that of a timer or a socket. */
export function recordError(span: TraceSpan, error: unknown): void {
  const { name = "Error", code = name, message = error } = (error ?? {}) as Partial<Record<string, unknown>>
  const text = String(message).replace(URL_TEXT, "***")
  // https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/
  span.setAttribute("error.type", String(code))
  // The SDK prefers the code to the name.
  span.recordException({ name: String(name), code: String(code), message: text })
  span.setStatus({ code: ERROR, message: text })
}
