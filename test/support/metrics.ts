import {
  AggregationTemporality,
  type Histogram,
  MeterProvider,
  MetricReader,
} from "@opentelemetry/sdk-metrics"

class Reader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE })
  }
  protected async onForceFlush() {}
  protected async onShutdown() {}
}

/** What a histogram has seen. */
export interface Times {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
}

/** The real SDK, read by hand: `read()` exports, as an exporter does at each interval. */
export function startMetrics() {
  const reader = new Reader()
  const provider = new MeterProvider({ readers: [reader] })
  return {
    meter: provider.getMeter("test"),
    /** Every data point by metric, then by the values of its attributes. */
    async read(): Promise<Record<string, Record<string, number | Times>>> {
      const { resourceMetrics, errors } = await reader.collect()
      if (errors.length > 0) throw errors[0]
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
      return Object.fromEntries(
        metrics.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          Object.fromEntries(
            dataPoints.map(({ attributes, value }) => [
              Object.values(attributes).join(" "),
              typeof value === "number" ? value : times(value as Histogram),
            ]),
          ),
        ]),
      )
    },
    /** The unit, kind and attributes of each metric. */
    async describe() {
      const { resourceMetrics } = await reader.collect()
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
      return Object.fromEntries(
        metrics.map(({ descriptor, dataPoints, ...rest }) => [
          descriptor.name,
          {
            unit: descriptor.unit,
            isMonotonic: (rest as { isMonotonic?: boolean }).isMonotonic,
            attributes: Object.keys(dataPoints[0]?.attributes ?? {}),
          },
        ]),
      )
    },
    stop: () => provider.shutdown(),
  }
}

function times({ count, sum = Number.NaN, min = Number.NaN, max = Number.NaN }: Histogram): Times {
  return { count, sum, min, max }
}
