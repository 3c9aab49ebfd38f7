// What the two builds of `.` have in common: in the package it is there once, as CommonJS, with a few lines over it for
// ES modules. Prisma's classes are not among it, and node-postgres has one copy for both formats, so nothing here differs
// between them.

export * from "./client/connect-error.ts"
export * from "./client/create-pool.ts"
export * from "./client/error-chain.ts"
export * from "./client/is-pool-timeout.ts"
export * from "./client/is-too-many-connections.ts"
export * from "./client/pool-activity.ts"
export * from "./client/pool-config-from-url.ts"
export * from "./client/shared-pool.ts"
export * from "./client/warn.ts"
export * from "./config/core-database-url.ts"
export * from "./config/database-url.ts"
export * from "./config/libpq-url.ts"
export * from "./config/options.ts"
export * from "./config/read-pool-settings.ts"
export * from "./config/redact-url.ts"
export * from "./config/startup-options.ts"
export * from "./config/tls-policy.ts"
export * from "./config/url-values.ts"
export * from "./config/url-warnings.ts"
export * from "./error.ts"
