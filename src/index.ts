export type { DatabaseOption } from "./config/database-variables.ts"
export type { Environment } from "./config/environment.ts"
export { toLibpqUrl } from "./config/libpq-url.ts"
export { type PoolSettings, readPoolSettings } from "./config/read-pool-settings.ts"
export { redactUrl } from "./config/redact-url.ts"
export { coreDatabaseUrl, databaseUrl } from "./config/url-with-settings.ts"
export type { FleetConfig, ServerFleet } from "./declaration/fleet-config.ts"
export { PoolConfigError, type PoolConfigIssue } from "./error.ts"
export { isPoolTimeout, isTooManyConnections } from "./pool/classify-error.ts"
export { createPool, type Pool } from "./pool/create-pool.ts"
export { type PgOptions, poolConfigFromUrl } from "./pool/pool-config-from-url.ts"
export type { PoolOptions } from "./pool/pool-options.ts"
export { type AnalyticsClientOptions, createAnalyticsClient } from "./prisma/create-analytics-client.ts"
export {
  type CoreClientOptions,
  createCoreClient,
  createPrismaClient,
  type PrismaClientOptions,
} from "./prisma/create-prisma-client.ts"
export { createReplicaClient } from "./prisma/create-replica-client.ts"
export {
  type AdapterOptions,
  coreAdapter,
  type PrismaAdapterOptions,
  type PrismaPgOptions,
  prismaAdapter,
} from "./prisma/prisma-adapter.ts"
export { withCoreClient, withPrismaClient } from "./prisma/with-prisma-client.ts"
