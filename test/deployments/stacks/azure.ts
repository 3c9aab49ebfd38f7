import { constant, created, refersTo, type StackResource } from "../../support/stack.ts"

type Tree = Readonly<Record<string, unknown>>

/** What the provider computes of each resource's place and time limits. */
const PLACE = {
  name: "shop",
  resource_group_name: "shop",
  location: "westeurope",
  tags: null,
  timeouts: null,
}

/** A flexible server in a network, with its configuration. */
export const azureDatabase = (maxConnections: number): readonly StackResource[] => [
  created(
    "azurerm_resource_group.main",
    { name: "shop", location: "westeurope", managed_by: null, tags: null, timeouts: null },
    {},
    { name: constant("shop"), location: constant("westeurope") },
  ),
  created(
    "azurerm_virtual_network.main",
    { ...PLACE, address_space: ["10.0.0.0/16"] },
    { dns_servers: true, guid: true, subnet: true },
    { name: constant("shop"), address_space: constant(["10.0.0.0/16"]) },
  ),
  created(
    "azurerm_subnet.database",
    { name: "database", address_prefixes: ["10.0.1.0/24"], virtual_network_name: "shop" },
    { default_outbound_access_enabled: true, enforce_private_link_endpoint_network_policies: true },
    { virtual_network_name: refersTo("azurerm_virtual_network.main.name") },
  ),
  created(
    "azurerm_private_dns_zone.database",
    { name: "shop.private.postgres.database.azure.com", resource_group_name: "shop" },
    { max_number_of_record_sets: true, number_of_record_sets: true, soa_record: true },
    { name: constant("shop.private.postgres.database.azure.com") },
  ),
  created(
    "azurerm_postgresql_flexible_server.main",
    {
      ...PLACE,
      administrator_login: "app",
      authentication: [],
      backup_retention_days: 7,
      create_mode: null,
      sku_name: "GP_Standard_D2ds_v5",
      version: "16",
      zone: "1",
    },
    {
      administrator_password: true,
      delegated_subnet_id: true,
      fqdn: true,
      private_dns_zone_id: true,
      storage_tier: true,
    },
    {
      name: constant("shop"),
      administrator_password: refersTo("random_password.app.result"),
      delegated_subnet_id: refersTo("azurerm_subnet.database.id"),
      private_dns_zone_id: refersTo("azurerm_private_dns_zone.database.id"),
      sku_name: constant("GP_Standard_D2ds_v5"),
    },
  ),
  created(
    "azurerm_postgresql_flexible_server_configuration.max_connections",
    { name: "max_connections", value: String(maxConnections), timeouts: null },
    { server_id: true },
    {
      name: constant("max_connections"),
      server_id: refersTo("azurerm_postgresql_flexible_server.main.id"),
      value: constant(String(maxConnections)),
    },
  ),
  created(
    "azurerm_postgresql_flexible_server_database.core",
    { name: "core", charset: "UTF8", collation: "en_US.utf8" },
    { server_id: true },
    { server_id: refersTo("azurerm_postgresql_flexible_server.main.id") },
  ),
  created(
    "random_password.app",
    { length: 32, special: false },
    { bcrypt_hash: true, result: true },
    { length: constant(32) },
  ),
]

