import { PoolConfigError, type PoolConfigIssue, receivedArgument } from "../../error.ts"
import { isTooManyConnections } from "../../pool/classify-error.ts"
import { readNumberOption, SECONDS_RANGE } from "../../validation/numbers.ts"
import { rejectUnknownFields } from "../../validation/plain-object.ts"
import { attempt } from "../attempt.ts"
import { attributionOf } from "../inspect/attribution.ts"
import type { DatabaseReport } from "../inspect/database-report.ts"
import { checkInspectable, inspectDatabase } from "../inspect/inspect-database.ts"
import type { Inspectable } from "../inspect/inspectable.ts"
import { ApplicationLabels } from "./application-labels.ts"
import { DATABASE_METRICS, type DatabaseSample, DECLARED_METRICS } from "./database-metrics.ts"
import { SERVER_ATTRIBUTES, SERVER_METRICS } from "./metric-table.ts"
import { type DatabaseMeter, isDatabaseMeter, observeInspections } from "./observe-inspections.ts"
import { type ObservedFleet, type ParsedObservedFleet, readObservedFleet } from "./observed-fleet.ts"

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
  const labels = new ApplicationLabels()
  const measured = [...DATABASE_METRICS, ...(fleet === undefined ? [] : DECLARED_METRICS)]
  return observeInspections(meter, {
    inspect: async () => sampleOf(await inspectDatabase(client), fleet, labels),
    timeout,
    attributes: { [SERVER_ATTRIBUTES.server]: name },
    metrics: measured,
    ofOutcome: [
      [SERVER_METRICS.up, (outcome) => ("report" in outcome ? 1 : 0)],
      [
        SERVER_METRICS.refusing,
        (outcome) => ("error" in outcome && isTooManyConnections(outcome.error) ? 1 : 0),
      ],
    ],
  })
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

const inFleet = (name: string) => (name === "fleet" ? name : `fleet.${name}`)

function readArguments(meter: unknown, client: unknown, options: unknown) {
  const issues: PoolConfigIssue[] = []
  if (!isDatabaseMeter(meter)) {
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
