import type { PlannedResource } from "../support/terraform-plan.ts"
import {
  autoscale,
  configuration,
  containerApp,
  containerJob,
  GROUP,
  postgres,
  servicePlan,
  slot,
  webApp,
} from "./azure-resources.ts"
import { type Fleet, fieldByField } from "./field-by-field.ts"
import type { Tree } from "./hiding.ts"
import { CORE } from "./resources.ts"

const variables = (size: number, url = CORE) => ({
  DATABASE_URL_CORE: url,
  PRISMA_POOL_SIZE_CORE: String(size),
})
const server = (ceiling: number) => [postgres(), configuration("max_connections", String(ceiling))]
const planId = (name: string) => `${GROUP}/Microsoft.Web/serverFarms/${name}`

const functionApp = (
  name: string,
  plan: string,
  size: number,
  site: Tree = {},
  values: Tree = {},
): PlannedResource => ({
  address: `azurerm_linux_function_app.${name}`,
  values: {
    name,
    enabled: true,
    service_plan_id: planId(plan),
    app_settings: variables(size),
    connection_string: [],
    storage_account: [],
    site_config: [{ app_command_line: null, app_scale_limit: null, worker_count: null, ...site }],
    ...values,
  },
})

const job = (name: string, trigger: Tree): PlannedResource => ({
  ...containerJob(trigger),
  address: `azurerm_container_app_job.${name}`,
})

const FLEETS: readonly Fleet[] = [
  {
    name: "Container Apps and their jobs",
    resources: (ceiling) => [
      ...server(ceiling),
      containerApp(
        {
          container: [
            {
              name: "api",
              image: "x",
              env: [
                { name: "DATABASE_URL_CORE", secret_name: "url", value: null },
                { name: "PRISMA_POOL_SIZE_CORE", value: "10", secret_name: null },
              ],
              volume_mounts: [],
              command: ["node"],
              args: null,
            },
          ],
        },
        { secret: [{ name: "url", value: CORE, key_vault_secret_id: null }] },
      ),
      job("daily", {
        schedule_trigger_config: [
          { cron_expression: "0 3 * * *", parallelism: 2, replica_completion_count: 2 },
        ],
      }),
      job("events", {
        event_trigger_config: [
          { parallelism: 1, replica_completion_count: 1, scale: [{ max_executions: 3, rules: [] }] },
        ],
      }),
      job("manual", { manual_trigger_config: [{ parallelism: 1, replica_completion_count: 1 }] }),
    ],
    // 3 × 10, which a deploy doubles, and 2 × 10 by the clock, 3 × 10 by events, 10 by hand.
    steady: [90, 90],
    deploy: [120, 120],
  },
  {
    name: "a job of which the replicas follow each other",
    resources: (ceiling) => [
      ...server(ceiling),
      job("slow", {
        schedule_trigger_config: [
          { cron_expression: "*/30 * * * *", parallelism: 1, replica_completion_count: 3 },
        ],
      }),
    ],
    // Three batches of half an hour each, every half hour.
    steady: [30, 30],
    deploy: [30, 30],
  },
  {
    name: "App Service: an app and its slot on a plan that is scaled, apps that are off or scaled alone",
    resources: (ceiling) =>
      [
        ...server(ceiling),
        servicePlan({ zone_balancing_enabled: false }),
        autoscale(),
        autoscale({ enabled: false, profile: [{ name: "x", capacity: [{ minimum: 1, maximum: 90 }] }] }, {}),
        webApp(),
        slot(),
        webApp({ enabled: false }, "off"),
        servicePlan({ per_site_scaling_enabled: true, worker_count: 6 }, "alone"),
        webApp({ service_plan_id: planId("alone"), site_config: [{ worker_count: 2 }] }, "alone"),
        servicePlan(
          {
            zone_balancing_enabled: null,
            worker_count: null,
            premium_plan_auto_scale_enabled: true,
            maximum_elastic_worker_count: 3,
          },
          "auto",
        ),
        webApp({ service_plan_id: planId("auto") }, "auto"),
      ].map((each, index) =>
        index === 4 ? { ...each, address: "azurerm_monitor_autoscale_setting.off" } : each,
      ),
    // 5 workers for the app and its slot, 2 of its own, and 3, each with 10.
    steady: [150, 150],
    deploy: [300, 300],
  },
  {
    name: "Functions on plans of each kind",
    resources: (ceiling) => [
      ...server(ceiling),
      servicePlan({ sku_name: "Y1", worker_count: null }, "consumption"),
      functionApp("consumption", "consumption", 1),
      functionApp("limited", "consumption", 1, { app_scale_limit: 5 }),
      servicePlan({ sku_name: "EP1", worker_count: 1, maximum_elastic_worker_count: 20 }, "elastic"),
      functionApp(
        "elastic",
        "elastic",
        2,
        {},
        { app_settings: { ...variables(2), WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT: "4" } },
      ),
      functionApp(
        "workers",
        "elastic",
        1,
        {},
        { app_settings: { ...variables(1), FUNCTIONS_WORKER_PROCESS_COUNT: "2" } },
      ),
      {
        address: "azurerm_function_app_flex_consumption.flex",
        values: {
          name: "flex",
          enabled: true,
          maximum_instance_count: 40,
          app_settings: variables(1),
          connection_string: [],
          site_config: [{}],
        },
      },
    ],
    // 100 and 5 instances, 4 with 2, 20 with 2 processes, 40.
    steady: [193, 193],
    deploy: [386, 386],
  },
  {
    name: "the port of the server's own PgBouncer",
    resources: (ceiling) => [
      ...server(ceiling),
      configuration("pgbouncer.enabled", "true"),
      servicePlan(),
      webApp(),
      webApp({ app_settings: variables(10, CORE.replace("5432", "6432")) }, "pooled"),
    ],
    // An app on 2 workers, and a pool of 50 with what an instance behind it leaves, 10.
    steady: [80, 80],
    deploy: [100, 100],
    computed: [
      [
        /^azurerm_linux_web_app\.app_settings\.DATABASE_URL_CORE$/,
        "connections of its own: a pool opens no more than its clients have",
      ],
    ],
  },
  {
    name: "the default ceiling of a size",
    resources: (size) => [
      postgres(),
      servicePlan({ worker_count: 1 }),
      webApp({ app_settings: variables(size) }, "api"),
    ],
    numbers: { fits: 422, fails: 845 },
    // 859, of which 15 are kept.
    steady: [422, 422],
    deploy: [844, 844],
  },
]

fieldByField("Azure", FLEETS, {
  nulls: [
    [/\.cron_expression$/, "a job that is started by hand"],
    [/\.replica_completion_count$/, "one batch"],
    [/_autoscale_setting\.(profile|target_resource_id)$/, "nothing that is scaled"],
    [/^azurerm_service_plan\.sku_name$/, "a plan that does not scale by itself"],
  ],
})
