import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus"
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics"
import { expect, test } from "vitest"
import { seriesOf } from "../../src/dashboards/prometheus-names.ts"
import { type Metric, POOL_METRICS, SERVER_METRICS } from "../../src/monitor/metrics/metric-table.ts"

class Reader extends MetricReader {
  protected async onForceFlush() {}
  protected async onShutdown() {}
}

/** The names that the real exporter gives to a metric. */
async function exported({ name, kind, unit, description }: Metric): Promise<string[]> {
  const reader = new Reader()
  const meter = new MeterProvider({ readers: [reader] }).getMeter("test")
  const options = { unit, description }
  if (kind === "histogram") meter.createHistogram(name, options).record(1)
  else if (kind === "counter") meter.createCounter(name, options).add(1)
  else if (kind === "gauge") meter.createGauge(name, options).record(1)
  else meter.createUpDownCounter(name, options).add(1)
  const text = new PrometheusSerializer().serialize((await reader.collect()).resourceMetrics)
  return text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .flatMap((line) => /^\w+/.exec(line) ?? [])
}

const METRICS: readonly Metric[] = [...Object.values(SERVER_METRICS), ...Object.values(POOL_METRICS)]

test.each(METRICS.map((metric) => [metric.name, metric] as const))(
  "%s is found by its series",
  async (_, metric) => {
    const [, pattern = seriesOf(metric)] = /^\{__name__=~"(.*)"\}$/.exec(seriesOf(metric)) ?? []
    // As Prometheus does, of the whole name.
    const found = (await exported(metric)).filter((name) => new RegExp(`^(?:${pattern})$`).test(name))
    expect([...new Set(found)]).toHaveLength(1)
  },
)

test("a metric in seconds is found with its unit and without, and labels stand beside it", () => {
  const { longestIdleInTransaction, used } = SERVER_METRICS
  expect(seriesOf(longestIdleInTransaction, 'job="api"')).toBe(
    '{__name__=~"prisma_pool_server_idle_in_transaction_longest(_seconds)?",job="api"}',
  )
  expect(seriesOf(used, 'job="api"')).toBe('prisma_pool_server_used{job="api"}')
  expect(seriesOf(POOL_METRICS.timeouts)).toBe("db_client_connection_timeouts_total")
})
