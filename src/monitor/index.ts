export { PoolConfigError, type PoolConfigIssue } from "../error.ts"
export { observePools, type PoolMeter } from "./observe-pools.ts"
export { type PoolStats, poolStats } from "./pool-stats.ts"
