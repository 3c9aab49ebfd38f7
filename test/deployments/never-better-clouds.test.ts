import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { runs } from "../support/properties.ts"
import {
  autoscale,
  configuration,
  containerApp,
  containerJob,
  postgres,
  servicePlan,
  slot,
  webApp,
} from "./azure-resources.ts"
import { job, runOf, scheduler, service, sql } from "./google-resources.ts"
import {
  type Code,
  change,
  type Hiding,
  judged,
  removed,
  renamed,
  set,
  unknown,
  variables,
  with_,
  written,
} from "./hiding.ts"
import { ORDINARY } from "./ordinary-resources.ts"

const coded = (resource: Code): Code => ({ ...resource, expressions: set(resource.values ?? {}) })

type Variables = { readonly DATABASE_URL_CORE: string; readonly PRISMA_POOL_SIZE_CORE: string }

const envOf = (own: Variables) => Object.entries(own).map(([name, value]) => ({ name, value }))

const record = fc.record({
  instances: fc.integer({ min: 1, max: 4 }),
  own: variables,
  other: variables,
  ceiling: fc.integer({ min: 20, max: 300 }),
})

const google = record.map(({ instances, own, other, ceiling }): readonly Code[] =>
  [
    sql(
      { database_flags: [{ name: "max_connections", value: String(ceiling) }] },
      { dns_name: "db.example.org" },
    ),
    service({ scaling: [{ max_instance_count: instances }], containers: [{ env: envOf(own) }] }),
    job("sync", {}, { containers: [{ env: envOf(other) }], timeout: "5400s" }),
    scheduler("nightly", runOf("sync"), { schedule: "0 3 * * *" }),
  ].map(coded),
)

const api = "google_cloud_run_v2_service.api"
const sync = "google_cloud_run_v2_job.sync"
const nightly = "google_cloud_scheduler_job.nightly"
const instance = "google_sql_database_instance.main"

const GOOGLE: readonly Hiding[] = [
  ["a template", api, unknown("template")],
  ["an environment", api, unknown("template", 0, "containers", 0, "env")],
  ["a number of instances", api, unknown("template", 0, "scaling", 0, "max_instance_count")],
  ["another revision", api, with_({ traffic: [{ revision: "api-1", percent: 50 }] })],
  ["a job's environment", sync, unknown("template", 0, "template", 0, "containers", 0, "env")],
  ["a job's timeout", sync, unknown("template", 0, "template", 0, "timeout")],
  ["a job's tasks", sync, unknown("template", 0, "task_count")],
  ["a schedule", nightly, unknown("schedule")],
  ["what a schedule starts", nightly, unknown("http_target", 0, "uri")],
  ["the body of what starts a job", nightly, unknown("http_target", 0, "body")],
  ["the type of a service", api, renamed],
  ["the type of a job", sync, renamed],
  ["a flag", instance, unknown("settings", 0, "database_flags", 0, "value")],
  ["a ceiling", instance, unknown("settings")],
  ["the type of a server", instance, renamed],
  ["the server", instance, removed],
]

const azure = record.map(({ instances, own, other, ceiling }): readonly Code[] =>
  [
    postgres(),
    configuration("max_connections", String(ceiling)),
    containerApp({ max_replicas: instances }, {}, {}, { env: envOf(own) }),
    containerJob({ schedule_trigger_config: [{ cron_expression: "0 3 * * *", parallelism: 1 }] }),
    servicePlan({ worker_count: 1 }),
    autoscale({ profile: [{ capacity: [{ maximum: instances }] }] }),
    webApp({ app_settings: other }),
    slot({ app_settings: other }),
  ].map(coded),
)

const app = "azurerm_container_app.api"
const containerized = "azurerm_container_app_job.sync"
const web = "azurerm_linux_web_app.api"
const staging = "azurerm_linux_web_app_slot.staging"
const workers = "azurerm_service_plan.main"
const scaling = "azurerm_monitor_autoscale_setting.main"
const flexible = "azurerm_postgresql_flexible_server.main"
const setting = "azurerm_postgresql_flexible_server_configuration.max_connections"