/** What stands beside the applications: logs, a registry, an identity with its rights, a vault. */
export const azureSurroundings = (): readonly StackResource[] => [
  created(
    "azurerm_log_analytics_workspace.main",
    { ...PLACE, sku: "PerGB2018", retention_in_days: 30 },
    { primary_shared_key: true, secondary_shared_key: true, workspace_id: true },
    { name: constant("shop") },
  ),
  created(
    "azurerm_application_insights.main",
    { ...PLACE, application_type: "Node.JS" },
    { app_id: true, connection_string: true, instrumentation_key: true, workspace_id: true },
    { workspace_id: refersTo("azurerm_log_analytics_workspace.main.id") },
  ),
  created(
    "azurerm_container_app_environment.main",
    { ...PLACE, workload_profile: [] },
    {
      dapr_application_insights_connection_string: true,
      default_domain: true,
      infrastructure_subnet_id: true,
      log_analytics_workspace_id: true,
      static_ip_address: true,
    },
    {
      dapr_application_insights_connection_string: refersTo(
        "azurerm_application_insights.main.connection_string",
      ),
      infrastructure_subnet_id: refersTo("azurerm_subnet.database.id"),
      log_analytics_workspace_id: refersTo("azurerm_log_analytics_workspace.main.id"),
    },
  ),
  created(
    "azurerm_container_registry.main",
    { ...PLACE, sku: "Basic", admin_enabled: false },
    { admin_password: true, admin_username: true, login_server: true },
    { name: constant("shop") },
  ),
  created(
    "azurerm_user_assigned_identity.app",
    PLACE,
    { client_id: true, principal_id: true, tenant_id: true },
    { name: constant("shop") },
  ),
  created(
    "azurerm_role_assignment.pull",
    { role_definition_name: "AcrPull" },
    { name: true, principal_id: true, principal_type: true, role_definition_id: true, scope: true },
    {
      principal_id: refersTo("azurerm_user_assigned_identity.app.principal_id"),
      scope: refersTo("azurerm_container_registry.main.id"),
    },
  ),
  created(
    "azurerm_key_vault.main",
    { ...PLACE, sku_name: "standard" },
    { access_policy: true, contact: true, tenant_id: true, vault_uri: true },
    { tenant_id: refersTo("data.azurerm_client_config.current.tenant_id") },
  ),
  created(
    "azurerm_key_vault_secret.core",
    { name: "DATABASE-URL-CORE" },
    { key_vault_id: true, value: true, version: true, versionless_id: true },
    {
      key_vault_id: refersTo("azurerm_key_vault.main.id"),
      value: refersTo("azurerm_postgresql_flexible_server.main.fqdn", "random_password.app.result"),
    },
  ),
  created(
    "azurerm_monitor_diagnostic_setting.app",
    { name: "app", enabled_log: [{ category: "x" }] },
    { log_analytics_workspace_id: true, target_resource_id: true },
    { target_resource_id: refersTo("azurerm_container_app.api.id") },
  ),
]

const URL_SECRET = { name: "DATABASE_URL_CORE", value: null, secret_name: "core" }
const SIZE = { name: "PRISMA_POOL_SIZE_CORE", value: "10", secret_name: null }

const container = (env: readonly Tree[]) => ({
  name: "api",
  args: null,
  command: null,
  cpu: 0.5,
  env,
  image: "shop.azurecr.io/api:1",
  liveness_probe: [],
  memory: "1Gi",
  volume_mounts: [],
})

const APP_EXPRESSIONS = {
  container_app_environment_id: refersTo("azurerm_container_app_environment.main.id"),
  secret: [
    {
      name: constant("core"),
      identity: refersTo("azurerm_user_assigned_identity.app.id"),
      key_vault_secret_id: refersTo("azurerm_key_vault_secret.core.versionless_id"),
    },
  ],
}
const APP_UNKNOWN = {
  container_app_environment_id: true,
  identity: [{ identity_ids: true, principal_id: true, tenant_id: true }],
  outbound_ip_addresses: true,
  secret: [{ identity: true, key_vault_secret_id: true }],
}

