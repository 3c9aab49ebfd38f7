import { type PlannedResource, plan } from "../support/terraform-plan.ts"

/** A password that every character of a URL is hard on; nothing of it may ever be shown. */
export const SECRET = "s3cr3t:p@ss/w?rd#%"

export const CORE_URL = `postgresql://app:${encodeURIComponent(SECRET)}@10.0.0.4:5432/core`

/** The 15 jobs of the sizing document's production, at times that a fleet like it has. */
const JOBS: readonly (readonly [name: string, schedule: string, timeout: string])[] = [
  ["letudiant", "0 1 * * *", "45m"],
  ["talent", "0 2 * * *", "45m"],
  ["import-missions", "0 3 * * *", "1h30m0s"],
  ["export-stats", "0 4 * * *", "45m"],
  ["linkedin", "0 5 * * *", "30m"],
  ["leboncoin", "0 6 * * *", "30m"],
  ["kpi", "0 7 * * *", "20m"],
  ["metabase-sync", "0 8 * * *", "20m"],
  ["moderation", "0 9 * * *", "45m"],
  ["brevo", "0 10 * * *", "30m"],
  ["contacts", "0 11 * * *", "30m"],
  ["reports", "0 12 * * 1", "45m"],
  ["archive", "0 13 1 * *", "45m"],
  ["geocoding", "0 14 * * *", "45m"],
  ["cleanup", "0 15 * * 0", "45m"],
]

export interface Production {
  readonly maxScale?: number
  readonly poolSize?: number
  readonly maxConnections?: number
}

/** The sizing document's production as a plan: API, Widget without a database, 15 jobs. */
export function production({ maxScale = 1, poolSize = 15, maxConnections = 100 }: Production = {}) {
  const api = {
    max_scale: maxScale,
    min_scale: 1,
    environment_variables: {
      NODE_ENV: "production",
      PRISMA_APPLICATION_NAME: "api",
      PRISMA_POOL_SIZE_CORE: String(poolSize),
    },
    secret_environment_variables: { DATABASE_URL_CORE: CORE_URL, JWT_SECRET: SECRET },
  }
  const widget = {
    max_scale: 4,
    min_scale: 1,
    environment_variables: { API_URL: "https://api.example.org" },
    secret_environment_variables: { SENTRY_DSN: SECRET },
  }
  const resources: PlannedResource[] = [
    {
      address: "scaleway_rdb_instance.main",
      values: {
        engine: "PostgreSQL-15",
        node_type: "db-gp-s",
        password: SECRET,
        settings: { max_connections: String(maxConnections) },
        private_network: [{ ip_net: "10.0.0.4/24", ip: "10.0.0.4", port: 5432, enable_ipam: false }],
      },
    },
    { address: "scaleway_container_namespace.main", values: { id: "fr-par/ns", name: "production" } },
    {
      address: "scaleway_container.api",
      values: { ...api, namespace_id: "fr-par/ns" },
      before: { ...api, max_scale: 1, namespace_id: "fr-par/ns" },
    },
    { address: "scaleway_container.widget", values: { ...widget, namespace_id: "fr-par/ns" } },
    ...JOBS.map(([name, schedule, timeout]) => ({
      address: `scaleway_job_definition.jobs["${name}"]`,
      values: {
        name,
        timeout,
        cron: [{ schedule, timezone: "Europe/Paris" }],
        env: { PRISMA_APPLICATION_NAME: name, PRISMA_POOL_SIZE_CORE: "10", DATABASE_URL_CORE: CORE_URL },
        secret_reference: [],
      },
    })),
  ]
  return plan(resources)
}
