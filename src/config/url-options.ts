import type { Option } from "./option.ts"

/** Node keeps a timer in a signed 32-bit count of milliseconds; anything longer fires at once. */
export const LONGEST_TIMER_SECONDS = 2_147_483
export const LONGEST_TIMER_MILLIS = 2_147_483_647

/** The longest name in PostgreSQL: `NAMEDATALEN - 1`. */
export const LONGEST_NAME_BYTES = 63

const PEM_FILE = "the path of a PEM file, from the working directory or ./prisma"
const TLS_VERSIONS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const
const IGNORED = "ignored in both"
const DRIVER_ONLY = "Prisma 6: ignored; 7: takes effect"

/** The part of the option table that only a connection URL sets. */
export const URL_OPTIONS = {
  socketTimeout: {
    kind: "number",
    parameter: "socket_timeout",
    unit: "seconds",
    min: 0,
    max: LONGEST_TIMER_SECONDS,
    default: 0,
    description:
      "How long one statement may take before P1008, including its wait behind others on the same connection; then its query is cancelled on the server, and its connection closed",
    zeroMeans:
      "0 sets no limit: a query on a connection that the network has frozen then waits as long as TCP does",
    mapsTo: "a timer for each statement, and a CancelRequest",
    inPrisma: "Prisma 6: none, and the query kept running on the server; 7: ignored",
  },
  queryTimeout: {
    kind: "number",
    parameter: "query_timeout",
    unit: "milliseconds",
    min: 0,
    max: LONGEST_TIMER_MILLIS,
    description:
      "node-postgres's name for socket_timeout, in milliseconds; socket_timeout counts where both are above 0",
    zeroMeans: "0 sets no limit",
    mapsTo: "the same as `socket_timeout`: node-postgres's own loses acknowledged writes",
    inPrisma: DRIVER_ONLY,
  },
  maxIdleConnectionLifetime: {
    kind: "number",
    parameter: "max_idle_connection_lifetime",
    aliases: ["idle_timeout_millis", "idle_timeout"],
    unit: "seconds",
    min: 0,
    max: LONGEST_TIMER_SECONDS,
    default: 300,
    description: "How long an idle connection is kept",
    zeroMeans: "0 keeps it forever",
    mapsTo: "`idleTimeoutMillis`",
    inPrisma: "Prisma 6: 300; 7: ignored, 10, so that every lull costs new connections",
  },
  maxConnectionLifetime: {
    kind: "number",
    parameter: "max_connection_lifetime",
    aliases: ["max_lifetime_seconds", "max_lifetime"],
    unit: "seconds",
    min: 0,
    max: LONGEST_TIMER_SECONDS,
    default: 0,
    description: "How old a connection may grow: each is replaced at 90 to 100 % of it, at random",
    zeroMeans: "0 sets no limit",
    mapsTo: "`maxLifetimeSeconds`",
    inPrisma: "Prisma 6: no limit; 7: ignored",
  },
  singleUseConnections: {
    kind: "boolean",
    parameter: "single_use_connections",
    aliases: ["max_uses"],
    description: "Closes each connection after one use",
    mapsTo: "`maxUses: 1`",
    inPrisma: "Prisma 6: false; 7: ignored",
  },
  keepalives: {
    kind: "choice",
    choices: ["0", "1"],
    parameter: "keepalives",
    aliases: ["keep_alive"],
    default: "1",
    description: "TCP keepalive, which detects a connection that was dropped silently; 0 turns it off",
    mapsTo: "`keepAlive`",
    inPrisma: "Prisma 6: always on; 7: always off",
  },
  keepalivesIdle: {
    kind: "number",
    parameter: "keepalives_idle",
    unit: "seconds",
    min: 0,
    max: 32_767,
    default: 7_200,
    description: "How long a connection is silent before the first keepalive",
    zeroMeans: "0 takes the operating system's default",
    mapsTo: "`keepAliveInitialDelayMillis`",
    inPrisma: "Prisma 6: always 7200; 7: ignored",
  },
  schema: {
    kind: "text",
    parameter: "schema",
    aliases: ["current_schema", "search_path"],
    maxBytes: LONGEST_NAME_BYTES,
    description:
      "The schema that queries use; raw SQL gets it as its search_path, unless options sets one that names it among others, and except with pgbouncer=true",
    mapsTo: "PrismaPg's `schema`, and `search_path` in the start-up options",
    inPrisma: "Prisma 6: public; 7: ignored, public",
  },
  pgbouncer: {
    kind: "boolean",
    parameter: "pgbouncer",
    description:
      "The URL leads to PgBouncer or another pooler: nothing that it would refuse is sent when a connection starts",
    mapsTo: "no start-up options but those that route a connection, no prepared statements by name",
    inPrisma: "Prisma 6: false; 7: ignored",
  },
  statementCacheSize: {
    kind: "number",
    parameter: "statement_cache_size",
    unit: "statements",
    min: 0,
    max: 100_000,
    default: 0,
    description:
      "How many statements each client prepares by name: the first ones that differ, since nothing is ever evicted on node-postgres; with pgbouncer=true none",
    zeroMeans: "0 prepares none by name",
    mapsTo: "PrismaPg's `statementNameGenerator` (Prisma 7)",
    inPrisma: "Prisma 6: 100, the last used; 7: ignored, none",
  },
  startupOptions: {
    kind: "text",
    parameter: "options",
    isStartupParameter: true,
    description:
      "Start-up options: settings of the server, such as -c work_mem=8MB, and what tells a pooler where to connect to (endpoint=…, reference=…), which is all that pgbouncer=true leaves of them",
    mapsTo: "`options`",
    inPrisma: "takes effect in both",
  },
  statementTimeout: {
    kind: "number",
    parameter: "statement_timeout",
    isStartupParameter: true,
    unit: "milliseconds",
    min: 0,
    max: 2_147_483_647,
    description: "The server ends a statement that takes longer",
    zeroMeans: "0 sets no limit",
    mapsTo: "`options`: `-c statement_timeout`",
    inPrisma: DRIVER_ONLY,
  },
  lockTimeout: {
    kind: "number",
    parameter: "lock_timeout",
    isStartupParameter: true,
    unit: "milliseconds",
    min: 0,
    max: 2_147_483_647,
    description: "The server ends a statement that waits longer for a lock",
    zeroMeans: "0 sets no limit",
    mapsTo: "`options`: `-c lock_timeout`",
    inPrisma: DRIVER_ONLY,
  },
  idleInTransactionSessionTimeout: {
    kind: "number",
    parameter: "idle_in_transaction_session_timeout",
    isStartupParameter: true,
    unit: "milliseconds",
    min: 0,
    max: 2_147_483_647,
    description: "The server ends a session that leaves a transaction open longer",
    zeroMeans: "0 sets no limit",
    mapsTo: "`options`: `-c idle_in_transaction_session_timeout`",
    inPrisma: DRIVER_ONLY,
  },
  fallbackApplicationName: {
    kind: "text",
    parameter: "fallback_application_name",
    maxBytes: LONGEST_NAME_BYTES,
    description: "application_name where that is not set; without either it is PGAPPNAME",
    mapsTo: "`fallback_application_name`",
    inPrisma: DRIVER_ONLY,
  },
  sslmode: {
    kind: "choice",
    choices: ["disable", "allow", "prefer", "require", "no-verify", "verify-ca", "verify-full"],
    parameter: "sslmode",
    default: "prefer",
    description:
      "disable: no TLS. prefer (and allow): TLS where the server has it, verified only with sslaccept=strict. require: TLS, verified unless sslaccept=accept_invalid_certs. verify-full: TLS, verified. verify-ca: the same without the host name, where sslcert or sslrootcert names the CA. no-verify: TLS, not verified",
    mapsTo: "`ssl`",
    inPrisma:
      "Prisma 6: prefer, verified only with sslaccept=strict, and verify-ca, verify-full and no-verify were prefer; 7: no TLS unless it is set, and then prefer, require, verify-ca and verify-full all insist on TLS and verify it",
  },
  sslaccept: {
    kind: "choice",
    choices: ["strict", "accept_invalid_certs"],
    parameter: "sslaccept",
    description:
      "strict verifies the certificate's chain and host name; accept_invalid_certs encrypts without verifying. Unset, sslmode decides",
    mapsTo: "`ssl.rejectUnauthorized`",
    inPrisma: "Prisma 6: accept_invalid_certs; 7: ignored, strict",
  },
  sslcert: {
    kind: "text",
    parameter: "sslcert",
    shape: PEM_FILE,
    description:
      "The CA that the server's certificate must come from, in place of Node's own; beside sslkey, the client's certificate, as in libpq",
    mapsTo: "`ca` of the TLS context",
    inPrisma: "Prisma 6: one more CA; 7: the client's certificate",
  },
  sslrootcert: {
    kind: "text",
    parameter: "sslrootcert",
    shape: `${PEM_FILE}, or system`,
    description:
      "libpq's name for sslcert; system means Node's own CAs, and without sslmode verify-full, as in libpq 16; with settings that verify less it is an error",
    mapsTo: "`ca` of the TLS context",
    inPrisma: "Prisma 6: ignored; 7: the CA",
  },
  sslidentity: {
    kind: "text",
    parameter: "sslidentity",
    shape: "the path of a PKCS#12 file, from the working directory or ./prisma",
    description:
      "The client's certificate and key. Export it without its chain: Node trusts the CAs in it for the server too",
    mapsTo: "`pfx` of the TLS context",
    inPrisma: "Prisma 6: takes effect; 7: ignored",
  },
  sslpassword: {
    kind: "text",
    parameter: "sslpassword",
    secret: true,
    description: "The password of sslidentity, or of sslkey",
    mapsTo: "`passphrase` of the TLS context",
    inPrisma: "Prisma 6: takes effect; 7: ignored",
  },
  sslkey: {
    kind: "text",
    parameter: "sslkey",
    shape: PEM_FILE,
    description: "The client's key, beside its certificate in sslcert, as in libpq",
    mapsTo: "`key` of the TLS context",
    inPrisma: DRIVER_ONLY,
  },
  channelBinding: {
    kind: "choice",
    choices: ["disable", "prefer", "require"],
    parameter: "channel_binding",
    default: "prefer",
    description:
      "Ties the login to the TLS connection (SCRAM-SHA-256-PLUS), so that a man in the middle cannot relay it; require refuses a server that does not offer it",
    mapsTo: "`enableChannelBinding`; require is checked here, since node-postgres cannot",
    inPrisma: "Prisma 6: prefer; 7: ignored, disable",
  },
  sslMinProtocolVersion: {
    kind: "choice",
    choices: TLS_VERSIONS,
    parameter: "ssl_min_protocol_version",
    description: "The oldest version of TLS; unset, Node's own",
    mapsTo: "`minVersion` of the TLS context",
    inPrisma: IGNORED,
  },
  sslMaxProtocolVersion: {
    kind: "choice",
    choices: TLS_VERSIONS,
    parameter: "ssl_max_protocol_version",
    description: "The newest version of TLS; unset, Node's own",
    mapsTo: "`maxVersion` of the TLS context",
    inPrisma: IGNORED,
  },
  sslnegotiation: {
    kind: "choice",
    choices: ["postgres", "direct"],
    parameter: "sslnegotiation",
    description:
      "direct starts TLS without asking the server first, PostgreSQL 17 and later; it needs sslmode=require or stricter",
    mapsTo: "`sslnegotiation`",
    inPrisma: DRIVER_ONLY,
  },
  ssl: {
    kind: "choice",
    choices: ["true", "false", "1", "0"],
    parameter: "ssl",
    description:
      "node-postgres's name for sslmode=require (true, 1) and disable (false, 0); sslmode counts where both are set",
    mapsTo: "`ssl`",
    inPrisma: DRIVER_ONLY,
  },
  uselibpqcompat: {
    kind: "boolean",
    parameter: "uselibpqcompat",
    description: "sslmode=require as in libpq: without a CA nothing is verified, with one the chain is",
    mapsTo: "`ssl`",
    inPrisma: DRIVER_ONLY,
  },
  host: {
    kind: "text",
    parameter: "host",
    aliases: ["unix_socket", "unix_sock", "socket"],
    description:
      "In place of the host before the path; one that starts with / is the directory of a Unix socket",
    mapsTo: "`host`",
    inPrisma: "takes effect in both",
  },
  port: {
    kind: "number",
    parameter: "port",
    unit: "port",
    min: 1,
    max: 65_535,
    description: "In place of the port before the path",
    mapsTo: "`port`",
    inPrisma: DRIVER_ONLY,
  },
  user: {
    kind: "text",
    parameter: "user",
    aliases: ["username"],
    description:
      "In place of the user before the host; without either it is PGUSER, or the user of the process",
    mapsTo: "`user`",
    inPrisma: DRIVER_ONLY,
  },
  password: {
    kind: "text",
    parameter: "password",
    secret: true,
    description: "In place of the password before the host; without either it is PGPASSWORD",
    mapsTo: "`password`, a function",
    inPrisma: DRIVER_ONLY,
  },
} as const satisfies Record<string, Option>

