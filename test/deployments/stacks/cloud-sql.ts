import { constant, created, refersTo, type StackResource } from "../../support/stack.ts"
import { LABELS } from "./google.ts"

/** Cloud SQL in a network of its own. */
export const cloudSql = (): readonly StackResource[] => [
  created(
    "google_compute_network.main",
    { name: "main", auto_create_subnetworks: false },
    {
      gateway_ipv4: true,
      internal_ipv6_range: true,
      mtu: true,
      numeric_id: true,
      project: true,
      routing_mode: true,
      self_link: true,
    },
    { name: constant("main") },
  ),
  created(
    "google_compute_global_address.sql",
    { name: "sql", address_type: "INTERNAL", prefix_length: 16, purpose: "VPC_PEERING" },
    {
      ...LABELS,
      address: true,
      creation_timestamp: true,
      label_fingerprint: true,
      network: true,
      self_link: true,
    },
    { network: refersTo("google_compute_network.main.id") },
  ),
  created(
    "google_service_networking_connection.sql",
    { service: "servicenetworking.googleapis.com", reserved_peering_ranges: ["sql"] },
    { network: true, peering: true },
    {
      network: refersTo("google_compute_network.main.id"),
      reserved_peering_ranges: refersTo("google_compute_global_address.sql.name"),
    },
  ),
  created(
    "google_vpc_access_connector.main",
    { name: "main", ip_cidr_range: "10.8.0.0/28", machine_type: "e2-micro" },
    {
      connected_projects: true,
      max_instances: true,
      max_throughput: true,
      min_instances: true,
      network: true,
      project: true,
      self_link: true,
      state: true,
    },
    { name: constant("main"), network: refersTo("google_compute_network.main.name") },
  ),
  created(
    "google_sql_database_instance.main",
    {
      name: "main",
      database_version: "POSTGRES_16",
      region: "europe-west1",
      settings: [
        {
          tier: "db-custom-2-7680",
          availability_type: "REGIONAL",
          database_flags: [],
          ip_configuration: [{ ipv4_enabled: false }],
        },
      ],
    },
    {
      available_maintenance_versions: true,
      connection_name: true,
      dns_name: true,
      encryption_key_name: true,
      first_ip_address: true,
      ip_address: true,
      maintenance_version: true,
      private_ip_address: true,
      project: true,
      psc_service_attachment_link: true,
      public_ip_address: true,
      replica_configuration: true,
      self_link: true,
      server_ca_cert: true,
      service_account_email_address: true,
      settings: [
        {
          backup_configuration: true,
          disk_size: true,
          ip_configuration: [{ private_network: true }],
          location_preference: true,
          user_labels: true,
          version: true,
        },
      ],
    },
    {
      name: constant("main"),
      settings: [
        {
          tier: constant("db-custom-2-7680"),
          ip_configuration: [{ private_network: refersTo("google_compute_network.main.id") }],
        },
      ],
    },
  ),
  created(
    "google_sql_database.core",
    { name: "core", instance: "main" },
    { charset: true, collation: true, project: true, self_link: true },
    { instance: refersTo("google_sql_database_instance.main.name") },
  ),
  created(
    "random_password.app",
    { length: 32 },
    { bcrypt_hash: true, result: true },
    { length: constant(32) },
  ),
  created(
    "google_sql_user.app",
    { name: "app", instance: "main" },
    { host: true, password: true, project: true, sql_server_user_details: true },
    {
      instance: refersTo("google_sql_database_instance.main.name"),
      password: refersTo("random_password.app.result"),
    },
  ),
]

/** The secret with the URL, and who may read it. */
export const secretManager = (): readonly StackResource[] => [
  created(
    "google_service_account.run",
    { account_id: "run", display_name: "Cloud Run", disabled: false },
    { email: true, member: true, name: true, project: true, unique_id: true },
    { account_id: constant("run") },
  ),
  created(
    "google_secret_manager_secret.core",
    { secret_id: "DATABASE_URL_CORE", replication: [{ auto: [{}], user_managed: [] }] },
    { ...LABELS, create_time: true, effective_annotations: true, expire_time: true, name: true },
    { secret_id: constant("DATABASE_URL_CORE"), replication: [{ auto: [{}] }] },
  ),
  created(
    "google_secret_manager_secret_version.core",
    { deletion_policy: "DELETE", enabled: true },
    { create_time: true, destroy_time: true, name: true, secret: true, secret_data: true, version: true },
    {
      secret: refersTo("google_secret_manager_secret.core.id"),
      secret_data: refersTo(
        "google_sql_user.app.name",
        "random_password.app.result",
        "google_sql_database_instance.main.private_ip_address",
      ),
    },
  ),
  created(
    "google_secret_manager_secret_iam_member.run",
    { role: "roles/secretmanager.secretAccessor", condition: [] },
    { etag: true, member: true, project: true, secret_id: true },
    {
      secret_id: refersTo("google_secret_manager_secret.core.id"),
      member: refersTo("google_service_account.run.member"),
    },
  ),
  created(
    "google_project_iam_member.sql",
    { role: "roles/cloudsql.client", project: "project", condition: [] },
    { etag: true, member: true },
    { member: refersTo("google_service_account.run.email") },
  ),
]
