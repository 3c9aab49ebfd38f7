import { sum } from "../inspect/group-connections.ts"
import type { PgBouncerPool, PgBouncerReport } from "../pgbouncer/pgbouncer-report.ts"
import type { ApplicationLabels } from "./application-labels.ts"
import type { MetricAttributes, Point } from "./database-metrics.ts"
import {
  type Metric,
  PGBOUNCER_ATTRIBUTES,
  PGBOUNCER_LIMIT_VALUES,
  PGBOUNCER_METRICS,
  PGBOUNCER_STATE_VALUES,
  POOL_STATES,
} from "./metric-table.ts"

/** One metric of a PgBouncer, with a function that reads its points. */
interface PgBouncerMetric {
  readonly metric: Metric
  readonly pointsOf: (report: PgBouncerReport) => readonly Point[]
}

const { application: APPLICATION, state: STATE, database: DATABASE, user: USER } = PGBOUNCER_ATTRIBUTES
const { limit: LIMIT, process: PROCESS } = PGBOUNCER_ATTRIBUTES

const measure = (metric: Metric, pointsOf: PgBouncerMetric["pointsOf"]): PgBouncerMetric => ({
  metric,
  pointsOf,
})

const ofPool = ({ database, user }: PgBouncerPool): MetricAttributes => ({
  [DATABASE]: database,
  [USER]: user,
})

/** Reads every pool. */
const byPool =
  (read: (pool: PgBouncerPool) => number): PgBouncerMetric["pointsOf"] =>
  ({ pools }) =>
    pools.map((pool): Point => [read(pool), ofPool(pool)])

/** Reads every limit of every process. */
const byLimit =
  (value: "used" | "limit"): PgBouncerMetric["pointsOf"] =>
  ({ limits }) =>
    limits.map((each): Point => {
      const { name, database = "", user = "", process } = each
      const owner = { [DATABASE]: database, [USER]: user }
      return [each[value], { [LIMIT]: PGBOUNCER_LIMIT_VALUES[name], [PROCESS]: `${process}`, ...owner }]
    })

/** The metrics that need an answer. */
export const pgBouncerMetrics = (labels: ApplicationLabels): readonly PgBouncerMetric[] => [
  measure(PGBOUNCER_METRICS.clients, ({ applications }) =>
    [...labels.group(applications)].flatMap(([application, own]) => {
      const clients = sum(own, (each) => each.clients)
      const [active, waiting] = [sum(own, (each) => each.active), sum(own, (each) => each.waiting)]
      const states = { active, waiting, idle: clients - active - waiting }
      return Object.entries(PGBOUNCER_STATE_VALUES).map(
        ([key, state]): Point => [
          states[key as keyof typeof states],
          { [APPLICATION]: application, [STATE]: state },
        ],
      )
    }),
  ),
  measure(
    PGBOUNCER_METRICS.waiting,
    byPool(({ waiting }) => waiting),
  ),
  measure(
    PGBOUNCER_METRICS.longestWait,
    byPool(({ longestWaitSeconds }) => longestWaitSeconds),
  ),
  measure(PGBOUNCER_METRICS.serverConnections, ({ pools }) =>
    pools.flatMap((pool): Point[] => [
      [pool.servers.used, { ...ofPool(pool), [STATE]: POOL_STATES.used }],
      [pool.servers.idle, { ...ofPool(pool), [STATE]: POOL_STATES.idle }],
    ]),
  ),
  measure(PGBOUNCER_METRICS.used, byLimit("used")),
  measure(PGBOUNCER_METRICS.usable, byLimit("limit")),
]
