import { PoolConfigError, type PoolConfigIssue, receivedArgument } from "../../error.ts"
import { isTooManyConnections } from "../../pool/classify-error.ts"
import { readNumberOption, SECONDS_RANGE } from "../../validation/numbers.ts"
import { rejectUnknownFields } from "../../validation/plain-object.ts"
import { attributionOf } from "../inspect/attribution.ts"
import type { DatabaseReport } from "../inspect/database-report.ts"
import { checkInspectable, type Inspectable } from "../inspect/inspect-database.ts"
import { poll, withTimeout } from "../watch/poll.ts"
import type { Outcome } from "../watch/watch-state.ts"
import { ApplicationLabels } from "./application-labels.ts"
import { DATABASE_METRICS, type DatabaseSample, DECLARED_METRICS, type Point } from "./database-metrics.ts"
import { type Metric, SERVER_ATTRIBUTES, SERVER_METRICS } from "./metric-table.ts"
import { attempt, type ObservedFleet, type ParsedObservedFleet, readObservedFleet } from "./observed-fleet.ts"
import { Series } from "./series.ts"

interface BatchResult {
  observe(gauge: object, value: number, attributes: Record<string, string>): void
}

type BatchCallback = (result: BatchResult) => Promise<void>

/** The needed part of OpenTelemetry's `Meter`, so that its package is not a dependency. */
export interface DatabaseMeter {
  // Methods, so that OpenTelemetry's own types fit.
  createObservableGauge(name: string, options: { description: string; unit: string }): object
  addBatchObservableCallback(callback: BatchCallback, gauges: object[]): void
  removeBatchObservableCallback(callback: BatchCallback, gauges: object[]): void
}

/** Options of {@link observeDatabase}. */
export interface ObserveDatabaseOptions {
  /** The value of `prisma_pool.server.name`, which distinguishes servers: unique to each. Default `core`. */
  readonly name?: string
  /** The declared fleet, for `.undeclared` and `.declared_max_connections`. Default: neither is measured. */
  readonly fleet?: ObservedFleet
  /**
   * Seconds that a collection waits for the server, 0.1 to 86,400: less than a scrape may take. Default 2. A late
   * answer counts as no answer.
   */
  readonly timeout?: number
}

/**
 * Measures a server's connections with OpenTelemetry: one `inspectDatabase` for each collection, which is a scrape or
 * an export. All metrics are gauges:
 *
 * - `prisma_pool.server.connections`, by `prisma_pool.server.application` and `.state` (`active`, `idle`,
 *   `idle_in_transaction`, `other`, `unknown`);
 * - `.used` and `.usable` by `prisma_pool.server.limit` (`max_connections`, `database`, `role`), as `limits` of the
 *   report;
 * - `.max_connections`, `.waiting_on_locks`, and `.idle_in_transaction.longest` in seconds;
 * - `.undeclared` by application, and `.declared_max_connections`, with a `fleet`;
 * - `.up`, 1 when the server answered, and `.refusing`, 1 when it refused the inspection because it has no slot left
 *   (SQLSTATE 53300).
 *
 * Each has the attribute `prisma_pool.server.name`. While the server cannot be asked, the others are NaN rather than
 * their last value. An application is named without its version (`api` for `api@1.4.2`); new names after the first 100
 * are `(others)`. `(hidden)` are connections that are logging in, or whose name this role may not see.
 *
 * A client, unlike a URL, is asked on one of its own connections: that takes no further slot, but an inspection waits
 * its turn. A pool that is full for longer than `timeout` counts as a server that could not be asked. There is never
 * more than one inspection at a time.
 *
 * No semantic conventions name these metrics. In Prometheus dots are underscores, and the longest may end with
 * `_seconds`.
 *
 * @param meter `metrics.getMeter(…)` of `@opentelemetry/api`, which this package never imports
 * @param client the client, pool or URL to ask through, as {@link inspectDatabase} takes it
 * @returns a function that stops the measuring; the SDK keeps exporting the last values
 * @throws {PoolConfigError} naming everything that is wrong, all at once
 * @example
 * ```ts
 * import { metrics } from "@opentelemetry/api"
 * import { observeDatabase } from "prisma-pool-config/monitor"
 *
 * observeDatabase(metrics.getMeter("prisma-pool-config"), prismaCore, {
 *   fleet: { maxConnections: 100, reserved: { metabase: 10 }, consumers: { api: { instances: 3, poolSize: 20 } } },
 * })
 * ```
 */