/** A Container App whose URL is a secret of a vault. */
export const azureContainerApp = (unknownEnv: unknown = [{}, {}]): StackResource =>
  created(
    "azurerm_container_app.api",
    {
      ...PLACE,
      dapr: [],
      ingress: [],
      registry: [],
      revision_mode: "Single",
      secret: [{ name: "core", value: "" }],
      template: [
        {
          container: [container(unknownEnv === true ? [] : [URL_SECRET, SIZE])],
          init_container: [],
          max_replicas: 3,
          min_replicas: 0,
          volume: [],
        },
      ],
    },
    {
      ...APP_UNKNOWN,
      custom_domain_verification_id: true,
      latest_revision_fqdn: true,
      latest_revision_name: true,
      location: true,
      template: [
        {
          container: [{ env: unknownEnv, ephemeral_storage: true, liveness_probe: [], volume_mounts: [] }],
          revision_suffix: true,
        },
      ],
    },
    {
      ...APP_EXPRESSIONS,
      revision_mode: constant("Single"),
      template: [
        {
          max_replicas: constant(3),
          container: [
            {
              name: constant("api"),
              env:
                unknownEnv === true
                  ? refersTo("local.env")
                  : [
                      { name: constant("DATABASE_URL_CORE"), secret_name: constant("core") },
                      { name: constant("PRISMA_POOL_SIZE_CORE"), value: constant("10") },
                    ],
            },
          ],
        },
      ],
    },
  )

/** Its job, each night. */
export const azureContainerJob = (): StackResource =>
  created(
    "azurerm_container_app_job.sync",
    {
      ...PLACE,
      event_trigger_config: [],
      manual_trigger_config: [],
      replica_retry_limit: 0,
      replica_timeout_in_seconds: 1800,
      schedule_trigger_config: [
        { cron_expression: "0 3 * * *", parallelism: 1, replica_completion_count: 1 },
      ],
      secret: [{ name: "core", value: "" }],
      template: [{ container: [container([URL_SECRET, SIZE])], init_container: [], volume: [] }],
    },
    {
      ...APP_UNKNOWN,
      event_stream_endpoint: true,
      template: [{ container: [{ env: [{}, {}], ephemeral_storage: true }] }],
    },
    { ...APP_EXPRESSIONS, replica_timeout_in_seconds: constant(1800) },
  )

/** A plan of App Service that is scaled, with an app and its slot. */
export const azureAppService = (): readonly StackResource[] => [
  created(
    "azurerm_service_plan.main",
    { ...PLACE, os_type: "Linux", per_site_scaling_enabled: false, sku_name: "P1v3", worker_count: 1 },
    { kind: true, maximum_elastic_worker_count: true, reserved: true },
    { os_type: constant("Linux"), sku_name: constant("P1v3"), worker_count: constant(1) },
  ),
  created(
    "azurerm_monitor_autoscale_setting.main",
    {
      ...PLACE,
      enabled: true,
      notification: [],
      profile: [{ name: "default", capacity: [{ default: 1, maximum: 3, minimum: 1 }], rule: [] }],
    },
    {
      predictive: [],
      profile: [{ capacity: [{}], rule: [{ metric_trigger: [{ metric_resource_id: true }] }] }],
      target_resource_id: true,
    },
    {
      profile: [{ capacity: [{ maximum: constant(3) }] }],
      target_resource_id: refersTo("azurerm_service_plan.main.id"),
    },
  ),
  created(
    "azurerm_linux_web_app.admin",
    {
      ...PLACE,
      app_settings: { NODE_ENV: "production", PRISMA_POOL_SIZE_CORE: "5", WEBSITES_PORT: "3000" },
      connection_string: [],
      enabled: true,
      site_config: [{ always_on: true, app_command_line: null, health_check_path: null }],
      storage_account: [],
    },
    {
      app_settings: { DATABASE_URL_CORE: true, APPLICATIONINSIGHTS_CONNECTION_STRING: true },
      custom_domain_verification_id: true,
      default_hostname: true,
      hosting_environment_id: true,
      kind: true,
      key_vault_reference_identity_id: true,
      outbound_ip_addresses: true,
      service_plan_id: true,
      site_config: [
        {
          container_registry_use_managed_identity: true,
          worker_count: true,
          detailed_error_logging_enabled: true,
        },
      ],
      site_credential: true,
    },
    {
      app_settings: refersTo(
        "azurerm_key_vault_secret.core.id",
        "azurerm_application_insights.main.connection_string",
      ),
      service_plan_id: refersTo("azurerm_service_plan.main.id"),
      site_config: [{ always_on: constant(true) }],
    },
  ),
]
