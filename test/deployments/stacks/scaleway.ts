import { constant, created, refersTo, type StackResource } from "../../support/stack.ts"

const POSTGRES = "scaleway_rdb_instance.main"
/** A URL that is made of the new database's attributes, as people write it. */
const URL = [
  "scaleway_rdb_user.app.name",
  "random_password.app.result",
  `${POSTGRES}.load_balancer[0].ip`,
  `${POSTGRES}.load_balancer[0].port`,
  "scaleway_rdb_database.core.name",
]

/** A managed database with its user, and the network that it is in. */
export const scalewayDatabase = (maxConnections: number): readonly StackResource[] => [
  created(
    "scaleway_vpc_private_network.main",
    { name: "main", enable_default_route_propagation: false, tags: [] },
    {
      created_at: true,
      ipv4_subnet: true,
      ipv6_subnets: true,
      organization_id: true,
      project_id: true,
      vpc_id: true,
      region: true,
      zone: true,
      updated_at: true,
      is_regional: true,
    },
    { name: constant("main") },
  ),
  created(
    "random_password.app",
    { length: 32, special: true, keepers: null },
    { bcrypt_hash: true, result: true },
    { length: constant(32) },
  ),
  created(
    POSTGRES,
    {
      name: "main",
      engine: "PostgreSQL-16",
      node_type: "DB-GP-XS",
      is_ha_cluster: true,
      disable_backup: false,
      user_name: "admin",
      volume_type: "sbs_5k",
      volume_size_in_gb: 50,
      encryption_at_rest: true,
      settings: { max_connections: String(maxConnections), work_mem: "4" },
      private_network: [{ enable_ipam: true, port: null }],
      load_balancer: [{}],
      init_settings: null,
      logs_policy: [{}],
      tags: null,
    },
    {
      backup_same_region: true,
      backup_schedule_frequency: true,
      backup_schedule_retention: true,
      certificate: true,
      endpoint_ip: true,
      endpoint_port: true,
      load_balancer: [{ endpoint_id: true, hostname: true, ip: true, name: true, port: true }],
      logs_policy: [{ max_age_retention: true, total_disk_retention: true }],
      organization_id: true,
      password: true,
      private_network: [
        { endpoint_id: true, hostname: true, ip: true, ip_net: true, name: true, pn_id: true, zone: true },
      ],
      project_id: true,
      read_replicas: true,
      region: true,
      settings: {},
      upgradable_versions: true,
    },
    {
      name: constant("main"),
      engine: constant("PostgreSQL-16"),
      node_type: constant("DB-GP-XS"),
      password: refersTo("random_password.app.result"),
      settings: refersTo("var.max_connections"),
      private_network: [{ pn_id: refersTo("scaleway_vpc_private_network.main.id") }],
      load_balancer: [{}],
    },
  ),
  created(
    "scaleway_rdb_database.core",
    { name: "core" },
    { instance_id: true, managed: true, owner: true, region: true, size: true },
    { instance_id: refersTo(`${POSTGRES}.id`), name: constant("core") },
  ),
  created(
    "scaleway_rdb_user.app",
    { name: "app", is_admin: false },
    { instance_id: true, password: true, region: true },
    { instance_id: refersTo(`${POSTGRES}.id`), password: refersTo("random_password.app.result") },
  ),
  created(
    "scaleway_rdb_privilege.app",
    { database_name: "core", permission: "all", user_name: "app" },
    { instance_id: true, region: true },
    { instance_id: refersTo(`${POSTGRES}.id`), user_name: refersTo("scaleway_rdb_user.app.name") },
  ),
]

export const scalewayNamespace = (): readonly StackResource[] => [
  created(
    "scaleway_registry_namespace.main",
    { name: "main", is_public: false, description: null },
    { endpoint: true, organization_id: true, project_id: true, region: true },
    { name: constant("main") },
  ),
  created(
    "scaleway_container_namespace.main",
    {
      name: "main",
      destroy_registry: false,
      environment_variables: null,
      secret_environment_variables: null,
      activate_vpc_integration: null,
    },
    {
      organization_id: true,
      project_id: true,
      region: true,
      registry_endpoint: true,
      registry_namespace_id: true,
    },
    { name: constant("main") },
  ),
]

