import { withTimeout } from "../watch/poll.ts"
import type { MetricAttributes, Point } from "./database-metrics.ts"
import type { Metric } from "./metric-table.ts"
import { Series } from "./series.ts"

interface BatchResult {
  observe(gauge: object, value: number, attributes: MetricAttributes): void
}

type BatchCallback = (result: BatchResult) => Promise<void>

/** The needed part of OpenTelemetry's `Meter`, so that its package is not a dependency. */
export interface DatabaseMeter {
  // Methods, so that OpenTelemetry's own types fit.
  createObservableGauge(name: string, options: { description: string; unit: string }): object
  addBatchObservableCallback(callback: BatchCallback, gauges: object[]): void
  removeBatchObservableCallback(callback: BatchCallback, gauges: object[]): void
}

const METHODS = ["createObservableGauge", "addBatchObservableCallback", "removeBatchObservableCallback"]

/** True for a meter of OpenTelemetry that can observe several gauges at once. */
export const isDatabaseMeter = (meter: unknown): meter is DatabaseMeter =>
  METHODS.every(
    (method) => typeof (meter as Record<string, unknown> | null | undefined)?.[method] === "function",
  )

/** The result of one inspection: its report, or why there is none. */
export type Inspected<Report> = { readonly report: Report } | { readonly error: unknown }

/** What is inspected at each collection, and what is measured of it. */
export interface Observation<Report> {
  readonly inspect: () => Promise<Report>
  /** Seconds after which an inspection that has not ended counts as one without an answer. */
  readonly timeout: number
  /** The attributes of every series. */
  readonly attributes: MetricAttributes
  readonly metrics: readonly {
    readonly metric: Metric
    readonly pointsOf: (report: Report) => readonly Point[]
  }[]
  /** Metrics that have a value without an answer too. */
  readonly ofOutcome: readonly (readonly [metric: Metric, read: (outcome: Inspected<Report>) => number])[]
}

/**
 * Measures one inspection for each collection. There is never more than one at a time.
 *
 * @returns a function that stops the measuring
 */
export function observeInspections<Report>(
  meter: DatabaseMeter,
  { inspect, timeout, attributes, metrics, ofOutcome }: Observation<Report>,
): () => void {
  const gaugeOf = ({ name, unit, description }: Metric) =>
    meter.createObservableGauge(name, { unit, description })
  const measured = metrics.map(({ metric, pointsOf }) => ({
    pointsOf,
    gauge: gaugeOf(metric),
    series: new Series(),
  }))
  const outcomes = ofOutcome.map(([metric, read]) => ({ gauge: gaugeOf(metric), read }))
  const gauges = [...measured, ...outcomes].map(({ gauge }) => gauge)
  let polling: Promise<Inspected<Report>> | undefined

  /** Joins the inspection in progress, if any: there may be two exporters, or a slow server. */
  function current(): Promise<Inspected<Report>> {
    polling ??= inspect()
      .then(
        (report) => ({ report }),
        (error: unknown) => ({ error }),
      )
      .finally(() => {
        polling = undefined
      })
    return polling
  }

  async function observe(result: BatchResult): Promise<void> {
    const outcome = await withTimeout(current(), timeout)
    const record = (gauge: object, [value, own]: Point) =>
      result.observe(gauge, value, { ...attributes, ...own })
    for (const { pointsOf, gauge, series } of measured) {
      const points = "report" in outcome ? pointsOf(outcome.report) : undefined
      for (const point of series.complete(points)) record(gauge, point)
    }
    for (const { gauge, read } of outcomes) record(gauge, [read(outcome), {}])
  }

  meter.addBatchObservableCallback(observe, gauges)
  return () => meter.removeBatchObservableCallback(observe, gauges)
}
