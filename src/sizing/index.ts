export { PoolConfigError, type PoolConfigIssue } from "../error.ts"
export type { Job } from "../schedule/job.ts"
export {
  type Assumption,
  type ConcurrentRuns,
  type ConcurrentRunsOptions,
  type ExplicitValue,
  type JobRuns,
  maxConcurrentRuns,
  type PeakRuns,
} from "../schedule/max-concurrent-runs.ts"
export type { Phases } from "./auto-budget.ts"
export type { ConsumerSum, FleetCheck } from "./check-fleet.ts"
export { checkFleet, type ServersCheck } from "./check-fleet.ts"
export {
  connectionLimitByShares,
  connectionLimitBySlots,
  type SharesInput,
  type SlotsInput,
} from "./connection-limit.ts"
export { type ConnectionsForLoad, connectionsForLoad, type LoadInput } from "./connections-for-load.ts"
export type {
  AutoConsumer,
  ConsumerName,
  Fleet,
  FleetConsumer,
  Limits,
  Reservations,
  Servers,
  SizedConsumer,
} from "./fleet.ts"
export type {
  OpenAutoConsumer,
  OpenConsumer,
  OpenFleet,
  OpenJob,
  OpenServers,
  OpenSizedConsumer,
} from "./open-fleet.ts"
export type { OpenSize } from "./open-size.ts"
export type { OpenPooler, Pooler, PoolerMode, PoolerPool } from "./pooler.ts"
export type { PoolerSum, Tier, TierName } from "./pooler-check.ts"
export { reservedTotal } from "./reserved-total.ts"
export { scalewayPlans } from "./scaleway-plans.ts"
export { type FleetSizing, type ServersSizing, sizeFleet } from "./size-fleet.ts"
export type { Bound, BoundName } from "./totals.ts"
export type { PoolerSizes } from "./with-sizes.ts"
