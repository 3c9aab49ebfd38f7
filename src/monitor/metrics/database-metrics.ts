import type { Attribution } from "../inspect/attribution.ts"
import type { ConnectionStates, DatabaseReport } from "../inspect/database-report.ts"
import { sum } from "../inspect/group-connections.ts"
import type { ApplicationLabels } from "./application-labels.ts"
import { LIMIT_VALUES, type Metric, SERVER_ATTRIBUTES, SERVER_METRICS, STATE_VALUES } from "./metric-table.ts"

export type MetricAttributes = Record<string, string>

/** The present value of one series. */
export type Point = readonly [value: number, attributes: MetricAttributes]

/** The result of one inspection, as the metrics need it. */
export interface DatabaseSample {
  readonly report: DatabaseReport
  /** The declared fleet; undefined without one. */
  readonly declared: { readonly attribution: Attribution; readonly maxConnections: number } | undefined
  readonly labels: ApplicationLabels
}

/** One metric of a server, with a function that reads its points. */
export interface DatabaseMetric {
  readonly metric: Metric
  readonly pointsOf: (sample: DatabaseSample) => readonly Point[]
}

const { application: APPLICATION, state: STATE, limit: LIMIT } = SERVER_ATTRIBUTES

const measure = (metric: Metric, pointsOf: DatabaseMetric["pointsOf"]): DatabaseMetric => ({
  metric,
  pointsOf,
})

const one = (value: number): readonly Point[] => [[value, {}]]

/** Metrics that need only the server's answer. */
export const DATABASE_METRICS: readonly DatabaseMetric[] = [
  measure(SERVER_METRICS.connections, ({ report, labels }) =>
    [...labels.group(report.applications)].flatMap(([application, holders]) =>
      Object.entries(STATE_VALUES).map(
        ([key, state]): Point => [
          sum(holders, ({ states }) => states[key as keyof ConnectionStates]),
          { [APPLICATION]: application, [STATE]: state },
        ],
      ),
    ),
  ),
  measure(SERVER_METRICS.used, ({ report }) =>
    report.limits.map(({ name, used }): Point => [used, { [LIMIT]: LIMIT_VALUES[name] }]),
  ),
  measure(SERVER_METRICS.usable, ({ report }) =>
    report.limits.map(({ name, limit }): Point => [limit, { [LIMIT]: LIMIT_VALUES[name] }]),
  ),
  measure(SERVER_METRICS.maxConnections, ({ report }) => one(report.ceiling.maxConnections)),
  measure(SERVER_METRICS.waitingOnLocks, ({ report }) => one(report.waiting.onLocks)),
  measure(SERVER_METRICS.longestIdleInTransaction, ({ report }) =>
    one(report.longestIdleInTransaction?.seconds ?? 0),
  ),
]

/** Metrics that need a declared fleet. */
export const DECLARED_METRICS: readonly DatabaseMetric[] = [
  measure(SERVER_METRICS.undeclared, ({ declared, labels }) =>
    [...labels.group(declared?.attribution.undeclared ?? [])].map(
      ([application, holders]): Point => [
        sum(holders, ({ connections }) => connections),
        { [APPLICATION]: application },
      ],
    ),
  ),
  measure(SERVER_METRICS.declaredMaxConnections, ({ declared }) =>
    declared === undefined ? [] : one(declared.maxConnections),
  ),
]
