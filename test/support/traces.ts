import { context, type Span, trace } from "@opentelemetry/api"
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks"
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base"
import { PrismaInstrumentation } from "@prisma/instrumentation"

/** The real SDK with Prisma's instrumentation, and every span that has ended. Once in a process. */
export function startTraces() {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(provider)
  const prisma = new PrismaInstrumentation()
  prisma.setTracerProvider(provider)
  prisma.enable()
  const tracer = provider.getTracer("test")
  return {
    tracer,
    /** Runs `during` in a span of its own. */
    inSpan: <T>(name: string, during: (span: Span) => Promise<T>): Promise<T> =>
      tracer.startActiveSpan(name, (span) => during(span).finally(() => span.end())),
    /** The spans that have ended, in this order, by their name. */
    named: (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name),
    all: (): ReadableSpan[] => exporter.getFinishedSpans(),
    reset: () => exporter.reset(),
    async stop() {
      prisma.disable()
      await provider.shutdown()
      trace.disable()
      context.disable()
    },
  }
}

/** The time from a span's start to its end, in milliseconds. */
export const millisOf = ({ duration: [seconds, nanos] }: ReadableSpan): number => seconds * 1e3 + nanos / 1e6
