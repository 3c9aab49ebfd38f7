import type { PlannedResource } from "../support/terraform-plan.ts"
import { CORE } from "./resources.ts"

type Values = Readonly<Record<string, unknown>>
export type More = Partial<Omit<PlannedResource, "address" | "values">>

export const GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shop/providers"

const plain = (name: string, value: string) => ({ name, value, secret_name: "" })
export const ENV = [
  plain("NODE_ENV", "production"),
  plain("DATABASE_URL_CORE", CORE),
  plain("PRISMA_POOL_SIZE_CORE", "10"),
]
export const SETTINGS = { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "10" }

const container = (values: Values = {}) => ({
  name: "api",
  image: "shop.azurecr.io/api:1",
  cpu: 0.5,
  memory: "1Gi",
  args: null,
  command: null,
  env: ENV,
  volume_mounts: [],
  ...values,
})

/** A Container App of at most three replicas, with pools of 10. */
export const containerApp = (
  template: Values = {},
  values: Values = {},
  more: More = {},
  of: Values = {},
): PlannedResource => ({
  address: "azurerm_container_app.api",
  values: {
    name: "api",
    resource_group_name: "shop",
    revision_mode: "Single",
    secret: [],
    template: [
      {
        min_replicas: 0,
        max_replicas: 3,
        container: [container(of)],
        init_container: [],
        volume: [],
        ...template,
      },
    ],
    ...values,
  },
  ...more,
})

/** A job of Container Apps with a pool of 10, and a limit of half an hour. */
export const containerJob = (trigger: Values, values: Values = {}, more: More = {}): PlannedResource => ({
  address: "azurerm_container_app_job.sync",
  values: {
    name: "sync",
    replica_timeout_in_seconds: 1800,
    replica_retry_limit: 0,
    secret: [],
    template: [{ container: [container()], init_container: [], volume: [] }],
    manual_trigger_config: [],
    schedule_trigger_config: [],
    event_trigger_config: [],
    ...trigger,
    ...values,
  },
  ...more,
})

/** A plan of App Service with two workers. */
export const servicePlan = (values: Values = {}, name = "main", more: More = {}): PlannedResource => ({
  address: `azurerm_service_plan.${name}`,
  values: {
    id: `${GROUP}/Microsoft.Web/serverFarms/${name}`,
    name,
    os_type: "Linux",
    sku_name: "P1v3",
    worker_count: 2,
    per_site_scaling_enabled: false,
    premium_plan_auto_scale_enabled: false,
    zone_balancing_enabled: false,
    ...values,
  },
  ...more,
})

const siteConfig = [{ app_command_line: null, worker_count: 1, always_on: true }]

/** An app of App Service with a pool of 10. */
export const webApp = (values: Values = {}, name = "api", more: More = {}): PlannedResource => ({
  address: `azurerm_linux_web_app.${name}`,
  values: {
    id: `${GROUP}/Microsoft.Web/sites/${name}`,
    name,
    enabled: true,
    service_plan_id: `${GROUP}/Microsoft.Web/serverFarms/main`,
    app_settings: SETTINGS,
    connection_string: [],
    storage_account: [],
    site_config: siteConfig,
    ...values,
  },
  ...more,
})

/** A slot of that app. */
export const slot = (values: Values = {}, more: More = {}): PlannedResource => ({
  address: "azurerm_linux_web_app_slot.staging",
  values: {
    name: "staging",
    enabled: true,
    app_service_id: `${GROUP}/Microsoft.Web/sites/api`,
    service_plan_id: null,
    app_settings: SETTINGS,
    connection_string: [],
    site_config: siteConfig,
    ...values,
  },
  ...more,
})

/** What scales that plan, to at most five workers. */
export const autoscale = (values: Values = {}, more: More = {}): PlannedResource => ({
  address: "azurerm_monitor_autoscale_setting.main",
  values: {
    name: "main",
    enabled: true,
    target_resource_id: `${GROUP}/Microsoft.Web/serverFarms/main`,
    profile: [{ name: "default", capacity: [{ default: 2, minimum: 1, maximum: 5 }], rule: [] }],
    ...values,
  },
  ...more,
})

/** An app of Functions with a pool of 10. */
export const functionApp = (values: Values = {}, os = "linux", more: More = {}): PlannedResource => ({
  address: `azurerm_${os}_function_app.events`,
  values: {
    name: "events",
    enabled: true,
    service_plan_id: `${GROUP}/Microsoft.Web/serverFarms/main`,
    app_settings: SETTINGS,
    connection_string: [],
    site_config: [{ app_command_line: null, app_scale_limit: 0, worker_count: 1 }],
    ...values,
  },
  ...more,
})

/** A flexible server. */
export const postgres = (values: Values = {}, more: More = {}): PlannedResource => ({
  address: "azurerm_postgresql_flexible_server.main",
  values: {
    id: `${GROUP}/Microsoft.DBforPostgreSQL/flexibleServers/shop`,
    name: "shop",
    sku_name: "GP_Standard_D2s_v3",
    version: "16",
    fqdn: "db.example.org",
    ...values,
  },
  ...more,
})

/** A setting of that server. */
export const configuration = (
  name: string,
  value: string,
  values: Values = {},
  more: More = {},
): PlannedResource => ({
  address: `azurerm_postgresql_flexible_server_configuration.${name.replace(".", "_")}`,
  values: {
    name,
    server_id: `${GROUP}/Microsoft.DBforPostgreSQL/flexibleServers/shop`,
    value,
    ...values,
  },
  ...more,
})
