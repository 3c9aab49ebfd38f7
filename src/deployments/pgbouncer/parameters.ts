import { PGBOUNCER_VERSIONS, type PgBouncerVersion } from "./versions.ts"

/** A section of `pgbouncer.ini`. In `[pgbouncer]` a parameter is a line, in the others a part of each entry's line. */
export type PgBouncerSection = "databases" | "users" | "pgbouncer" | "peers"

const names = (text: string): readonly string[] => text.trim().split(/\s+/)

/** The parameters of each section, by the release that has brought them; the oldest here has those of before too. */
const PARAMETERS: Readonly<
  Record<PgBouncerSection, readonly (readonly [PgBouncerVersion, readonly string[]])[]>
> = {
  databases: [
    [
      PGBOUNCER_VERSIONS.oldest,
      names(`application_name auth_user client_encoding connect_query datestyle dbname host max_db_connections
        min_pool_size password pool_mode pool_size port reserve_pool timezone user`),
    ],
    [19, names("auth_dbname")],
    [22, names("auth_query")],
    [23, names("server_lifetime")],
    [24, names("load_balance_hosts max_db_client_connections reserve_pool_size")],
  ],
  users: [
    [PGBOUNCER_VERSIONS.oldest, names("max_user_connections pool_mode")],
    [23, names("pool_size")],
    [
      24,
      names(
        "client_idle_timeout idle_transaction_timeout max_user_client_connections query_timeout reserve_pool_size",
      ),
    ],
    [25, names("transaction_timeout")],
  ],
  pgbouncer: [
    [
      PGBOUNCER_VERSIONS.oldest,
      names(`admin_users application_name_add_host auth_file auth_hba_file auth_query auth_type auth_user
        autodb_idle_timeout client_idle_timeout client_login_timeout client_tls_ca_file client_tls_cert_file
        client_tls_ciphers client_tls_dheparams client_tls_ecdhcurve client_tls_key_file client_tls_protocols
        client_tls_sslmode conffile default_pool_size disable_pqexec dns_max_ttl dns_nxdomain_ttl dns_zone_check_period
        idle_transaction_timeout ignore_startup_parameters job_name listen_addr listen_backlog listen_port
        log_connections log_disconnections log_pooler_errors log_stats logfile max_client_conn max_db_connections
        max_packet_size max_user_connections min_pool_size pidfile pkt_buf pool_mode query_timeout query_wait_timeout
        reserve_pool_size reserve_pool_timeout resolv_conf sbuf_loopcnt server_check_delay server_check_query
        server_connect_timeout server_fast_close server_idle_timeout server_lifetime server_login_retry
        server_reset_query server_reset_query_always server_round_robin server_tls_ca_file server_tls_cert_file
        server_tls_ciphers server_tls_key_file server_tls_protocols server_tls_sslmode so_reuseport stats_period
        stats_users suspend_timeout syslog syslog_facility syslog_ident tcp_defer_accept tcp_keepalive tcp_keepcnt
        tcp_keepidle tcp_keepintvl tcp_socket_buffer tcp_user_timeout unix_socket_dir unix_socket_group
        unix_socket_mode user verbose`),
    ],
    [19, names("auth_dbname cancel_wait_timeout peer_id")],
    [20, names("track_extra_parameters")],
    [21, names("max_prepared_statements")],
    [23, names("auth_ident_file")],
    [24, names("max_db_client_connections max_user_client_connections")],
    [
      25,
      names(`auth_ldap_options client_tls13_ciphers query_wait_notify scram_iterations server_tls13_ciphers
        transaction_timeout`),
    ],
  ],
  peers: [[19, names("host pool_size port")]],
}

/**
 * Finds the release that has brought a parameter: undefined for a name that none has. An unknown one in a file stops
 * PgBouncer at its start.
 */
export const parameterSince = (section: PgBouncerSection, name: string): PgBouncerVersion | undefined =>
  PARAMETERS[section].find(([, known]) => known.includes(name))?.[0]

/** True if this release starts with the parameter in that section. */
export function isKnownParameter(
  section: PgBouncerSection,
  name: string,
  version: PgBouncerVersion,
): boolean {
  const since = parameterSince(section, name)
  return since !== undefined && since <= version
}
