import { constant, created, refersTo, type StackResource } from "../../support/stack.ts"

type Tree = Readonly<Record<string, unknown>>

/** What the provider computes of labels and annotations, on nearly every resource. */
export const LABELS = { effective_labels: true, terraform_labels: true, project: true }
const RUN = {
  ...LABELS,
  conditions: true,
  create_time: true,
  creator: true,
  delete_time: true,
  effective_annotations: true,
  etag: true,
  expire_time: true,
  generation: true,
  last_modifier: true,
  latest_created_revision: true,
  latest_ready_revision: true,
  observed_generation: true,
  reconciling: true,
  terminal_condition: true,
  uid: true,
  update_time: true,
}

/** A variable whose value is in a secret that is created with it. */
export const secretEnv: Env = {
  value: {
    name: "DATABASE_URL_CORE",
    value: null,
    value_source: [{ secret_key_ref: [{ version: "latest" }] }],
  },
  unknown: { value_source: [{ secret_key_ref: [{ secret: true }] }] },
  expression: {
    name: constant("DATABASE_URL_CORE"),
    value_source: [
      {
        secret_key_ref: [
          { secret: refersTo("google_secret_manager_secret.core.secret_id"), version: constant("latest") },
        ],
      },
    ],
  },
}

export const plainEnv = (name: string, value: string): Env => ({
  value: { name, value, value_source: [] },
  unknown: { value_source: [] },
  expression: { name: constant(name), value: constant(value) },
})

/** A variable, what is unknown of it, and what the code says. */
export interface Env {
  readonly value: Tree
  readonly unknown: Tree
  readonly expression: Tree
}

export interface Service {
  readonly address?: string
  readonly env: readonly Env[]
  /** Whether the blocks are made by `dynamic`, so that the code does not show them. */
  readonly isDynamic?: boolean
  /** Further fields of the template and of its first container. */
  readonly template?: Tree
  readonly container?: Tree
  readonly unknownContainer?: Tree
  readonly unknownTemplate?: Tree
}

export const cloudRunService = ({
  address = "google_cloud_run_v2_service.api",
  env,
  isDynamic = false,
  template = {},
  container = {},
  unknownContainer = {},
  unknownTemplate = {},
}: Service): StackResource =>
  created(
    address,
    {
      name: "api",
      location: "europe-west1",
      deletion_protection: true,
      ingress: "INGRESS_TRAFFIC_ALL",
      annotations: null,
      labels: null,
      template: [
        {
          annotations: null,
          scaling: [{ min_instance_count: 0, max_instance_count: 3 }],
          vpc_access: [{ egress: "PRIVATE_RANGES_ONLY", network_interfaces: [] }],
          containers: [
            {
              args: null,
              command: null,
              env: env.map(({ value }) => value),
              image: "europe-docker.pkg.dev/project/api/api:latest",
              liveness_probe: [],
              volume_mounts: [],
              ...container,
            },
          ],
          volumes: [],
          ...template,
        },
      ],
    },
    {
      ...RUN,
      ingress: false,
      launch_stage: true,
      scaling: true,
      traffic: true,
      traffic_statuses: true,
      uri: true,
      urls: true,
      template: [
        {
          containers: [
            {
              env: env.map(({ unknown }) => unknown),
              liveness_probe: [],
              ports: true,
              resources: true,
              startup_probe: true,
              volume_mounts: [],
              ...unknownContainer,
            },
          ],
          max_instance_request_concurrency: true,
          scaling: [{}],
          service_account: true,
          timeout: true,
          vpc_access: [{ connector: true, network_interfaces: [] }],
          ...unknownTemplate,
        },
      ],
    },
    {
      name: constant("api"),
      location: refersTo("var.region"),
      template: [
        {
          service_account: refersTo("google_service_account.run.email"),
          scaling: [{ max_instance_count: constant(3) }],
          vpc_access: [{ connector: refersTo("google_vpc_access_connector.main.id") }],
          containers: [
            {
              image: refersTo("var.image"),
              ...(isDynamic ? {} : { env: env.map(({ expression }) => expression) }),
            },
          ],
        },
      ],
    },
  )

export const cloudRunJob = (env: readonly Env[]): StackResource =>
  created(
    "google_cloud_run_v2_job.sync",
    {
      name: "sync",
      location: "europe-west1",
      template: [
        {
          task_count: 1,
          parallelism: 1,
          template: [
            {
              max_retries: 0,
              timeout: "1800s",
              containers: [{ image: "x", env: env.map(({ value }) => value), volume_mounts: [] }],
              volumes: [],
              vpc_access: [],
            },
          ],
        },
      ],
    },
    {
      ...RUN,
      execution_count: true,
      latest_created_execution: true,
      launch_stage: true,
      template: [
        {
          template: [
            {
              containers: [{ env: env.map(({ unknown }) => unknown), resources: true, volume_mounts: [] }],
              execution_environment: true,
              service_account: true,
              volumes: [],
            },
          ],
        },
      ],
    },
    {
      name: constant("sync"),
      template: [
        {
          task_count: constant(1),
          template: [
            {
              service_account: refersTo("google_service_account.run.email"),
              max_retries: constant(0),
              timeout: constant("1800s"),
              containers: [{ image: refersTo("var.image"), env: env.map(({ expression }) => expression) }],
            },
          ],
        },
      ],
    },
  )

/** What calls a job's API, or a service, by the clock. */
export const cloudScheduler = (name: string, uri: string | undefined, of: object): StackResource =>
  created(
    `google_cloud_scheduler_job.${name}`,
    {
      name,
      schedule: "0 3 * * *",
      time_zone: "Europe/Paris",
      http_target: [
        {
          body: null,
          headers: null,
          http_method: "POST",
          ...(uri === undefined ? {} : { uri }),
          oauth_token: [{ scope: null }],
          oidc_token: [],
        },
      ],
    },
    {
      project: true,
      region: true,
      paused: true,
      state: true,
      http_target: [
        {
          ...(uri === undefined ? { uri: true } : {}),
          oauth_token: [{ service_account_email: true }],
          oidc_token: [],
        },
      ],
    },
    {
      name: constant(name),
      http_target: [
        { uri: of, oauth_token: [{ service_account_email: refersTo("google_service_account.run.email") }] },
      ],
    },
  )
