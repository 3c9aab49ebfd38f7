import type { PlannedResource } from "../support/terraform-plan.ts"
import { CORE } from "./resources.ts"

type Values = Readonly<Record<string, unknown>>
type More = Partial<Omit<PlannedResource, "address" | "values">>

export const URL_VARIABLE = { name: "DATABASE_URL_CORE", value: CORE, value_source: [] }
export const SIZE_VARIABLE = { name: "PRISMA_POOL_SIZE_CORE", value: "10", value_source: [] }
export const SECRET_VARIABLE = {
  name: "DATABASE_URL_CORE",
  value: "",
  value_source: [{ secret_key_ref: [{ secret: "core", version: "latest" }] }],
}
const ENV = [URL_VARIABLE, SIZE_VARIABLE]

/** A service of at most four instances, with pools of 10. */
export const service = (template: Values = {}, values: Values = {}, more: More = {}): PlannedResource => ({
  address: "google_cloud_run_v2_service.api",
  values: {
    name: "api",
    location: "europe-west1",
    template: [
      {
        scaling: [{ min_instance_count: 0, max_instance_count: 4 }],
        containers: [{ image: "x", env: ENV, volume_mounts: [] }],
        volumes: [],
        ...template,
      },
    ],
    ...values,
  },
  ...more,
})

/** A job of one task, half an hour long, with a pool of 10. */
export const job = (
  name: string,
  execution: Values = {},
  task: Values = {},
  values: Values = {},
): PlannedResource => ({
  address: `google_cloud_run_v2_job.${name}`,
  values: {
    name,
    location: "europe-west1",
    project: "shop",
    template: [
      {
        task_count: 1,
        parallelism: 1,
        template: [{ containers: [{ image: "x", env: ENV }], timeout: "1800s", max_retries: 0, ...task }],
        ...execution,
      },
    ],
    ...values,
  },
})

export const runOf = (name: string, location = "europe-west1", project = "shop") =>
  `https://run.googleapis.com/v2/projects/${project}/locations/${location}/jobs/${name}:run`

/** What starts a job, each hour. */
export const scheduler = (
  name: string,
  uri: string | undefined,
  values: Values = {},
  target: Values = {},
): PlannedResource => ({
  address: `google_cloud_scheduler_job.${name}`,
  values: {
    name,
    region: "europe-west1",
    schedule: "0 * * * *",
    time_zone: "Europe/Paris",
    attempt_deadline: "320s",
    paused: null,
    http_target: [
      {
        http_method: "POST",
        ...(uri === undefined ? {} : { uri }),
        body: null,
        headers: null,
        oauth_token: [{ service_account_email: "run@shop.example.org", scope: null }],
        oidc_token: [],
        ...target,
      },
    ],
    retry_config: [],
    pubsub_target: [],
    ...values,
  },
  ...(uri === undefined
    ? { unknown: { http_target: [{ uri: true, oauth_token: [{}], oidc_token: [] }] } }
    : {}),
})

/** A server of Cloud SQL. */
export const sql = (settings: Values = {}, values: Values = {}, name = "main"): PlannedResource => ({
  address: `google_sql_database_instance.${name}`,
  values: {
    name,
    region: "europe-west1",
    project: "shop",
    database_version: "POSTGRES_16",
    settings: [{ tier: "db-custom-2-7680", database_flags: [], ...settings }],
    ...values,
  },
})
