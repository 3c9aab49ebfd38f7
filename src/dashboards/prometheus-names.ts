import {
  type Metric,
  PGBOUNCER_ATTRIBUTES,
  POOL_ATTRIBUTES,
  SERVER_ATTRIBUTES,
} from "../monitor/metrics/metric-table.ts"

/** The suffix of a name in Prometheus, by OpenTelemetry's rules. A histogram's is the series that quantiles need. */
const SUFFIXES = { gauge: "", upDownCounter: "", counter: "_total", histogram: "_bucket" } as const

/**
 * Returns the name of an attribute or a metric in Prometheus, without suffix.
 *
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
export const prometheusName = (name: string): string => name.replaceAll(/\W/g, "_")

/** Selects the series of a metric with these labels: `name{labels}`. */
export function seriesOf({ name, kind, unit }: Metric, labels = ""): string {
  const own = prometheusName(name)
  if (unit !== "s") return `${own}${SUFFIXES[kind]}${labels && `{${labels}}`}`
  // A translator of OpenTelemetry's names may add the unit.
  return `{__name__=~"${own}(_seconds)?${SUFFIXES[kind]}"${labels && `,${labels}`}}`
}

/** A label in the text of a legend, or of an alert. */
export const inLegend = (label: string): string => `{{${label}}}`
export const inAlert = (label: string): string => `{{ $labels.${label} }}`

/** The labels of a server's series. */
export const SERVER_LABELS = {
  server: prometheusName(SERVER_ATTRIBUTES.server),
  application: prometheusName(SERVER_ATTRIBUTES.application),
  state: prometheusName(SERVER_ATTRIBUTES.state),
  limit: prometheusName(SERVER_ATTRIBUTES.limit),
} as const

/** The labels of a PgBouncer's series. */
export const PGBOUNCER_LABELS = {
  pgbouncer: prometheusName(PGBOUNCER_ATTRIBUTES.pgbouncer),
  application: prometheusName(PGBOUNCER_ATTRIBUTES.application),
  state: prometheusName(PGBOUNCER_ATTRIBUTES.state),
  database: prometheusName(PGBOUNCER_ATTRIBUTES.database),
  user: prometheusName(PGBOUNCER_ATTRIBUTES.user),
  limit: prometheusName(PGBOUNCER_ATTRIBUTES.limit),
  process: prometheusName(PGBOUNCER_ATTRIBUTES.process),
} as const

/** The labels of a pool's series. */
export const POOL_LABELS = {
  pool: prometheusName(POOL_ATTRIBUTES.pool),
  state: prometheusName(POOL_ATTRIBUTES.state),
} as const
