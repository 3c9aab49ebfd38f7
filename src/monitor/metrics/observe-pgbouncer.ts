import { PoolConfigError, type PoolConfigIssue, receivedArgument } from "../../error.ts"
import { readNumberOption, SECONDS_RANGE } from "../../validation/numbers.ts"
import { rejectUnknownFields } from "../../validation/plain-object.ts"
import { attempt } from "../attempt.ts"
import { type PgBouncerConsole, preparePgBouncer } from "../pgbouncer/inspect-pgbouncer.ts"
import { ApplicationLabels } from "./application-labels.ts"
import { PGBOUNCER_ATTRIBUTES, PGBOUNCER_METRICS } from "./metric-table.ts"
import { type DatabaseMeter, isDatabaseMeter, observeInspections } from "./observe-inspections.ts"
import { pgBouncerMetrics } from "./pgbouncer-metrics.ts"

/** Options of {@link observePgBouncer}. */
export interface ObservePgBouncerOptions {
  /** The value of `prisma_pool.pgbouncer.name`, which distinguishes poolers: unique to each. Default `pgbouncer`. */
  readonly name?: string
  /**
   * Seconds that a collection waits for the consoles, 0.1 to 86,400: less than a scrape may take. Default 2. A late
   * answer counts as no answer.
   */
  readonly timeout?: number
}

/**
 * Measures both sides of a PgBouncer with OpenTelemetry: one `inspectPgBouncer` for each collection, which is a scrape or an
 * export. All metrics are gauges:
 *
 * - `prisma_pool.pgbouncer.clients`, by `.application` and `.state` (`active`, `waiting`, `idle`);
 * - `.waiting`, and `.longest_wait` in seconds, by pool: `.database` and `.user`;
 * - `.server_connections` by pool and `.state` (`used`, `idle`);
 * - `.used` and `.usable` by `.limit` (`max_client_conn`, `pool_size`, `max_db_connections`, `max_user_connections`,
 *   `max_db_client_connections`, `max_user_client_connections`), with its `.database` and `.user`, and by `.process`: each
 *   process has limits of its own;
 * - `.up`, 1 when all consoles answered.
 *
 * Each has the attribute `prisma_pool.pgbouncer.name`. While a console cannot be asked, all but `.up` are NaN. An application is
 * named without its version; new names after the first 100 are `(others)`.
 *
 * One console shows one process: give the console of each, as for {@link inspectPgBouncer}. One observer is enough.
 *
 * @param meter `metrics.getMeter(…)` of `@opentelemetry/api`, which this package never imports
 * @param console the consoles to ask, as {@link inspectPgBouncer} takes them
 * @returns a function that stops the measuring; the SDK keeps exporting the last values
 * @throws {PoolConfigError} naming everything that is wrong, all at once
 * @example
 * ```ts
 * import { metrics } from "@opentelemetry/api"
 * import { observePgBouncer } from "prisma-pool-config/monitor"
 *
 * observePgBouncer(metrics.getMeter("prisma-pool-config"), process.env.PGBOUNCER_CONSOLE_URL ?? "")
 * ```
 */
export function observePgBouncer(
  meter: DatabaseMeter,
  console: PgBouncerConsole | readonly PgBouncerConsole[],
  options: ObservePgBouncerOptions = {},
): () => void {
  const { name, timeout, inspect } = readArguments(meter, console, options)
  return observeInspections(meter, {
    inspect,
    timeout,
    attributes: { [PGBOUNCER_ATTRIBUTES.pgbouncer]: name },
    metrics: pgBouncerMetrics(new ApplicationLabels()),
    ofOutcome: [[PGBOUNCER_METRICS.up, (outcome) => ("report" in outcome ? 1 : 0)]],
  })
}

function readArguments(
  meter: unknown,
  console: PgBouncerConsole | readonly PgBouncerConsole[],
  options: ObservePgBouncerOptions,
) {
  const issues: PoolConfigIssue[] = []
  if (!isDatabaseMeter(meter)) {
    const remedy = 'Pass metrics.getMeter("…") of @opentelemetry/api 1.3 or later'
    issues.push({ name: "meter", problem: receivedArgument(meter), remedy })
  }
  const inspect = attempt(issues, () => preparePgBouncer(console))
  if (typeof options !== "object" || options === null) {
    const remedy = "Give an object, or leave it out"
    throw new PoolConfigError([...issues, { name: "options", problem: receivedArgument(options), remedy }])
  }
  rejectUnknownFields(options, ["name", "timeout"], issues)
  const { name = "pgbouncer", timeout } = options
  if (typeof name !== "string" || name.trim() === "") {
    issues.push({ name: "name", problem: receivedArgument(name), remedy: "Give a name of the pooler" })
  }
  const seconds = readNumberOption(timeout, "timeout", 2, SECONDS_RANGE, issues)
  if (issues.length > 0 || inspect === undefined) throw new PoolConfigError(issues)
  return { name, timeout: seconds, inspect }
}
