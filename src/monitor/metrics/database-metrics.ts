import type { Attribution } from "../inspect/attribution.ts"
import type { ConnectionStates, DatabaseReport } from "../inspect/database-report.ts"
import { sum } from "../inspect/group-connections.ts"
import type { ApplicationLabels } from "./application-labels.ts"
import { LIMIT_VALUES, type Metric, SERVER_ATTRIBUTES, SERVER_METRICS, STATE_VALUES } from "./metric-table.ts"

export type MetricAttributes = Record<string, string>

/** One series, and what it is now. */
export type Point = readonly [value: number, attributes: MetricAttributes]

/** What a look brought. */
export interface DatabaseSample {
  readonly report: DatabaseReport
  /** What is declared; undefined where nothing is. */
  readonly declared: { readonly attribution: Attribution; readonly maxConnections: number } | undefined
  readonly labels: ApplicationLabels
}

/** One figure of a server. */
export interface DatabaseMetric {
  readonly metric: Metric
  readonly pointsOf: (seen: DatabaseSample) => readonly Point[]
}

const { application: APPLICATION, state: STATE, limit: LIMIT } = SERVER_ATTRIBUTES

const figure = (metric: Metric, pointsOf: DatabaseMetric["pointsOf"]): DatabaseMetric => ({
  metric,
  pointsOf,
})

const one = (value: number): readonly Point[] => [[value, {}]]

/** What a server answers. */
export const DATABASE_METRICS: readonly DatabaseMetric[] = [
  figure(SERVER_METRICS.connections, ({ report, labels }) =>
    [...labels.group(report.applications)].flatMap(([application, holders]) =>
      Object.entries(STATE_VALUES).map(
        ([key, state]): Point => [
          sum(holders, ({ states }) => states[key as keyof ConnectionStates]),
          { [APPLICATION]: application, [STATE]: state },
        ],
      ),
    ),
  ),
  figure(SERVER_METRICS.used, ({ report }) =>
    report.limits.map(({ name, used }): Point => [used, { [LIMIT]: LIMIT_VALUES[name] }]),
  ),
  figure(SERVER_METRICS.usable, ({ report }) =>
    report.limits.map(({ name, limit }): Point => [limit, { [LIMIT]: LIMIT_VALUES[name] }]),
  ),
  figure(SERVER_METRICS.maxConnections, ({ report }) => one(report.ceiling.maxConnections)),
  figure(SERVER_METRICS.waitingOnLocks, ({ report }) => one(report.waiting.onLocks)),
  figure(SERVER_METRICS.longestIdleInTransaction, ({ report }) =>
    one(report.longestIdleInTransaction?.seconds ?? 0),
  ),
]

/** What it takes a declared fleet to tell. */
export const DECLARED_METRICS: readonly DatabaseMetric[] = [
  figure(SERVER_METRICS.undeclared, ({ declared, labels }) =>
    [...labels.group(declared?.attribution.undeclared ?? [])].map(
      ([application, holders]): Point => [
        sum(holders, ({ connections }) => connections),
        { [APPLICATION]: application },
      ],
    ),
  ),
  figure(SERVER_METRICS.declaredMaxConnections, ({ declared }) =>
    declared === undefined ? [] : one(declared.maxConnections),
  ),
]
