export { PoolConfigError, type PoolConfigIssue } from "../error.ts"
export { isPoolTimeout, isTooManyConnections } from "./classify-error.ts"
export { createPool, type Pool } from "./create-pool.ts"
export type { PoolOptions } from "./pool-options.ts"
