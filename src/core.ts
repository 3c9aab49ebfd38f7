// What the two builds of `.` have in common: in the package it is there once, as CommonJS, with a few lines over it for
// ES modules. Prisma's classes and node-postgres are not among it, so nothing here differs between the formats.
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
