import { MAX_COUNT, MAX_POOL_SIZE } from "../../validation/numbers.ts"
import { PGBOUNCER_VERSIONS, type PgBouncerVersion } from "./versions.ts"

/** The kinds of values that PgBouncer reads, each of which it refuses to start with where it is something else. */
export type ValueKind = "integer" | "seconds" | "text" | readonly string[]

/** A parameter, with the minor versions of PgBouncer 1 that have it. One that a version does not know stops it. */
export interface Parameter {
  readonly kind: ValueKind
  /** The numbers that a fleet can have of it. */
  readonly least?: number
  readonly most?: number
  /** 19 for 1.19; undefined where every version that is read has it. */
  readonly since?: number
  /** The last version that has it. */
  readonly until?: number
}

const text = (since?: number): Parameter => of("text", since)
const integer = (since?: number): Parameter => of("integer", since)
const size = (since?: number): Parameter => ({ ...of("integer", since), most: MAX_POOL_SIZE })
const cap = (since?: number): Parameter => ({ ...of("integer", since), most: MAX_COUNT })
const port = (since?: number): Parameter => ({ ...of("integer", since), least: 1, most: 65_535 })
const seconds = (since?: number): Parameter => of("seconds", since)
const of = (kind: ValueKind, since?: number): Parameter => (since === undefined ? { kind } : { kind, since })

const POOL_MODES: Parameter = { kind: ["session", "transaction", "statement"] }
const SSL_MODES: Parameter = {
  kind: ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
}

/** The parameters of the section `[pgbouncer]`: https://www.pgbouncer.org/config.html, and `src/main.c` of each version. */
const SETTINGS = {
  admin_users: text(),
  application_name_add_host: integer(),
  auth_dbname: text(19),
  auth_file: text(),
  auth_hba_file: text(),
  auth_ident_file: text(23),
  auth_ldap_options: text(25),
  auth_query: text(),
  auth_type: { kind: ["any", "trust", "plain", "md5", "cert", "hba", "pam", "ldap", "scram-sha-256"] },
  auth_user: text(),
  autodb_idle_timeout: seconds(),
  cancel_wait_timeout: seconds(19),
  client_idle_timeout: seconds(),
  client_login_timeout: seconds(),
  client_tls13_ciphers: text(25),
  client_tls_ca_file: text(),
  client_tls_cert_file: text(),
  client_tls_ciphers: text(),
  client_tls_dheparams: text(),
  client_tls_ecdhcurve: text(),
  client_tls_key_file: text(),
  client_tls_protocols: text(),
  client_tls_sslmode: SSL_MODES,
  conffile: text(),
  default_pool_size: { ...size(), least: 0 },
  disable_pqexec: integer(),
  dns_max_ttl: seconds(),
  dns_nxdomain_ttl: seconds(),
  dns_zone_check_period: seconds(),
  idle_transaction_timeout: seconds(),
  ignore_startup_parameters: text(),
  job_name: text(),
  listen_addr: text(),
  listen_backlog: integer(),
  listen_port: port(),
  log_connections: integer(),
  log_disconnections: integer(),
  log_pooler_errors: integer(),
  log_stats: integer(),
  logfile: text(),
  login_notify_message: text(26),
  max_client_conn: { kind: "integer", least: 1, most: MAX_COUNT },
  max_db_client_connections: cap(24),
  max_db_connections: cap(),
  max_packet_size: integer(),
  max_prepared_statements: integer(21),
  max_user_client_connections: cap(24),
  max_user_connections: cap(),
  min_pool_size: integer(),
  peer_id: integer(19),
  pidfile: text(),
  pkt_buf: integer(),
  pool_idle_timeout: seconds(26),
  pool_mode: POOL_MODES,
  query_timeout: seconds(),
  query_wait_notify: integer(25),
  query_wait_timeout: seconds(),
  reserve_pool_size: size(),
  reserve_pool_timeout: seconds(),
  resolv_conf: text(),
  sbuf_loopcnt: integer(),
  scram_iterations: integer(25),
  server_check_delay: seconds(),
  server_check_query: text(),
  server_connect_timeout: seconds(),
  server_fast_close: integer(),
  server_idle_timeout: seconds(),
  server_lifetime: seconds(),
  server_login_retry: seconds(),
  server_reset_query: text(),
  server_reset_query_always: integer(),
  server_round_robin: integer(),
  server_tls13_ciphers: text(25),
  server_tls_ca_file: text(),
  server_tls_cert_file: text(),
  server_tls_ciphers: text(),
  server_tls_key_file: text(),
  server_tls_protocols: text(),
  server_tls_sslmode: SSL_MODES,
  // Of Windows, an alias of job_name.
  service_name: text(),
  so_reuseport: integer(),
  stats_period: integer(),
  stats_users: text(),
  // Went with the online restart that it was for.
  suspend_timeout: { kind: "seconds", until: 25 },
  syslog: integer(),
  syslog_facility: text(),
  syslog_ident: text(),
  tcp_defer_accept: integer(),
  tcp_keepalive: integer(),
  tcp_keepcnt: integer(),
  tcp_keepidle: integer(),
  tcp_keepintvl: integer(),
  tcp_socket_buffer: integer(),
  tcp_user_timeout: integer(),
  track_extra_parameters: text(20),
  transaction_timeout: seconds(25),
  unix_socket_dir: text(),
  unix_socket_group: text(),
  unix_socket_mode: integer(),
  user: text(),
  verbose: integer(),
} as const satisfies Readonly<Record<string, Parameter>>

