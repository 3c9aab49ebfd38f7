/**
 * `max_connections` by Scaleway database plan, **as the sizing document lists them, not as the server has them**
 * ("Vérifier le plan Scaleway Database").
 *
 * Starting points for a first estimate, in connections. Scaleway publishes no such table; what its API sets at
 * creation has been seen to differ (100 for DB-DEV-S, 150 for DB-DEV-M, and never below 50), and stays as it was
 * when the plan changes. Size from the server's own `SHOW max_connections`.
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
