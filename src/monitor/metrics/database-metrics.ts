import type { LimitName } from "../../pool/classify-error.ts"
import type { Attribution } from "../inspect/attribution.ts"
import type { ConnectionStates, DatabaseReport } from "../inspect/database-report.ts"
import { sum } from "../inspect/group-connections.ts"
import type { ApplicationLabels } from "./application-labels.ts"

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

export interface MetricName {
  readonly name: string
  readonly unit: string
  readonly description: string
}

/** One figure of a server. */
export interface DatabaseMetric extends MetricName {
  readonly pointsOf: (seen: DatabaseSample) => readonly Point[]
}

// OpenTelemetry has no conventions for a server's own figures of its connections.
const PREFIX = "prisma_pool.server"
/** What tells servers apart. */
export const SERVER = `${PREFIX}.name`
const APPLICATION = `${PREFIX}.application`
const STATE = `${PREFIX}.state`
const LIMIT = `${PREFIX}.limit`

const STATES: Readonly<Record<keyof ConnectionStates, string>> = {
  active: "active",
  idle: "idle",
  idleInTransaction: "idle_in_transaction",
  other: "other",
  unknown: "unknown",
}

const LIMITS: Readonly<Record<LimitName, string>> = {
  maxConnections: "max_connections",
  database: "database",
  role: "role",
}

const metric = (
  name: string,
  description: string,
  pointsOf: DatabaseMetric["pointsOf"],
  unit = "{connection}",
): DatabaseMetric => ({ name: `${PREFIX}.${name}`, unit, description, pointsOf })

const one = (value: number): readonly Point[] => [[value, {}]]

/** What a server answers. */
export const DATABASE_METRICS: readonly DatabaseMetric[] = [
  metric(
    "connections",
    "Connections of clients, of all databases, by application and state.",
    ({ report, labels }) =>
      [...labels.group(report.applications)].flatMap(([application, holders]) =>
        Object.entries(STATES).map(
          ([key, state]): Point => [
            sum(holders, ({ states }) => states[key as keyof ConnectionStates]),
            { [APPLICATION]: application, [STATE]: state },
          ],
        ),
      ),
  ),
  metric("used", "Connections that count against each limit.", ({ report }) =>
    report.limits.map(({ name, used }): Point => [used, { [LIMIT]: LIMITS[name] }]),
  ),
  metric("usable", "Connections that each limit allows to the role that asks.", ({ report }) =>
    report.limits.map(({ name, limit }): Point => [limit, { [LIMIT]: LIMITS[name] }]),
  ),
  metric("max_connections", "The server's max_connections.", ({ report }) =>
    one(report.ceiling.maxConnections),
  ),
  metric("waiting_on_locks", "Connections that wait for a lock.", ({ report }) =>
    one(report.waiting.onLocks),
  ),
  metric(
    "idle_in_transaction.longest",
    "The longest time that a connection has been idle in a transaction; 0 when none is.",
    ({ report }) => one(report.longestIdleInTransaction?.seconds ?? 0),
    "s",
  ),
]

/** What it takes a declared fleet to tell. */
export const DECLARED_METRICS: readonly DatabaseMetric[] = [
  metric("undeclared", "Connections of applications that nobody declared.", ({ declared, labels }) =>
    [...labels.group(declared?.attribution.undeclared ?? [])].map(
      ([application, holders]): Point => [
        sum(holders, ({ connections }) => connections),
        { [APPLICATION]: application },
      ],
    ),
  ),
  metric("declared_max_connections", "The max_connections that is declared.", ({ declared }) =>
    declared === undefined ? [] : one(declared.maxConnections),
  ),
]

/** Whether it can be asked. */
export const UP: MetricName = {
  name: `${PREFIX}.up`,
  unit: "{server}",
  description: "1 when the server answered, 0 when it could not be asked.",
}
export const REFUSING: MetricName = {
  name: `${PREFIX}.refusing`,
  unit: "{server}",
  description: "1 when it refused us because it has no slot left (SQLSTATE 53300), else 0.",
}
