import { constant, created, refersTo, type StackResource } from "../../support/stack.ts"

type Tree = Readonly<Record<string, unknown>>

const CLUSTER = "digitalocean_database_cluster.main"

/** A cluster of PostgreSQL with its database and user, in a network. */
export const digitalOceanDatabase = (size: string): readonly StackResource[] => [
  created(
    "digitalocean_vpc.main",
    { name: "shop", region: "fra1", description: null, timeouts: null },
    { created_at: true, default: true, ip_range: true, urn: true },
    { name: constant("shop"), region: constant("fra1") },
  ),
  created(
    CLUSTER,
    {
      name: "main",
      engine: "pg",
      version: "16",
      size,
      region: "fra1",
      node_count: 1,
      backup_restore: [],
      eviction_policy: null,
      maintenance_window: [],
      sql_mode: null,
      tags: null,
      timeouts: null,
    },
    {
      database: true,
      host: true,
      metrics_endpoints: true,
      password: true,
      port: true,
      private_host: true,
      private_network_uuid: true,
      private_uri: true,
      project_id: true,
      storage_size_mib: true,
      ui_database: true,
      ui_host: true,
      ui_password: true,
      ui_port: true,
      ui_uri: true,
      ui_user: true,
      uri: true,
      urn: true,
      user: true,
    },
    {
      name: constant("main"),
      engine: constant("pg"),
      size: constant(size),
      private_network_uuid: refersTo("digitalocean_vpc.main.id"),
    },
  ),
  created(
    "digitalocean_database_db.shop",
    { name: "shop" },
    { cluster_id: true },
    { name: constant("shop"), cluster_id: refersTo(`${CLUSTER}.id`) },
  ),
  created(
    "digitalocean_database_user.app",
    { name: "app", mysql_auth_plugin: null, settings: [] },
    { access_cert: true, access_key: true, cluster_id: true, password: true, role: true },
    { name: constant("app"), cluster_id: refersTo(`${CLUSTER}.id`) },
  ),
  created(
    "digitalocean_database_firewall.main",
    { rule: [{ type: "app" }] },
    { cluster_id: true, rule: [{ created_at: true, uuid: true, value: true }] },
    {
      cluster_id: refersTo(`${CLUSTER}.id`),
      rule: [{ type: constant("app"), value: refersTo("digitalocean_app.shop.id") }],
    },
  ),
]

/** A connection pool of the cluster. */
export const connectionPool = (size: number, values: Tree = {}, unknown: Tree = {}): StackResource =>
  created(
    "digitalocean_database_connection_pool.web",
    { name: "web", mode: "transaction", size, db_name: "shop", user: "app", ...values },
    {
      cluster_id: true,
      host: true,
      password: true,
      port: true,
      private_host: true,
      private_uri: true,
      uri: true,
      ...unknown,
    },
    { name: constant("web"), size: constant(size), cluster_id: refersTo(`${CLUSTER}.id`) },
  )

/** A variable of an app: its value in the plan, and in the code. */
export interface Env {
  readonly values: Tree
  readonly unknown: Tree
  readonly expression: Tree
}

export const env = (key: string, value: string, scope = "RUN_AND_BUILD_TIME"): Env => ({
  values: { key, value, scope },
  unknown: { type: true },
  expression: { key: constant(key), value: constant(value), scope: constant(scope) },
})

/** A variable with an attribute of something that is created. */
export const computedEnv = (key: string, ...references: readonly string[]): Env => ({
  values: { key, scope: "RUN_AND_BUILD_TIME" },
  unknown: { type: true, value: true },
  expression: { key: constant(key), value: refersTo(...references) },
})

/** The database of the app, by the name of its component. */
export const bound = env("DATABASE_URL", `\${${"db.DATABASE_URL"}}`)
export const pooled = env("DATABASE_URL", `\${${"db.web.DATABASE_URL"}}`)
export const size = (connections: number): Env => env("PRISMA_POOL_SIZE", String(connections))

/** A component, with the fields that the provider gives each of them. */
export interface PlannedComponent {
  readonly values: Tree
  readonly unknown: Tree
  readonly expression: Tree
}

const NOTHING = {
  alert: [],
  bitbucket: [],
  build_command: null,
  dockerfile_path: null,
  environment_slug: null,
  git: [],
  gitlab: [],
  image: [],
  log_destination: [],
  source_dir: null,
}

/** A component of any kind. What of `values` is undefined is left out. */
export const component = (name: string, envs: readonly Env[], values: Tree = {}): PlannedComponent => ({
  values: {
    ...NOTHING,
    name,
    github: [{ branch: "main", deploy_on_push: true, repo: "acme/shop" }],
    env: envs.map((each) => each.values),
    ...values,
  },
  unknown: {
    alert: [],
    bitbucket: [],
    env: envs.map((each) => each.unknown),
    git: [],
    github: [{}],
    gitlab: [],
    image: [],
    log_destination: [],
  },
  expression: {
    name: constant(name),
    github: [{ branch: constant("main"), repo: constant("acme/shop") }],
    env: envs.map((each) => each.expression),
    ...Object.fromEntries(
      Object.entries(values).map(([field, value]) => [
        field,
        Array.isArray(value)
          ? value.map((block: Tree) =>
              Object.fromEntries(Object.entries(block).map(([own, each]) => [own, constant(each)])),
            )
          : constant(value),
      ]),
    ),
  },
})

