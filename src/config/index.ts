export { PoolConfigError, type PoolConfigIssue } from "../error.ts"
export { coreDatabaseUrl } from "./core-database-url.ts"
export { type Environment, type PoolSettings, readPoolSettings } from "./read-pool-settings.ts"
export { redactUrl } from "./redact-url.ts"