/** The keys of an entry in `[databases]`. */
const DATABASE_KEYS = {
  application_name: text(),
  auth_dbname: text(19),
  auth_query: text(22),
  auth_user: text(),
  client_encoding: text(),
  connect_query: text(),
  datestyle: text(),
  dbname: text(),
  host: text(),
  load_balance_hosts: { kind: ["disable", "round-robin"], since: 24 },
  max_db_client_connections: cap(24),
  max_db_connections: cap(),
  min_pool_size: integer(),
  password: text(),
  pool_mode: POOL_MODES,
  pool_size: size(),
  port: port(),
  query_wait_timeout: integer(26),
  reserve_pool: size(),
  reserve_pool_size: size(24),
  server_lifetime: integer(23),
  timezone: text(),
  user: text(),
} as const satisfies Readonly<Record<string, Parameter>>

/** The keys of an entry in `[users]`. */
const USER_KEYS = {
  client_idle_timeout: integer(24),
  idle_transaction_timeout: integer(24),
  max_user_client_connections: cap(24),
  max_user_connections: cap(),
  pool_mode: POOL_MODES,
  pool_size: size(23),
  query_timeout: integer(24),
  query_wait_timeout: integer(26),
  reserve_pool_size: size(24),
  transaction_timeout: integer(25),
} as const satisfies Readonly<Record<string, Parameter>>

/** The keys of an entry in `[peers]`, a section since 1.19. */
const PEER_KEYS = {
  host: text(19),
  pool_size: size(19),
  port: port(19),
} as const satisfies Readonly<Record<string, Parameter>>

/** The parameters of each section. In `[pgbouncer]` one is a line, in the others a part of each entry's line. */
export const PARAMETERS = {
  databases: DATABASE_KEYS,
  users: USER_KEYS,
  pgbouncer: SETTINGS,
  peers: PEER_KEYS,
} as const satisfies Readonly<Record<string, Readonly<Record<string, Parameter>>>>

export type PgBouncerSection = keyof typeof PARAMETERS

/** The names of the parameters of a section. */
export type ParameterOf<Section extends PgBouncerSection> = keyof (typeof PARAMETERS)[Section] & string

/** Finds a parameter; undefined for a name that no release has. An unknown one in a file stops PgBouncer at its start. */
export function parameterOf(section: PgBouncerSection, name: string): Parameter | undefined {
  const known: Readonly<Record<string, Parameter>> = PARAMETERS[section]
  return Object.hasOwn(known, name) ? known[name] : undefined
}

/** Finds the release that has brought a parameter. */
export function parameterSince(section: PgBouncerSection, name: string): PgBouncerVersion | undefined {
  const parameter = parameterOf(section, name)
  return parameter && (parameter.since ?? PGBOUNCER_VERSIONS.oldest)
}

/** True if this release starts with the parameter in that section. */
export function isKnownParameter(
  section: PgBouncerSection,
  name: string,
  version: PgBouncerVersion,
): boolean {
  const parameter = parameterOf(section, name)
  if (parameter === undefined) return false
  const { since = PGBOUNCER_VERSIONS.oldest, until = PGBOUNCER_VERSIONS.newest } = parameter
  return since <= version && version <= until
}