/** A container; its URL is known only after apply. */
export const scalewayContainer = (
  name: string,
  environment: Readonly<Record<string, string>>,
  { maxScale = 2, hasUrl = true, environmentIsUnknown = false } = {},
): StackResource =>
  created(
    `scaleway_container.${name}`,
    {
      name,
      deploy: true,
      port: 8080,
      min_scale: 1,
      max_scale: maxScale,
      cpu_limit: 560,
      memory_limit: 1024,
      privacy: "public",
      protocol: "http1",
      http_option: "redirected",
      sandbox: "v2",
      command: null,
      args: null,
      ...(environmentIsUnknown ? {} : { environment_variables: environment }),
      secret_environment_variables: hasUrl ? {} : null,
      scaling_option: [{ concurrent_requests_threshold: 80 }],
    },
    {
      cron_status: true,
      domain_name: true,
      environment_variables: environmentIsUnknown ? true : {},
      error_message: true,
      health_check: true,
      local_storage_limit: true,
      max_concurrency: true,
      namespace_id: true,
      region: true,
      registry_image: true,
      registry_sha256: true,
      scaling_option: [{}],
      status: true,
      timeout: true,
      ...(hasUrl ? { secret_environment_variables: { DATABASE_URL_CORE: true } } : {}),
    },
    {
      name: constant(name),
      namespace_id: refersTo("scaleway_container_namespace.main.id"),
      registry_image: refersTo("scaleway_registry_namespace.main.endpoint", "var.tag"),
      max_scale: constant(maxScale),
      environment_variables: refersTo("var.pool_size"),
      scaling_option: [{ concurrent_requests_threshold: constant(80) }],
      ...(hasUrl ? { secret_environment_variables: refersTo(...URL) } : {}),
    },
  )

/** One job of several, with its URL in a secret and its size beside it. */
export const scalewayJob = (key: string, schedule: string): StackResource =>
  created(
    `scaleway_job_definition.jobs["${key}"]`,
    {
      name: key,
      cpu_limit: 560,
      memory_limit: 1024,
      command: `node dist/jobs/${key}.js`,
      timeout: "30m0s",
      cron: [{ schedule, timezone: "Europe/Paris" }],
      env: { NODE_ENV: "production", PRISMA_APPLICATION_NAME: key, PRISMA_POOL_SIZE_CORE: "5" },
      secret_reference: [{ environment: "DATABASE_URL_CORE", file: null, secret_version: "latest" }],
      retry_policy: [{ max_retries: 0 }],
    },
    {
      cron: [{}],
      env: {},
      image_uri: true,
      local_storage_capacity: true,
      project_id: true,
      region: true,
      secret_reference: [{ secret_id: true, secret_reference_id: true }],
      retry_policy: [{}],
    },
    {
      name: refersTo("each.key"),
      image_uri: refersTo("scaleway_registry_namespace.main.endpoint", "var.tag"),
      cron: [{ schedule: refersTo("each.value.schedule"), timezone: constant("Europe/Paris") }],
      env: refersTo("each.key"),
      secret_reference: [
        { secret_id: refersTo("scaleway_secret.core.id"), environment: constant("DATABASE_URL_CORE") },
      ],
      retry_policy: [{ max_retries: constant(0) }],
    },
  )

export const scalewaySecret = (): readonly StackResource[] => [
  created(
    "scaleway_secret.core",
    { name: "DATABASE_URL_CORE", path: "/", protected: false, type: "opaque", ephemeral_policy: [] },
    {
      created_at: true,
      project_id: true,
      region: true,
      status: true,
      updated_at: true,
      version_count: true,
      versions: true,
    },
    { name: constant("DATABASE_URL_CORE") },
  ),
  created(
    "scaleway_secret_version.core",
    { description: null },
    {
      created_at: true,
      data: true,
      region: true,
      revision: true,
      secret_id: true,
      status: true,
      updated_at: true,
    },
    { secret_id: refersTo("scaleway_secret.core.id"), data: refersTo(...URL) },
  ),
]

export const scalewayCockpit = (): readonly StackResource[] => [
  created(
    "scaleway_cockpit.main",
    {},
    { endpoints: true, plan: true, plan_id: true, project_id: true, push_url: true },
  ),
  created(
    "scaleway_cockpit_source.metrics",
    { name: "metrics", type: "metrics", retention_days: 31 },
    {
      created_at: true,
      origin: true,
      project_id: true,
      push_url: true,
      region: true,
      synchronized_with_grafana: true,
      updated_at: true,
      url: true,
    },
    { name: constant("metrics") },
  ),
  created(
    "scaleway_cockpit_token.app",
    { name: "app", scopes: [{ write_metrics: true, write_logs: true }] },
    { created_at: true, project_id: true, region: true, scopes: [{}], secret_key: true, updated_at: true },
    { name: constant("app"), scopes: [{ write_metrics: constant(true) }] },
  ),
  created(
    "scaleway_iam_application.ci",
    { name: "ci", tags: [] },
    { created_at: true, editable: true, organization_id: true, updated_at: true },
    { name: constant("ci") },
  ),
]
