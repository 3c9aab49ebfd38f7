export { PoolConfigError, type PoolConfigIssue } from "../error.ts"
export type {
  BlockedSession,
  BlockingSession,
  ConnectionHolder,
  ConnectionLimit,
  ConnectionStates,
  DatabaseReport,
  DeployInProgress,
  Generation,
  LimitName,
  Session,
} from "./database-report.ts"
export {
  type Inspectable,
  inspectDatabase,
  type PgClientLike,
  type PgPoolLike,
  type PrismaLike,
} from "./inspect-database.ts"
export { type DatabaseMeter, type ObserveDatabaseOptions, observeDatabase } from "./observe-database.ts"
export { observePools, type PoolMeter } from "./observe-pools.ts"
export type { ObservedFleet } from "./observed-fleet.ts"
export { type PoolStats, poolStats } from "./pool-stats.ts"
export { refusedLimit } from "./refused-limit.ts"
export { type ConnectionWatch, type WatchOptions, watchConnections } from "./watch-connections.ts"
export type { ConnectionEvent } from "./watch-state.ts"
