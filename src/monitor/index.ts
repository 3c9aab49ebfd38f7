export { PoolConfigError, type PoolConfigIssue } from "../error.ts"
export type { PoolTraceMessage } from "../pool/channels.ts"
export { refusedLimit } from "../pool/classify-error.ts"
export type { LimitName } from "../pool/refusal-texts.ts"
export type {
  ApplicationHolder,
  BlockedSession,
  BlockingSession,
  ConnectionHolder,
  ConnectionLimit,
  ConnectionShare,
  ConnectionStates,
  DatabaseReport,
  DeployInProgress,
  Generation,
  Session,
} from "./inspect/database-report.ts"
export { inspectDatabase } from "./inspect/inspect-database.ts"
export type { Inspectable, PgClientLike, PgPoolLike, PrismaLike } from "./inspect/inspectable.ts"
export { type ObserveDatabaseOptions, observeDatabase } from "./metrics/observe-database.ts"
export type { DatabaseMeter } from "./metrics/observe-inspections.ts"
export { type ObservePgBouncerOptions, observePgBouncer } from "./metrics/observe-pgbouncer.ts"
export { observePools, type PoolMeter } from "./metrics/observe-pools.ts"
export type { ObservedFleet } from "./metrics/observed-fleet.ts"
export { type PoolStats, poolStats } from "./metrics/pool-stats.ts"
export { inspectPgBouncer, type PgBouncerConsole } from "./pgbouncer/inspect-pgbouncer.ts"
export type {
  PgBouncerApplication,
  PgBouncerClients,
  PgBouncerLimit,
  PgBouncerLimitName,
  PgBouncerPool,
  PgBouncerProcess,
  PgBouncerReport,
  PgBouncerServers,
} from "./pgbouncer/pgbouncer-report.ts"
export { traceAcquires } from "./traces/trace-acquires.ts"
export type { PoolTracer } from "./traces/tracer.ts"
export type { PgBouncerEvent } from "./watch/pgbouncer-state.ts"
export {
  type ConnectionWatch,
  type WatchOptions,
  type WatchWithConsoleOptions,
  watchConnections,
} from "./watch/watch-connections.ts"
export type { ConnectionEvent } from "./watch/watch-state.ts"