const AZURE: readonly Hiding[] = [
  ["a template", app, unknown("template")],
  ["an environment", app, unknown("template", 0, "container", 0, "env")],
  ["a number of replicas", app, unknown("template", 0, "max_replicas")],
  ["a mode", app, unknown("revision_mode")],
  ["other revisions", app, with_({ revision_mode: "Multiple" })],
  ["a job's schedule", containerized, unknown("schedule_trigger_config", 0, "cron_expression")],
  ["a job's triggers", containerized, unknown("schedule_trigger_config")],
  ["a job's limit", containerized, unknown("replica_timeout_in_seconds")],
  ["an app's settings", web, unknown("app_settings")],
  ["an app's plan", web, unknown("service_plan_id")],
  ["a slot's app", staging, unknown("app_service_id")],
  ["a slot's settings", staging, unknown("app_settings")],
  ["a number of workers", workers, unknown("worker_count")],
  ["the plan of two apps", workers, removed],
  ["the type of a plan", workers, renamed],
  ["what is scaled", scaling, unknown("target_resource_id")],
  ["how far it is scaled", scaling, unknown("profile")],
  ["the type of what scales", scaling, renamed],
  ["the type of an app", web, renamed],
  ["the type of a slot", staging, renamed],
  ["the type of a job", containerized, renamed],
  ["a ceiling", setting, unknown("value")],
  ["the server of a ceiling", setting, unknown("server_id")],
  ["the name of a setting", setting, unknown("name")],
  ["the type of a server", flexible, renamed],
  ["the server", flexible, removed],
]

const keyed = (own: Variables) => Object.entries(own).map(([key, value]) => ({ key, value }))

const CLUSTER_ID = "245bcfd0-7f31-4ce6-a2bc-475a116cca97"

const digitalOcean = record.map(({ instances, own, other, ceiling }): readonly Code[] =>
  [
    written(`digitalocean_database_cluster.main`, {
      id: CLUSTER_ID,
      name: "main",
      engine: "pg",
      size: "db-s-2vcpu-4gb",
      host: "db.example.org",
      port: 5432,
    }),
    written("digitalocean_database_postgresql_config.main", {
      cluster_id: CLUSTER_ID,
      max_connections: ceiling,
    }),
    written("digitalocean_app.shop", {
      spec: [
        {
          name: "shop",
          env: [],
          service: [{ name: "api", instance_count: instances, env: keyed(own) }],
          worker: [
            {
              name: "mails",
              autoscaling: [{ min_instance_count: 1, max_instance_count: instances }],
              env: keyed(other),
            },
          ],
          job: [
            {
              name: "nightly",
              kind: "SCHEDULED",
              schedule: [{ cron: "0 3 * * *", time_zone: "UTC" }],
              env: keyed(other),
            },
          ],
        },
      ],
    }),
  ].map(coded),
)

const shop = "digitalocean_app.shop"
const main = "digitalocean_database_cluster.main"
const config = "digitalocean_database_postgresql_config.main"

const DIGITALOCEAN: readonly Hiding[] = [
  ["a spec", shop, unknown("spec")],
  ["all services", shop, unknown("spec", 0, "service")],
  ["a service's variables", shop, unknown("spec", 0, "service", 0, "env")],
  ["a number of instances", shop, unknown("spec", 0, "service", 0, "instance_count")],
  ["all workers", shop, unknown("spec", 0, "worker")],
  ["a worker's scaling", shop, unknown("spec", 0, "worker", 0, "autoscaling")],
  [
    "how far a worker is scaled",
    shop,
    unknown("spec", 0, "worker", 0, "autoscaling", 0, "max_instance_count"),
  ],
  ["all jobs", shop, unknown("spec", 0, "job")],
  ["a job's kind", shop, unknown("spec", 0, "job", 0, "kind")],
  ["a job's schedule", shop, unknown("spec", 0, "job", 0, "schedule")],
  ["the type of an app", shop, renamed],
  ["the size of a cluster", main, unknown("size")],
  ["the type of a cluster", main, renamed],
  ["the cluster", main, removed],
  ["a ceiling", config, unknown("max_connections")],
  ["the cluster of a ceiling", config, unknown("cluster_id")],
]

describe.each([
  ["Google Cloud", google, GOOGLE],
  ["Azure", azure, AZURE],
  ["DigitalOcean", digitalOcean, DIGITALOCEAN],
] as const)("what is hidden never makes a verdict better on %s:", (_, fleet, hiding) => {
  test.each(hiding)("%s", (__, address, how) => {
    let notFitting = 0
    fc.assert(
      fc.property(fleet, (resources) => {
        if (judged(resources) === "fits") return
        notFitting += 1
        expect(judged(change(resources, address, how))).not.toBe("fits")
      }),
      runs(12),
    )
    expect(notFitting, "there are fleets that do not fit").toBeGreaterThan(0)
  })

  test("and some fleets fit", () => {
    expect(fc.sample(fleet, 20).map((each) => judged(each))).toContain("fits")
  })

  test("what stands beside the applications in an ordinary plan never makes it worse", () => {
    fc.assert(
      fc.property(fleet, fc.subarray([...ORDINARY]), (resources, others) => {
        expect(judged([...resources, ...others])).toBe(judged(resources))
      }),
      runs(12),
    )
  })
})