const ONE_HOST = "node-postgres connects to the one host that the URL names: name the one you want"
const NODE_KEEPALIVE = "Node.js sends 10 keepalives, one a second, and has no setting for it"
const NO_SETTING = "node-postgres has no such setting"

/** Parameters that integrations write into a URL as a mark, and that nothing reads. Both are Supabase's. */
export const MARKERS: readonly string[] = ["supa", "workaround"]

/** True for a pool's minimum size in any driver's spelling. Taken for the maximum, it would make a pool of one. */
export const isMinimumSize = (name: string) =>
  /^(pool|connections?)?min(imum)?(pool|idle|conns?|connections?|size)*$/.test(
    name.toLowerCase().replace(/[^a-z]/g, ""),
  )

/** Parameters of other software that cannot take effect here, with the reason. */
export const UNSUPPORTED_PARAMETERS: Readonly<Record<string, string>> = {
  hostaddr: "node-postgres has one address only: write it in place of the host",
  dbname: "The database is written behind the host",
  service: "No service file is read: write the URL in full",
  servicefile: "No service file is read: write the URL in full",
  passfile: "No password file is named: write the password into the URL, or pass a function",
  target_session_attrs: ONE_HOST,
  load_balance_hosts: ONE_HOST,
  keepalives_interval: NODE_KEEPALIVE,
  keepalives_count: NODE_KEEPALIVE,
  keepalives_retries: NODE_KEEPALIVE,
  tcp_user_timeout: "Node.js cannot set it: use socket_timeout",
  reconnect_timeout:
    "It is no parameter: set PRISMA_RECONNECT_TIMEOUT, or reconnectTimeout in the options of createPool",
  client_encoding: "node-postgres always speaks UTF-8",
  replication: "A pool has no use for replication connections",
  requiressl: "Use sslmode=require",
  sslcrl: "Lists of revoked certificates are not read",
  sslcrldir: "Lists of revoked certificates are not read",
  sslcertmode: NO_SETTING,
  sslcompression: NO_SETTING,
  sslkeylogfile: "Use node --tls-keylog",
  sslsni: "Node.js always sends the host name",
  require_auth: NO_SETTING,
  requirepeer: NO_SETTING,
  gssencmode: NO_SETTING,
  gssdelegation: NO_SETTING,
  gsslib: NO_SETTING,
  krbsrvname: NO_SETTING,
  min_protocol_version: NO_SETTING,
  max_protocol_version: NO_SETTING,
}