export function observeDatabase(
  meter: DatabaseMeter,
  client: Inspectable,
  options: ObserveDatabaseOptions = {},
): () => void {
  const { name, fleet, timeout } = readArguments(meter, client, options)
  const gaugeOf = ({ name, unit, description }: Metric) =>
    meter.createObservableGauge(name, { unit, description })
  const measured = [...DATABASE_METRICS, ...(fleet === undefined ? [] : DECLARED_METRICS)]
  const series = measured.map(({ metric, pointsOf }) => ({
    pointsOf,
    gauge: gaugeOf(metric),
    series: new Series(),
  }))
  const [up, refusing] = [gaugeOf(SERVER_METRICS.up), gaugeOf(SERVER_METRICS.refusing)]
  const gauges = [...series.map(({ gauge }) => gauge), up, refusing]
  const labels = new ApplicationLabels()
  let polling: Promise<Outcome> | undefined

  /** Joins the poll in progress, if any: there may be two exporters, or a slow server. */
  function current(): Promise<Outcome> {
    polling ??= poll(client).finally(() => {
      polling = undefined
    })
    return polling
  }

  async function observe(result: BatchResult): Promise<void> {
    const outcome = await withTimeout(current(), timeout)
    const sample = "report" in outcome ? sampleOf(outcome.report, fleet, labels) : undefined
    const record = (gauge: object, [value, attributes]: Point) =>
      result.observe(gauge, value, { [SERVER_ATTRIBUTES.server]: name, ...attributes })
    for (const { pointsOf, gauge, series: own } of series) {
      for (const point of own.complete(sample && pointsOf(sample))) record(gauge, point)
    }
    record(up, [sample === undefined ? 0 : 1, {}])
    record(refusing, ["error" in outcome && isTooManyConnections(outcome.error) ? 1 : 0, {}])
  }

  meter.addBatchObservableCallback(observe, gauges)
  return () => meter.removeBatchObservableCallback(observe, gauges)
}

function sampleOf(
  report: DatabaseReport,
  fleet: ParsedObservedFleet | undefined,
  labels: ApplicationLabels,
): DatabaseSample {
  const declared = fleet && {
    attribution: attributionOf(report, fleet),
    maxConnections: fleet.maxConnections,
  }
  return { report, declared, labels }
}

const METHODS = ["createObservableGauge", "addBatchObservableCallback", "removeBatchObservableCallback"]

const inFleet = (name: string) => (name === "fleet" ? name : `fleet.${name}`)

function readArguments(meter: unknown, client: unknown, options: unknown) {
  const issues: PoolConfigIssue[] = []
  const has = (method: string) =>
    typeof (meter as Record<string, unknown> | null | undefined)?.[method] === "function"
  if (!METHODS.every(has)) {
    const remedy = 'Pass metrics.getMeter("…") of @opentelemetry/api 1.3 or later'
    issues.push({ name: "meter", problem: receivedArgument(meter), remedy })
  }
  attempt(issues, () => checkInspectable(client))
  if (typeof options !== "object" || options === null) {
    const remedy = "Give an object, or leave it out"
    throw new PoolConfigError([...issues, { name: "options", problem: receivedArgument(options), remedy }])
  }
  rejectUnknownFields(options, ["name", "fleet", "timeout"], issues)
  const { name = "core", fleet, timeout } = options as ObserveDatabaseOptions
  if (typeof name !== "string" || name.trim() === "") {
    issues.push({ name: "name", problem: receivedArgument(name), remedy: "Give a name of the server" })
  }
  const declared = fleet === undefined ? undefined : attempt(issues, () => readObservedFleet(fleet), inFleet)
  const seconds = readNumberOption(timeout, "timeout", 2, SECONDS_RANGE, issues)
  if (issues.length > 0) throw new PoolConfigError(issues)
  return { name, fleet: declared, timeout: seconds }
}