const WEB = { http_port: true, internal_ports: true, routes: true }

/** A service or a worker of so many instances. */
export const service = (name: string, envs: readonly Env[], values: Tree = {}): PlannedComponent => {
  const {
    values: own,
    unknown,
    expression,
  } = component(name, envs, {
    autoscaling: [],
    instance_count: 1,
    instance_size_slug: "apps-s-1vcpu-1gb",
    run_command: null,
    ...values,
  })
  return { values: own, unknown: { ...unknown, ...WEB }, expression }
}

const CLUSTER_OF_APP = {
  cluster_name: "main",
  db_name: "shop",
  db_user: "app",
  engine: "PG",
  name: "db",
  production: true,
  version: null,
}

type Components = Readonly<Record<string, readonly PlannedComponent[]>>

const KINDS = ["service", "worker", "job", "static_site", "function"]

/** An app that is created, with the cluster as its database. */
export const app = (components: Components, envs: readonly Env[] = []): StackResource => {
  const each = (of: (component: PlannedComponent) => Tree): Tree =>
    Object.fromEntries(KINDS.map((kind) => [kind, (components[kind] ?? []).map(of)]))
  const used = Object.fromEntries(
    Object.entries(each(({ expression }) => expression)).filter(
      ([, blocks]) => (blocks as readonly unknown[]).length > 0,
    ),
  )
  return created(
    "digitalocean_app.shop",
    {
      timeouts: null,
      spec: [
        {
          name: "shop",
          region: "fra",
          alert: [],
          database: [CLUSTER_OF_APP],
          disable_edge_cache: false,
          disable_email_obfuscation: false,
          egress: [],
          enhanced_threat_control_enabled: false,
          env: envs.map(({ values }) => values),
          maintenance: [],
          vpc: [],
          ...each(({ values }) => values),
        },
      ],
    },
    {
      active_deployment_id: true,
      created_at: true,
      dedicated_ips: true,
      default_ingress: true,
      live_domain: true,
      live_url: true,
      project_id: true,
      updated_at: true,
      urn: true,
      spec: [
        {
          alert: [],
          database: [{}],
          domain: true,
          domains: true,
          egress: [],
          env: envs.map(({ unknown }) => unknown),
          features: true,
          ingress: true,
          maintenance: [],
          vpc: [],
          ...each(({ unknown }) => unknown),
        },
      ],
    },
    {
      spec: [
        {
          name: constant("shop"),
          region: constant("fra"),
          database: [
            {
              cluster_name: refersTo(`${CLUSTER}.name`),
              db_name: refersTo("digitalocean_database_db.shop.name"),
              engine: constant("PG"),
              name: constant("db"),
              production: constant(true),
            },
          ],
          env: envs.map(({ expression }) => expression),
          ...used,
        },
      ],
    },
  )
}

/** What stands beside the apps: names, storage, a registry, and a cluster of Kubernetes. */
export const digitalOceanSurroundings = (): readonly StackResource[] => [
  created(
    "digitalocean_project.shop",
    { name: "shop", environment: "Production", purpose: "Web", description: null },
    {
      created_at: true,
      is_default: true,
      owner_id: true,
      owner_uuid: true,
      resources: true,
      updated_at: true,
    },
    { name: constant("shop"), resources: refersTo("digitalocean_app.shop.urn", `${CLUSTER}.urn`) },
  ),
  created(
    "digitalocean_kubernetes_cluster.main",
    { name: "main", region: "fra1", version: "1.31.1-do.1" },
    { endpoint: true, kube_config: true, cluster_subnet: true, ipv4_address: true, vpc_uuid: true },
    { name: constant("main") },
  ),
  created(
    "digitalocean_container_registry.main",
    { name: "shop", subscription_tier_slug: "basic" },
    { created_at: true, endpoint: true, region: true, server_url: true, storage_usage_bytes: true },
    { name: constant("shop") },
  ),
  created(
    "digitalocean_spaces_bucket.files",
    { name: "files", acl: "private", region: "fra1" },
    { bucket_domain_name: true, endpoint: true, urn: true },
    { name: constant("files") },
  ),
  created(
    "digitalocean_record.www",
    { name: "www", type: "CNAME", domain: "example.org" },
    { fqdn: true, ttl: true, value: true },
    { value: refersTo("digitalocean_app.shop.default_ingress") },
  ),
  created(
    "digitalocean_ssh_key.deploy",
    { name: "deploy", public_key: "ssh-ed25519 AAAA" },
    { fingerprint: true },
    { name: constant("deploy") },
  ),
  created(
    "digitalocean_droplet.bastion",
    { name: "bastion", image: "ubuntu-24-04-x64", region: "fra1", size: "s-1vcpu-1gb", user_data: null },
    {
      ipv4_address: true,
      ipv6: true,
      ipv4_address_private: true,
      urn: true,
      vpc_uuid: true,
      volume_ids: true,
    },
    { name: constant("bastion"), ssh_keys: refersTo("digitalocean_ssh_key.deploy.id") },
  ),
]
