import { readPgBouncer } from "../../src/deployments/pgbouncer/read-pgbouncer.ts"

/** Files by the path that another one names them with. */
export type Files = Readonly<Record<string, string>>

/** Reads a `pgbouncer.ini`, of a minor version where one is given. */
export const pgbouncer = (text: string, { files = {}, version }: { files?: Files; version?: number } = {}) =>
  readPgBouncer("pgbouncer", { name: "pgbouncer.ini", text }, version, (path) => {
    const found = files[path]
    return found === undefined ? undefined : { name: path, text: found }
  })

/** The one that PgBouncer itself comes with, 1.26: every line that is no comment, and the comments between them. */
export const SAMPLE = `;;;
;;; PgBouncer configuration file
;;;

;; database name = connect string
;;
;; connect string params:
;;   dbname= host= port= user= password= auth_user=
[databases]

;; foodb over Unix socket
;foodb =

;; redirect bardb to bazdb on localhost
bardb = host=localhost dbname=bazdb

;; access to dest database will go with single user
forcedb = host=localhost port=300 user=baz password=foo client_encoding=UNICODE datestyle=ISO connect_query='SELECT 1'

;; use custom pool sizes
nondefaultdb = pool_size=50 reserve_pool_size=10

;; use auth_user with auth_query if user not present in auth_file
;; auth_user must exist in auth_file
foodb = auth_user=bar

;; run auth_query on a specific database.
bazdb = auth_dbname=foodb max_db_client_connections=10

;; fallback connect string
* = host=testserver

;; User-specific configuration
[users]

user1 = pool_size=5 reserve_pool_size=2 pool_mode=transaction max_user_connections=10 max_user_client_connections=20

;; Configuration section
[pgbouncer]

logfile = /var/log/pgbouncer/pgbouncer.log
pidfile = /var/run/pgbouncer/pgbouncer.pid

;; IP address or * which means all IPs
listen_addr = localhost
listen_port = 6432
unix_socket_mode = 0777

auth_type = md5
auth_file = /etc/pgbouncer/userlist.txt
admin_users = user2, someadmin, otheradmin

ignore_startup_parameters = extra_float_digits
server_check_query = select 1
track_extra_parameters = IntervalStyle

; how many additional connection to allow in case of trouble
reserve_pool_size = 0
`

export const MAIN = "[databases]\ncore = host=db\n[pgbouncer]\n"

/** Texts that no version of PgBouncer starts with, each with what is said of it. */
export const REFUSED: readonly (readonly [title: string, text: string, problem: string])[] = [
  [
    "a comment after a value",
    `${MAIN}default_pool_size = 7 ; x\n`,
    "pgbouncer.ini:4: default_pool_size: is not a whole number",
  ],
  [
    "a word for a number of seconds",
    `${MAIN}query_wait_timeout = 5s\n`,
    "pgbouncer.ini:4: query_wait_timeout: is not a number of seconds",
  ],
  [
    "another word",
    `${MAIN}pool_mode = pooled\n`,
    "pgbouncer.ini:4: pool_mode: is not one of session, transaction, statement",
  ],
  [
    "a parameter of none",
    `${MAIN}max_connections = 5\n`,
    "pgbouncer.ini:4: max_connections: is no parameter of any version up to 1.26: PgBouncer does not start with it",
  ],
  [
    "a key of none",
    "[databases]\ncore = hots=db\n[pgbouncer]\n",
    "pgbouncer.ini:2: core.hots: is no parameter of any version up to 1.26: PgBouncer does not start with it",
  ],
  [
    "a line of neither kind",
    `${MAIN}pool mode = session\n`,
    "pgbouncer.ini:4: is neither a section, a comment, nor `name = value`",
  ],
  [
    "a section without an end",
    "[pgbouncer\n",
    "pgbouncer.ini:1: is neither a section, a comment, nor `name = value`",
  ],
  [
    "a section of none",
    `${MAIN}[database]\n`,
    "pgbouncer.ini:4: begins a section that PgBouncer does not have",
  ],
  ["a value before any section", `default_pool_size = 7\n${MAIN}`, "pgbouncer.ini:1: is before any section"],
  ["no main section", "[databases]\ncore = host=db\n", "pgbouncer.ini: has no section [pgbouncer]"],
  [
    "an entry that is no list",
    "[databases]\ncore = db.internal\n[pgbouncer]\n",
    "pgbouncer.ini:2: core: is not a list of `key=value`",
  ],
  [
    "the console as an entry",
    "[databases]\npgbouncer = host=db\n[pgbouncer]\n",
    "pgbouncer.ini:2: pgbouncer: is the name of PgBouncer's own console",
  ],
]

/** Texts that are refused here alone: PgBouncer takes no client, more than a fleet can have, or another file. */
export const REFUSED_HERE: typeof REFUSED = [
  [
    "a pool of less than nothing",
    `${MAIN}default_pool_size = -5\n`,
    "pgbouncer.ini:4: default_pool_size: received -5",
  ],
  ["no client", `${MAIN}max_client_conn = 0\n`, "pgbouncer.ini:4: max_client_conn: received 0"],
  [
    "a pool above what a fleet can have",
    "[databases]\ncore = pool_size=10001\n[pgbouncer]\n",
    "pgbouncer.ini:2: core.pool_size: received 10001",
  ],
  [
    "a file that includes itself",
    `${MAIN}%include self\n`,
    "self:1: includes files more than 10 deep, where PgBouncer stops",
  ],
]
