/**
 * `max_connections` by Scaleway database plan, **as listed in docs/sizing.md ("Plans"), not as the server has them**.
 *
 * Starting points for a first estimate, in connections. Scaleway publishes no such table. Its API has been seen to set
 * other values at creation: 100 for DB-DEV-S, 150 for DB-DEV-M, and never below 50. They do not change with the plan.
 * Size from the server's own `SHOW max_connections`.
 *
 * @example
 * ```ts
 * scalewayPlans["DB-GP-S"] // 100
 * ```
 */
export const scalewayPlans = {
  "DB-DEV": 20,
  "DB-GP-S": 100,
  "DB-GP-M": 200,
  "DB-GP-L": 400,
  "DB-GP-XL": 600,
} as const
